"""Long tables, one row a time stamp and series, made wide: one row a time stamp, one column a series."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqtool.data.clock import on_one_clock
from seqtool.data.columns import find, find_values, number_format, numbers
from seqtool.data.dates import Times, format_stamps
from seqtool.data.grid import Grid, one_stamp
from seqtool.data.reading import DayEnd, Reading
from seqtool.data.table_rows import dated_rows, trailing_text, without_prose
from seqtool.data.text_table import Table, place_of, spellings
from seqtool.data.time_columns import find_time, joined
from seqtool.data.time_pieces import with_periods
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Ids

_SECONDS = np.timedelta64(1, "s")


@dataclass(frozen=True)
class Wide:
    """A wide table, the names of its value columns, how it is written, and the findings.

    pieces: the columns of the long table that its time stamps stand in.
    day_end: how the midnights of the long table end a day, see `Reading`; those of the wide one begin days.
    """

    table: Table
    columns: tuple[str, ...]
    reading: Reading
    pieces: tuple[str, ...]
    day_end: DayEnd
    findings: list[Finding]


def series_names(table: Table, id_column: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the series in a long table, in the order in which they come."""
    names = zip(*(table.columns[name] for name in id_column), strict=True)
    return tuple(dict.fromkeys(filter(None, map(named, names))))


def named(cells: Sequence[str | None]) -> str:
    """Return the name of a series that several columns name, "" where one of them is blank."""
    parts = [(cell or "").strip() for cell in cells]
    return "/".join(parts) if all(parts) else ""


def wide(
    table: Table, *, id_column: Sequence[str], columns: Sequence[str], preferred: Sequence[str], reading: Reading,
    where: str, known: Grid | None = None,
) -> Wide:  # fmt: skip
    """Put the series `columns` (none named: all) of a long table side by side, on all stamps that one of them has.

    `columns` may name the column of values too. A series without a row at a stamp has a missing value there. known:
    the grid of a model. Raises `UsageError` for an unknown column or series, and for two columns of values; `DataError`
    without time stamps, for a row without a name, a stamp twice in one series, too many series.
    """
    idents = tuple(find(table.columns, name, where) for name in id_column)
    named, columns = _split(table, idents, columns, where)
    whole, table = table, without_prose(table)
    rest = replace(table, columns={name: cells for name, cells in table.columns.items() if name not in idents})
    pieces = find_time(rest, reading, where)
    if not pieces:
        what = "a long table without time stamps: nothing says which rows belong together"
        cure = "give it a column of dates, or make it wide: one row a step, one column a series"
        raise DataError(what, where=where, cure=cure)
    reading = with_periods(table, pieces, reading)
    table, time, findings = joined(table, pieces, where, reading)
    dated = dated_rows(table, time, reading, where)
    rows, order = dated.rows, dated.order
    findings += dated.findings
    ids = _ids(table, idents, rows, where)
    clock = on_one_clock(dated.times, dated.offsets, reading.timezone, where, known=known, series=ids)
    times = clock.times
    names = tuple(dict.fromkeys(ids))
    ident = ", ".join(idents)
    chosen = _chosen(names, columns, ident, where)
    others = {name: cells for name, cells in table.columns.items() if name not in (*idents, time)}
    value = find_values(others, time, named or spellings(others, (reading.value,)), preferred, where)[0]
    form, more = number_format(table, [value], rows, reading, where, time=time)
    findings += [finding for finding in more if finding.level == "warning"]  # notes come again with the wide table
    numbers(table, value, rows, form, reading, where)  # raises here, where a row still has its number in the file
    stamps, places = _places(ids, chosen, rows, times, table, where)
    values = table.columns[value]
    cells = {name: [values[row] if row >= 0 else None for row in series] for name, series in places.items()}
    findings = [finding for finding in findings if finding.code != "time-column"]  # the wide table gets it again
    findings += trailing_text(whole, int(rows[-1]) + 1)
    text = f"a long table of {len(names)} series, named in '{printable(ident)}', their values in '{printable(value)}'"
    findings.append(Finding("note", "long-table", text))
    if reading.value.casefold() not in ("", value.casefold()):
        text = f"the model continues '{printable(reading.value)}': it reads '{printable(value)}'"
        findings.append(Finding("warning", "other-column", text))
    while time in chosen:  # a series may be called like the column of dates
        time += "_"
    moments: list[str | None] = [text + "Z" * bool(clock.zone) for text in format_stamps(stamps, _SECONDS)]
    made = Table({time: moments, **cells}, mark=table.mark, numeric=list(cells) if value in table.numeric else ())
    kept = replace(
        reading,
        decimal=form.decimal,
        thousands=form.thousands or reading.thousands,
        date_order=order or reading.date_order,
        time=(time,),
        timezone=clock.timezone,
        value=value,
        date_format="",
    )
    return Wide(made, chosen, kept, pieces, dated.day_end, findings)


