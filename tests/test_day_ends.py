"""Midnights with the date of the day that they end."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars
import pytest

from seqtool.data.clean import clean
from seqtool.data.day_ends import with_ends
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.tables import read_parquet
from seqtool.families.forecasting.history import from_table

HOURS = np.datetime64("2023-05-02T01:00", "s") + np.arange(75) * np.timedelta64(3600, "s")


def of_their_day(times):
    """Write each midnight with the date of the day before."""
    midnight = times == times.astype("datetime64[D]")
    return times - midnight * np.timedelta64(86_400, "s")


def table(times) -> str:
    rows = (f"{str(time).replace('T', ' ')},{place}" for place, time in enumerate(times))
    return "\n".join(["end,load", *rows]) + "\n"


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("minutes", [15, 60])
def test_they_are_read_as_24_o_clock_of_that_day(newest_first, minutes):
    times = HOURS[0] + np.arange(300) * np.timedelta64(minutes, "m")
    written = of_their_day(times)[:: -1 if newest_first else 1]
    one = clean(parse_table(table(written)))
    assert (one.times == times).all()
    assert one.values[:, 0].tolist() == list(range(300))[:: -1 if newest_first else 1]
    text = next(finding.text for finding in one.findings if finding.code == "day-ends")
    assert (
        text == "midnights follow the last row of their date, the first 2023-05-02T00:00:00: read as 24:00 of that day"
    )
    assert "out-of-order" not in {finding.code for finding in one.findings}


def test_noon_and_midnight_of_each_day():
    halves = np.datetime64("2023-05-01T12:00", "s") + np.arange(30) * np.timedelta64(12, "h")
    assert (clean(parse_table(table(of_their_day(halves)))).times == halves).all()
    assert (clean(parse_table(table(halves[1:]))).times == halves[1:]).all()


def test_two_series_of_one_stamp_are_moved_together():
    both = np.repeat(of_their_day(HOURS), 2)
    assert (with_ends(both, [])[0] == np.repeat(HOURS, 2)).all()


@pytest.mark.parametrize("times", [
    HOURS, HOURS[::-1], np.concatenate([HOURS[30:], HOURS[:30]]), HOURS[[*range(24), 40, *range(24, 40)]],
    np.concatenate([of_their_day(HOURS)[:30], HOURS[30:]]), HOURS[::24] - np.timedelta64(3600, "s"),
    HOURS[-1:0:-1][2:24], HOURS[45:22:-1],
], ids=["usual", "newest first", "two parts", "one row", "both", "days", "a day back", "to midnight"])  # fmt: skip
def test_other_midnights_stay(times):
    assert (with_ends(times, [""] * len(times))[0] == times).all()


def test_rows_out_of_order_in_many_places_are_warned_of():
    order = np.concatenate([np.arange(start, start + 5) for start in (20, 0, 10, 5, 15, 30, 25, 40, 35)])
    levels = [
        next(
            finding.level
            for finding in clean(parse_table(table(HOURS[places]))).findings
            if finding.code == "out-of-order"
        )
        for places in (order[:20], np.random.default_rng(4).permutation(45))
    ]
    assert levels == ["note", "warning"]


def test_a_missing_row_before_a_midnight_changes_nothing_of_the_others():
    kept = np.delete(HOURS, [22, 40])
    one = clean(parse_table(table(of_their_day(kept))))
    assert (one.times == HOURS).all()
    assert np.flatnonzero(np.isnan(one.values[:, 0])).tolist() == [22, 40]


def test_through_the_hour_that_comes_twice_in_autumn():
    instants = np.datetime64("2024-10-25T22:15", "s") + np.arange(400) * np.timedelta64(15, "m")
    local = instants + np.where(instants < np.datetime64("2024-10-27T01:00"), 2, 1) * np.timedelta64(1, "h")
    one = clean(parse_table(table(of_their_day(local))), reading=Reading(timezone="Europe/Berlin"))
    assert (one.times == instants).all()


def test_series_below_each_other():
    rows = table(of_their_day(HOURS)).splitlines()[1:]
    text = "".join(f"{row},{name}\n" for name in "ab" for row in rows)
    one = clean(parse_table("end,load,meter\n" + text), id_column=("meter",))
    assert (one.times == HOURS).all()
    assert one.values[:, 1].tolist() == list(range(75))
    assert one.reading.day_end == "00:00"
    later = clean(parse_table("end,load,meter\n2023-05-06,7,a\n2023-05-06,8,b\n"), id_column=("meter",),
                  reading=one.reading, known=one.grid, for_training=False)  # fmt: skip
    assert later.stamps() == ["2023-05-07T00:00:00"]


def test_the_model_reads_later_rows_alike_even_where_they_show_nothing():
    trained = clean(parse_table(table(of_their_day(HOURS))))
    kept = Reading.from_json(trained.reading.to_json())
    assert kept.day_end == "00:00"
    rows = "2023-05-05 22:00,1\n2023-05-05 23:00,2\n2023-05-05 00:00,3\n"
    for text, first in ((rows, 22), (rows.split("\n", 2)[2], 24)):
        later = from_table(parse_table(f"end,load\n{text}"), ("load",), {}, kept, "", trained.grid)
        start = np.datetime64("2023-05-05", "s") + np.timedelta64(first, "h")
        assert (later.times == start + np.arange(len(later.times)) * np.timedelta64(1, "h")).all()
        assert later.values[-1, 0] == 3
    usual = from_table(parse_table(table(HOURS)), ("load",), {}, kept, "", trained.grid)
    assert (usual.times == HOURS).all()
    with pytest.raises(ValueError, match="says nothing of day_end"):
        Reading.from_json({"day_end": "24"})


def in_blocks(times):
    """Return times by date, the newest first, the rows of a date as they were."""
    days = times.astype("datetime64[D]")
    return np.concatenate([times[days == day] for day in np.unique(days)[::-1]])


@pytest.mark.parametrize("minutes", [15, 60, 480, 720])
def test_midnights_in_front_of_their_date_stay_where_days_come_newest_first(minutes):
    times = np.datetime64("2024-01-01", "s") + np.arange(10 * 1440 // minutes) * np.timedelta64(minutes, "m")
    for written in (in_blocks(times), in_blocks(times[3:-5])):
        one = clean(parse_table(table(written)))
        assert (one.times == np.sort(written)).all()
        assert (written[one.values[:, 0].astype(int)] == one.times).all()
        assert one.reading.day_end == "begins"


def test_midnights_behind_their_date_move_in_whatever_order_the_days_come():
    days = in_blocks(of_their_day(HOURS))
    shuffled = np.concatenate([days[24:48], days[48:], days[:24]])
    for written in (days, shuffled):
        ends = written == written.astype("datetime64[D]")
        assert (with_ends(written, [""] * len(written))[0] == written + ends * np.timedelta64(1, "D")).all()


@pytest.mark.parametrize("rows", [2, 3, 4, 24])
def test_midnights_stay_in_days_and_rows_of_any_order(rows):
    random = np.random.default_rng(rows)
    days = np.datetime64("2024-01-01", "s") + np.arange(20) * np.timedelta64(86_400, "s")
    hours = np.arange(rows) * np.timedelta64(86_400 // rows, "s")
    for _ in range(20):
        by_day = (random.permutation(days)[:, None] + hours).ravel()
        for times in (by_day, random.permutation(by_day)):
            assert (with_ends(times, [""] * len(times))[0] == times).all()


@pytest.mark.parametrize("mark", ["Z", "+01:00", "epoch"])
def test_the_midnights_of_instants_stay(mark):
    stamps = of_their_day(HOURS + np.timedelta64(23, "h"))
    cells = [str(time.astype(np.int64)) if mark == "epoch" else f"{time}{mark}" for time in stamps]
    text = "\n".join(["time,load", *(f"{cell},{place}" for place, cell in enumerate(cells))])
    assert "day-ends" not in {finding.code for finding in clean(parse_table(text)).findings}


def test_the_midnights_of_typed_times_stay_but_where_those_of_the_training_ended_days():
    written = of_their_day(HOURS)
    buffer = io.BytesIO()
    polars.DataFrame({"end": written.astype("datetime64[ms]"), "load": np.arange(75.0)}).write_parquet(buffer)
    typed = read_parquet(buffer.getvalue(), Path("load.parquet"))
    assert np.isin(written, clean(typed).times).all()
    ended = clean(parse_table(table(written)))
    assert (clean(typed, reading=ended.reading, known=ended.grid, for_training=False).times == HOURS).all()


def test_later_tables_of_a_model_whose_midnights_began_days():
    trained = clean(parse_table(table(HOURS)))
    kept = Reading.from_json(trained.reading.to_json())
    assert kept.day_end == "begins"
    written = of_their_day(HOURS)
    later = clean(parse_table(table(written)), reading=kept, known=trained.grid, for_training=False)
    assert np.isin(written, later.times).all()
    assert "day-ends" not in {finding.code for finding in later.findings}
    daily = clean(parse_table(table(HOURS[23::24])))
    assert daily.reading.day_end == ""


def test_midnights_that_begin_days_stay_in_long_tables_and_before_longer_steps():
    times = np.datetime64("2024-01-01", "s") + np.arange(240) * np.timedelta64(1, "h")
    rows = table(in_blocks(times)).splitlines()[1:]
    blocks = [f"{row},{name}" for name in "ab" for row in rows]
    for lines in (blocks, [f"{row},{name}" for row in rows for name in "ab"]):
        one = clean(parse_table("\n".join(["end,load,meter", *lines])), id_column=("meter",))
        assert (one.times == times).all()
        assert one.reading.day_end == "begins"
    days = clean(parse_table(table(in_blocks(times))), reading=Reading(resample="last", step="day"))
    assert days.values[:, 0].tolist() == [23 + 24 * day for day in reversed(range(10))]
