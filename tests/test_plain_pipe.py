"""Plain tables of a pipe: the series that the reader of all tables makes of them, to the bit, and none of any other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtool.data.grid import Grid
from seqtool.data.reading import Reading
from seqtool.errors import SeqtoolError
from seqtool.families.forecasting.history import from_bytes
from seqtool.families.forecasting.plain_table import from_plain

DAILY, HOURLY = Grid(seconds=86_400), Grid(seconds=3600)
DAYS = [str(day) for day in np.arange("2024-01-28", "2024-02-10", dtype="datetime64[D]")]
PRICES = ["1019.69", "998.5", "1.25", "77", "1002.75", "12.5", "8", "3.1", "2.25", "1e3", "-4.75", "0.5", "6.5"]
CLOSE = Reading(mark=",", decimal=".", names=("Date", "Close"), time=("Date",), never_three=True)
TWO = Reading(mark=";", decimal=".", names=("Date", "low", "high"), time=("Date",))


def table(*rows, head="Date,Close"):
    return ("\n".join([head, *rows]) + "\n").encode()


def rows(stamps=DAYS, values=PRICES, mark=","):
    return [f"{stamp}{mark}{value}" for stamp, value in zip(stamps, values, strict=False)]


def both(data, columns=("Close",), config=None, reading=CLOSE, grid=DAILY):
    """Return the series of the short way, None where it takes none, and that of the long one, None where it fails."""
    try:
        long = from_bytes(data, columns, config or {}, reading, "standard input", grid)
    except SeqtoolError:
        long = None
    return from_plain(data, columns, config or {}, reading, grid), long


def told(series):
    return [(finding.code, finding.text) for finding in series.findings if finding.level == "warning"]


def assert_alike(short, long):
    assert short.columns == long.columns
    assert short.values.tobytes() == long.values.tobytes()
    assert short.times.tolist() == long.times.tolist()
    assert short.grid == long.grid
    assert told(short) == told(long)
    assert (short.stamps(), short.future(5)) == (long.stamps(), long.future(5))
    for name in ("date_order", "guess", "date_format", "timezone"):  # by which --at is read
        assert getattr(short.reading, name) == getattr(long.reading, name)


PLAIN = {
    "days": (table(*rows()), {}),
    "no line's end": (table(*rows())[:-1], {}),
    "a gap": (table(*rows()[:4], *rows()[6:]), {}),
    "hours": (table(*rows([f"2024-01-01 {hour:02d}:00" for hour in range(12)])), {"grid": HOURLY}),
    "seconds": (table(*rows([f"2024-01-01T{hour:02d}:00:00" for hour in range(12)])), {"grid": HOURLY}),
    "whole numbers": (table(*rows(values=["3", "5", "8", "13", "21", "34", "55"])), {}),
    "no grid": (table(*rows()), {"grid": None}),
    "one row": (table(*rows()[:1]), {"grid": None}),
    "tabs": (
        table(*rows(mark="\t"), head="Date\tClose"),
        {"reading": replace(CLOSE, mark="\t")},
    ),
    "two in another order": (
        table(*(f"{day};{n}.5;{n * n}.25" for n, day in enumerate(DAYS, 3)), head="Date;low;high"),
        {"columns": ("high", "low"), "reading": TWO},
    ),
    "three figures behind each point": (
        table(*(f"{day};{n}.125;{n * n}.5" for n, day in enumerate(DAYS, 3)), head="Date;low;high"),
        {"columns": ("low", "high"), "reading": TWO},
    ),
}


@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_table_gives_the_same_series_both_ways(case):
    data, how = PLAIN[case]
    short, long = both(data, **how)
    assert short is not None
    assert_alike(short, long)


OTHER = {
    "another header": table(*rows(), head="Date,Open"),
    "no header": table(*rows())[len("Date,Close\n") :],
    "a further column": table(*(f"{row},1" for row in rows()), head="Date,Close,Volume"),
    "a value is missing": table(*rows(), "2024-02-10,"),
    "a mark of a missing value": table(*rows(), "2024-02-10,NA", "2024-02-11,2.5"),
    "a value comes again and again": table(*rows(values=["-99.5"] * 4 + PRICES)),
    "no day": table(*rows(), "2024-02-30,1.5"),
    "falling": table(*rows(DAYS[::-1])),
    "a day twice": table(*rows(), rows()[-1]),
    "quotes": table(*rows(values=[f'"{price}"' for price in PRICES])),
    "blanks": table(*rows(values=[f" {price}" for price in PRICES])),
    "CRLF": table(*rows()).replace(b"\n", b"\r\n"),
    "a blank line": table(*rows()).replace(b"\n", b"\n\n", 1),
    "a title": b"Prices\n" + table(*rows()),
    "dollars": table(*rows(values=[f"${price}" for price in PRICES])),
    "dates of another kind": table(*rows([f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in DAYS])),
    "thousands or decimals": table(*rows(values=[f"{n}.125" for n in range(1, 14)])),
    "hours of a daily model": table(*rows([f"2024-01-01 {hour:02d}:00" for hour in range(12)])),
    "letters": table(*rows(values=["one", *PRICES])),
    "infinite": table(*rows(values=["1e999", *PRICES])),
    "beyond ASCII": table(*rows(), head="Date,Clos\u00e9"),
    "no row": b"Date,Close\n",
    "nothing but a header": b"Date,Close",
    "JSON": b'[{"Date": "2024-01-01", "Close": 1.5}]',
}


@pytest.mark.parametrize("case", OTHER)
def test_any_other_table_is_left_to_the_reader_of_all(case):
    short, _ = both(OTHER[case])
    assert short is None


@pytest.mark.parametrize(("reading", "config", "grid"), [
    ({"missing": ("-4.75",)}, {}, DAILY), ({"decimal": ","}, {}, DAILY), ({"percent": ("Close",)}, {}, DAILY),
    ({"resample": "sum", "step": "week"}, {}, DAILY), ({"timezone": "Europe/Madrid"}, {}, DAILY),
    ({"no_time": True}, {}, None), ({"date_format": "%Y-%m-%d"}, {}, DAILY), ({"encoding": "utf-16"}, {}, DAILY),
    ({"header": "no"}, {}, DAILY), ({"day_end": "00:00"}, {}, DAILY), ({"time": ("Date", "Close")}, {}, DAILY),
    ({"mark": " "}, {}, DAILY), ({"names": ()}, {}, DAILY), ({}, {"several": "pooled"}, DAILY),
    ({}, {"id_column": ["shop"]}, DAILY), ({}, {}, Grid(seconds=86_400, zone="UTC")),
])  # fmt: skip
def test_what_an_option_says_of_a_table_is_left_to_the_reader_of_all(reading, config, grid):
    short, _ = both(table(*rows()), config=config, reading=replace(CLOSE, **reading), grid=grid)
    assert short is None


@pytest.mark.parametrize("name", ["week", "Quarter", "y1", "2024", "NA", "a|b", "Close "])
def test_a_name_that_says_more_is_left_to_the_reader_of_all(name):
    reading = replace(CLOSE, names=("Date", name))
    data = table(*rows(values=["202401", "202402", "202403"]), head=f"Date,{name}")
    short, _ = both(data, columns=(name,), reading=reading)
    assert short is None


NUMBER = st.one_of(
    st.floats(-1e6, 1e6).map(repr), st.integers(-50, 2030).map(str), st.decimals(0, 99, places=3).map(str)
)
CELL = st.one_of(
    st.sampled_from(
        [*PRICES, "", "NA", "-", ".", "1,5", "1.250", "12-", "+3", "1e5", "5.", "007", " 2", '"3"', "202401"]
    ),
    NUMBER,
)
STAMP = st.sampled_from([*DAYS, "2024-02-30", "2024-01-31 24:00", "2024-02-01T06:00", "1.2.2024", "Total", ""])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    stamps=st.one_of(st.integers(1, 13).map(lambda count: DAYS[:count]), st.lists(STAMP, min_size=1, max_size=13)),
    cells=st.one_of(*(st.lists(kind, min_size=13, max_size=13) for kind in (CELL, NUMBER, NUMBER))),
    reading=st.sampled_from([CLOSE, replace(CLOSE, decimal="", never_three=False)]),
    name=st.sampled_from(["Close", "week", "Open price", "quarter"]),
    grid=st.sampled_from([DAILY, HOURLY, None, Grid(months=1)]),
)
def test_what_the_short_way_takes_the_long_one_reads_alike(stamps, cells, reading, name, grid):
    reading = replace(reading, names=("Date", name))
    data = table(*rows(stamps, cells), head=f"Date,{name}")
    short, long = both(data, columns=(name,), reading=reading, grid=grid)
    if short is not None:
        assert_alike(short, long)
