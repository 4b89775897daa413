"""JSON records that hold objects in their fields: those are no labels and no texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seqtool.data.json_lines import Objects
from seqtool.data.label_names import LABEL_NAMES, known
from seqtool.data.text_table import Table
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import listing, printable


def without_nested(objects: Objects, where: str, *, labels_named: bool) -> Table:
    """Return the table of JSON objects without the fields that hold objects or lists of lists, and say so.

    labels_named: whether a person names the fields of labels. Raises `DataError` where fewer than two fields are left,
    as in the exports of Label Studio and of spans, and unless `labels_named` for a field that usually holds the labels.
    """
    table = objects.table()
    nested = [name for name in table.columns if any(_is_nested(record.get(name)) for record in objects.records)]
    if not nested:
        return table
    if len(table.columns) - len(nested) < 2:
        what = f"the fields {listing(nested)} hold objects or lists of their own: they are no labels and no texts"
        cure = 'write text and label of a record side by side: {"text": "...", "label": "..."} (Label Studio: JSON-MIN)'
        raise DataError(what, where=where, cure=cure)
    if not labels_named:
        _refuse_labels(objects, nested, table, where)
    columns = {name: cells for name, cells in table.columns.items() if name not in nested}
    note = Finding("note", "nested", f"fields that hold objects or lists of their own are not read: {listing(nested)}")
    return replace(table, columns=columns, findings=(*table.findings, note))


def _refuse_labels(objects: Objects, nested: Sequence[str], table: Table, where: str) -> None:
    """Raise `DataError` for the first record with an object in a field that usually holds the labels."""
    for name in nested:
        if known(name, LABEL_NAMES[:1]):
            place = next(n for n, record in enumerate(objects.records) if _is_nested(record.get(name)))
            what = (
                f"the field '{printable(name)}' of {table.place(place)} holds an object or a list of its own, no label"
            )
            cure = f'write {{"{printable(name)}": "..."}} in each record, or name another field: --label-column NAME'
            raise DataError(what, where=where, cure=cure)


def _is_nested(value: Any) -> bool:
    if isinstance(value, dict):  # {"rude": 1, "kind": 0} are labels
        return any(sign not in (0, 1) for sign in value.values())
    return isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value)
