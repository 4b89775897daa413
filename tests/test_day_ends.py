"""Midnights with the date of the day that they end."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.day_ends import with_ends
from seqtool.data.number_table import parse_table

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


def test_two_series_of_one_stamp_are_moved_together():
    both = np.repeat(of_their_day(HOURS), 2)
    assert (with_ends(both)[0] == np.repeat(HOURS, 2)).all()


@pytest.mark.parametrize("times", [
    HOURS, HOURS[::-1], np.concatenate([HOURS[30:], HOURS[:30]]), HOURS[[*range(24), 40, *range(24, 40)]],
    np.concatenate([of_their_day(HOURS)[:30], HOURS[30:]]), HOURS[::24] - np.timedelta64(3600, "s"),
], ids=["usual", "newest first", "two parts", "one row", "both", "days"])  # fmt: skip
def test_other_midnights_stay(times):
    assert (with_ends(times)[0] == times).all()


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
