"""Local times and instants, against zoneinfo, on both sides of the equator."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.zones import fixed_zone, known_zone, offsets_at, to_local, to_utc
from seqtool.errors import DataError, UsageError

ZONES = [
    "Europe/Madrid", "America/New_York", "Australia/Sydney", "America/Santiago", "Asia/Kolkata", "Africa/Casablanca",
    "Australia/Lord_Howe", "Pacific/Apia", "+05:45", "-03:30",
]  # fmt: skip


def oracle(name: str) -> datetime.tzinfo:
    if name[0] in "+-":
        seconds = int(name[1:3]) * 3600 + int(name[4:]) * 60
        return datetime.timezone(datetime.timedelta(seconds=-seconds if name[0] == "-" else seconds))
    return zoneinfo.ZoneInfo(name)


def utc(moment: datetime.datetime, count: int, minutes: int) -> np.ndarray:
    return np.datetime64(moment.replace(microsecond=0), "s") + np.arange(count) * np.timedelta64(60 * minutes, "s")


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    start=st.datetimes(datetime.datetime(1975, 1, 1), datetime.datetime(2037, 1, 1)),
    newest_first=st.booleans(),
)
def test_hours_of_a_year_come_back_from_local_time(name, start, newest_first):
    instants = utc(start.replace(minute=0, second=0), 24 * 366, 60)
    local = to_local(instants, name)
    rules = oracle(name)
    for place in range(0, len(instants), 97):
        moment = instants[place].item().replace(tzinfo=datetime.UTC).astimezone(rules)
        assert local[place].item() == moment.replace(tzinfo=None)
        assert offsets_at(instants[place : place + 1], name)[0] == moment.utcoffset().total_seconds()
    order = slice(None, None, -1 if newest_first else 1)
    assert (to_utc(local[order], name) == instants[order]).all()


def test_quarter_hours_of_an_hour_that_comes_twice_and_of_two_series():
    instants = utc(datetime.datetime(2023, 10, 28, 20), 32, 15)
    assert (to_utc(to_local(instants, "Europe/Madrid"), "Europe/Madrid") == instants).all()
    both = np.repeat(instants, 2)
    series = ["a", "b"] * len(instants)
    assert (to_utc(to_local(both, "Europe/Madrid"), "Europe/Madrid", series=series) == both).all()


def test_a_time_that_the_clocks_leave_out_is_refused():
    with pytest.raises(DataError, match="2023-03-26T02:30:00 does not exist in Europe/Madrid"):
        to_utc(np.array(["2023-03-26T02:30:00"], dtype="datetime64[s]"), "Europe/Madrid")


def test_names():
    assert [known_zone(name) for name in ("UTC", "Z", "+01:00", "Europe/Madrid")] == ["", "", "+01:00", "Europe/Madrid"]
    assert [fixed_zone(seconds) for seconds in (0, 3600, -12600)] == ["", "+01:00", "-03:30"]
    for wrong in ("Europe/Madird", "../etc/passwd", "+1", "Mars"):
        with pytest.raises(UsageError, match="no time zone"):
            known_zone(wrong)
