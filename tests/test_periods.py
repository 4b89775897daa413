"""Dates beside numbered half hours, hours or quarter hours: each period begins at a time of the clock."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError
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
