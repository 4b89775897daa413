"""Which columns of a text table hold the time stamps and the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from seqtool.data.dates import is_stamp
from seqtool.data.text_table import is_missing, is_number, number, printable
from seqtool.errors import DataError, UsageError, did_you_mean

TextTable = Mapping[str, Sequence[str | None]]
"""Column name -> cells as text, all of one length."""

TIME_NAMES = frozenset({"date", "time", "timestamp", "datetime", "ds", "month"})
_SAMPLE = 100  # cells that decide what a column holds


def find(table: TextTable, name: str, where: str) -> str:
    """Return a column's own spelling; raises `UsageError` where there is no such column."""
    if name in table:
        return name
    found = [column for column in table if column.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    raise UsageError(f"no column '{printable(name)}'", where=where, cure=did_you_mean(name, _listed(table)))


def find_time(table: TextTable, name: str, where: str) -> str:
    """Return the column of time stamps, "" where the table has none.

    The one named; else one with a usual name; else the first that holds stamps. Raises `DataError` where a
    column with a usual name holds dates that nobody can read, for the order of the rows is then unknown.
    """
    if name:
        return find(table, name, where)
    usual = [column for column in table if column.casefold() in TIME_NAMES]
    for column in [*usual, *table]:
        if _mostly(table[column], is_stamp):
            return column
    for column in usual:
        if any(not is_missing(cell) for cell in table[column]) and not _mostly(table[column], is_number):
            cell = next(cell for cell in table[column] if cell is not None and not is_missing(cell))
            raise DataError(
                f"column '{printable(column)}' holds no date that can be read, such as '{printable(cell)}'",
                where=where,
                cure="write dates as YYYY-MM-DD, or leave the column out to take rows as steps",
            )
    return ""


def find_values(
    table: TextTable, time: str, columns: Sequence[str], preferred: Sequence[str], where: str
) -> tuple[str, ...]:
    """Return the columns of numbers: those named, else the first preferred, else the only numeric one."""
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
    raise DataError(
        f"{len(numeric)} columns of numbers, none with a usual name: {', '.join(_listed(numeric))}",
        where=where,
        cure=f"choose one: --columns {_listed(numeric)[0]}",
    )


def numbers(table: TextTable, column: str, rows: NDArray[np.int64], where: str) -> NDArray[np.float64]:
    """Read the chosen rows of a column: [T], NaN = missing; raises `DataError` naming row and cell."""
    cells = table[column]
    try:
        values = np.array([number(cells[row]) for row in rows], dtype=np.float64)
    except ValueError:
        row = next(row for row in rows if not (is_number(cells[row]) or is_missing(cells[row])))
        raise DataError(
            f"row {row + 1}: '{printable(cells[row] or '')}' in column '{printable(column)}' is no number",
            where=where,
            cure="write plain numbers such as 1234.5; leave a missing value empty",
        ) from None
    if np.isinf(values).any():
        row = rows[np.isinf(values)][0]
        raise DataError(
            f"row {row + 1}: '{printable(cells[row] or '')}' in column '{printable(column)}' is infinite",
            where=where,
            cure="leave a missing value empty",
        )
    return values


def _mostly(cells: Sequence[str | None], test: Callable[[str | None], bool]) -> bool:
    """Tell whether most of the first cells that are not missing pass a test."""
    sample = list(islice((cell for cell in cells if not is_missing(cell)), _SAMPLE))
    return 2 * sum(map(test, sample)) > len(sample)


def _listed(names: Iterable[str]) -> list[str]:
    """Return names fit to be shown: the first 20, printable."""
    return [printable(name) for name in islice(names, 20)]
