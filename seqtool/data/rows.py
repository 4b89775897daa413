"""Which rows of a text table belong to the series; blank rows and prose after the table do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.columns import TextTable
from seqtool.data.dates import is_stamp, parse_stamps
from seqtool.data.text_table import is_missing, is_number, printable
from seqtool.errors import DataError

Rows = NDArray[np.int64]


def dated_rows(table: TextTable, time: str, where: str) -> tuple[Rows, NDArray[np.datetime64], list[Finding]]:
    """Return the rows that have a time stamp, [T] indices, and their stamps, [T] datetime64[s].

    Raises `DataError` where a date in the table is broken; prose at its end is no part of the table.
    """
    column = printable(time)
    times, guessed = parse_stamps(table[time], column=column, where=where)
    undated = np.isnat(times)
    dated = np.flatnonzero(~undated)
    end = int(dated[-1]) + 1 if dated.size else 0
    for row in map(int, np.flatnonzero(undated)):
        if not _blank(table, row) and (row < end or not end or _broken(table, time, row)):
            raise DataError(
                f"row {row + 1}: '{printable(table[time][row] or '')}' in column '{column}' is no date",
                where=where,
                cure="write dates as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS",
            )
    findings = [Finding("note", "time-column", f"the time stamps are in column '{column}'")]
    if guessed:
        text = "no date tells day from month: month/day/year was taken"
        findings.append(Finding("warning", "ambiguous-dates", text))
    return dated, times[dated], findings


def undated_rows(table: TextTable) -> tuple[Rows, list[Finding]]:
    """Return all rows of a table without time stamps, [T] indices."""
    finding = Finding("note", "no-time-column", "no time stamps: the rows were taken as steps, the oldest first")
    return np.arange(_length(table)), [finding]


def without_prose(table: TextTable) -> TextTable:
    """Leave out the block of prose and blank rows at the end: no number and no date in any cell."""
    length = end = _length(table)
    while end and _prose([cells[end - 1] for cells in table.values()]):
        end -= 1
    return table if end == length else {name: cells[:end] for name, cells in table.items()}


def trailing_text(table: TextTable, end: int) -> list[Finding]:
    """Say how many rows of the table come after its last row of data, `end - 1`."""
    count = _length(table) - end
    if not count:
        return []
    noun = "row" if count == 1 else "rows"
    return [Finding("note", "trailing-text", f"{count} {noun} of text or blanks after the table: left out")]


def _length(table: TextTable) -> int:
    return len(next(iter(table.values()), ()))


def _prose(cells: Sequence[str | None]) -> bool:
    """Tell prose and blanks from data; a row of `n/a` is a missing value, no prose."""
    if all(not (cell or "").strip() for cell in cells):
        return True
    return not (any(is_number(cell) or is_stamp(cell) for cell in cells) or all(map(is_missing, cells)))


def _blank(table: TextTable, row: int) -> bool:
    return all(not (cells[row] or "").strip() for cells in table.values())


def _broken(table: TextTable, time: str, row: int) -> bool:
    """A row of data whose date is misspelt: digits where the date belongs, and a number beside it."""
    digits = any(char.isdigit() for char in table[time][row] or "")
    return digits and any(is_number(cells[row]) for name, cells in table.items() if name != time)
