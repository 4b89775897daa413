"""Grids of time stamps: steps of days, months and open hours, against pandas' offsets."""

from __future__ import annotations

import datetime
import json
import math

import numpy as np
import pandas
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from seqtool.data.clean import clean
from seqtool.data.grid import Grid
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.regular import grid_of, regular
from seqtool.errors import DataError
from seqtool.families.forecasting.history import from_table

TWO_HOURS = datetime.timedelta(hours=2)
WEEKENDS = Grid(seconds=86_400, open=((0, 5),))
OFFSETS = {
    "MS": "monthly, month start", "ME": "monthly, month end", "QS": "quarterly, month start",
    "QE-NOV": "quarterly, month end", "YS-APR": "yearly, month start", "YE": "yearly, month end",
    "D": "daily", "h": "hourly", "W-WED": "weekly", "15min": "every 15 minutes", "B": "daily, Monday to Friday",
    "7h": "every 7 hours", "C": "daily, Sunday to Thursday", "M": "daily, Monday, Wednesday, Friday",
    "BME": "monthly, last working day", "BQS": "quarterly, first working day",
}  # fmt: skip


def stamps(offset: str, start: pandas.Timestamp, count: int) -> np.ndarray:
    masks = {"C": "Sun Mon Tue Wed Thu", "M": "Mon Wed Fri"}
    step = pandas.offsets.CustomBusinessDay(weekmask=masks[offset]) if offset in masks else offset
    return pandas.date_range(start, periods=count, freq=step, unit="s").to_numpy().astype("datetime64[s]")


@settings(max_examples=200, deadline=None)
@given(
    offset=st.sampled_from(sorted(OFFSETS)),
    start=st.datetimes(pandas.Timestamp(1800, 1, 1).to_pydatetime(), pandas.Timestamp(2200, 1, 1).to_pydatetime()),
    count=st.integers(24, 80),
    newest_first=st.booleans(),
    gaps=st.lists(st.integers(1, 20), max_size=3, unique=True),
)
def test_a_calendar_of_pandas_is_found_and_goes_on_as_there(offset, start, count, newest_first, gaps):
    begin = pandas.Timestamp(start).floor("D" if offset not in ("h", "15min", "7h") else "s")
    times = stamps(offset, begin, count + 40)
    kept = np.delete(np.arange(count), gaps)
    order = slice(None, None, -1 if newest_first else 1)
    read, values, grid, _ = regular(times[kept][order], np.arange(count, dtype=float)[kept][order][:, None])
    assert read.tolist() == times[:count].tolist()
    assert grid.after(read[-1], 40).tolist() == times[count:].tolist()
    assert np.flatnonzero(np.isnan(values[:, 0])).tolist() == sorted(gaps)
    assert Grid.from_json(json.loads(json.dumps(grid.to_json()))) == grid
    assert grid.places(read).tolist() == list(range(grid.places(read)[0], grid.places(read)[0] + count))


SPELLED = {
    # how stamps are written, and for which offsets: with a clock, of days, of months
    "%Y-%m-%dT%H:%M:%S": "all", "%Y/%m/%d %H:%M": "all", "%d.%m.%Y %H:%M": "all", "%d %b %Y %I:%M %p": "all",
    "%Y-%m-%d %H:%M:%S+02:00": "hours", "%Y-%m-%d": "days", "%d.%m.%Y": "days", "%B %d, %Y": "days",
    "%a, %d %b %Y": "days", "%Y%m%d": "days", "%G-W%V-%u": "days", "%Y-%m": "months", "%b %Y": "months",
    "%B %Y": "months", "%YM%m": "months",
}  # fmt: skip
KINDS = {"hours": ("h", "15min", "7h"), "months": ("MS", "QS", "YS-APR")}


