"""Calendar codes against the standard library, and the stamps that come."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.calendar import CALENDAR, calendar, future_times
from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.series import stamped
from seqtool.errors import DataError, UsageError


@settings(max_examples=100, deadline=None)
@given(st.lists(st.datetimes(datetime.datetime(1583, 1, 1)), max_size=20), st.permutations(list(CALENDAR)))
def test_codes_are_those_of_the_standard_library(stamps, names):
    stamps = [stamp.replace(microsecond=0) for stamp in stamps]
    codes = calendar(np.array(stamps, dtype="datetime64[s]"), names)
    known = {"hour": lambda t: t.hour, "weekday": lambda t: t.weekday(), "month": lambda t: t.month - 1}
    assert codes.dtype == np.int64
    assert codes.shape == (len(stamps), 3)
    assert codes.tolist() == [[known[name](stamp) for name in names] for stamp in stamps]


def test_each_name_has_its_codes_from_zero_up():
    hours = np.arange("2023-01-01", "2025-01-01", dtype="datetime64[h]").astype("datetime64[s]")
    for name, count in CALENDAR.items():
        assert np.unique(calendar(hours, [name])).tolist() == list(range(count))
    assert calendar(hours, []).shape == (len(hours), 0)


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(UsageError) as caught:
        calendar(np.array(["2024-01-01"], dtype="datetime64[s]"), ["week-day"])
    assert caught.value.cure == "did you mean 'weekday'?"


def table(text, **options):
    return clean(parse_table(text), **options)


def test_the_stamps_of_the_rows_and_of_those_to_come():
    series = table("date,y\n2024-02-27,1\n2024-02-28,2\n")
    wanted = np.array(["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"], dtype="datetime64[s]")
    np.testing.assert_array_equal(future_times(series, 2), wanted)


@pytest.mark.parametrize(
    ("text", "words"), [("y\n1\n2\n", "the table has none"), ("date,y\n2024-01-01,1\n", "no step")]
)
def test_what_has_no_future_stamps_is_refused_in_words(text, words):
    with pytest.raises(DataError, match=words) as caught:
        future_times(table(text, for_training=False), 2, "meter.csv")
    assert len(str(caught.value).splitlines()) == 3


def test_stamps_are_counted_where_the_file_has_none():
    series = stamped(table("y\n1\n\n3\n"), "2000-06-05T00:00", 1800)
    assert series.stamps() == ["2000-06-05T00:00:00", "2000-06-05T00:30:00", "2000-06-05T01:00:00"]
    assert series.future(1) == ["2000-06-05T01:30:00"]
    texts = {found.code: found.text for found in series.findings}
    assert "counted from 2000-06-05T00:00:00, 30 minutes a row" in texts["counted-stamps"]
    assert "no-time-column" not in texts


def test_stamps_of_its_own_are_left_as_they_are():
    series = table("date,y\n2024-01-01,1\n2024-01-02,2\n")
    assert stamped(series, "2000-06-05", 1800) is series
    bare = table("y\n1\n2\n")
    assert stamped(bare, "", 0) is bare


@pytest.mark.parametrize(("start", "step"), [("last summer", 1800), ("2000-06-05", 0)])
def test_a_source_that_says_it_wrong_is_named_in_words(start, step):
    with pytest.raises(DataError, match="no time stamps") as caught:
        stamped(table("y\n1\n2\n"), start, step)
    assert caught.value.cure
