"""Midnights with the date of the day that they end."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.day_ends import with_ends
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
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