def _chosen(names: Sequence[str], wanted: Sequence[str], ident: str, where: str) -> tuple[str, ...]:
    """Return the series to take, in their own spelling."""
    place = f"column '{printable(ident)}'" + (f" of {where}" if where else "")
    spelling = {name.casefold(): name for name in names} | {name: name for name in names}
    chosen = {spelling.get(name, spelling.get(name.casefold(), "")): name for name in wanted or names}
    if "" in chosen:
        listed = [printable(name) for name in names[:20]]
        raise UsageError(f"no series '{printable(chosen[''])}'", where=place, cure=did_you_mean(chosen[""], listed))
    return tuple(chosen)


def _split(
    table: Table, idents: Sequence[str], wanted: Sequence[str], where: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which of the wanted names is that of the column of values, and which are series; a series comes first.

    Raises `UsageError` for several columns of values.
    """
    series = {name.casefold() for name in series_names(table, idents)} if wanted else set()
    places = {name: place_of(name, list(table.columns)) for name in wanted if name.casefold() not in series}
    values = {name: list(table.columns)[place] for name, place in places.items() if place is not None}
    if len(set(values.values())) > 1:
        what = f"{', '.join(map(printable, values))}: a long table has one column of values for all of its series"
        raise UsageError(what, where=where, cure=f"--value-column {shlex.quote(printable(next(iter(values))))}")
    return tuple(values.values())[:1], tuple(name for name in wanted if name not in values)


def _ids(table: Table, idents: Sequence[str], rows: Ids, where: str) -> list[str]:
    """Return the name of the series of each row [T]; `NA` is a name here, a blank is none."""
    columns = [table.columns[name] for name in idents]
    names = [named([cells[row] for cells in columns]) for row in rows]
    if "" in names:
        ident = printable(", ".join(idents))
        what = f"{table.place(int(rows[names.index('')]))} names no series in column '{ident}'"
        raise DataError(what, where=where, cure="name the series of every row")
    return names


def _places(
    ids: Sequence[str], chosen: Sequence[str], rows: Ids, times: Times, table: Table, where: str
) -> tuple[Times, dict[str, list[int]]]:
    """Return the stamps of the chosen series, oldest first, and the row of each series at each, -1 for none."""
    kept = np.isin(ids, chosen)
    stamps, places = np.unique(times[kept], return_inverse=True)
    series = {name: [-1] * len(stamps) for name in chosen}
    for at, place in zip(map(int, np.flatnonzero(kept)), map(int, places), strict=True):
        name, row = ids[at], int(rows[at])
        if (before := series[name][place]) >= 0:
            stamp = (
                f"the time stamp {one_stamp(stamps[place], None)} a second time (the first in {table.place(before)})"
            )
            what = f"{table.place(row)}: '{printable(name)}' has {stamp}"
            raise DataError(what, where=where, cure="keep one row a stamp and series")
        series[name][place] = row
    return stamps, series
