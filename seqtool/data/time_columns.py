"""Which columns of a table hold its time stamps: one, a date beside a clock, or a year, a month and a day."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from seqtool.data.columns import find, known_cells, mostly
from seqtool.data.dates import column_spelling, is_stamp, parse_stamps
from seqtool.data.number_dates import is_month
from seqtool.data.numbers import is_number
from seqtool.data.reading import Reading
from seqtool.data.spellings import SPELLINGS
from seqtool.data.table_rows import is_total
from seqtool.data.text_table import Table
from seqtool.data.time_names import (
    BESIDE_YEARS,
    CLOCK_NAMES,
    HOUR_NAMES,
    NEARLY,
    PIECES,
    TIME_NAMES,
    YEARS,
    called_periods,
)
from seqtool.data.time_pieces import composed, is_clock, is_hour, is_numbered_month, is_part, joined, pieces_of
from seqtool.data.timelike import is_timelike, parts_of_years
from seqtool.errors import DataError, UsageError
from seqtool.say import printable

__all__ = ["find_time", "joined"]


def find_time(table: Table, reading: Reading, where: str) -> tuple[str, ...]:
    """Return the columns that make up the time stamp, () where the table has nothing like time, or `no_time` is set.

    The columns that `reading` names; else what content and usual names say. Raises `UsageError` for an unknown column,
    and for a format of dates that no column has; `DataError` where several columns may be it, and where a column is
    called like time, or looks like it, and cannot be read: in rows taken as steps, time might run backwards.
    """
    columns = table.columns
    if reading.no_time:
        return ()
    if reading.time:
        return tuple(find(columns, name, where) for name in reading.time)
    if reading.date_format:
        date = _of_format(table, reading.date_format, where)
        _refuse_clock(table, date, _clock(table, date, reading, where), reading.date_format, where)
        return (date,)
    usual = [name for name in columns if name.casefold() in TIME_NAMES]
    if dates := _dates(table, usual):
        date = dates[0] if reading.guess else _one_of(dates, table, where)
        if period := _period(table, date, reading, where):
            return (date, period)
        clock = _clock(table, date, reading, where)
        return (date, clock, *_minutes(table, date, clock)) if clock else (date,)
    pieces = pieces_of(table)
    if len(pieces) >= 2:
        return pieces
    from seqtool.data.number_columns import numbers_are_dates  # most tables have dates

    for name in columns:
        if numbers_are_dates(name, columns[name]):
            return (name, *_part_of(table, name))
    for name in columns:
        if name in usual or mostly(columns[name], _unread, NEARLY) or parts_of_years(columns[name]):
            _refuse_unread(table, name, where)
    if any(is_month(f"{next(filter(None, cells), '')[:4]}01") for cells in columns.values()):
        from seqtool.data.week_numbers import refuse_called_otherwise  # few tables have weeks

        refuse_called_otherwise(table, where)
    return ()


def _part_of(table: Table, year: str) -> tuple[str, ...]:
    """Return the column of quarters, months, weeks or days beside years that repeat, () for none.

    A year that is written into its first row alone does not: that is refused where the dates are read.
    """
    if _distinct([[cell for cell in table.columns[year] if cell]]):
        return ()
    numbered = [name for name in table.columns if mostly(table.columns[name], is_numbered_month, NEARLY)]
    if numbered:
        return tuple(numbered[:1])
    parts = [name for name in table.columns if name.casefold() in BESIDE_YEARS]
    belongs = parts and mostly(table.columns[parts[0]], is_part, NEARLY)
    return tuple(parts[:1]) if belongs else ()


def _of_format(table: Table, format: str, where: str) -> str:
    """Return the column of dates in a format; raises `UsageError` where there is none, `DataError` for several."""
    from seqtool.data.date_format import fits  # few tables need it

    dates = [name for name in table.columns if mostly(table.columns[name], lambda cell: fits(cell, format))]
    if not dates:
        what = f"no column has dates as --date-format {format!r} says"
        raise UsageError(what, where=where, cure="--time-column NAME, and the format of its cells")
    return _one_of(dates, table, where)


def _refuse_clock(table: Table, date: str, clock: str, format: str, where: str) -> None:
    """Raise `UsageError` where a column of the clock belongs to dates whose format has none."""
    if clock:
        import shlex  # few tables are refused

        from seqtool.data.date_format import fitting_clock

        cells = [known_cells(table.columns[name])[0] for name in (date, clock)]
        whole = shlex.quote(fitting_clock(composed(cells) or "", format))
        what = f"the times in '{printable(clock)}' belong to the dates in '{printable(date)}', and the format has none"
        cure = f"--time-column {shlex.quote(f'{date},{clock}')} --date-format {whole}"
        raise UsageError(what, where=where, cure=cure)


def _dates(table: Table, usual: Sequence[str]) -> list[str]:
    """Return the columns of dates that are no numbers, those with a usual name first: those of days, else of months."""
    names = [name for name in dict.fromkeys([*usual, *table.columns]) if mostly(table.columns[name], is_stamp)]
    days = [name for name in names if not _unit(table.columns[name])]
    return days or [name for name in names if name in usual or _are_likely(table.columns[name])]


def _unit(cells: Sequence[str | None]) -> str:
    spelling = column_spelling(known_cells(cells))
    return SPELLINGS[spelling].unit if spelling in SPELLINGS else ""


def _are_likely(cells: Sequence[str | None]) -> bool:
    """Tell whether cells are dates of years that series have: `4711-08` is a part number."""
    sample = [cell for cell in known_cells(cells) if not is_total(cell)]
    if sample and not _is_year(sample[0]):  # a year alone behind its quarters is their sum: reading the dates says it
        sample = [cell for cell in sample if not _is_year(cell)]
    try:
        times = parse_stamps(sample).times
    except DataError:  # dates with a fault, which is said where they are read
        return True
    years = times[~np.isnat(times)].astype("datetime64[Y]").astype(int) + 1970
    return int(((years >= YEARS[0]) & (years <= YEARS[1])).sum()) > NEARLY * len(sample)


def _is_year(cell: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", cell.strip(), re.ASCII) is not None


def _one_of(dates: Sequence[str], table: Table, where: str) -> str:
    """Return which column of dates is the time: the one with a usual name, else the one that repeats no date."""
    usual = [name for name in dates if name.casefold() in TIME_NAMES]
    if len(usual) == 1 or len(dates) == 1:
        return (usual or dates)[0]
    distinct = [name for name in usual or dates if _distinct([table.columns[name]])]
    if len(distinct) == 1:
        return distinct[0]
    raise _undecided("dates", usual or dates, where)


def _period(table: Table, date: str, reading: Reading, where: str) -> str:
    """Return the column that numbers the periods of each day, called so, beside a column of dates; "" for none.

    Raises `DataError` unless it is known that they are to be read.
    """
    if not any(map(called_periods, table.columns)):
        return ""
    from seqtool.data.periods import column_of, undecided  # few tables have them

    period = column_of(table, date, reading.periods)
    if period and not (reading.periods or reading.resample):
        raise undecided(table, date, period, where)
    return period


def _clock(table: Table, date: str, reading: Reading, where: str) -> str:
    """Return the column of the clock beside a column of dates, "" for none: one with a usual name, else the needed one.

    Dates that do not repeat need none: hours beside them may be those of the sunrise.
    """
    cells = table.columns[date]
    if _unit(cells) or any(":" in cell for cell in known_cells(cells)):
        return ""
    clocks = [name for name in table.columns if name != date and mostly(table.columns[name], is_clock, NEARLY)]
    clocks = clocks or _hours(table, date)
    if not clocks:
        return ""
    usual = [name for name in clocks if name.casefold() in CLOCK_NAMES]
    if reading.guess or len(usual) == 1:
        return (usual or clocks)[0]
    if not usual and _distinct([cells]):
        return ""
    needed = [name for name in usual or clocks if _distinct([cells, table.columns[name]])]
    if len(needed) == 1:
        return needed[0]
    raise _undecided("times of the day", [f"{date},{name}" for name in usual or clocks], where)


def _hours(table: Table, date: str) -> list[str]:
    """Return the columns of whole hours, called so, beside dates that repeat: 7, 07, 0730."""
    if _distinct([table.columns[date]]):
        return []
    named = [name for name in table.columns if name.casefold() in CLOCK_NAMES.union(HOUR_NAMES) and name != date]
    return [name for name in named if _are_hours(table.columns[name], table.columns[date])]


def _are_hours(cells: Sequence[str | None], dates: Sequence[str | None]) -> bool:
    """Tell whether cells are whole hours, 25 of them on a day on which the clocks go back."""
    from seqtool.data.periods import MOST_HOURS, periods_a_day  # few tables have them

    return all(map(is_hour, known_cells(cells))) or periods_a_day(dates, cells) == MOST_HOURS


def _minutes(table: Table, date: str, clock: str) -> tuple[str, ...]:
    """Return the column of minutes beside one of whole hours that repeats, () for none."""
    if not all(map(is_hour, known_cells(table.columns[clock]))):
        return ()
    names = [name for name in table.columns if name.casefold() in PIECES[4] and name not in (date, clock)]
    needed = not _distinct([table.columns[date], table.columns[clock]])
    return tuple(names[:1]) if needed else ()


def _distinct(columns: Sequence[Sequence[str | None]]) -> bool:
    rows = list(zip(*columns, strict=True))
    return len(set(rows)) == len(rows)


def _undecided(kind: str, choices: Sequence[str], where: str) -> DataError:
    import shlex  # few tables are refused

    what = f"{len(choices)} columns of {kind}, and nothing says which is the time of the rows"
    if len(choices) == 1:
        what = f"a column of {kind} beside the dates, and nothing says whether it belongs to them"
        choices = [*choices, choices[0].partition(",")[0]]
    options = " or ".join(f"--time-column {shlex.quote(printable(name))}" for name in choices[:5])
    return DataError(what, where=where, cure=options)


def _refuse_unread(table: Table, name: str, where: str) -> None:
    """Raise `DataError` unless a column that is called like time counts the steps."""
    cells = known_cells(table.columns[name])
    cell = next(iter(cells), "")
    from seqtool.data.number_columns import counts

    if not cell or counts(name, table.columns[name]):
        return
    from seqtool.data.unread_dates import unread  # few tables are refused

    raise unread(printable(name), cells, where)


def _unread(cell: str | None) -> bool:
    return is_timelike(cell) and not is_number(cell)