def calendar_round_trip(offset: str, spelled: str, start: datetime.datetime, count: int, newest_first: bool) -> None:
    """Write the stamps of a calendar of pandas, read them as a table, and continue it: all are those of pandas."""
    kind = SPELLED[spelled]
    fits = offset in KINDS[kind] if kind in KINDS else kind == "all" or offset not in KINDS["hours"]
    assume(fits and (spelled != "%Y%m%d" or 1900 < start.year < 2000))
    assume(kind != "months" or 1510 < start.year < 2100 - 60)  # else they are no likely months
    begin = pandas.Timestamp(start).as_unit("s").floor("D" if offset not in KINDS["hours"] else "h")
    times = stamps(offset, begin, count + 30).tolist()
    # Of years below 1000 strftime leaves out noughts, and a Gregorian weekday of year 1 is none of pandas' business.
    written = [time.strftime(spelled.replace("%Y", f"{time.year:04d}").replace("%G", f"{time.isocalendar()[0]:04d}"))
               for time in times[:count]]  # fmt: skip
    rows = [f'"{cell}",{place % 17}.25\n' for place, cell in enumerate(written)]
    series = clean(parse_table("when,y\n" + "".join(rows[::-1] if newest_first else rows)))
    assert series.times.tolist() == [time - TWO_HOURS * ("+02:00" in spelled) for time in times[:count]]
    assert series.grid.local(series.grid.after(series.times[-1], 30)).tolist() == times[count:]


ROUND_TRIP = given(
    offset=st.sampled_from(sorted(OFFSETS)),
    spelled=st.sampled_from(sorted(SPELLED)),
    start=st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9800, 1, 1)),
    count=st.integers(30, 60),
    newest_first=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@ROUND_TRIP
def test_a_calendar_in_any_spelling_comes_back_and_goes_on(offset, spelled, start, count, newest_first):
    calendar_round_trip(offset, spelled, start, count, newest_first)


@pytest.mark.long
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@ROUND_TRIP
def test_two_thousand_calendars_come_back_and_go_on(offset, spelled, start, count, newest_first):
    calendar_round_trip(offset, spelled, start, count, newest_first)


def test_days_of_the_month_and_leap_years():
    on_30 = np.array(["2023-12-30", "2024-01-30", "2024-02-29", "2024-03-30"], dtype="datetime64[s]")
    grid = grid_of(on_30)
    assert str(grid) == "monthly, on day 30 of the month"
    assert grid.after(on_30[-1], 11)[-1] == np.datetime64("2025-02-28")
    leap = np.array(["2016-02-29", "2020-02-29", "2024-02-29"], dtype="datetime64[s]")
    assert grid_of(leap).after(leap[-1], 1)[0] == np.datetime64("2028-02-29")


@pytest.mark.parametrize(("grid", "words"), [
    (Grid(seconds=86_400, open=((0, 6),)), "daily, Monday to Saturday"),
    (Grid(seconds=1800, open=((18, 32), (66, 80))), "every 30 minutes, 2 days a week: Monday, Tuesday"),
    (Grid(months=6, day=15), "every 6 months, on day 15 of the month"),
])  # fmt: skip
def test_a_grid_in_words(grid, words):
    assert str(grid) == words


def test_seasons_follow_the_calendar():
    assert WEEKENDS.seasons() == [1, 5, 261]
    assert Grid(months=1).seasons() == [12]
    assert Grid(months=3).seasons() == [4]
    assert Grid(months=12).seasons() == []
    assert Grid(seconds=300).seasons() == [288, 2016, 105190]
    market = Grid(seconds=1800, open=tuple((day * 48 + 18, day * 48 + 32) for day in range(6)))
    assert market.seasons()[:2] == [14, 84]


MARKET = Grid(seconds=1800, open=tuple((day * 48 + 18, day * 48 + 32) for day in range(6)))
UNEVEN = Grid(seconds=3600, open=((9, 17), (33, 37)))


@pytest.mark.parametrize(("grid", "day", "week", "year"), [
    (Grid(seconds=900), 96, 672, 35063),
    (Grid(seconds=86_400), 0, 7, 365),
    (Grid(seconds=7 * 86_400), 0, 0, 52),
    (Grid(seconds=5 * 3600), 0, 0, 1753),
    (Grid(months=1), 0, 0, 12),
    (Grid(months=3), 0, 0, 4),
    (Grid(months=5), 0, 0, 0),
    (Grid(months=12), 0, 0, 0),
    (WEEKENDS, 0, 5, 261),
    (MARKET, 14, 84, 4383),
    (UNEVEN, 6, 12, 626),
])  # fmt: skip
def test_a_day_a_week_and_a_year_in_steps(grid, day, week, year):
    assert [grid.cycle(name) for name in ("day", "week", "year")] == [day, week, year]


