"""Dates beside numbered periods of the day, such as the half hours 1 to 48: each begins at a time of the clock."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from seqtool.data.columns import known_cells
from seqtool.data.dates import parse_stamps
from seqtool.data.numbers import is_missing
from seqtool.data.reading import COUNTS, UTC, Reading
from seqtool.data.text_table import Table
from seqtool.data.time_names import called_periods
from seqtool.data.time_pieces import composed
from seqtool.errors import DataError
from seqtool.say import printable

LENGTHS = {24: "hours", 48: "half hours", 96: "quarter hours"}
MOST_HOURS = 24  # of a day: higher numbers are no hours
MOST_PERIODS = 100  # quarter hours of a day on which the clocks go back
_USUAL = ("Europe/London", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Pacific/Auckland")
_MINUTES = 1440
_DAY = np.timedelta64(86_400, "s")

Cells = Sequence[str | None]


def column_of(table: Table, date: str, known: int = 0) -> str:
    """Return the column that numbers the periods of each day from 1 on, beside a column of dates; "" for none.

    known: how many of them most days had in the training, of which a later table may have a part.
    """
    names = (name for name in table.columns if name != date and called_periods(name))
    return next((name for name in names if known or periods_a_day(table.columns[date], table.columns[name])), "")


def undecided(table: Table, date: str, period: str, where: str) -> DataError:
    """Return the error for a table whose rows are numbered periods, which may be wanted as they are or as days."""
    day = printable(_day(known_cells(table.columns[date])[0]))
    length = LENGTHS[periods_a_day(table.columns[date], table.columns[period])]
    what = f"the time stamp {day} is there more than once: '{printable(period)}' numbers the {length} of each day"
    columns = shlex.quote(printable(f"{date},{period}"))
    cure = f"--resample sum --step day, or mean, for days; --time-column {columns} for {length}"
    return DataError(what, where=where, cure=cure)


def periods_a_day(dates: Cells, periods: Cells) -> int:
    """Return how many periods most days have, 0 where the numbers are no hours or parts of them."""
    last = _last_periods(dates, periods)
    whole = [*last.values()][1:-1] or [*last.values()]  # the first and the last day may be cut off
    count = Counter(whole).most_common(1)[0][0] if whole else 0
    if any(_number(period) == 0 for period in periods):
        return 0
    if count not in COUNTS or max(whole) > count + count // 24 or any(":" in day for day in last):
        return 0
    return count if {*range(1, count + 1)} <= {*map(_whole, periods)} else 0


def count_of(name: str, dates: Cells, periods: Cells, where: str) -> int:
    """Return how many periods a day has beside whose dates a person named a column, 0 where it holds clocks.

    Hours that are never 0, and 24 on most days, are numbered, whatever the column is called; in one called like
    periods, numbers above 24 are half hours, or quarter hours above 50. Raises `DataError` for numbers from 0 on beyond
    the hours of a clock, and where nothing tells hours from parts of them.
    """
    if count := periods_a_day(dates, periods):
        return count
    numbers = {_number(period) for period in periods if not is_missing(period)}
    if _are_years(dates) or not numbers or min(numbers) < 0 or max(numbers) > MOST_PERIODS:
        return 0
    if max(numbers) > MOST_HOURS and 0 in numbers:
        what = f"column '{printable(name)}' numbers the periods of a day from 0 to {max(numbers)}"
        raise DataError(what, where=where, cure="number them from 1 on, as period 1 begins at 00:00; or write times")
    if max(numbers) > MOST_HOURS and called_periods(name):
        return next(count for count in COUNTS[1:] if max(numbers) <= count + count // 24)
    if max(numbers) > MOST_HOURS or (called_periods(name) and numbers != {*range(24)}):
        what = f"column '{printable(name)}' has the numbers {min(numbers)} to {max(numbers)}, maybe of parts of a day"
        cure = "--periods 48 for half hours from 00:00 on, --periods 96 for quarter hours"
        if max(numbers) <= MOST_HOURS:
            cure += ", --periods 24 for hours; or call the column hour where it shows clocks"
        raise DataError(what, where=where, cure=cure)
    return 0


def _are_years(dates: Cells) -> bool:
    return all(len(cell.strip().removesuffix(".0")) == 4 for cell in known_cells(dates))


def stamps_of(
    names: Sequence[str], dates: Cells, periods: Cells, count: int, reading: Reading, where: str
) -> list[str | None]:
    """Return the time stamps [T] at which periods begin, of which most days have `count`.

    A day on which the clocks change has an hour less or more: in the zone of `reading` that day is read so. Raises
    `DataError` where nothing says the zone, and for a period that its day does not have.
    """
    last = _last_periods(dates, periods)
    clocks = {day: [*range(0, _MINUTES, _MINUTES // count)] for day in last}
    if reading.timezone not in ("", UTC):
        clocks |= _of_changes(last, count, reading, names[0], where)
    elif not reading.timezone:
        _refuse_changes(last, count, reading, names, where)
    for day, period in last.items():
        if period > len(clocks[day]):
            what = f"period {period} in column '{printable(names[1])}' on {printable(day)}, a day of {len(clocks[day])}"
            raise DataError(what, where=where, cure="--timezone NAME, of the zone of the table; or leave it out")
    return [_stamp(date, period, clocks) for date, period in zip(dates, periods, strict=True)]


def stamp_alone(pieces: Sequence[str], reading: Reading) -> str:
    """Return the time stamp of a date and a period by themselves, a text that is none where the day lacks it."""
    *days, period = pieces
    date = days[0] if len(days) == 1 else composed(days) or ""
    try:
        stamps = stamps_of(("date", "period"), [date], [period], reading.periods, reading, "")
    except DataError:
        return f"{date} {period}"
    return stamps[0] or ""


def _stamp(date: str | None, period: str | None, clocks: Mapping[str, Sequence[int]]) -> str | None:
    if is_missing(date) or is_missing(period):
        return None
    day, number = _day(date), _whole(period)
    if not number:
        return f"{day} {period}"  # it is refused as no date
    hours, minutes = divmod(clocks[day][number - 1], 60)
    return f"{day} {hours:02d}:{minutes:02d}"


def _last_periods(dates: Cells, periods: Cells) -> dict[str, int]:
    """Return the highest number of each day, in the order of the days."""
    last: dict[str, int] = {}
    for date, period in zip(dates, periods, strict=True):
        if not is_missing(date) and (number := _whole(period)):
            day = _day(date)
            last[day] = max(number, last.get(day, 0))
    return last


def _whole(period: str | None) -> int:
    return max(_number(period), 0)


def _number(period: str | None) -> int:
    """Return the number of a period such as 7, 7.0 or HE07, -1 for anything else."""
    match = re.fullmatch(r"(?:HE ?)?(\d{1,3})(?:\.0)?", (period or "").strip(), re.ASCII | re.IGNORECASE)
    return int(match[1]) if match else -1


def _day(date: str | None) -> str:
    """Return a date without the midnight behind it, as `2026-01-04T00:00:00`."""
    day, _, clock = (date or "").strip().replace("T", " ", 1).rpartition(" ")
    return day if clock and not clock.strip("0:.") and ":" in clock else (date or "").strip()


def _midnights(days: Iterable[str], reading: Reading, column: str, where: str) -> dict[str, np.datetime64]:
    """Return when each day begins; days that are no dates are left out, and refused where the stamps are read."""
    listed = [*days]
    format = reading.date_format.partition("%H")[0].strip(" T")
    order, guess = reading.date_order, reading.guess
    times = parse_stamps(listed, order=order, guess=guess, format=format, column=printable(column), where=where).times
    return {day: time for day, time in zip(listed, times, strict=True) if not np.isnat(time)}


def _of_changes(days: Iterable[str], count: int, reading: Reading, column: str, where: str) -> dict[str, list[int]]:
    """Return the clocks, in minutes, of the periods of each day on which those of the zone change."""
    from seqtool.data.zones import to_local, to_utc  # few tables have a zone

    midnights = dict(sorted(_midnights(days, reading, column, where).items(), key=lambda day: day[1]))
    times = np.array([*midnights.values()], dtype="datetime64[s]")
    begins, ends = to_utc(times, reading.timezone), to_utc(np.asarray(times + _DAY), reading.timezone)
    changed = {}
    for day, begin, end in zip(midnights, begins, ends, strict=True):
        if end - begin != _DAY:
            local = to_local(np.arange(begin, end, _DAY // count), reading.timezone)
            changed[day] = [int(minute) % _MINUTES for minute in local.astype("datetime64[m]").astype(np.int64)]
    return changed


def _refuse_changes(last: Mapping[str, int], count: int, reading: Reading, names: Sequence[str], where: str) -> None:
    """Raise `DataError` where a day between others has an hour more or less than they, as clocks somewhere change."""
    between = {*[*last][1:-1]}
    other = {day: number for day, number in last.items() if number > count or day in between}
    other = {day: number for day, number in other.items() if abs(number - count) == count // 24}
    if not other:
        return
    midnights = _midnights(last, reading, names[0], where)  # all of them tell the day from the month
    if zone := _zone_of({midnights[day]: other[day] * _MINUTES // count for day in other if day in midnights}):
        day, number = next(iter(other.items()))
        what = f"{printable(day)} has {number} periods in column '{printable(names[1])}', other days {count}: "
        what += "the clocks change on it, and nothing says the zone"
        raise DataError(what, where=where, cure=f"--timezone {zone}, or the name of the table's own zone")


def _zone_of(lengths: Mapping[np.datetime64, int]) -> str:
    """Return a zone whose days have these lengths in minutes, a usual one first; "" where there is none."""
    import datetime
    import zoneinfo  # few tables have such days

    for name in (*_USUAL, *sorted(zoneinfo.available_timezones())):
        zone = zoneinfo.ZoneInfo(name)
        for midnight, length in lengths.items():
            day: datetime.datetime = midnight.astype("datetime64[s]").item()
            begin, end = ((day + datetime.timedelta(days)).replace(tzinfo=zone).timestamp() for days in (0, 1))
            if end - begin != length * 60:
                break
        else:
            return name
    return ""
