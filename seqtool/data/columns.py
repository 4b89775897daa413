"""Which columns and rows of a text table belong to the series: its time stamps and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np

from seqtool.data.dates import Times, is_stamp, parse_stamps
from seqtool.data.text_table import is_missing, is_number, number, printable
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.task import Finding
from seqtool.types import Floats, Ids

TextTable = Mapping[str, Sequence[str | None]]
"""Column name -> cells as text, all of one length."""

TIME_NAMES = frozenset({"date", "time", "timestamp", "datetime", "ds", "month"})
_SAMPLE = 100  # cells decide what a column holds: a table of a million rows is not read twice


def find(table: TextTable, name: str, where: str) -> str:
    """Return a column's own spelling; raises `UsageError` where there is no such column."""
    if name in table:
        return name
    alike = [column for column in table if column.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    raise UsageError(f"no column '{printable(name)}'", where=where, cure=did_you_mean(name, _listed(table)))


def find_time(table: TextTable, name: str, where: str) -> str:
    """Return the column of time stamps, "" where the table has none.

    The column `name`; else one with a usual name; else the first that holds stamps. Raises `DataError` where a column
    with a usual name holds dates that cannot be read.
    """
    if name:
        return find(table, name, where)
    usual = [column for column in table if column.casefold() in TIME_NAMES]
    for column in [*usual, *table]:
        if _mostly(table[column], is_stamp):
            return column
    for column in usual:
        cell = next((cell for cell in table[column] if not is_missing(cell)), None)
        if cell is not None and not _mostly(table[column], is_number):
            # taking the rows as steps would be a guess: nobody knows in which order they come
            what = f"column '{printable(column)}' holds no date that can be read, such as '{printable(cell)}'"
            cure = "write dates as YYYY-MM-DD, or leave the column out to take rows as steps"
            raise DataError(what, where=where, cure=cure)
    return ""


def find_values(
    table: TextTable, time: str, columns: Sequence[str], preferred: Sequence[str], where: str
) -> tuple[str, ...]:
    """Return the columns of numbers: those named, else the first preferred, else the only numeric one.

    Raises `UsageError` for an unknown column, and `DataError` where there is no numeric column or several.
    """
    if columns:
        return tuple(dict.fromkeys(find(table, name, where) for name in columns))
    for name in preferred:
        for column in table:
            if column.casefold() == name.casefold() and column != time:
                return (column,)
    numeric = [column for column in table if column != time and _mostly(table[column], is_number)]
    if len(numeric) == 1:
        return (numeric[0],)
    if not numeric:
        raise DataError("no column of numbers", where=where, cure="give a table with a column of numbers")
    names = _listed(numeric)
    what = f"{len(numeric)} columns of numbers, none with a usual name: {', '.join(names)}"
    raise DataError(what, where=where, cure=f"choose one: --columns {names[0]}")


def numbers(table: TextTable, column: str, rows: Ids, where: str) -> Floats:
    """Read the chosen rows of a column: [T], NaN = missing; raises `DataError` naming row and cell."""
    cells = table[column]
    try:
        values = np.array([number(cells[row]) for row in rows], dtype=np.float64)
    except ValueError:
        row = next(row for row in rows if not (is_number(cells[row]) or is_missing(cells[row])))
        cure = "write plain numbers such as 1234.5; leave a missing value empty"
        raise DataError(f"{_cell(table, column, row)} is no number", where=where, cure=cure) from None
    if np.isinf(values).any():
        what = f"{_cell(table, column, rows[np.isinf(values)][0])} is infinite"
        raise DataError(what, where=where, cure="leave a missing value empty")
    return values


def dated_rows(table: TextTable, time: str, where: str) -> tuple[Ids, Times, list[Finding]]:
    """Return the rows that have a time stamp, [T] indices, and their stamps, [T] datetime64[s].

    Raises `DataError` where a date in the table is broken, and where no row has one.
    """
    column = printable(time)
    times, guessed = parse_stamps(table[time], column=column, where=where)
    undated = np.isnat(times)
    dated = np.flatnonzero(~undated)
    end = int(dated[-1]) + 1 if dated.size else 0
    for row in map(int, np.flatnonzero(undated)):
        # behind the last date only a row of data counts as broken: prose may follow a table
        if not _blank(_row(table, row)) and (row < end or not end or _broken(table, time, row)):
            cure = "write dates as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS"
            raise DataError(f"{_cell(table, time, row)} is no date", where=where, cure=cure)
    findings = [Finding("note", "time-column", f"the time stamps are in column '{column}'")]
    if guessed:
        text = "no date tells day from month: month/day/year was taken"
        findings.append(Finding("warning", "ambiguous-dates", text))
    _refuse_none(dated, where)
    return dated, times[dated], findings


def undated_rows(table: TextTable, where: str) -> tuple[Ids, list[Finding]]:
    """Return all rows of a table without time stamps, [T] indices; raises `DataError` where there are none."""
    rows = np.arange(_length(table))
    _refuse_none(rows, where)
    return rows, [Finding("note", "no-time-column", "no time stamps: the rows were taken as steps, the oldest first")]


def _refuse_none(rows: Ids, where: str) -> None:
    if not rows.size:
        raise DataError("no rows", where=where, cure="give a table with a header and rows of numbers")


def without_prose(table: TextTable) -> TextTable:
    """Leave out the block of prose and blank rows at the end: no number and no date in any cell."""
    length = end = _length(table)
    while end and _prose(_row(table, end - 1)):
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


def _row(table: TextTable, row: int) -> list[str | None]:
    return [cells[row] for cells in table.values()]


def _cell(table: TextTable, column: str, row: int) -> str:
    return f"row {row + 1}: '{printable(table[column][row] or '')}' in column '{printable(column)}'"


def _prose(cells: Sequence[str | None]) -> bool:
    if _blank(cells):
        return True
    # a row of `n/a` is a step with missing values, not prose
    return not (any(is_number(cell) or is_stamp(cell) for cell in cells) or all(map(is_missing, cells)))


def _blank(cells: Iterable[str | None]) -> bool:
    return all(not (cell or "").strip() for cell in cells)


def _broken(table: TextTable, time: str, row: int) -> bool:
    """Tell whether a row of data has a misspelt date: digits where the date belongs, and a number beside it."""
    digits = any(char.isdigit() for char in table[time][row] or "")
    return digits and any(is_number(cells[row]) for name, cells in table.items() if name != time)


def _mostly(cells: Sequence[str | None], test: Callable[[str | None], bool]) -> bool:
    sample = list(islice((cell for cell in cells if not is_missing(cell)), _SAMPLE))
    return 2 * sum(map(test, sample)) > len(sample)


def _listed(names: Iterable[str]) -> list[str]:
    return [printable(name) for name in islice(names, 20)]  # a message, not a page
