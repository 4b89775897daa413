"""Long tables, one row a time stamp and series, made wide: one row a time stamp, one column a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.data.columns import (
    TextTable,
    dated_rows,
    find,
    find_time,
    find_values,
    numbers,
    trailing_text,
    without_prose,
)
from seqtool.data.dates import Times, format_stamps
from seqtool.data.grid import one_stamp
from seqtool.data.text_table import printable
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.task import Finding
from seqtool.types import Ids

MOST_SERIES = 64  # more are taken only by name


@dataclass(frozen=True)
class Wide:
    """A wide table, the names of its time and value columns, and the findings."""

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

    A series without a row at a stamp has a missing value there. Raises `UsageError` for an unknown column or series,
    `DataError` without time stamps, for a row without a name, a stamp twice in one series, too many series.
    """
    whole, table = table, without_prose(table)
    ident = find(table, id_column, where)
    time = find_time({name: cells for name, cells in table.items() if name != ident}, time_column, where)
    if not time:
        what = "a long table without time stamps: nothing says which rows belong together"
        cure = "give it a column of dates, or make it wide: one row a step, one column a series"
        raise DataError(what, where=where, cure=cure)
    rows, times, findings = dated_rows(table, time, where)
    ids = _ids(table, ident, rows, where)
    names = tuple(dict.fromkeys(ids))
    chosen = _chosen(names, columns, ident, where)
    value = _value_column({name: cells for name, cells in table.items() if name not in (ident, time)}, preferred, where)
    numbers(table, value, rows, where)  # raises here, where a row still has its number in the file
    stamps, places = _places(ids, chosen, rows, times, where)
    cells = {name: [table[value][row] if row >= 0 else None for row in series] for name, series in places.items()}
    findings = [finding for finding in findings if finding.code != "time-column"]  # the wide table gets it again
    findings += trailing_text(whole, int(rows[-1]) + 1)
    text = f"a long table of {len(names)} series, named in '{printable(ident)}', their values in '{printable(value)}'"
    findings.append(Finding("note", "long-table", text))
    while time in chosen:  # a series may be called like the column of dates
        time += "_"
    return Wide({time: format_stamps(stamps), **cells}, time, chosen, findings)


def _chosen(names: Sequence[str], wanted: Sequence[str], ident: str, where: str) -> tuple[str, ...]:
    """Return the series to take, in their own spelling."""
    place = f"column '{printable(ident)}'" + (f" of {where}" if where else "")
    if not wanted and len(names) > MOST_SERIES:
        cure = f"choose some: --columns {printable(names[0])},{printable(names[1])}"
        raise DataError(f"{len(names)} series are too many to take them all ({MOST_SERIES})", where=place, cure=cure)
    spelling = {name.casefold(): name for name in names} | {name: name for name in names}
    chosen = {spelling.get(name, spelling.get(name.casefold(), "")): name for name in wanted or names}
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


def _ids(table: TextTable, ident: str, rows: Ids, where: str) -> list[str]:
    """Return the name of the series of each row [T]; `NA` is a name here, a blank is none."""
    names = [(table[ident][row] or "").strip() for row in rows]
    if "" in names:
        what = f"row {rows[names.index('')] + 1} names no series in column '{printable(ident)}'"
        raise DataError(what, where=where, cure="name the series of every row")
    return names


def _places(
    ids: Sequence[str], chosen: Sequence[str], rows: Ids, times: Times, where: str
) -> tuple[Times, dict[str, list[int]]]:
    """Return the stamps of the chosen series, oldest first, and the row of each series at each, -1 for none."""
    kept = np.isin(ids, chosen)
    stamps, places = np.unique(times[kept], return_inverse=True)
    series = {name: [-1] * len(stamps) for name in chosen}
    for at, place in zip(map(int, np.flatnonzero(kept)), map(int, places), strict=True):
        name, row = ids[at], int(rows[at])
        if (before := series[name][place]) >= 0:
            stamp = f"the time stamp {one_stamp(stamps[place], None)} a second time (the first in row {before + 1})"
            what = f"row {row + 1}: '{printable(name)}' has {stamp}"
            raise DataError(what, where=where, cure="keep one row a stamp and series")
        series[name][place] = row
    return stamps, series
