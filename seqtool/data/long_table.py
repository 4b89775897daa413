"""Long tables, one row a time stamp and series, made wide: one row a time stamp, one column a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.columns import TextTable, find, find_time, find_values, numbers
from seqtool.data.dates import format_stamps
from seqtool.data.grid import one_stamp
from seqtool.data.rows import dated_rows, trailing_text, without_prose
from seqtool.data.text_table import printable
from seqtool.errors import DataError, UsageError, did_you_mean

MOST_SERIES = 64
"""More than this are taken only by name."""


@dataclass(frozen=True)
class Wide:
    """A wide table, the names of its time and value columns, and what was found on the way."""

    table: TextTable
    time: str
    columns: tuple[str, ...]
    findings: list[Finding]


def series_names(table: TextTable, id_column: str) -> tuple[str, ...]:
    """Return the names of the series in a long table, in the order in which they come."""
    return tuple(dict.fromkeys(cell.strip() for cell in table[id_column] if cell and cell.strip()))


def wide(
    table: TextTable, *, id_column: str, columns: Sequence[str], preferred: Sequence[str], time_column: str, where: str
) -> Wide:
    """Put the series `columns` (none named: all) of a long table side by side, on all stamps that one of them has.

    A series without a row at a stamp is missing there. Raises `UsageError` for a column or a series that is not
    there, `DataError` without time stamps, on a row without a name, a stamp twice in one series, too many series.
    """
    whole, table = table, without_prose(table)
    ident = find(table, id_column, where)
    time = find_time({name: cells for name, cells in table.items() if name != ident}, time_column, where)
    if not time:
        raise DataError(
            "a long table without time stamps: nothing says which rows belong together",
            where=where,
            cure="give it a column of dates, or make it wide: one row a step, one column a series",
        )
    rows, times, findings = dated_rows(table, time, where)
    if not rows.size:
        raise DataError("no rows", where=where, cure="give a table with a header and rows of numbers")
    ids = _ids(table, ident, rows, where)
    names = tuple(dict.fromkeys(ids))
    chosen = _chosen(names, columns, ident, where)
    value = _value_column({name: cells for name, cells in table.items() if name not in (ident, time)}, preferred, where)
    numbers(table, value, rows, where)  # a cell that is no number is named in its own row
    stamps, places = _places(ids, chosen, rows, times, where)
    cells = {name: [table[value][row] if row >= 0 else None for row in found] for name, found in places.items()}
    findings = [found for found in findings if found.code != "time-column"]  # said of the wide table
    findings += trailing_text(whole, int(rows[-1]) + 1)
    text = f"a long table of {len(names)} series, named in '{printable(ident)}', their values in '{printable(value)}'"
    findings.append(Finding("note", "long-table", text))
    while time in chosen:
        time += "_"
    return Wide({time: format_stamps(stamps, plain_dates=False), **cells}, time, chosen, findings)


def _chosen(names: Sequence[str], wanted: Sequence[str], ident: str, where: str) -> tuple[str, ...]:
    """Return the series to take, in their own spelling."""
    place = f"column '{printable(ident)}'" + (f" of {where}" if where else "")
    if not wanted and len(names) > MOST_SERIES:
        cure = f"choose some: --columns {printable(names[0])},{printable(names[1])}"
        raise DataError(f"{len(names)} series are too many to take them all ({MOST_SERIES})", where=place, cure=cure)
    known = {name.casefold(): name for name in names} | {name: name for name in names}
    chosen = {known.get(name, known.get(name.casefold(), "")): name for name in wanted or names}
    if "" in chosen:
        listed = [printable(name) for name in names[:20]]
        raise UsageError(f"no series '{printable(chosen[''])}'", where=place, cure=did_you_mean(chosen[""], listed))
    return tuple(chosen)


def _value_column(table: TextTable, preferred: Sequence[str], where: str) -> str:
    try:
        return find_values(table, "", (), preferred, where)[0]
    except DataError as error:
        error.cure = "call the column of values 'value', or leave the other ones out"
        raise


def _ids(table: TextTable, ident: str, rows: NDArray[np.int64], where: str) -> list[str]:
    """Return the name of the series of each row [T]; `NA` is a name here, a blank is none."""
    names = [(table[ident][row] or "").strip() for row in rows]
    if "" in names:
        raise DataError(
            f"row {rows[names.index('')] + 1} names no series in column '{printable(ident)}'",
            where=where,
            cure="name the series of every row",
        )
    return names


def _places(
    ids: Sequence[str], chosen: Sequence[str], rows: NDArray[np.int64], times: NDArray[np.datetime64], where: str
) -> tuple[NDArray[np.datetime64], dict[str, list[int]]]:
    """Return the stamps of the chosen series, oldest first, and the row of each series at each, -1 for none."""
    kept = np.isin(ids, chosen)
    stamps, places = np.unique(times[kept], return_inverse=True)
    found = {name: [-1] * len(stamps) for name in chosen}
    for at, place in zip(map(int, np.flatnonzero(kept)), map(int, places), strict=True):
        name, row = ids[at], int(rows[at])
        if (before := found[name][place]) >= 0:
            raise DataError(
                f"row {row + 1}: '{printable(name)}' has the time stamp {one_stamp(stamps[place], None)} a second time"
                f" (the first in row {before + 1})",
                where=where,
                cure="keep one row a stamp and series",
            )
        found[name][place] = row
    return stamps, found
