"""A table of text, cleaned into a series: its columns found, dates and numbers read, ordered, on a regular grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqtool.data.chosen_columns import is_absent, own_name, stamps_of_rows, with_own_names
from seqtool.data.clock import Clock, bare_stamps, is_of_no_zone, on_one_clock, zoned_stamps
from seqtool.data.columns import agreed, find, find_values, number_format, numbers
from seqtool.data.grid import STEPS, Grid
from seqtool.data.number_dates import is_epoch
from seqtool.data.number_signs import has_percent, signs_of
from seqtool.data.number_table import plain
from seqtool.data.numbers import NumberFormat
from seqtool.data.reading import ENDS, UTC, DayEnd, Reading
from seqtool.data.regular import regular
from seqtool.data.series import Series, quoted, refuse_unlearnable
from seqtool.data.series_check import (
    blocks_of_names,
    called_totals,
    missing_values,
    odd_values,
    refuse_glued,
    refuse_several_series,
)
from seqtool.data.table_rows import dated_rows, trailing_text, undated_rows, without_prose
from seqtool.data.text_table import Table, spellings
from seqtool.data.time_columns import find_time, joined
from seqtool.data.time_pieces import with_periods
from seqtool.data.two_readings import never_three
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Floats, Ids, Times

if TYPE_CHECKING:
    from seqtool.data.beside import Columns
    from seqtool.data.plain_numbers import Plain

MOST_NAMES = 100  # columns of a table whose names a model keeps
MANY = 100  # columns of values, beyond which they are read in one piece where that can be


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
    many: bool | None = False,
) -> Series:
    """Make a series out of a text table: find its columns, read dates and numbers, order, fill gaps.

    `id_column` names the series of a long table, of which `columns` are taken (see `long_table.wide`). `reading` says
    how the table is written, as far as that is known. `where` names the table in errors, `label` before each finding.
    `for_training=False` allows a single row and constant columns; `known` is the grid of a model; `many`: each series
    is forecast alone, so a table of one series a row gives all of them; None: where ids or rows name series. Raises
    `UsageError` for an unknown column, `DataError` for data that cannot be read, and for data that two readings fit.
    """
    reading = reading or Reading()
    findings = [*table.findings]
    date_format = reading.date_format  # a long table made wide has its stamps in ISO's
    names = tuple(table.columns) if len(table.columns) <= MOST_NAMES else ()
    if not id_column:  # numbers count the columns of the file, before some are left out or joined
        columns = [own_name(table, name) for name in columns]
        _refuse_blocks(table, where)
    reading = with_own_names(reading, table) if reading.beside else reading
    ignored = [find(table.columns, name, where) for name in reading.ignore if not is_absent(name, table)]
    table = replace(table, columns={name: cells for name, cells in table.columns.items() if name not in ignored})
    if not table.columns:
        raise DataError("no column is left", where=where, cure="leave --ignore-column out for one of them")
    if reading.missing:
        from seqtool.data.marked_missing import without_marks  # few tables have marks of their own

        kept = [*(find(table.columns, name, where) for name in id_column), *spellings(table.columns, reading.time)]
        kept += reading.beside  # NA would be a category; what is missing there is told where they are read
        table = without_marks(table, [name for name in table.columns if name not in kept], reading.missing)
    rows_are_series = any(finding.code == "series-rows" for finding in table.findings)
    if id_column and rows_are_series:
        raise UsageError("a table of one series a row has no column of ids", where=where, cure="leave --id-column out")
    columns_beside = None
    if reading.beside:
        _refuse_two_roles(table, ignored, columns, id_column, reading, where)
        from seqtool.data.beside import parted  # few series have any

        table, columns_beside = parted(table, reading, where, rows_are_series=rows_are_series)
    before, table = table, plain(table, columns, reading, where)
    findings += table.findings[len(before.findings) :]
    if columns_beside and len(table) != len(before):
        what = "a table of a year a row has no columns beside its values"
        raise UsageError(what, where=where, cure="write a row a step; or leave --known, --past and --static out")
    panel = bool(id_column) or rows_are_series
    alone = panel if many is None else many
    if alone and rows_are_series and not columns:
        stamps = stamps_of_rows(table)
        columns = [name for name in table.columns if name not in stamps]
    long = None
    if id_column:
        from seqtool.data.long_table import wide  # few tables are long, and a forecast starts without it

        long = wide(
            table, id_column=id_column, columns=columns, preferred=preferred, reading=reading, where=where, known=known
        )
        day_end: DayEnd = "24:00" if long.day_end in ENDS else long.day_end
        table, columns, reading = long.table, long.columns, replace(long.reading, day_end=day_end)
        findings += long.findings
        if columns_beside:
            from seqtool.data.beside import of_series

            beside = of_series(columns_beside, long.places)
            columns_beside = replace(columns_beside, made=beside)
    read = long.values if long else None
    may_be_time = stamps_of_rows(table) if rows_are_series and not reading.time else list(table.columns)
    series = _clean_wide(
        table, columns, preferred, reading, where, for_training, known, alone, read, may_be_time, columns_beside
    )
    if series.beside and not alone:
        from seqtool.data.beside import shared

        series = replace(series, beside=shared(series.beside, series.columns, where))
    day_end = long.day_end if long else series.reading.day_end
    findings += series.findings
    if label:
        findings = [replace(finding, text=f"{label}: {finding.text}") for finding in findings]
    series = replace(
        series,
        findings=tuple(findings),
        panel=panel,
        reading=replace(
            series.reading, names=names, date_format=date_format, day_end=day_end,
            time=long.pieces if long else series.reading.time,
        ),
    )  # fmt: skip
    some = alone and not for_training and bool(np.isfinite(series.values).any())  # each stands alone
    if not (label or some):  # of several files one may be without life
        refuse_unlearnable(series, where, constant=for_training)
    return series


def _refuse_two_roles(
    table: Table, ignored: Sequence[str], columns: Sequence[str], idents: Sequence[str], reading: Reading, where: str
) -> None:
    """Raise `UsageError` where a column beside the values is also left out, forecast, or names the series."""
    beside = {name.casefold() for name in reading.beside}
    roles = {"left out by --ignore-column": ignored, "forecast by --value-column": columns, "the --id-column": idents}
    for role, names in roles.items():
        if both := [name for name in names if name.casefold() in beside]:
            what = f"column '{printable(both[0])}' is {role}, and named beside the values too"
            raise UsageError(what, where=where, cure="leave it out of --known, --past and --static, or of the other")


def _refuse_blocks(table: Table, where: str) -> None:
    if {"_time", "_value"} <= table.columns.keys() and not table.columns.keys().isdisjoint({"_field", "table"}):
        from seqtool.data.influx import refuse_several  # few tables are InfluxDB's

        refuse_several(table, where)


def _clean_wide(
    table: Table, columns: Sequence[str], preferred: Sequence[str], reading: Reading, where: str, for_training: bool,
    known: Grid | None, many: bool, read: Plain | None, may_be_time: Sequence[str], columns_beside: Columns | None,
) -> Series:  # fmt: skip
    """Make a series of a wide table; read: its numbers where they are read; may_be_time: where to look for stamps."""
    # a row to come has no number but those beside it
    whole, table = table, table if columns_beside else without_prose(table)
    if len(whole) and not len(table):
        from seqtool.data.value_choice import nothing_read  # few tables are refused

        raise nothing_read(whole, reading, where)
    placed = _placed(table, columns, reading, where, known, may_be_time)
    table, time, rows, clock = placed.table, placed.time, placed.rows, placed.clock
    findings = [*placed.findings, *trailing_text(whole, int(rows[-1]) + 1)]
    times = clock.times if clock else None
    if times is not None and for_training:
        refuse_several_series(table, (time, *columns), rows, times, where)
        findings += blocks_of_names(table, (time, *columns), rows, times)
        findings += called_totals(table, (time, *columns), rows)
    several = many and not for_training
    names = find_values(table.columns, time, columns, preferred, where, several=several)
    if not (time or reading.no_time):
        from seqtool.data.falling import refuse_falling  # few tables are without time stamps

        refuse_falling(table.only(rows.tolist()) if len(rows) < len(table) else table, names, where)
    findings.append(Finding("note", "value-columns", "the values are in " + quoted(names)))
    if read is not None:
        read = read._replace(values=read.values[rows])
    elif len(names) > MANY:
        from seqtool.data.plain_numbers import plain_numbers

        read = plain_numbers(table, names, rows, reading)
    if read is not None:
        form, values = read
    else:
        form, more = number_format(table, names, rows, reading, where, time=time)
        findings += more
        values = np.stack([numbers(table, name, rows, form, reading, where) for name in names], axis=1)
    inside = many or columns_beside is not None
    findings += _of_values(
        table, time, names, rows, values, form, times, where, for_training=for_training, inside=inside
    )
    grid, count = known, values.shape[1]
    beside = columns_beside.of(rows) if columns_beside else None
    decimal = form.decimal
    if beside:  # they go the way of the values
        if not reading.kinds:  # the training table itself: a model keeps one mark for all of them
            decimal = agreed({names[0]: form, **beside.forms}, where).decimal
        values = np.concatenate([values, beside.values.reshape(len(values), -1)], axis=1)
    if clock is not None and len(clock.times) > (known is None):
        reading = replace(reading, day_end=placed.day_end)
        times, values, grid, reading, more = _on_grid(clock, values, reading, where, known)
        findings += more
    if beside and columns_beside:
        values, times, beside = columns_beside.ended(values, count, times, beside, names)
        if not reading.kinds:
            reading = replace(reading, three=columns_beside.of_three_decimals(decimal))
        reading = replace(reading, kinds=beside.kinds)
        findings.append(Finding("note", "beside", columns_beside.told(beside)))
    if for_training:
        from seqtool.data.slips import constant_ends, far_values  # of later tables little is said

        findings += [*far_values(names, values), *constant_ends(names, values)]
    shown = [(table, names)] if read is None else []  # plain numbers have no signs
    shown += [(columns_beside.table, columns_beside.names)] if columns_beside else []
    # what the newest rows are must not change how a training goes
    older = rows[np.argsort(clock.times, kind="stable") if clock else slice(None)][: 1 + 7 * len(rows) // 10]
    kept = replace(
        reading, decimal=decimal, thousands=form.thousands or reading.thousands,
        date_order=placed.order or reading.date_order, time=placed.pieces or reading.time, mark=table.mark,
        timezone=clock.timezone if clock else reading.timezone, periods=placed.periods or reading.periods,
        percent=tuple(name for table, names in shown for name in names if has_percent(table.columns[name])),
        never_three=reading.never_three if reading.names else never_three(table, names, older, form.decimal),
        currency=tuple(sign for table, names in shown for sign in signs_of(table, names)) or reading.currency,
    )  # fmt: skip
    return Series(names, values, times, None if times is None else grid, tuple(findings), kept, beside=beside)


class _Placed(NamedTuple):
    """A table whose stamps are in one column `time` ("" for none), the rows [T] of its series, and their clock."""

    table: Table
    pieces: tuple[str, ...]
    time: str
    rows: Ids
    clock: Clock | None
    order: str
    day_end: DayEnd
    periods: int
    findings: list[Finding]


def _placed(
    table: Table, columns: Sequence[str], reading: Reading, where: str, known: Grid | None, may_be_time: Sequence[str]
) -> _Placed:  # fmt: skip
    looked_at = {name: table.columns[name] for name in may_be_time if name in table.columns}
    pieces = find_time(replace(table, columns=looked_at), reading, where)
    if not pieces:
        rows, findings = undated_rows(table, where)
        refuse_glued(table, columns, rows, where)
        return _Placed(table, pieces, "", rows, None, "", "", 0, findings)
    reading = with_periods(table, pieces, reading, where)
    table, time, findings = joined(table, pieces, where, reading)
    dated = dated_rows(table, time, reading, where)
    clock = on_one_clock(dated.times, dated.offsets, reading.timezone, where, known=known)
    if known and known.zone == UTC and dated.offsets is None and not is_epoch(table.columns[time][int(dated.rows[0])]):
        findings.append(bare_stamps())
    if is_of_no_zone(known) and clock.timezone == UTC and reading.timezone != UTC:
        findings.append(zoned_stamps())
    findings += dated.findings
    return _Placed(table, pieces, time, dated.rows, clock, dated.order, dated.day_end, reading.periods, findings)


def _of_values(
    table: Table, time: str, names: tuple[str, ...], rows: Ids, values: Floats, form: NumberFormat,
    times: Times | None, where: str, *, for_training: bool, inside: bool,
) -> list[Finding]:  # fmt: skip
    """Say what is odd in values [T,F] as they stand in the rows, and which columns are not used."""
    findings: list[Finding] = []
    if form.thousands or form.decimal == ",":
        from seqtool.data.slips import odd_decimals  # most numbers are plain

        findings += odd_decimals(table, names, rows, form)
    if table.mark == "," and table.columns.keys() - {time, *names}:
        from seqtool.data.slips import split_decimals  # most tables have no other columns

        findings += split_decimals(table, names, rows)
    if for_training:
        from seqtool.data.unit_columns import check_kinds  # a forecast starts without it

        findings += check_kinds(table, time, names, values, where)
    used = {time, *names}
    if unused := [name for name in table.columns if name not in used]:
        findings.append(Finding("note", "unused-columns", f"not used: {quoted(unused)}"))
    if for_training and len(values) == 1:
        raise DataError("one row is no series", where=where, cure="give more rows")
    findings += missing_values(names, values, times, inside=inside)
    return [*findings, *odd_values(table, names, values, times, rows)]


def _on_grid(
    clock: Clock, values: Floats, reading: Reading, where: str, known: Grid | None
) -> tuple[Times, Floats, Grid, Reading, list[Finding]]:
    """Put rows together where a longer step is asked for, then on a regular grid."""
    times, findings = clock.times, list[Finding]()
    if reading.resample:
        from seqtool.data.resample import are_events, resampled  # few tables are

        if clock.zone and STEPS[reading.step].whole_days:
            clock = clock.local()
            times = clock.times
        if not reading.names:  # the training table itself
            reading = replace(reading, events=reading.resample == "sum" and are_events(times))
        times, values, stepped, findings = resampled(times, values, reading, where)
        known = known or stepped
    times, values, grid, more = regular(times, values, where=where, known=known, zone=clock.zone)
    return times, values, grid, reading, [*findings, *more]
