"""Longer steps out of shorter ones, against pandas."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.history import from_table

RULES = {"day": "D", "week": "W-SUN", "month": "MS", "quarter": "QS", "hour": "h"}


def table(index: pandas.DatetimeIndex, values: np.ndarray):
    rows = "".join(
        f"{time.isoformat()},{'' if np.isnan(value) else value}\n" for time, value in zip(index, values, strict=True)
    )
    return parse_table("time,y\n" + rows)


@pytest.mark.parametrize("how", ["mean", "sum", "last"])
@pytest.mark.parametrize(("step", "every", "count"), [
    ("hour", "15min", 400), ("day", "h", 24 * 30), ("week", "D", 140), ("month", "D", 430), ("quarter", "MS", 36),
])  # fmt: skip
def test_steps_are_those_of_pandas(how, step, every, count):
    index = pandas.date_range("2023-01-02" if step == "week" else "2023-01-01", periods=count, freq=every)
    values = np.random.default_rng(0).normal(size=count).round(6)
    values[5:8] = np.nan
    series = clean(table(index, values), reading=Reading(resample=how, step=step))
    resampled = pandas.Series(values, index).resample(RULES[step])
    wanted = resampled.sum(min_count=1) if how == "sum" else getattr(resampled, how)()
    whole = len(series.values)
    np.testing.assert_allclose(series.values[:, 0], wanted.to_numpy()[:whole], atol=1e-9)
    assert len(wanted) - whole == (step == "month")  # 430 days end inside of a month
    assert (series.reading.resample, series.reading.step) == (how, step)


def test_events_at_any_time_become_days_and_a_later_table_is_read_alike():
    times = pandas.DatetimeIndex(["2023-01-01 00:10", "2023-01-01 17:03", "2023-01-03 08:00", "2023-01-03 08:00",
                                  "2023-01-03 23:50"])  # fmt: skip
    series = clean(table(times, np.array([1.0, 2, 3, 4, 5])), reading=Reading(resample="sum", step="day"))
    np.testing.assert_array_equal(series.values[:, 0], [3, 0, 12])
    assert series.stamps() == ["2023-01-01", "2023-01-02", "2023-01-03"]
    later = table(times + pandas.Timedelta(days=7), np.array([1.0, 2, 3, 4, 6]))
    assert from_table(later, ("y",), {}, series.reading, "", series.grid).values[-1].tolist() == [13]


def test_working_days_of_hours_are_working_days():
    hours = pandas.date_range("2023-01-02", periods=24 * 70, freq="h")
    hours = hours[hours.day_of_week < 5]
    series = clean(table(hours, np.arange(len(hours), dtype=float)), reading=Reading(resample="mean", step="day"))
    assert (str(series.grid), series.future(1)) == ("daily, Monday to Friday", ["2023-03-13"])


def test_steps_that_the_table_does_not_hold_whole_are_left_out_and_said():
    index = pandas.date_range("2023-01-15", "2023-04-10")
    series = clean(table(index, np.arange(len(index), dtype=float)), reading=Reading(resample="sum", step="month"))
    assert series.stamps() == ["2023-02-01", "2023-03-01"]
    assert "the first or last month has not all its rows: left out" in [finding.text for finding in series.findings]


def test_a_step_of_which_none_is_whole_is_refused():
    index = pandas.date_range("2023-01-15", periods=60)
    with pytest.raises(DataError, match="no year is whole") as caught:
        clean(table(index, np.arange(60.0)), reading=Reading(resample="mean", step="year"))
    assert "--step" in caught.value.cure


def test_days_that_holidays_move_become_months():
    days = pandas.date_range("2020-01-31", periods=30, freq="BME").to_list()
    days[3] += pandas.Timedelta(days=-2)
    series = clean(table(pandas.DatetimeIndex(days), np.arange(30.0)), reading=Reading(resample="last", step="month"))
    assert (series.values[:, 0].tolist(), series.future(1)) == ([*range(30)], ["2022-07-01"])


def test_the_last_open_hour_ends_a_day_and_the_last_working_day_a_month():
    hours = pandas.date_range("2018-01-01", periods=24 * 84, freq="h")
    hours = hours[(hours.day_of_week < 5) & (hours.hour >= 9) & (hours.hour < 17)]
    series = clean(table(hours, np.arange(len(hours), dtype=float)), reading=Reading(resample="last", step="day"))
    assert len(series.values) == 60
    days = pandas.bdate_range("2018-01-01", "2018-06-29")
    series = clean(table(days, np.arange(len(days), dtype=float)), reading=Reading(resample="sum", step="month"))
    assert series.stamps()[-1] == "2018-06-01"


@pytest.mark.parametrize(("settings", "cure"), [({"resample": "mean"}, "--step"), ({"step": "day"}, "--resample")])
def test_one_of_the_two_options_alone_is_refused(settings, cure):
    with pytest.raises(UsageError) as caught:
        Reading.of(ForecastingConfig(**settings))
    assert cure in caught.value.cure


def sales(days: int, seed: int = 3) -> tuple[pandas.DatetimeIndex, np.ndarray]:
    """Return a few sales a day at any time; on some days there is none."""
    random = np.random.default_rng(seed)
    minutes = np.sort(random.choice(days * 1440, 2 * days, replace=False))
    return pandas.Timestamp("2023-01-02") + pandas.to_timedelta(minutes, unit="min"), random.integers(1, 9, 2 * days)


def test_the_sum_of_a_day_without_events_is_0_as_in_pandas():
    index, values = sales(120)
    series = clean(table(index, values.astype(float)), reading=Reading(resample="sum", step="day"))
    wanted = pandas.Series(values, index).resample("D").sum().loc[series.stamps()[0] : series.stamps()[-1]]
    np.testing.assert_array_equal(series.values[:, 0], wanted.to_numpy())
    empty = int((wanted == 0).sum())
    text = next(finding.text for finding in series.findings if finding.code == "empty-steps")
    assert text == f"{empty} steps without a row have the sum 0: the rows are events, without a regular step"


@pytest.mark.parametrize("how", ["mean", "last"])
def test_a_day_without_events_has_no_mean(how):
    index, values = sales(60)
    series = clean(table(index, values.astype(float)), reading=Reading(resample=how, step="day"))
    assert np.isnan(series.values).any()


def test_the_sum_of_a_day_that_is_missing_from_a_regular_table_is_missing():
    hours = pandas.date_range("2023-01-01", periods=24 * 20, freq="h")
    hours = hours[hours.day != 7]
    series = clean(table(hours, np.ones(len(hours))), reading=Reading(resample="sum", step="day"), for_training=False)
    assert np.isnan(series.values[6, 0])
    assert (series.values[7, 0], len(series.values)) == (24, 20)


def test_a_later_table_is_of_events_as_that_of_the_training_was():
    series = clean(table(*sales(60)), reading=Reading(resample="sum", step="day"))
    kept = Reading.from_json(series.reading.to_json())
    days = pandas.DatetimeIndex(["2023-05-01 08:00", "2023-05-02 08:00", "2023-05-04 08:00", "2023-05-05 08:00"])
    later = from_table(table(days, np.array([1.0, 2, 4, 5])), ("y",), {}, kept, "", series.grid)
    assert later.values[:, 0].tolist() == [1, 2, 0, 4, 5]


@pytest.mark.parametrize("form", ["{0},{1}", "{0},{2}"])
def test_the_last_hour_of_a_day_that_is_written_with_its_date_belongs_to_it(form):
    days = [f"2024-01-{day:02d}" for day in range(1, 31)]
    rows = [form.format(day, hour, f"{hour % 24}:00") + f",{number}\n" for number, day in enumerate(days)
            for hour in range(1, 25)]  # fmt: skip
    text = "Date,Hour,kWh\n" + "".join(rows)
    one = clean(parse_table(text), columns=("kWh",), reading=Reading(resample="sum", step="day"))
    assert (one.stamps(), one.values[:, 0].tolist()) == (days, [24 * number for number in range(30)])
