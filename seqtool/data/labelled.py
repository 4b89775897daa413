"""Texts with labels: lines, fastText's lines, tables, JSON, Parquet, Excel, or a folder a class."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from seqtool.data.decode import decode
from seqtool.data.escaped_quotes import with_doubled_quotes
from seqtool.data.fasttext import is_fasttext
from seqtool.data.files import left_out, read_bytes
from seqtool.data.json_lines import FORMATS as JSON_FORMATS
from seqtool.data.json_lines import read_objects
from seqtool.data.label_cells import about_mark, split_labels
from seqtool.data.label_columns import Columns
from seqtool.data.label_folders import read_folder
from seqtool.data.label_lines import CURE, Raw, read_fasttext, read_pairs, refuse_unlabelled
from seqtool.data.label_marks import is_vowpal_wabbit
from seqtool.data.label_tables import about_columns, columns_of, find_table, table_records
from seqtool.data.layout import Layout
from seqtool.data.nested import without_nested
from seqtool.data.row_names import with_tabs
from seqtool.data.tab_quotes import kept_quotes
from seqtool.data.text_table import Table
from seqtool.data.written_tables import naming_sheet, written_table
from seqtool.data.written_tabs import refuse_written_tabs
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding, Read
from seqtool.say import printable

AS_LINES = "--format lines reads the lines as they stand"
_XML = re.compile(r"\s*<[?!\w](?:.|\n)*</\w+>\s*")


class Labelled(NamedTuple):  # not a dataclass: files have millions, and a tuple is made three times as fast
    """A text and its label; `number` is the line in its file, from 1, 0: unknown.

    labels: all labels of a record that may have several, () where none applies; None: `label` is the only one. Of
    several, `label` is the first; it is "" where none applies.
    """

    text: str
    label: str
    number: int = 0
    labels: tuple[str, ...] | None = None

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The labels of the record: one, several, or none."""
        return (self.label,) if self.labels is None else self.labels


def read_labelled(path: Path, layout: Layout | None = None) -> Read[Labelled]:
    """Read labelled texts; what the file is is told by its content, as far as `layout` leaves it open.

    Lines without a label or a text are left out and counted. Raises `NotFound`, `UsageError` for a layout that the
    file cannot have, and `DataError` for a file without labels, one that can be read in two ways, and damage.
    """
    layout, where = layout or Layout(), str(path)
    if path.is_dir():
        return _of_folder(path, layout)
    content = read_content(path, layout)
    if content.table is not None:
        with naming_sheet(content.table):
            table, columns = columns_of(content.table, layout, where)
            return _collected(table, columns, layout, where, content.findings)
    return _of_text(content.text, path, layout, content.findings)


@dataclass(frozen=True)
class Content:
    """What is in a file: a table that programs wrote (Parquet, Excel, JSON), or else text."""

    table: Table | None
    text: str = ""
    findings: tuple[Finding, ...] = ()


def read_content(path: Path, layout: Layout) -> Content:
    """Read a file; raises `NotFound`, and `DataError` for a damaged or empty file, and one of another encoding."""
    where, data = str(path), read_bytes(path, CURE)
    if (written := written_table(data, path)) is not None:
        return Content(written)
    read = decode(data, where, layout.encoding)
    if (table := _json_table(read.text, where, layout)) is not None:
        return Content(table, findings=read.findings)
    return Content(None, read.text, (*read.findings, *read.control_characters()))


def _of_folder(path: Path, layout: Layout) -> Read[Labelled]:
    raw, findings = read_folder(path, layout.encoding)
    records, more = _usable(raw, layout)
    if not records:
        raise DataError("the folders have no texts", where=str(path), cure="put a file for each text into them")
    return Read(tuple(records), (*findings, *more))


def _json_table(text: str, where: str, layout: Layout) -> Table | None:
    """Return the table of a text of JSON, None where it is none or is to be read otherwise."""
    # A line that begins with a brace may be text where a person says that lines are lines.
    if layout.format not in ("auto", *JSON_FORMATS) or layout.separator != "auto":
        return None
    try:
        objects = read_objects(text, where, layout.format)
    except DataError as error:  # a text may be code, too
        if layout.format == "auto":
            error.cure = f"{error.cure}; {AS_LINES}"
        raise
    if objects is None:
        return None
    if len(objects.records) == 1 and _are_columns(list(objects.records[0].values())):
        what = "one JSON object holds whole columns: lists of texts and of labels"
        raise DataError(what, where=where, cure='write an object a row: {"text": "...", "label": "..."}')
    return without_nested(objects, where, labels_named=bool(layout.label_columns))