def text(times: np.ndarray) -> str:
    return "date,y\n" + "".join(f"{time},{10 + math.sin(n):.2f}\n" for n, time in enumerate(times))


TRADING = stamps("B", pandas.Timestamp(2021, 1, 4), 200)


def test_closed_days_are_no_missing_values_and_holidays_are():
    series = clean(parse_table(text(np.delete(TRADING, [30, 90]))))
    assert series.grid == WEEKENDS
    assert int(np.isnan(series.values).sum()) == 2
    assert series.future(3) == ["2021-10-11", "2021-10-12", "2021-10-13"]


def test_open_hours_are_those_of_the_table():
    hours = pandas.date_range("2021-01-04 09:00", periods=24 * 2 * 60, freq="30min")
    hours = hours[(hours.day_of_week < 6) & (hours.hour >= 9) & (hours.hour < 16)].to_numpy().astype("datetime64[s]")
    series = clean(parse_table(text(hours)))
    assert not np.isnan(series.values).any()
    friday = np.datetime64("2021-03-05T15:30:00")
    assert series.grid.after(friday, 2).tolist() == [
        np.datetime64("2021-03-06T09:00:00").item(), np.datetime64("2021-03-06T09:30:00").item(),
    ]  # fmt: skip


def test_a_single_saturday_is_refused_and_many_are_open():
    one = np.sort(np.append(TRADING, np.datetime64("2021-05-08")))
    with pytest.raises(DataError, match="the time stamp 2021-05-08, a Saturday, stands where hardly ever"):
        clean(parse_table(text(one)))
    saturdays = TRADING[0] + np.arange(5, 200, 21) * np.timedelta64(86_400, "s")
    assert clean(parse_table(text(np.sort(np.append(TRADING, saturdays))))).grid.open == ((0, 6),)


def test_random_gaps_close_nothing():
    dice = np.random.default_rng(0)
    days = stamps("D", pandas.Timestamp(2021, 1, 4), 120)
    kept = days[np.sort(dice.choice(120, 80, replace=False))]
    assert grid_of(kept).open == ()


def test_a_later_table_stands_on_the_grid_of_the_model():
    short = parse_table(text(stamps("B", pandas.Timestamp(2022, 3, 4), 5)))
    series = from_table(short, ("y",), {}, Reading(), "", WEEKENDS)
    assert (series.grid, len(series.values)) == (WEEKENDS, 5)
    with pytest.raises(DataError, match="2022-03-05, a Saturday, is where the training had no rows"):
        from_table(parse_table(text(stamps("D", pandas.Timestamp(2022, 3, 4), 5))), ("y",), {}, Reading(), "", WEEKENDS)
    row = from_table(parse_table("date,y\n2022-03-04,1\n"), ("y",), {}, Reading(), "", WEEKENDS)
    assert row.future(2) == ["2022-03-07", "2022-03-08"]
    ends = from_table(parse_table("date,y\n2022-01-31,1\n2022-02-28,2\n"), ("y",), {}, Reading(), "", Grid(months=1))
    assert ends.future(2) == ["2022-03-31", "2022-04-30"]


@pytest.mark.parametrize("stored", [
    {}, {"seconds": 0}, {"seconds": 60, "months": 1}, {"seconds": "60"}, {"seconds": True}, {"months": 1, "day": 32},
    {"seconds": 86_400, "open": [[5, 3]]}, {"seconds": 86_400, "open": [[0, 8]]},
    {"seconds": 86_400, "open": [[0.5, 2]]},
    {"seconds": -60}, {"seconds": 86_400, "open": 5}, {"seconds": 0, "months": 0, "day": 1},
])  # fmt: skip
def test_a_damaged_grid_is_refused(stored):
    with pytest.raises((TypeError, ValueError)):
        Grid.from_json(stored)
