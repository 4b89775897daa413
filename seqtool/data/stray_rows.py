"""Rows of a table that are no records: rules of Markdown, and names that come again in files put together."""

from __future__ import annotations

import re
from dataclasses import replace

from seqtool.data.text_table import Table
from seqtool.say import listing
from seqtool.task import Finding

_RULE = re.compile(r"\s*:?-{2,}:?\s*")
_MOST = 5  # lines in a warning


def without_rules(table: Table) -> Table:
    """Leave out rows such as `|---|---|` of a table whose cells bars part."""
    if table.mark != "|":
        return table
    cells = list(table.columns.values())
    maybe = {row for column in cells for row, cell in enumerate(column) if cell and _RULE.fullmatch(cell)}
    rules = {row for row in maybe if all(not (text := column[row]) or _RULE.fullmatch(text) for column in cells)}
    return _without(table, rules, "rule-lines", "a rule of Markdown")


def without_repeated_names(table: Table) -> Table:
    """Leave out rows that are the names of the columns again."""
    if not table.named or not table.columns:
        return table
    (name, first), *others = table.columns.items()
    maybe = [row for row, cell in enumerate(first) if cell == name] if name in first else []
    again = {row for row in maybe if all(cells[row] == other for other, cells in others)}
    return _without(table, again, "repeated-header", "the names of the columns again, as in files put together")


def _without(table: Table, rows: set[int], code: str, what: str) -> Table:
    """Return a table without some rows, and with the warning that names their lines."""
    if not rows:
        return table
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    places = listing([table.place(row) for row in sorted(rows)], _MOST)
    warning = Finding("warning", code, f"{count} left out, {what}: {places}")
    kept = [row for row in range(len(table)) if row not in rows]
    new = {row: place for place, row in enumerate(kept)}
    ragged = {new[row]: cells for row, cells in table.ragged.items() if row in new}
    return replace(table.only(kept), ragged=ragged, findings=(*table.findings, warning))
