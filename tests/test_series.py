"""Cleaning: what comes out of each trap, and what a person is told of it."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.clean import clean
from seqtool.data.dates import parse_stamps
from seqtool.data.grid import Grid
from seqtool.data.number_table import parse_table
from seqtool.data.reading import BEFORE, Reading
from seqtool.data.series import join
from seqtool.errors import DataError, UsageError

NAN = float("nan")


def series(text: str, **options):
    return clean(parse_table(text), **options)


def codes(one) -> list[str]:
    return [found.code for found in one.findings]


def said(one, code: str) -> str:
    return next(found.text for found in one.findings if found.code == code)


def daily(*values: object, start: str = "2024-02-27", head: str = "date,close") -> str:
    first = datetime.date.fromisoformat(start)
    return "\n".join([head, *(f"{first + datetime.timedelta(i)},{value}" for i, value in enumerate(values))]) + "\n"


def test_a_plain_table():
    one = series(daily(1, 2.5, -3e2))
    assert one.columns == ("close",)
    assert one.values.tolist() == [[1], [2.5], [-300]]
    assert one.stamps() == ["2024-02-27", "2024-02-28", "2024-02-29"]
    assert one.future(2) == ["2024-03-01", "2024-03-02"]  # over a leap day
    assert one.grid == Grid(seconds=86400)
    assert codes(one) == ["format", "time-column", "value-columns"]


def test_hourly_stamps_are_written_with_their_time():
    one = series("time,y\n2024-01-01 22:00,1\n2024-01-01T23:00:00.000Z,2\n2024-01-02 00:00:00+00:00,3\n")
    assert one.stamps() == ["2024-01-01T22:00:00Z", "2024-01-01T23:00:00Z", "2024-01-02T00:00:00Z"]
    assert one.future(1) == ["2024-01-02T01:00:00Z"]
    assert series("time,y\n2024-01-01 22:00,1\n2024-01-01 23:00,2\n").future(1) == ["2024-01-02T00:00:00"]


def test_without_time_stamps_rows_are_steps():
    one = series("y\n1\n\n3\nna\n5\n")
    np.testing.assert_array_equal(one.values[:, 0], [1, NAN, 3, NAN, 5])
    assert (one.times, one.grid) == (None, None)
    assert one.stamps() == ["1", "2", "3", "4", "5"]
    assert one.future(2) == ["6", "7"]
    assert "2 in 'y' (the first at row 2)" in said(one, "missing-values")
    assert "no-time-column" in codes(one)


def test_newest_first_is_turned_round():
    one = series("Date,Close\r\n5/26/2018,3\r\n5/25/2018,2\r\n5/24/2018,1\r\n")
    assert one.values[:, 0].tolist() == [1, 2, 3]
    assert one.stamps()[0] == "2018-05-24"
    assert "newest-first" in codes(one)
    assert "out-of-order" not in codes(one)


def test_disorder_is_sorted_and_counted():
    one = series("date,y\n2024-01-02,2\n2024-01-01,1\n2024-01-03,3\n2024-01-05,5\n2024-01-04,4\n2024-01-06,6\n")
    assert one.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert "2 places" in said(one, "out-of-order")


def test_gaps_become_missing_rows():
    one = series("date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-05,5\n2024-01-06,6\n")
    np.testing.assert_array_equal(one.values[:, 0], [1, 2, NAN, NAN, 5, 6])
    assert len(one.stamps()) == 6
    assert "2 time stamps are missing, the first 2024-01-03" in said(one, "missing-stamps")


def test_missing_tokens_in_any_case():
    cells = ["NULL", "Na", "n/a", "NaN", "none", "-", "", " "]
    one = series(daily(1, *cells, 2))
    np.testing.assert_array_equal(one.values[:, 0], [1, *[NAN] * 8, 2])
    assert "8 in 'close' (the first at 2024-02-28)" in said(one, "missing-values")


def test_prose_and_blanks_after_the_table():
    prose = '\n"Made from the index, 2016, by hand"\nhttp://example.org/\n'
    assert "3 rows" in said(series(daily(1, 2, 3) + prose), "trailing-text")
    steps = series("y\n1\n2\n\nSource: the moon\n")
    assert steps.values[:, 0].tolist() == [1, 2]
    assert "2 rows" in said(steps, "trailing-text")


def test_a_blank_row_amid_dates_is_nothing():
    assert series("date,y\n2024-01-01,1\n\n2024-01-02,2\n").values[:, 0].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "first", "order"),
    [
        ("5/4/2018,1\n5/13/2018,2\n5/22/2018,3", "2018-05-04", "mdy"),
        ("5.4.2018,1\n5.13.2018,2\n5.22.2018,3", "2018-05-04", "mdy"),
        ("4/5/2018,1\n13/5/2018,2\n22/5/2018,3", "2018-05-04", "dmy"),
        ("4-5-2018,1\n13-5-2018,2\n22-5-2018,3", "2018-05-04", "dmy"),
        ("2018/5/4,1\n2018/5/5,2", "2018-05-04", ""),
        ("4.5.2018,1\n5.5.2018,2", "2018-05-04", ""),
        ("20180504,1\n20180505,2", "2018-05-04", ""),
        ("1525392000,1\n1525478400,2", "2018-05-04", ""),
        ("1525392000000,1\n1525478400000,2", "2018-05-04", ""),
    ],
)
def test_the_order_of_day_and_month(text, first, order):
    one = series("date,y\n" + text + "\n")
    assert one.stamps()[0] == first
    assert one.reading.date_order == order


def test_dates_of_two_readings_are_refused_with_both_and_the_option_decides():
    table = "date,y\n5/4/2018,1\n5/5/2018,2\n"
    with pytest.raises(DataError, match="'5/4/2018' is 2018-04-05 or 2018-05-04") as caught:
        series(table)
    assert caught.value.cure == "--date-order dmy or --date-order mdy"
    assert series(table, reading=Reading(date_order="mdy")).stamps()[0] == "2018-05-04"
    older = series(table, reading=BEFORE)  # models of older versions take the month first, and say so
    assert older.stamps()[0] == "2018-05-04"
    assert "ambiguous-dates" in codes(older)
    with pytest.raises(DataError, match="'13/5/2018' has the day first"):
        series("date,y\n13/5/2018,1\n14/5/2018,2\n", reading=Reading(date_order="mdy"))


def test_columns_are_chosen_by_name_then_by_custom():
    table = "Date,Open,Close,Name\n2024-01-01,1,10,a\n2024-01-02,2,20,b\n"
    assert series(table).columns == ("Close",)
    assert series(table, columns=("close", "OPEN")).values.tolist() == [[10, 1], [20, 2]]
    assert series(table, preferred=("open",)).columns == ("Open",)
    assert series("when,load,who\n2024-01-01,1,a\n2024-01-02,2,b\n").columns == ("load",)


def test_a_time_column_may_be_named():
    table = "date,settled,y\n2024-01-01,2024-03-01,1\n2024-01-02,2024-03-02,2\n"
    assert series(table).stamps()[0] == "2024-01-01"
    assert series(table, reading=Reading(time=("Settled",))).stamps()[0] == "2024-03-01"


def test_a_column_of_step_numbers_is_no_time():
    one = series("time,y\n1,5\n2,6\n3,7\n")
    assert one.times is None
    assert one.columns == ("y",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date,y\n", "no rows"),
        ("date,y\n2024-01-01,1\n", "one row is no series"),
        (
            "date,y\n2024-01-01,1\n2024-13-01,2\n2024-01-03,3\n",
            "line 3: '2024-13-01' in column 'date' is no date",
        ),
        ("date,y\n2024-01-01,1\n2024-02-30,2\n", "line 3: '2024-02-30'"),
        ("date,y\n2024-01-01,1\nsoon\\x1b,2\n2024-01-03,3\n".replace("\\x1b", "\x1b"), r"line 3: 'soon\x1b'"),
        (daily(1, "abc", 2), "line 3: 'abc' in column 'close' is no number"),
        (daily(1, "x" * 500, 2), "line 3: '" + "x" * 39 + "…'"),
        (daily(1, "1_000", 2), "line 3: '1_000'"),
        (daily(1, "inf", 2), "line 3: 'inf' in column 'close' is infinite"),
        (daily(1, "-9968e40", 2), "line 3: '-9968e40' in column 'close' is infinite, or too large for a model"),
        (daily(1, "1e999", 2), "infinite"),
        (daily("", "null"), "no value that is not missing"),
        (daily(7, "", 7), "is constant (7): nothing to learn"),
        (
            "date,y\n2024-01-01,1\n2024-01-01,2\n2024-01-02,3\n2024-01-02,4\n",
            "2024-01-01 is there more than once (2 rows",
        ),
        (
            "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-20,4\n",
            "no regular step: at 1 day a step, 16 of 20",
        ),
        (
            "date,y\n2024-01-01,1\n2024-02-01,2\n2024-03-03,3\n2024-04-01,4\n",
            "31 days apart, but some 29 days",
        ),
        ("date,y\n13/5/2024,1\n5/14/2024,2\n", "contradict each other"),
        ("date,y\nMo 5,1\nTu 6,2\n", "holds no date that can be read, such as 'Mo 5'"),
        ("date,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n", "2 columns of numbers, none with a usual name: a, b"),
        ("date,a\n2024-01-01,x\n2024-01-02,y\n", "no column of numbers"),
    ],
)
def test_refused_in_words(text, words):
    with pytest.raises(DataError) as caught:
        series(text, where="prices.csv")
    assert words in caught.value.what
    assert caught.value.where == "prices.csv"
    assert caught.value.cure
    assert len(str(caught.value).splitlines()) == 3


def test_an_unknown_column_is_a_usage_error_with_a_hint():
    with pytest.raises(UsageError) as caught:
        series(daily(1, 2), columns=("clsoe",))
    assert "did you mean 'close'?" in str(caught.value)
    with pytest.raises(UsageError):
        series(daily(1, 2), reading=Reading(time=("when",)))


def test_forecasting_takes_what_training_refuses():
    assert series(daily(5, 5), for_training=False).future(1) == ["2024-02-29"]
    one = series(daily(5), for_training=False)
    assert (one.stamps(), one.grid, one.future(2)) == (["2024-02-27"], None, ["2", "3"])
    with pytest.raises(DataError, match="not missing"):
        series(daily("", ""), for_training=False)


def test_joined_on_the_days_that_both_have():
    usd = series(daily(1, 2, 3, 4, start="2024-01-01"), label="USD")
    eur = series(daily(30, "", 50, start="2024-01-03"), label="EUR")
    both = join([usd, eur], ["USD", "EUR"])
    assert both.columns == ("USD", "EUR")
    np.testing.assert_array_equal(both.values, [[3, 30], [4, NAN]])
    assert both.stamps() == ["2024-01-03", "2024-01-04"]
    assert said(both, "joined") == "2 time stamps are common; left out: 2 of USD, 1 of EUR"
    assert said(both, "missing-values").startswith("EUR: ")


def test_joined_series_of_several_columns_keep_their_names():
    wide = series(daily("1,5", "2,6", head="date,open,close"), columns=("open", "close"))
    assert join([wide, series(daily(1, 2))], ["a", "b"]).columns == ("a.open", "a.close", "b")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("time,y\n2024-02-27 00:00,1\n2024-02-27 01:00,2\n", "different steps"),
        (daily(1, 2, start="2020-01-01"), "no time stamp is common"),
        ("y\n1\n2\n", "'b' has no time stamps"),
    ],
)
def test_what_cannot_be_joined(other, words):
    with pytest.raises(DataError, match=words):
        join([series(daily(1, 2)), series(other)], ["a", "b"])
    with pytest.raises(DataError, match="one name"):
        join([series(daily(1, 2)), series(daily(1, 2))], ["a", "a"])


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=4, max_size=40, unique=True),
    step=st.sampled_from([60, 3600, 86400, 7 * 86400]),
    start=st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2100, 1, 1)),
    random=st.randoms(use_true_random=False),
)
def test_any_order_and_any_gap_give_the_same_series(values, step, start, random):
    start = start.replace(microsecond=0)
    stamps = [(start + datetime.timedelta(seconds=step * i)).isoformat() for i in range(len(values))]
    gap = random.randrange(1, len(values) - 2) if len(values) > 5 else None
    rows = [f"{stamp},{value!r}" for i, (stamp, value) in enumerate(zip(stamps, values, strict=True)) if i != gap]
    random.shuffle(rows)
    one = series("ds,value\n" + "\n".join(rows))
    expected = [NAN if i == gap else value for i, value in enumerate(values)]
    np.testing.assert_array_equal(one.values[:, 0], expected)
    assert one.grid.seconds == step
    following = start + datetime.timedelta(seconds=step * len(values))
    assert datetime.datetime.fromisoformat(one.future(1)[0]) == following


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dates(datetime.date(1900, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["iso", "us", "eu", "slash"]),
)
def test_dates_are_read_as_the_standard_library_writes_them(dates, style):
    form = {"iso": "%Y-%m-%d", "us": "%m/%d/%Y", "eu": "%d/%m/%Y", "slash": "%Y/%m/%d"}[style]
    dates = [*dates, datetime.date(2000, 12, 31)]  # tells day from month
    stamps = parse_stamps([f"{date:{form}}" for date in dates])
    assert stamps.times.astype("datetime64[D]").tolist() == dates
    assert not stamps.guessed


CELLS = st.sampled_from(
    [
        "",
        "null",
        "1",
        "-2.5",
        "1e9",
        "inf",
        "2024-01-01",
        "2024-01-02",
        "1/2/2024",
        "13/2/2024",
        "0000-00-00",
        "x",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELLS | st.text(max_size=5), max_size=4).map(",".join), max_size=8).map("\n".join),
    st.booleans(),
)
def test_any_text_gives_a_regular_series_or_an_error_in_words(text, for_training):
    try:
        one, fault = series("date,y,z\n" + text, preferred=("y",), for_training=for_training), ""
    except DataError as error:
        one, fault = None, error.what
    assert fault.isprintable()
    if one is None:
        return
    assert one.values.shape == (len(one.stamps()), 1)
    assert len(one.future(3)) == 3
    if one.times is not None and one.grid is not None:
        assert (np.diff(one.times).astype(int) == one.grid.seconds).all() or one.grid.months


def stamped_rows(*stamps):
    return "time,y\n" + "".join(f"{stamp},{number}\n" for number, stamp in enumerate(stamps))


def zone_stamps(zone: str, first: str, hours: int, minutes: int = 60) -> list[str]:
    """Local stamps of a real zone, as a meter without UTC writes them."""
    start = datetime.datetime.fromisoformat(first).replace(tzinfo=datetime.UTC)
    steps = [datetime.timedelta(minutes=minutes * number) for number in range(hours * 60 // minutes)]
    return [f"{(start + step).astimezone(zoneinfo.ZoneInfo(zone)):%Y-%m-%d %H:%M}" for step in steps]


ZONES = [
    ("Europe/Berlin", "2024-03-29", "2024-03-31T02:00:00", "2024-10-25", "2024-10-27T02:00:00"),
    ("America/New_York", "2024-03-08", "2024-03-10T02:00:00", "2024-11-01", "2024-11-03T01:00:00"),
    ("Australia/Sydney", "2024-10-04", "2024-10-06T02:00:00", "2024-04-05", "2024-04-07T02:00:00"),
]


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize(("zone", "spring", "missing", "autumn", "twice"), ZONES)
def test_a_change_of_clocks_is_named(zone, minutes, spring, missing, autumn, twice):
    one = series(stamped_rows(*zone_stamps(zone, spring, 96, minutes)))
    text = f"1 missing hour looks like a change of clocks, the first {missing}: give --timezone"
    assert text in said(one, "clock-change")
    assert codes(one).count("missing-stamps") == 1
    with pytest.raises(DataError, match=f"the hour from {twice} is there twice: looks like a change") as caught:
        series(stamped_rows(*zone_stamps(zone, autumn, 96, minutes)), where="meter.csv")
    assert "UTC" in caught.value.cure
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("hour", ["2024-03-31T12", "2024-03-30T02", "2024-06-30T02"])
def test_another_missing_or_doubled_hour_is_no_change_of_clocks(hour):
    at = datetime.datetime.fromisoformat(hour)
    stamps = [at + datetime.timedelta(hours=number) for number in range(-30, 30)]
    assert "clock-change" not in codes(series(stamped_rows(*(one for one in stamps if one != at))))
    with pytest.raises(DataError, match="more than once"):
        series(stamped_rows(*stamps, at))


def test_a_longer_gap_or_a_sunday_of_days_is_no_change_of_clocks():
    stamps = [f"2024-03-31T{hour:02}:00" for hour in range(24) if hour not in (2, 3)]
    assert "clock-change" not in codes(series(stamped_rows(*stamps)))
    days = [f"2024-03-{day}" for day in range(20, 32)]
    with pytest.raises(DataError, match="2024-03-31 is there more than once"):
        series(stamped_rows(*days, "2024-03-31"))


@pytest.mark.parametrize(("counts", "words"), [
    ((15, 30), "rows 1 hour apart from 2024-01-01, 30 minutes apart from 2024-01-01T15:00:00"),
    ((30, 15), "rows 1 hour apart from 2024-01-01, 30 minutes apart from 2024-01-02T06:00:00"),
])  # fmt: skip
def test_two_frequencies_are_refused_with_the_place(counts, words):
    first, second = counts
    minutes = [60 * n for n in range(first)] + [60 * first + 30 * n for n in range(second)]
    stamps = [datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=n) for n in minutes]
    for order in (stamps, stamps[::-1]):
        with pytest.raises(DataError, match="two frequencies in one file") as caught:
            series(stamped_rows(*order))
        assert words in caught.value.what
        assert "resample" in caught.value.cure


def test_working_days_are_one_frequency():
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(n) for n in range(60)]
    assert series(stamped_rows(*(day for day in days if day.weekday() < 5))).grid == Grid(seconds=86400, open=((0, 5),))


def test_the_cure_names_a_column_that_may_be_a_series_not_its_key():
    rows = "".join(f"2021-05-{day:02d},{day},4711,7,{day * day % 7},{day * day % 5}\n" for day in range(1, 20))
    with pytest.raises(DataError, match="nth, Stations_ID, level, rain, wind") as caught:
        clean(parse_table("date,nth,Stations_ID,level,rain,wind\n" + rows))
    assert caught.value.cure == "choose one: --value-column rain"


def test_a_part_of_the_time_is_no_value_and_none_is_offered():
    rows = [f"{2001 + n // 12};{1 + n % 12 // 3};{1 + n % 12};{n % 7},{n % 89 + 10}" for n in range(60)]
    found = clean(parse_table("\n".join(["Jahr;Quartal;Monat;Umsatz", *rows]) + "\n"))
    assert (found.columns, found.values[1, 0], found.stamps()[-1]) == (("Umsatz",), 1.11, "2005-12-01")
    rows = [f"2021-{1 + n // 28:02d}-{1 + n % 28:02d},{n % 7},{n * n % 13},{n * n % 11}" for n in range(60)]
    assert clean(parse_table("\n".join(["date,weekday,in,out", *rows]) + "\n"), columns=("weekday",)).values[8, 0] == 1
    with pytest.raises(DataError, match="2 columns of numbers, none with a usual name: in, out"):
        clean(parse_table("\n".join(["date,weekday,in,out", *rows]) + "\n"))
    rows = [f"2021-{1 + n // 28:02d}-{1 + n % 28:02d},{30_000 + n * n % 13},{n % 5}" for n in range(60)]
    with pytest.raises(DataError, match="2 columns of numbers, none with a usual name: dow, gap"):
        clean(parse_table("\n".join(["date,dow,gap", *rows]) + "\n"))


def test_a_count_of_time_is_not_offered_as_the_value():
    head, rows = "Elapsed (s),units", [f"{200_101 + n},{n * n % 17}" for n in range(20)]
    with pytest.raises(DataError, match="2 columns of numbers") as caught:
        clean(parse_table("\n".join([head, *rows]) + "\n"))
    assert caught.value.cure == "choose one: --value-column units"


@pytest.mark.parametrize("words", [
    ("S", "H"), ("DR", "CR"), ("debit", "Credit"), ("D", "C"), ("Lastschrift", "Gutschrift"), ("Af", "Bij"),
    ("BUY", "SELL"), ("Debit", "Credit", "Fee"), ("Withdrawal", "Deposit", ""),
])  # fmt: skip
def test_a_column_that_says_which_amounts_are_below_zero_is_refused(words):
    rows = [f"2022-08-{day:02d},{day}.5,{words[day % len(words)]}" for day in range(1, 20)]
    table = parse_table("\n".join(["booked,amount,kind", *rows]) + "\n")
    with pytest.raises(DataError, match=r"column 'kind' .* says which values are below zero") as caught:
        clean(table)
    assert "--ignore-column kind" in caught.value.cure
    assert clean(table, reading=Reading(ignore=("kind",))).values[0, 0] == 1.5
    signed = parse_table("\n".join(["booked,amount,kind", *(row.replace(",1.5", ",-1.5") for row in rows)]) + "\n")
    assert clean(signed).values[0, 0] == -1.5


@pytest.mark.parametrize(
    ("head", "words", "warned"),
    [
        ("temperature,trend", "+ -", False), ("rainfall,class", "C D", False), ("guests,daytype", "S H", False),
        ("Balance,type", "debit credit", False), ("Saldo Betrag,Art", "Soll Haben", False), ("rsi,trade", "+ -", False),
        ("totals,card", "debit credit", True), ("takings,kind", "income expense", True),
    ],
)  # fmt: skip
def test_words_beside_values_that_are_not_called_amounts_may_say_something_else(head, words, warned):
    kinds = words.split()
    rows = [f"2022-08-{day:02d},{day}.5,{kinds[day % len(kinds)]}" for day in range(1, 20)]
    series = clean(parse_table("\n".join([f"booked,{head}", *rows]) + "\n"))
    assert series.values[0, 0] == 1.5
    texts = [finding.text for finding in series.findings if finding.code == "signs-beside"]
    assert bool(texts) == warned
    assert not warned or "may say which values are below zero: where it does, write a minus before these" in texts[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [("currency", "EUR USD"), ("currency", "EUR SGD XAF"), ("in", "eur usd"), ("unit", "kWh MWh"), ("what", "°C °F"),
     ("amount_units", "kg lb"), ("iso_currency_code", "EUR XAF"), ("OrderCurrency", "EUR USD")],
)  # fmt: skip
def test_values_of_two_units_are_no_series(name, words):
    kinds = words.split()
    rows = [f"2022-08-{day:02d},{day}.5,{kinds[day % len(kinds)]}" for day in range(1, 20)]
    table = parse_table("\n".join([f"booked,amount,{name}", *rows]) + "\n")
    with pytest.raises(DataError, match=rf"column '{name}' .*{kinds[0]}.* are not of one unit") as caught:
        clean(table)
    assert f"--id-column {name}, a series of each, or" in caught.value.cure
    assert {*clean(table, id_column=(name,)).columns} == {*kinds}
    assert f"--ignore-column {name}" in caught.value.cure
    assert clean(table, reading=Reading(ignore=(name,))).values[0, 0] == 1.5


@pytest.mark.parametrize(
    ("head", "words"),
    [("amount,currency", "EUR"), ("amount,kind", "a m"), ("amount,sex", "M W"), ("price,side", "BUY SELL"),
     ("amount,day", "Mon Tue Wed"), ("amount,kind", "credit"),
     ("sold,size", "m cm"), ("energy,class", "J MJ GJ"), ("sales,currency_of_largest_order", "EUR USD"),
     ("energy,power_unit", "W kW")],
)  # fmt: skip
def test_other_words_beside_values_are_none_of_units_or_signs(head, words):
    kinds = words.split()
    rows = [f"2022-08-{day:02d},{day}.5,{kinds[day % len(kinds)]}" for day in range(1, 20)]
    assert clean(parse_table("\n".join([f"booked,{head}", *rows]) + "\n")).values[0, 0] == 1.5


def test_a_cell_with_a_unit_is_shown_where_no_column_has_numbers():
    rows = "".join(f"2022-09-{day:02d},{day}.5 kWh\n" for day in range(1, 9))
    with pytest.raises(DataError, match=r"no column of numbers: '1.5 kWh' in column 'load' is none") as caught:
        clean(parse_table("day,load\n" + rows))
    assert "into the name of the column" in caught.value.cure


@pytest.mark.parametrize("cell", ["99.28 °C", "100.31e", "about 7", "1_000"])
def test_a_cell_with_figures_is_not_offered_as_a_missing_value(cell):
    rows = "".join(f"2022-09-{day:02d},{cell if day == 5 else day}\n" for day in range(1, 9))
    with pytest.raises(DataError, match=f"line 6: '{cell}' in column 'load' is no number") as caught:
        clean(parse_table("day,load\n" + rows))
    assert caught.value.cure == "write plain numbers such as 1234.5, and their unit into the name of the column"
    with pytest.raises(DataError, match="line 6: '<1' in column 'load' is no number") as caught:
        clean(parse_table("day,load\n" + rows.replace(cell, "<1")))
    assert "--missing '<1'" in caught.value.cure


def test_a_date_that_is_written_once_for_several_rows_is_refused_with_a_cure():
    rows = "".join(f"{'' if n % 4 else 1990 + n // 4},Q{n % 4 + 1},{n % 5}\n" for n in range(16))
    with pytest.raises(DataError, match="line 3: '' in column 'year' is no date") as caught:
        clean(parse_table("year,quarter,y\n" + rows))
    assert "also where it is that of the row above" in caught.value.cure


def test_numbered_half_hours_of_a_day_are_no_series_and_the_cure_leads_on():
    rows = "".join(f"2022-03-{1 + n // 48:02d},{1 + n % 48},{n}.5\n" for n in range(480))
    table = parse_table(f"SETTLEMENT_DATE,SETTLEMENT_PERIOD,DEMAND\n{rows}")
    with pytest.raises(DataError, match="the time stamp 2022-03-01 is there more than once") as caught:
        clean(table, columns=("DEMAND",))
    assert caught.value.cure.startswith("--resample sum --step day")
    days = clean(table, columns=("DEMAND",), reading=Reading(resample="sum", step="day"))
    assert (str(days.grid), len(days.values)) == ("daily", 10)


@pytest.mark.parametrize("rows", [[200, 203, 210, 211, 219], [9, 8, 7, 6, 5], [7, 141, 63, 0, 2]])
@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index"])
def test_the_rest_of_the_row_numbers_of_pandas_is_no_series(name, rows):
    text = "".join(f"{row},2024-07-{18 + day},{98.5 + day}\n" for day, row in enumerate(rows))
    one = series(f"{name},date,sales\n{text}")
    assert (one.columns, one.values[:, 0].tolist()) == (("sales",), [98.5, 99.5, 100.5, 101.5, 102.5])


@pytest.mark.parametrize("text", [
    ",date,sales\n5,2024-01-01,1\n5,2024-01-02,2\n6,2024-01-03,3\n", ",sales\n3,5.5\n9,6.5\n8,7.5\n",
    "date,index,sales\n2024-01-01,104,1\n2024-01-02,107,2\n2024-01-03,103,3\n", "index,sales\n104,1\n107,2\n109,3\n",
    "104,1.5\n107,2.5\n109,3.5\n", ",date,sales\n1.5,2024-01-01,1\n2.5,2024-01-02,2\n3,2024-01-03,3\n",
])  # fmt: skip
def test_other_first_numbers_are_asked_for(text):
    with pytest.raises(DataError, match="2 columns of numbers"):
        series(text)


def test_unnamed_row_numbers_that_rise_are_none_without_dates_either():
    assert series(",sales\n3,5.5\n7,6.5\n8,7.5\n").columns == ("sales",)


def counted(head: str, row, count: int = 12) -> str:
    return "\n".join([head, *(",".join(map(str, row(step))) for step in range(count))])


@pytest.mark.parametrize(("name", "by"), [("step", 1), ("epoch", 1), ("t", 5), ("time_s", 10), ("lap", 1), ("id", 1)])
def test_a_column_may_fall_beside_a_counter(name, by):
    one = series(counted(f"{name},loss,lr", lambda step: (by * step, 7.5 - step, 0.9**step)), columns=["loss"])
    assert one.values[:, 0].tolist() == [7.5 - step for step in range(12)]


@pytest.mark.parametrize(("head", "row"), [
    ("iteration,loss,lr", lambda step: (step % 6, step + 0.5, 0.9**step)),  # begins anew
    ("id,loss,draw", lambda step: (step, step + 0.5, 40 - step)),
    ("id,loss,game_day", lambda step: (step, step + 0.5, 40.5 - step)),
    ("step,loss,game_day", lambda step: (step, step + 0.5, 40 - step)),
    ("id,loss,label", lambda step: (step, step + 0.5, f"W{40 - step}-22")),
])  # fmt: skip
def test_a_counter_that_says_nothing_of_the_order_leaves_the_refusal(head, row):
    with pytest.raises(DataError, match="falls from row to row") as caught:
        series(counted(head, row), columns=["loss"])
    ignored = caught.value.cure.rsplit(" ", 1)[1]
    assert series(counted(head, row), columns=["loss"], reading=Reading(ignore=(ignored,))).columns == ("loss",)


def test_the_phases_of_one_counted_series_are_no_series():
    phases = counted("step,loss,stage", lambda step: (step, step + 0.5, "warmup" if step < 4 else "main"))
    assert series(phases).values[:, 0].tolist() == [step + 0.5 for step in range(12)]
    for head, counter in (("step", lambda step: step % 6), ("id", lambda step: step)):
        with pytest.raises(DataError, match="names 2 series, one behind the other"):
            series(counted(f"{head},loss,run", lambda step, at=counter: (at(step), step + 0.5, "ab"[step // 6])))


@pytest.mark.parametrize("count", [30, 400])
@pytest.mark.parametrize("head", ["day,load,note", "day,load,value", "day,load,y"])
def test_digits_in_a_column_that_is_empty_otherwise_are_notes(head, count):
    days = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(count))
    rows = "".join(f"{day},{n % 13}.5,{'1' if n in (4, 77, 200) else ''}\n" for n, day in enumerate(days))
    found = series(f"{head}\n{rows}")
    assert (found.columns, np.isnan(found.values).sum()) == (("load",), 0)
    name = head.rpartition(",")[2]
    assert [finding.text for finding in found.findings if finding.code == "unused-columns"] == [f"not used: '{name}'"]
    chosen = clean(parse_table(f"{head}\n{rows.replace(',1', ',2', 1)}"), columns=(name,), for_training=False)
    assert np.isfinite(chosen.values).sum() == 1 + 2 * (count == 400)


@pytest.mark.parametrize("name", ["y", "Close", "value"])
def test_a_sparse_column_with_a_usual_name_is_asked_about(name):
    days = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(400))
    rows = "".join(f"{day},{n if n % 40 == 7 else ''},{n % 13}.5\n" for n, day in enumerate(days))
    with pytest.raises(DataError, match=f"column '{name}' has a usual name, but 10 cells in 400 rows") as caught:
        series(f"date,{name},temp\n{rows}")
    assert caught.value.cure == f"choose one: --value-column {name} or --value-column temp"
    for chosen in (name, "temp"):
        assert clean(parse_table(f"date,{name},temp\n{rows}"), columns=(chosen,)).columns == (chosen,)


def test_notes_with_a_digit_are_no_series():
    days = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(400))
    rows = "".join(f"{day},fine,{n if n in (4, 77) else ''}\n" for n, day in enumerate(days))
    with pytest.raises(DataError, match="the only column of numbers, 'note', has 2 cells in 400 rows") as caught:
        series(f"day,state,note\n{rows}")
    assert caught.value.cure.endswith("--value-column note")
    assert clean(parse_table(f"day,state,note\n{rows}"), columns=("note",)).columns == ("note",)
