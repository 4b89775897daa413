"""Tables of one series a row: a name, then its values, in columns that are counted or called by dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from seqtool.data.columns import mostly
from seqtool.data.dates import is_stamp, parse_stamps, spelling
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.text_table import Table
from seqtool.data.time_names import BESIDE_YEARS, PIECES, TIME_NAMES, WEEKS
from seqtool.data.timelike import is_timelike
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, printable

PARTS = (BESIDE_YEARS - WEEKS).union(PIECES[1])  # a month or a quarter a row, a year a column: one series
FEWEST = 3  # dates in a header that are no accident


def holds_series(table: Table) -> bool:
    """Tell whether a table has a series a row: names in the first column, values in columns called V1, V2, ..."""
    names = list(table.columns)
    stem = names[1].rstrip("0123456789")
    first = names[1][len(stem) :]
    if not first.isdecimal() or names[1:] != [f"{stem}{int(first) + place}" for place in range(len(names) - 1)]:
        return False
    # Numbers and times in front are those of the rows: each column is then a series.
    in_front = any(is_number(cell) or is_timelike(cell) for cell in table.columns[names[0]])
    return not in_front and names[0].casefold() not in TIME_NAMES


def as_columns(table: Table, where: str) -> Table:
    """Turn a series a row into a series a column, all of them ending in the last row: a shorter one begins later.

    Raises `DataError` for a name that stands twice, and for a series without values.
    """
    columns: dict[str, list[str | None]] = {}
    cells = list(table.columns.values())
    for row in range(len(table)):
        name = (cells[0][row] or "").strip() or f"row_{row + 1}"
        values = [column[row] for column in cells[1:]]
        while values and is_missing(values[-1]):
            values.pop()
        if name in columns:
            raise DataError(f"two series are called '{name}'", where=where, cure="give every row a name of its own")
        columns[name] = values
    longest = max(map(len, columns.values()))
    if not longest:
        raise DataError("the series have no values", where=where, cure="give a row of numbers for each")
    for values in columns.values():
        values[:0] = [None] * (longest - len(values))
    text = f"one series a row: {len(columns)} series of up to {longest:,} values, all ending in the last step"
    findings = (*table.findings, Finding("note", "series-rows", text))
    numeric = list(columns) if all(name in table.numeric for name in list(table.columns)[1:]) else ()
    return replace(table, columns=columns, lines=(), ragged={}, findings=findings, numeric=numeric)


def dates_behind(names: Sequence[str]) -> list[str]:
    """Return the dates at the end of a header, FEWEST at least and one after the other; [] where they are none."""
    named = [name.strip() for name in names]
    dates = [*takewhile(lambda name: spelling(name) == "year" or is_stamp(name), reversed(named))][::-1]
    if not FEWEST <= len(dates) < len(named) or len({spelling(date) for date in dates}) > 1:
        return []
    try:
        steps = np.diff(parse_stamps(dates).times).astype(np.int64)
    except DataError:  # which is the day
        return []
    return dates if (steps > 0).all() or (steps < 0).all() else []


def by_dates(table: Table, where: str) -> Table:
    """Turn a series a row, with a date a column, into a series a column; a table of another kind stays as it is.

    Rows without a value are left out. Raises `DataError` for two series of one name.
    """
    names = list(table.columns)
    dates = dates_behind(names)
    front = names[: len(names) - len(dates)]
    texts = [name for name in front if not mostly(table.columns[name], lambda cell: is_number(cell) or is_stamp(cell))]
    values = [table.columns[name] for name in names[len(front) :]]
    # a number in front of the names is that of a region, `RegionID`, where the name says so
    keyed = dates and all(name in texts or name.casefold().endswith(("id", "rank", "code", "nr")) for name in front)
    if (
        not texts
        or not (keyed or (dates and front[0] in texts))
        or any(name.casefold() in TIME_NAMES - PARTS for name in texts)
    ):
        return table
    rows = [row for row in range(len(table)) if not all(is_missing(column[row]) for column in values)]
    called = _names_of([[table.columns[name][row] for row in rows] for name in texts])
    if len(called) > len({*called}):
        twice = next(name for place, name in enumerate(called) if name in called[:place])
        raise DataError(f"two series are called '{printable(twice)}'", where=where, cure="give every row its own name")
    time = "year" if spelling(dates[0]) == "year" else "date"
    while time in called:
        time += "_"
    series: dict[str, list[str | None]] = {time: list(dates)}
    series |= {name: [column[row] for column in values] for name, row in zip(called, rows, strict=True)}
    note = f"one series a row, a date a column: {counted(len(called), 'series', 'series')} of {len(dates):,} steps"
    findings = (*table.findings, Finding("note", "series-rows", note))
    numeric = called if all(name in table.numeric for name in names[len(front) :]) else ()
    return replace(table, columns=series, lines=(), ragged={}, findings=findings, numeric=numeric)


def _names_of(texts: Sequence[Sequence[str | None]]) -> list[str]:
    """Return the names of rows: the first column whose texts all differ, else all columns together."""
    columns = [[(cell or "").strip() for cell in column] for column in texts]
    different = (column for column in columns if len(set(column)) == len(column) and all(column))
    return next(different, ["/".join(filter(None, cells)) for cells in zip(*columns, strict=True)])
