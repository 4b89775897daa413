"""Long tables, one row a time stamp and series, made wide: one row a time stamp, one column a series."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.clock import on_one_clock
from seqtool.data.columns import find, find_values, mostly, number_format, numbers
from seqtool.data.grid import Grid, one_stamp
from seqtool.data.limits import hold_columns, hold_wide
from seqtool.data.numbers import is_number
from seqtool.data.plain_numbers import Plain, plain_numbers
from seqtool.data.reading import DayEnd, Reading
from seqtool.data.stamps import format_stamps
from seqtool.data.table_rows import dated_rows, trailing_text, without_prose
from seqtool.data.text_table import Table, place_of, spellings
from seqtool.data.time_columns import find_time, joined
from seqtool.data.time_pieces import with_periods
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Ids, Times

_SECONDS = np.timedelta64(1, "s")


@dataclass(frozen=True)
class Wide:
    """A wide table, the names of its value columns, their numbers if plain, how it is written, and the findings.

    pieces: the columns of the long table that its time stamps stand in. day_end: how the midnights of the long table
    end a day, see `Reading`; those of the wide one begin days. places [T,S]: the row of the long table of each stamp
    and series, -1 for none.
    """

    table: Table
    columns: tuple[str, ...]
    values: Plain | None
    reading: Reading
    pieces: tuple[str, ...]
    day_end: DayEnd
    findings: list[Finding]
    places: Ids


def series_names(table: Table, id_column: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the series in a long table, in the order in which they come."""
    return tuple(filter(None, _numbered(table, id_column)[0]))


def _numbered(table: Table, idents: Sequence[str]) -> tuple[list[str], Ids]:
    """Return the names of the series, "" for a blank, and the number of that of each row [T]."""
    columns = [table.columns[name] for name in idents]
    alone = len(columns) == 1
    keys: Sequence[Any] = columns[0] if alone else [*zip(*columns, strict=True)]
    called = {key: named((key,) if alone else key) for key in dict.fromkeys(keys)}
    names = {name: number for number, name in enumerate(dict.fromkeys(called.values()))}
    numbers = {key: names[name] for key, name in called.items()}
    return list(names), np.fromiter(map(numbers.__getitem__, keys), np.int64, len(keys))


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
    hold_columns(len({*zip(*(table.columns[name] for name in idents), strict=True)}), where, "series")
    named, columns = _split(table, idents, columns, where)
    whole, table = table, without_prose(table)
    rest = replace(table, columns={name: cells for name, cells in table.columns.items() if name not in idents})
    pieces = find_time(rest, reading, where)
    if not pieces:
        what = "a long table without time stamps: nothing says which rows belong together"
        cure = "give it a column of dates, or make it wide: one row a step, one column a series"
        raise DataError(what, where=where, cure=cure)
    reading = with_periods(table, pieces, reading, where)
    table, time, findings = joined(table, pieces, where, reading)
    dated = dated_rows(table, time, reading, where)
    rows, order = dated.rows, dated.order
    findings += dated.findings
    names, ids = _ids(table, idents, rows, where)
    clock = on_one_clock(dated.times, dated.offsets, reading.timezone, where, known=known, series=ids.tolist())
    ident = ", ".join(idents)
    chosen = _chosen(names, columns, ident, where)
    others = {name: cells for name, cells in table.columns.items() if name not in (*idents, time)}
    value = find_values(others, time, named or spellings(others, (reading.value,)), preferred, where)[0]
    plain = plain_numbers(table, [value], rows, reading)
    if plain is None:
        form, more = number_format(table, [value], rows, reading, where, time=time)
        findings += [finding for finding in more if finding.level == "warning"]  # notes come again with the wide table
        numbers(table, value, rows, form, reading, where)  # raises here, where a row still has its number in the file
    else:
        form = plain.form
    stamps, places = _places(names, chosen, ids, clock.times, rows, table, where, (*idents, time, value))
    cells = dict(zip(chosen, _objects(table.columns[value], rows)[places].tolist(), strict=True))
    findings = [finding for finding in findings if finding.code != "time-column"]  # the wide table gets it again
    findings += trailing_text(whole, int(rows[-1]) + 1)
    text = f"a long table of {len(names)} series, named in '{printable(ident)}', their values in '{printable(value)}'"
    findings.append(Finding("note", "long-table", text))
    if reading.value.casefold() not in ("", value.casefold()):
        text = f"the model continues '{printable(reading.value)}': it reads '{printable(value)}'"
        findings.append(Finding("warning", "other-column", text))
    values = None if plain is None else Plain(plain.form, np.append(plain.values, np.nan)[places].T)
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
    rowwise = np.where(places < 0, -1, rows[places]).T
    return Wide(made, chosen, values, kept, pieces, dated.day_end, findings, rowwise)


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