def _are_columns(values: list[Any]) -> bool:
    """Tell whether the values of an object are lists of one length, of more than one item."""
    sizes = {len(value) if isinstance(value, list) else 0 for value in values}
    return len(values) > 1 and len(sizes) == 1 and max(sizes) > 1


def _collected(
    table: Table, columns: Columns, layout: Layout, where: str, findings: tuple[Finding, ...]
) -> Read[Labelled]:
    records, more = _usable(table_records(table, columns, layout, where), layout)
    if not records:
        raise DataError("the file has no labelled texts", where=where, cure=CURE)
    return Read(tuple(records), (*findings, *about_columns(table, columns, layout), *more))


def _of_text(text: str, path: Path, layout: Layout, findings: tuple[Finding, ...]) -> Read[Labelled]:
    where = str(path)
    if not text.strip():
        raise DataError("the file has no labelled texts", where=where, cure=CURE)
    if layout.format == "auto" and layout.separator == "auto" and _XML.fullmatch(text):
        raise DataError("the file is of XML or HTML, not of labelled texts", where=where, cure=f"{CURE}; {AS_LINES}")
    if layout.separator == "auto" and layout.format != "lines":
        refuse_written_tabs(text, where)
        bare = with_tabs(text)
        text, _, escaped = with_doubled_quotes(bare.text)
        findings = (*findings, *bare.findings, *escaped)
    lines = text.removesuffix("\n").split("\n")
    if layout.format == "auto" and layout.separator == "auto" and is_vowpal_wabbit(lines):
        what = f"the lines are of Vowpal Wabbit, with a name behind the bar: '{printable(lines[0], 40)}'"
        raise DataError(what, where=where, cure=f"{CURE}; {AS_LINES}")
    if layout.separator == "auto" and layout.format in ("auto", "lines") and is_fasttext(lines):
        raw, unmarked = read_fasttext(lines, layout)
        how = f"; {unmarked}" if unmarked else ""
        note = Finding("note", "format", f"read as lines of fastText: __label__ begins a label{how}")
        records, more = _usable(raw, layout)
        return Read(tuple(records), (*findings, note, *more))
    if layout.separator == "auto" and layout.format != "lines":
        named_csv = path.name.lower().removesuffix(".gz").endswith(".csv")
        if (found := find_table(text, where, layout, named_csv=named_csv)) is not None:
            return _collected(*found, layout, where, findings)
    return _of_lines(lines, layout, where, (*findings, *kept_quotes(text)))


def _of_lines(lines: list[str], layout: Layout, where: str, findings: tuple[Finding, ...]) -> Read[Labelled]:
    _refuse_columns(layout, where)
    raw, how = read_pairs(lines, layout, where)
    named = [labels[0] if labels else "" for _, labels, _ in raw]
    refuse_unlabelled([label for label in named if label], where, CURE)
    labels = split_labels(named, layout, where)
    found = ((number, own, text) for (number, _, text), own in zip(raw, labels, strict=True))
    records, more = _usable(found, layout)
    if not records:
        raise DataError("the file has no labelled texts", where=where, cure=CURE)
    note = Finding("note", "format", f"read as lines: {how}")
    return Read(tuple(records), (*findings, note, *about_mark(named, layout), *more))


def _refuse_columns(layout: Layout, where: str) -> None:
    """Raise `UsageError` for options of columns where lines have none."""
    if layout.text_column or layout.label_columns:
        what = "the file is read as lines, which have no columns"
        cure = "--format csv, tsv, semicolon or pipe, or leave --text-column and --label-column out"
        raise UsageError(what, where=where, cure=cure)


def _usable(raw: Iterable[Raw], layout: Layout) -> tuple[list[Labelled], list[Finding]]:
    records, bare, empty, several = [], [], [], False
    for number, given, text in raw:
        labels = () if given is None and layout.multi else given
        several |= labels is not None and len(labels) > 1
        if labels is None:
            bare.append(number)
        elif not text.strip():
            empty.append(number)
        elif len(labels) == 1:
            records.append(Labelled(text.strip(), labels[0], number))
        else:
            records.append(Labelled(text.strip(), labels[0] if labels else "", number, labels))
    findings = left_out("no-label", "without a label", bare) + left_out("no-text", "without a text", empty)
    if bare and several:
        # where texts have several labels, none of them may be an answer too
        text = f"{findings[0].text}; --multi keeps such texts, to which no label applies"
        findings[0] = replace(findings[0], text=text)
    return records, findings
