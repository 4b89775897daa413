"""Spans of time in a cell, and clocks with a or p alone."""

from __future__ import annotations

import datetime
import itertools

import pytest

from seqtool.data.clean import clean
from seqtool.data.grid import Grid
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.spans import start_of
from seqtool.errors import DataError
from tests.test_follow import follow, reading_as

BEGIN = datetime.datetime(2022, 3, 4)


def hours(form: str, count: int = 30) -> str:
    """Write a row an hour: {a} and {b} are its begin and its end."""
    moments = [BEGIN + datetime.timedelta(hours=n) for n in range(count + 1)]
    rows = (form.format(a=a, b=b, n=n % 7) for n, (a, b) in enumerate(itertools.pairwise(moments)))
    return "\n".join(rows) + "\n"


def said(one, code: str) -> str:
    return next((finding.text for finding in one.findings if finding.code == code), "")


@pytest.mark.parametrize(("cell", "start"), [
    ("00:00 - 01:00", "00:00"), ("00:00-01:00", "00:00"), ("4.3.2022 23:00 - 5.3.2022 00:00", "4.3.2022 23:00"),
    ("2022-03-04 to 2022-03-10", "2022-03-04"), ("2022-03-04T00:00Z/2022-03-04T01:00Z", "2022-03-04T00:00Z"),
    ("04.03.2022 10:00 \u2013 11:00", "04.03.2022 10:00"),
    ("10 - 20", ""), ("2022-03-04", ""), ("a - b", ""), (None, ""),
])  # fmt: skip
def test_where_a_span_begins(cell, start):
    assert start_of(cell) == start


@pytest.mark.parametrize("form", [
    '"{a:%d.%m.%Y %H:%M} - {b:%d.%m.%Y %H:%M}",{n}', "{a:%Y-%m-%dT%H:%MZ}/{b:%Y-%m-%dT%H:%MZ},{n}",
    "{a:%Y-%m-%d %H:%M} to {b:%Y-%m-%d %H:%M},{n}",
])  # fmt: skip
def test_the_begin_of_a_span_is_the_stamp(form):
    one = clean(parse_table("MTU (UTC),price\n" + hours(form)))
    assert (str(one.grid).split(",")[0], one.values[:8, 0].tolist()) == ("hourly", [0, 1, 2, 3, 4, 5, 6, 0])
    assert one.future(1)[0].startswith("2022-03-05T06:00:00")
    assert said(one, "spans") == "spans of time in 'MTU (UTC)': where each begins is its time stamp"


def test_a_span_of_hours_beside_a_date():
    one = clean(parse_table("date,hour,price\n" + hours("{a:%Y-%m-%d},{a:%H:%M} - {b:%H:%M},{n}")))
    assert (one.stamps()[-1], len(one.values)) == ("2022-03-05T05:00:00", 30)


def test_one_cell_that_is_no_span_is_refused():
    text = "span,price\n" + hours("{a:%Y-%m-%d %H:%M} - {b:%Y-%m-%d %H:%M},{n}").replace("2022-03-04 05:00 - ", "? - ")
    with pytest.raises(DataError, match=r"line 7: '\? - 2022-03-04 06:00' in column 'span' is no date"):
        clean(parse_table(text))


def test_lines_of_a_pipe_are_read_alike():
    reading = Reading(names=("MTU", "price"), time=("MTU",))
    toy = {"columns": ("price",), "window": 2, "encoders": reading_as(reading), "grid": Grid(seconds=3600)}
    lines = hours("{a:%d.%m.%Y %H:%M} - {b:%d.%m.%Y %H:%M},{n}", 3).splitlines()
    assert follow(*lines, **toy) == [None, "1", "2"]


@pytest.mark.parametrize("form", ["{a:%Y-%m-%d} {hour}:00{half}", "{a:%Y-%m-%d},{hour}:00 {half}"])
def test_clocks_with_a_or_p_alone(form):
    moments = [BEGIN + datetime.timedelta(hours=n) for n in range(48)]
    rows = [
        form.format(a=a, hour=a.hour % 12 or 12, half="ap"[a.hour > 11]) + f",{n % 5}" for n, a in enumerate(moments)
    ]
    head = "date,time,y" if "," in form else "time,y"
    one = clean(parse_table("\n".join([head, *rows]) + "\n"))
    assert one.stamps() == [moment.isoformat() for moment in moments]