def _ids(table: Table, idents: Sequence[str], rows: Ids, where: str) -> tuple[tuple[str, ...], Ids]:
    """Return the names of the series as they come, and the number of that of each row [T].

    `NA` is a name here, a blank is none.
    """
    called, numbers = _numbered(table, idents)
    numbers = numbers[rows]
    first = np.full(len(called), len(rows))
    first[numbers[::-1]] = np.arange(len(rows))[::-1]
    if "" in called and (row := first[called.index("")]) < len(rows):
        ident = printable(", ".join(idents))
        what = f"{table.place(int(rows[row]))} names no series in column '{ident}'"
        raise DataError(what, where=where, cure="name the series of every row")
    order = np.argsort(first, kind="stable")[: int((first < len(rows)).sum())]  # rows without a date name none
    number = np.full(len(called), -1)
    number[order] = np.arange(len(order))
    return tuple(called[place] for place in order), number[numbers]


def _places(
    names: Sequence[str], chosen: Sequence[str], ids: Ids, times: Times, rows: Ids, table: Table, where: str,
    used: Sequence[str],
) -> tuple[Times, Ids]:  # fmt: skip
    """Return the stamps [T] of the chosen series, oldest first, and the place in `rows` of each at each [F,T], or -1.

    used: the columns of the names, the time and the values. Raises `DataError` where a series has a stamp in two rows.
    """
    columns = {name: column for column, name in enumerate(chosen)}
    column = np.array([columns.get(name, -1) for name in names])[ids]
    kept = np.flatnonzero(column >= 0)
    stamps, at = np.unique(times[kept], return_inverse=True)
    hold_wide(len(chosen), len(stamps), len(kept), where)
    places = np.full((len(chosen), len(stamps)), -1)
    places[column[kept], at] = kept
    if (places >= 0).sum() < len(kept):
        from seqtool.data.clock_changes import refuse_clocks  # few tables have a row twice

        pairs = np.stack([column[kept], at])
        again = np.unique(pairs, axis=1, return_counts=True)
        refuse_clocks(stamps, np.unique(stamps[again[0][1][again[1] > 1]]), where)
        seen: dict[tuple[int, np.datetime64], int] = {}
        for place in kept.tolist():
            before = seen.setdefault((int(ids[place]), times[place]), place)
            if before < place:
                first = f"a second time (the first in {table.place(int(rows[before]))})"
                stamp = f"the time stamp {one_stamp(times[place], None)} {first}"
                what = f"{table.place(int(rows[place]))}: '{printable(names[ids[place]])}' has {stamp}"
                cure = "keep one row a stamp and series"
                if more := _telling(table, used, ids, times, rows):
                    cure = f"--id-column {shlex.quote(printable(','.join([*used[:-2], more])))}, or {cure}"
                raise DataError(what, where=where, cure=cure)
    return stamps, places


def _telling(table: Table, used: Sequence[str], ids: Ids, times: Times, rows: Ids) -> str:
    """Return a column of words that tells apart the rows of one series at one time, "" for none."""
    for name in (name for name in table.columns if name not in used):
        cells = _objects(table.columns[name], rows)[:-1].tolist()
        if 2 * len(set(cells)) > len(cells) or mostly(cells, is_number):
            continue
        if len(set(zip(ids.tolist(), times.tolist(), cells, strict=True))) == len(cells):
            return name
    return ""


def _objects(cells: Sequence[str | None], rows: Ids) -> NDArray[np.object_]:
    """Return the cells of rows, and behind them None: what a series has where it has no row."""
    objects: NDArray[np.object_] = np.full(len(cells) + 1, None, dtype=object)
    objects[:-1] = cells
    return np.asarray(objects[np.append(rows, len(cells))])
