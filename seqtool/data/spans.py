"""Spans of time in a cell, such as `00:00 - 01:00`: where one begins is its stamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.columns import mostly
from seqtool.data.dates import is_stamp
from seqtool.data.text_table import Table
from seqtool.data.time_names import NEARLY
from seqtool.data.time_pieces import is_clock
from seqtool.reads import Finding
from seqtool.say import printable

_BETWEEN = (" - ", " \u2013 ", "\u2013", " to ", " bis ", " / ", "/", "-")


def start_of(cell: str | None) -> str:
    """Return where a span of time begins, "" for a cell of another kind: two dates, two clocks, a date and a clock."""
    text = (cell or "").strip()
    for mark in _BETWEEN:
        if text.count(mark) == 1:
            start, end = map(str.strip, text.split(mark))
            if (is_clock(start) and is_clock(end)) or (is_stamp(start) and (is_stamp(end) or is_clock(end))):
                return start
    return ""


def with_starts(table: Table, names: Sequence[str]) -> Table:
    """Return a table with the starts in place of the spans of the columns that hold them, and say so."""
    columns = {**table.columns}
    findings = [*table.findings]
    for name in names:
        if mostly(table.columns[name], lambda cell: start_of(cell) != "", NEARLY):
            columns[name] = [start_of(cell) or cell for cell in table.columns[name]]
            text = f"spans of time in '{printable(name)}': where each begins is its time stamp"
            findings.append(Finding("note", "spans", text))
    return replace(table, columns=columns, findings=tuple(findings))
