"""A time series, cleaned: a regular grid of numbers out of columns of text, and what was found on the way."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seqtool.data.clock import bare_stamps, is_of_no_zone, on_one_clock, zoned_stamps
from seqtool.data.columns import find, find_values, has_percent, number_format, numbers
from seqtool.data.dates import Times, format_stamps, parse_stamps
from seqtool.data.grid import STEPS, Grid, span
from seqtool.data.number_dates import is_epoch
from seqtool.data.number_table import plain
from seqtool.data.reading import UTC, Reading, common
from seqtool.data.regular import grid_of, one_stamp, regular
from seqtool.data.separated import NAMES
from seqtool.data.series_check import (
    blocks_of_names,
    called_totals,
    missing_values,
    odd_values,
    refuse_falling,
    refuse_glued,
    refuse_several_series,
    refuse_signs,
)
from seqtool.data.table_rows import dated_rows, trailing_text, undated_rows, without_prose
from seqtool.data.text_table import Table, place_of
from seqtool.data.time_columns import find_time, joined
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Floats

__all__ = ["Series", "clean", "join", "refuse_unlearnable", "stamped"]


MOST_NAMES = 100  # columns of a table whose names a model keeps


@dataclass(frozen=True, eq=False)
class Series:
    """One or several series on one regular grid, the oldest row first.

    columns: the F names; values [T,F], NaN = missing; times [T] datetime64[s], None where the table has no time
    stamps; grid: where its stamps stand, None without time stamps or with a single row of which nothing more is known.
    """

    columns: tuple[str, ...]
    values: Floats
    times: Times | None
    # left out of the sum by which a run knows its data: they tell how it was read, in words that may change
    grid: Grid | None = field(compare=False)
    findings: tuple[Finding, ...] = field(compare=False)
    reading: Reading = field(default_factory=Reading, compare=False)
    """How its table is written, as far as options and content say."""

    def stamps(self) -> list[str]:
        """Return the time stamps of the T rows as ISO text; step numbers 1..T where there are none."""
        if self.times is None:
            return [str(number) for number in range(1, len(self.values) + 1)]
        return self.grid.written(self.times) if self.grid else format_stamps(self.times)

    def future(self, n: int) -> list[str]:
        """Return the time stamps of the n steps after the last row; step numbers T+1..T+n without a step."""
        if self.times is None or self.grid is None:
            return [str(len(self.values) + ahead) for ahead in range(1, n + 1)]
        return self.grid.written(self.grid.after(self.times[-1], n))


def clean(
    table: Table,
    *,
    columns: Sequence[str] = (),
    preferred: Sequence[str] = ("close", "value", "y"),
    id_column: Sequence[str] = (),
    reading: Reading | None = None,
    where: str = "",
    label: str = "",
    for_training: bool = True,
    known: Grid | None = None,
) -> Series:
    """Make a series out of a text table: find its columns, read dates and numbers, order, fill gaps.

    `id_column` names the series of a long table, of which `columns` are taken (see `long_table.wide`). `reading` says
    how the table is written, as far as that is known. `where` names the table in errors, `label` before each finding.
    `for_training=False` allows a single row and constant columns; `known` is the grid of a model. Raises `UsageError`
    for an unknown column, `DataError` for data that cannot be read, and for data that two readings fit.
    """
    reading = reading or Reading()
    findings = [*table.findings]
    date_format = reading.date_format  # a long table made wide has its stamps in ISO's
    names = tuple(table.columns) if len(table.columns) <= MOST_NAMES else ()
    if not id_column:  # numbers count the columns of the file, before some are left out or joined
        columns = [_own_name(table, name) for name in columns]
    ignored = [find(table.columns, name, where) for name in reading.ignore if not _absent(name, table)]
    table = replace(table, columns={name: cells for name, cells in table.columns.items() if name not in ignored})
    if not table.columns:
        raise DataError("no column is left", where=where, cure="leave --ignore-column out for one of them")
    before, table = table, plain(table, columns, reading, where)
    findings += table.findings[len(before.findings) :]
    if id_column:
        from seqtool.data.long_table import wide  # few tables are long, and a forecast starts without it

        long = wide(
            table, id_column=id_column, columns=columns, preferred=preferred, reading=reading, where=where, known=known
        )
        table, columns, reading, more = long.table, long.columns, long.reading, long.findings
        findings += more
    series = _clean_wide(table, columns, preferred, reading, where, for_training, known)
    findings += series.findings
    if label:
        findings = [replace(finding, text=f"{label}: {finding.text}") for finding in findings]
    series = replace(
        series, findings=tuple(findings), reading=replace(series.reading, names=names, date_format=date_format)
    )
    if not label:  # of several files one may be without life
        refuse_unlearnable(series, where, constant=for_training)
    return series


def _own_name(table: Table, wanted: str) -> str:
    """Return the name of a column that is given by its name or number; as it is where there is none."""
    names = list(table.columns)
    place = place_of(wanted, names)
    return wanted if place is None else names[place]


def _absent(name: str, table: Table) -> bool:
    """Tell whether a column to be left out is not there at all: of several files only one may have it."""
    return name.casefold() not in {column.casefold() for column in table.columns} and not name.isdecimal()


def _no_numbers(table: Table, reading: Reading, where: str) -> DataError:
    """Return the error for a table without a number or a date, with its first row and what its cells may lack."""
    row = (table.mark or ",").join(cell or "" for cell in table.first())
    cure = "give a table with a header and rows of numbers"
    if len(table.columns) == 1 and reading.mark and reading.mark in NAMES:
        cure = f"part the cells as those of the training, by {NAMES[reading.mark]}, and write the numbers alike"
    elif len(table.columns) == 1 and len(row.split()) > 1:
        cure = "write commas between the columns"
    what = f"no cell is a number or a date, from {table.place(0)} on: '{printable(row, 60)}'"
    return DataError(what, where=where, cure=cure)


def refuse_absent(name: str, tables: Sequence[Table], where: str) -> None:
    """Raise `UsageError` where no table has a column that is to be left out."""
    if all(_absent(name, table) for table in tables):
        find(tables[0].columns, name, where)


def _clean_wide(
    table: Table, columns: Sequence[str], preferred: Sequence[str], reading: Reading, where: str, for_training: bool,
    known: Grid | None,
) -> Series:  # fmt: skip
    whole, table = table, without_prose(table)
    if len(whole) and not len(table):
        raise _no_numbers(whole, reading, where)
    pieces = find_time(table, reading, where)
    time, findings = "", list[Finding]()
    if pieces:
        table, time, findings = joined(table, pieces, where)
    clock = None
    order = ""
    if time:
        dated = dated_rows(table, time, reading, where)
        rows, order, more = dated.rows, dated.order, dated.findings
        clock = on_one_clock(dated.times, dated.offsets, reading.timezone, where, known=known)
        if known and known.zone == UTC and dated.offsets is None and not is_epoch(table.columns[time][int(rows[0])]):
            findings.append(bare_stamps())
        if is_of_no_zone(known) and clock.timezone == UTC and reading.timezone != UTC:
            findings.append(zoned_stamps())
    else:
        rows, more = undated_rows(table, where)
        refuse_glued(table, columns, rows, where)
    times = clock.times if clock else None
    findings += more
    findings += trailing_text(whole, int(rows[-1]) + 1)
    if times is not None and for_training:
        refuse_several_series(table, (time, *columns), rows, times, where)
        findings += blocks_of_names(table, (time, *columns), rows)
        findings += called_totals(table, (time, *columns), rows)
    names = find_values(table.columns, time, columns, preferred, where)
    if not (time or reading.no_time):
        refuse_falling(table, names, where)
    findings.append(Finding("note", "value-columns", "the values are in " + _quoted(names)))
    form, more = number_format(table, names, rows, reading, where, time=time)
    findings += more
    values = np.stack([numbers(table, name, rows, form, reading, where) for name in names], axis=1)
    if form.thousands or form.decimal == ",":
        from seqtool.data.slips import odd_decimals  # most numbers are plain

        findings += odd_decimals(table, names, rows, form)
    if for_training:
        refuse_signs(table, (time, *names), values, where)
    if unused := [name for name in table.columns if name != time and name not in names]:
        findings.append(Finding("note", "unused-columns", f"not used: {_quoted(unused)}"))
    findings += [*missing_values(names, values, times), *odd_values(names, values)]
    if for_training and len(values) == 1:
        raise DataError("one row is no series", where=where, cure="give more rows")
    grid = known
    if times is not None and len(times) > (known is None):
        if reading.resample:
            from seqtool.data.resample import are_events, resampled  # few tables are

            if clock and clock.zone and STEPS[reading.step].whole_days:
                clock = clock.local()
                times = clock.times
            if not reading.names:  # the training table itself
                reading = replace(reading, events=reading.resample == "sum" and are_events(times))
            times, values, stepped, more = resampled(times, values, reading, where)
            findings += more
            known = known or stepped
        times, values, grid, more = regular(times, values, where=where, known=known, zone=clock.zone if clock else "")
        findings += more
    if for_training:
        from seqtool.data.slips import constant_ends, far_values  # of later tables little is said

        findings += [*far_values(names, values), *constant_ends(names, values)]
    kept = replace(
        reading, decimal=form.decimal, thousands=form.thousands or reading.thousands,
        date_order=order or reading.date_order, time=pieces or reading.time, mark=table.mark,
        timezone=clock.timezone if clock else reading.timezone,
        percent=tuple(name for name in names if has_percent(table.columns[name])),
    )  # fmt: skip
    return Series(names, values, times, None if times is None else grid, tuple(findings), kept)


def stamped(series: Series, start: str, step: int) -> Series:
    """Give time stamps to a series without any: `start` is that of its first row, `step` the seconds between two.

    A series that has stamps, or an empty `start`, changes nothing. Raises `DataError` where `start` is no time.
    """
    if series.times is not None or not start:
        return series
    first = parse_stamps([start]).times[0]
    if np.isnat(first) or step < 1:
        what = f"no time stamps: a first row at {start!r}, {step} seconds a row"
        raise DataError(what, cure="tell its plugin's author")
    times = first + np.arange(len(series.values)) * np.timedelta64(step, "s")
    grid = Grid(seconds=step).moved_to(times)
    text = f"no time stamps in the file: counted from {one_stamp(first, grid)}, {span(step)} a row"
    findings = [finding for finding in series.findings if finding.code != "no-time-column"]
    findings.append(Finding("note", "counted-stamps", text))
    return replace(series, times=times, grid=grid, findings=tuple(findings))


def refuse_unlearnable(series: Series, where: str, *, constant: bool = True) -> None:
    """Raise `DataError` where a column has no known value; for `constant` where each has at most one."""
    problems = {name: _problem(values, constant) for name, values in zip(series.columns, series.values.T, strict=True)}
    if constant and not all(problems.values()):  # the others are forecast without those
        return
    for name, problem in problems.items():
        if problem:
            what = f"column '{printable(name)}' {problem}"
            raise DataError(what, where=where, cure="choose another with --columns NAME")


def _problem(values: Floats, constant: bool) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "has no value that is not missing"
    return f"is constant ({finite[0]:g}): nothing to learn" if constant and (finite == finite[0]).all() else ""


def join(series: Sequence[Series], labels: Sequence[str]) -> Series:
    """Put several series side by side, on the time stamps that all of them have.

    A series of one column takes its label as name, else `label.column`. Raises `DataError` where one has no
    time stamps, some have an offset from UTC, the steps differ, no stamp is common, or two columns get one name.
    """
    pairs = [*zip(series, labels, strict=True)]
    names = [name for part, label in pairs for name in _names(part, label)]
    if len(set(names)) < len(names):
        raise DataError(f"the files give columns of one name: {_quoted(names)}", cure="give the files different names")
    for part, label in pairs:
        if part.times is None:
            what = f"'{printable(label)}' has no time stamps to be joined on"
            raise DataError(what, cure="give every file a date column")
    _refuse_two_clocks(pairs)
    if len({(part.grid.seconds, part.grid.months) if part.grid else None for part in series}) > 1:
        steps = ", ".join(f"'{printable(label)}' {part.grid or 'of one row'}" for part, label in pairs)
        raise DataError(f"the files have different steps: {steps}", cure="resample them to one step")
    grids = [part.times for part in series if part.times is not None]
    shared: Times = functools.reduce(np.intersect1d, grids)
    if not shared.size:
        raise DataError(f"no time stamp is common to {_quoted(labels)}", cure="choose files that overlap in time")
    values = [part.values[np.searchsorted(times, shared)] for part, times in zip(series, grids, strict=True)]
    dropped = [f"{len(times) - len(shared)} of {printable(label)}" for label, times in zip(labels, grids, strict=True)]
    text = f"{len(shared)} time stamps are common; left out: {', '.join(dropped)}"
    findings = [finding for part in series for finding in part.findings]
    findings.append(Finding("note", "joined", text))
    reading = common([part.reading for part in series])
    grid = grid_of(shared) if len({part.grid for part in series}) > 1 and len(shared) > 1 else series[0].grid
    return Series(tuple(names), np.concatenate(values, axis=1), shared, grid, tuple(findings), reading)


def _refuse_two_clocks(pairs: Sequence[tuple[Series, str]]) -> None:
    """Raise `DataError` where the stamps of one series are instants, and those of another are local times."""
    zoned = [label for part, label in pairs if part.grid and part.grid.zone]
    local = [label for part, label in pairs if part.grid and not part.grid.zone and part.reading.timezone != UTC]
    if zoned and local:
        what = (
            f"the stamps of '{printable(zoned[0])}' have an offset from UTC, those of '{printable(local[0])}' have none"
        )
        raise DataError(what, cure="--timezone NAME, of the zone of those without, such as Europe/Madrid or UTC")


def _names(series: Series, label: str) -> list[str]:
    return [label] if len(series.columns) == 1 else [f"{label}.{column}" for column in series.columns]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{printable(name)}'" for name in names[:20])


def rows(series: Series, part: slice) -> Series:
    """Cut rows out of a series."""
    times = None if series.times is None else series.times[part]
    return replace(series, values=series.values[part], times=times)
