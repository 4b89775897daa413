"""Dates beside numbered half hours, hours or quarter hours: each period begins at a time of the clock."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.history import from_table

LONDON = zoneinfo.ZoneInfo("Europe/London")


def rows(first: str, days: int, count: int, changes: dict[str, int] | None = None) -> list[str]:
    """Return lines of date, period and value; `changes` says how many periods some days have."""
    start, lines = datetime.date.fromisoformat(first), []
    for day in (start + datetime.timedelta(place) for place in range(days)):
        for period in range(1, (changes or {}).get(str(day), count) + 1):
            lines.append(f"{day},{period},{1000 + len(lines)}.5")
    return lines


def read(table, **options):
    """Read a table of which the first column is the date, the second numbers its periods."""
    return clean(table, reading=Reading(time=tuple(table.columns)[:2], **options))


def table(lines: list[str], header: str = "SETTLEMENT_DATE,SETTLEMENT_PERIOD,ND"):
    return parse_table("\n".join([header, *lines]) + "\n")


@pytest.mark.parametrize("count", [24, 48, 96])
@pytest.mark.parametrize("header", ["SETTLEMENT_DATE,SP,ND", "date,period,load", "Datum,Viertelstunde,Last"])
def test_periods_of_the_day_begin_at_midnight(count, header):
    periods = table(rows("2024-03-01", 9, count), header)
    with pytest.raises(DataError, match="the time stamp 2024-03-01 is there more than once") as refused:
        clean(periods)
    columns = ",".join(header.split(",")[:2])
    cures = ("--resample sum --step day, or mean, for days", f"--time-column {columns} for ")
    assert [cure in refused.value.cure for cure in cures] == [True, True]
    days = clean(periods, reading=Reading(resample="sum", step="day"))
    assert (str(days.grid), len(days.values), days.values[0, 0]) == ("daily", 9, sum(range(count)) + 1000.5 * count)
    series = read(periods)
    assert (series.times == np.datetime64("2024-03-01", "s") + np.arange(9 * count) * (86_400 // count)).all()
    assert series.columns == (header.split(",")[2],)
    assert [finding.code for finding in series.findings if finding.code == "periods"]
    assert series.reading.periods == count


@pytest.mark.parametrize("clock", ["T00:00:00", " 00:00"])
def test_midnights_behind_the_dates_change_nothing(clock):
    lines = [line.replace(",", f"{clock},", 1) for line in rows("2024-03-01", 9, 48)]
    assert str(read(table(lines)).times[1]) == "2024-03-01T00:30:00"


@pytest.mark.parametrize(("day", "count"), [("2024-03-31", 46), ("2024-10-27", 50)])
def test_days_on_which_the_clocks_change_need_the_zone(day, count):
    first = str(datetime.date.fromisoformat(day) - datetime.timedelta(3))
    lines = rows(first, 9, 48, {day: count})
    with pytest.raises(DataError, match=f"{day} has {count} periods") as refused:
        read(table(lines))
    assert "--timezone Europe/London" in refused.value.cure
    series = read(table(lines), timezone="Europe/London")
    begin = datetime.datetime.fromisoformat(first).replace(tzinfo=LONDON).astimezone(datetime.UTC)
    stamps = np.datetime64(begin.replace(tzinfo=None), "s") + np.arange(len(lines)) * np.timedelta64(30, "m")
    assert (series.times == stamps).all()
    assert not np.isnan(series.values).any()


def test_a_zone_whose_days_have_no_such_period_is_refused():
    lines = rows("2024-10-24", 9, 48, {"2024-10-27": 50})
    with pytest.raises(DataError, match="period 50 in column 'SETTLEMENT_PERIOD' on 2024-10-27, a day of 48"):
        read(table(lines), timezone="Asia/Tokyo")


def test_a_short_day_on_which_no_clock_changes_has_missing_rows():
    series = read(table(rows("2024-05-01", 9, 48, {"2024-05-07": 46})))
    assert np.flatnonzero(np.isnan(series.values[:, 0])).tolist() == [6 * 48 + 46, 6 * 48 + 47]


def test_a_later_table_of_a_few_rows_is_read_by_the_periods_of_the_training():
    trained = read(table(rows("2024-03-01", 9, 48)))
    later = from_table(
        table(rows("2024-03-10", 1, 48)[30:40]), ("ND",), {}, Reading.from_json(trained.reading.to_json()), "x",
        trained.grid,
    )  # fmt: skip
    assert [str(later.times[0]), str(later.times[-1])] == ["2024-03-10T15:00:00", "2024-03-10T19:30:00"]


def test_numbers_called_otherwise_are_asked_about_and_both_cures_work():
    lines = rows("2024-03-01", 9, 48)
    with pytest.raises(DataError) as refused:
        clean(table(lines, "date,slot,name"), columns=("name",))
    assert refused.value.cure.startswith("--time-column date,slot where these are hours; --id-column slot")
    series = clean(table(lines, "date,slot,name"), columns=("name",), reading=Reading(time=("date", "slot")))
    assert str(series.times[-1]) == "2024-03-09T23:30:00"
    assert len(clean(table(lines, "date,slot,name"), id_column=("slot",)).columns) == 48


def test_periods_of_several_regions():
    lines = [f"{line}{place},{name}" for line in rows("2024-03-01", 9, 48) for place, name in enumerate(("n", "s"))]
    named = table(lines, "date,period,load,region")
    with pytest.raises(DataError) as refused:
        clean(named)
    assert refused.value.cure.endswith("--time-column date,period for half hours")
    with pytest.raises(DataError) as refused:
        read(named)
    assert refused.value.cure == "--id-column region"
    series = clean(named, id_column=("region",), reading=Reading(time=("date", "period")))
    assert len(series.values) == 9 * 48
    assert str(series.times[-1]) == "2024-03-09T23:30:00"


def test_a_later_long_table_needs_no_option():
    lines = [f"{line}{place},{name}" for line in rows("2024-03-01", 9, 48) for place, name in enumerate(("n", "s"))]
    how = Reading(time=("date", "period"))
    trained = clean(table(lines, "date,period,load,region"), id_column=("region",), reading=how)
    later = from_table(
        table(lines[-40:], "date,period,load,region"), ("n", "s"), {"id_column": "region"}, trained.reading, "x",
        trained.grid,
    )  # fmt: skip
    assert [str(later.times[0]), str(later.times[-1])] == ["2024-03-09T14:00:00", "2024-03-09T23:30:00"]


def test_half_hours_that_are_no_numbers_of_periods_stay_values():
    lines = [f"2024-03-{day:02d},{day % 5 + 1},{day * 7 % 11}.5" for day in range(1, 29)]
    series = clean(table(lines, "date,interval,load"), columns=("load",))
    assert len(series.values) == 28
    assert series.reading.periods == 0


def hours_of(start, days, zone=LONDON):
    """Return lines of date, number of the hour of that day, and a counter, as exchanges publish prices."""
    begin = datetime.datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(datetime.UTC)
    last, lines = {}, []
    for hour in range(24 * days + 2):
        day = (begin + datetime.timedelta(hours=hour)).astimezone(zone).date()
        last[day] = last.get(day, 0) + 1
        lines.append(f"{day},{last[day]},{hour}")
    return [line for line in lines if line[:10] != max(map(str, last))]


@pytest.mark.parametrize("start", ["2024-03-28", "2024-10-24"])
@pytest.mark.parametrize("name", ["hour", "hora", "Hour Ending", "HE"])
def test_hours_from_1_to_24_are_numbered_through_a_change_of_clocks(start, name):
    lines = hours_of(start, 9)
    how = Reading(time=("date", name)) if name in ("Hour Ending", "HE") else Reading()
    with pytest.raises(DataError, match="the clocks change on it") as refused:
        clean(table(lines, f"date,{name},y"), reading=how)
    assert refused.value.cure.startswith("--timezone Europe/London")
    series = clean(table(lines, f"date,{name},y"), reading=dataclasses.replace(how, timezone="Europe/London"))
    assert series.values[:, 0].tolist() == [*range(len(lines))]
    parted = [line.replace("-", ",", 2) for line in lines]
    series = clean(table(parted, "year,month,day,hour,y"), reading=Reading(timezone="Europe/London"))
    assert series.values[:, 0].tolist() == [*range(len(lines))]
    assert series.reading.periods == 24


def test_hours_from_0_on_stay_those_of_the_clock():
    lines = [f"2024-03-{1 + hour // 24:02d},{hour % 24},{hour}" for hour in range(96)]
    for name in ("hour", "period"):
        series = clean(table(lines, f"date,{name},y"), reading=Reading(time=("date", name)))
        assert (str(series.times[1]), series.reading.periods) == ("2024-03-01T01:00:00", 0)


@pytest.mark.parametrize(("first", "last", "step"), [(15, 39, 30), (31, 46, 30), (30, 70, 15)])
def test_numbers_above_24_are_parts_of_hours(first, last, step):
    lines = [f"2024-03-{day:02d},{number},{day}" for day in range(1, 32) for number in range(first, last + 1)]
    series = read(table(lines, "date,period,y"))
    assert str(series.times[0]) == str(np.datetime64("2024-03-01T00:00:00") + np.timedelta64((first - 1) * step, "m"))


@pytest.mark.parametrize(("first", "last"), [(7, 22), (1, 8)])
def test_low_numbers_of_periods_are_asked_about(first, last):
    lines = [f"2024-03-{day:02d},{number},{day}" for day in range(1, 32) for number in range(first, last + 1)]
    with pytest.raises(DataError, match=f"numbers {first} to {last}") as refused:
        read(table(lines, "date,period,y"))
    for count in (24, 48, 96):
        assert f"--periods {count}" in refused.value.cure
        series = read(table(lines, "date,period,y"), periods=count)
        minutes = np.timedelta64((first - 1) * 1440 // count, "m")
        assert str(series.times[0]) == str(np.datetime64("2024-03-01T00:00:00") + minutes)
    with pytest.raises(UsageError, match="no day has 30 periods"):
        Reading.of(ForecastingConfig(periods=30))


def test_periods_from_0_on_are_refused_in_words():
    lines = [f"2024-03-{day:02d},{number},{day}" for day in range(1, 9) for number in range(48)]
    with pytest.raises(DataError, match="from 0 to 47"):
        read(table(lines, "date,period,y"))


def test_hours_with_letters_in_front():
    lines = [f"2024-03-{day:02d},HE{number:02d},{day}" for day in range(1, 9) for number in range(1, 25)]
    with pytest.raises(DataError) as refused:
        clean(table(lines, "Date,HE,y"))
    assert refused.value.cure.startswith("--time-column Date,HE where these are hours")
    assert str(read(table(lines, "Date,HE,y")).times[-1]) == "2024-03-08T23:00:00"
