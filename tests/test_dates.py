"""Dates in every spelling: what is read, against the standard library, and what is refused in words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.data.clean import clean
from seqtool.data.dates import is_stamp, parse_stamps
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan. Feb. Mär. Apr. Mai Jun. Jul. Aug. Sep. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "nl": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.",
}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def days(*cells: str | None, **options) -> list[str]:
    return [str(time)[:10] for time in parse_stamps(cells, **options).times]


@pytest.mark.parametrize("names", [*MONTHS.values(), *SHORT.values()])
def test_the_months_of_seven_languages_in_any_case(names):
    expected = [f"2021-{month:02d}-07" for month in range(1, 13)]
    for written in (names, names.upper(), names.lower()):
        assert days(*(f"7 {name} 2021" for name in written.split())) == expected
        assert days(*(f"{name} 7, 2021" for name in written.split())) == expected
    months = parse_stamps([f"{name} 2021" for name in names.split()])
    assert months.times.astype("datetime64[M]").tolist() == [dt.date(2021, month, 1) for month in range(1, 13)]
    assert months.unit == "month"


@pytest.mark.parametrize(
    ("cells", "expected", "unit"),
    [
        (["2009-11", "2009-12"], ["2009-11-01", "2009-12-01"], "month"),
        (["2009/11", "2009/12"], ["2009-11-01", "2009-12-01"], "month"),
        (["11/2009", "1/2010"], ["2009-11-01", "2010-01-01"], "month"),
        (["11.2009", "1.2010"], ["2009-11-01", "2010-01-01"], "month"),
        (["2009M11", "2010m1"], ["2009-11-01", "2010-01-01"], "month"),
        (["Nov-09", "Dec-09"], ["2009-11-01", "2009-12-01"], "month"),
        (["Dec-49", "Jan-50"], ["2049-12-01", "1950-01-01"], "month"),
        (["november 2009", "december 2009"], ["2009-11-01", "2009-12-01"], "month"),
        (["noviembre de 2009"], ["2009-11-01"], "month"),
        (["2009-Nov"], ["2009-11-01"], "month"),
        (["1999Q4", "2000Q1"], ["1999-10-01", "2000-01-01"], "quarter"),
        (["1999-Q4", "2000-q1"], ["1999-10-01", "2000-01-01"], "quarter"),
        (["1999 Q4", "2000 Q1"], ["1999-10-01", "2000-01-01"], "quarter"),
        (["Q4 1999", "Q1-2000"], ["1999-10-01", "2000-01-01"], "quarter"),
        (["4Q1999", "1Q2000"], ["1999-10-01", "2000-01-01"], "quarter"),
        (["4. Quartal 1999", "1. Vierteljahr 2000"], ["1999-10-01", "2000-01-01"], "quarter"),
        (["1999, 4. Quartal", "2000 1. Vj."], ["1999-10-01", "2000-01-01"], "quarter"),
        (["53. KW 2020", "1. Kalenderwoche 2021"], ["2020-12-28", "2021-01-04"], "week"),
        (["2020-W53", "2021-W01"], ["2020-12-28", "2021-01-04"], "week"),
        (["2020W53", "2021W01"], ["2020-12-28", "2021-01-04"], "week"),
        (["2020 W53", "2021 w1"], ["2020-12-28", "2021-01-04"], "week"),
        (["W53 2020", "W1-2021", "KW 2/2021"], ["2020-12-28", "2021-01-04", "2021-01-11"], "week"),
        (["2020-W53-7", "2021-W01-1"], ["2021-01-03", "2021-01-04"], ""),
        (["2020-366", "2021-001", "2021-060"], ["2020-12-31", "2021-01-01", "2021-03-01"], ""),
        (["1948", "1949"], ["1948-01-01", "1949-01-01"], "year"),
        (["36525", "36526.0"], ["1999-12-31", "2000-01-01"], ""),
        (["3-Feb-1999", "04-Feb-1999"], ["1999-02-03", "1999-02-04"], ""),
        (["3. Februar 1999"], ["1999-02-03"], ""),
        (["February 3 1999", "Feb 4, 1999"], ["1999-02-03", "1999-02-04"], ""),
        (["1999 Feb 3", "1999-Feb-04"], ["1999-02-03", "1999-02-04"], ""),
        (["Wed, 3 Feb 1999", "Thursday, 4 Feb 1999"], ["1999-02-03", "1999-02-04"], ""),
        (["mar 2 mar 1999", "Mi, 3. März 1999"], ["1999-03-02", "1999-03-03"], ""),
        (["Mi 03.02.1999", "Do 04.02.1999"], ["1999-02-03", "1999-02-04"], ""),
        (["March 3, 1999", "Mar 14 1999"], ["1999-03-03", "1999-03-14"], ""),
        (["2009-M11", "2009 M12"], ["2009-11-01", "2009-12-01"], "month"),
        (["1999年2月3日", "1999年12月14日"], ["1999-02-03", "1999-12-14"], ""),
        (["1999年2月", "1999年12月"], ["1999-02-01", "1999-12-01"], "month"),
        (["3. 2. 1999", "14. 12. 1999"], ["1999-02-03", "1999-12-14"], ""),
        (["15JAN1999:00:00:00", "16FEB1999:12:30:00"], ["1999-01-15", "1999-02-16"], ""),
        ([None, "", "Q2 1999"], ["NaT", "NaT", "1999-04-01"], "quarter"),
    ],
)
def test_a_spelling_names_the_first_day_and_its_unit(cells, expected, unit):
    assert days(*cells) == expected
    assert parse_stamps(cells).unit == unit


@pytest.mark.parametrize(
    "day", ["2021-02-03", "03.02.2021", "13/2/2021", "Feb 3, 2021", "Wed, 3 Feb 2021", "2021-W05-3"]
)
@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("3:30 PM", "15:30:00"), ("03:30:05pm", "15:30:05"), ("12:00 AM", "00:00:00"), ("12:01 p.m.", "12:01:00"),
        ("3 am", "03:00:00"), ("15:30", "15:30:00"), ("15", "15:00:00"), ("00", "00:00:00"), ("5:30:05.25", "05:30:05"),
    ],
)  # fmt: skip
def test_a_clock_behind_any_date(day, clock, expected):
    stamps = parse_stamps([f"{day} {clock}"])
    assert str(stamps.times[0])[11:] == expected
    assert stamps.cut == (".25" in clock)


@pytest.mark.parametrize(
    ("zone", "seconds"),
    [
        ("Z", 0),
        (" UTC", 0),
        (" CET", 3600),
        (" CEST", 7200),
        (" MESZ", 7200),
        (" EST", -18000),
        (" +0000 UTC", 0),
        ("+01:00[Europe/Berlin]", 3600),
        ("JST", 32400),
        ("+01:00", 3600),
        ("+0530", 19800),
        ("-07", -25200),
        (" -03:30", -12600),
        ("-00:00", 0),
    ],
)
@pytest.mark.parametrize("stamp", ["2021-02-03T10:00", "3 Feb 2021 10:00:00", "13.2.2021 10:00"])
def test_an_offset_is_kept_beside_the_time_as_written(stamp, zone, seconds):
    stamps = parse_stamps([stamp + zone, stamp + zone])
    assert stamps.offsets.tolist() == [seconds, seconds]
    assert str(stamps.times[0]).endswith("T10:00:00")
    assert parse_stamps([stamp]).offsets is None


@pytest.mark.parametrize(
    ("cell", "expected", "offset"),
    [
        ("20210203T0405", "2021-02-03T04:05:00", None), ("20210203T040506", "2021-02-03T04:05:06", None),
        ("20210203 0405", "2021-02-03T04:05:00", None), ("20210203T040506Z", "2021-02-03T04:05:06", 0),
        ("20210203T040506.25+0100", "2021-02-03T04:05:06", 3600), ("20210203T0405-03", "2021-02-03T04:05:00", -10800),
    ],
)  # fmt: skip
def test_digits_with_a_clock(cell, expected, offset):
    stamps = parse_stamps([cell])
    assert str(stamps.times[0]) == expected
    assert stamps.offsets is None if offset is None else stamps.offsets.tolist() == [offset]


def test_offsets_in_some_cells_alone_are_refused_unless_they_are_nought():
    with pytest.raises(DataError, match=r"10:00\+01' in column 'time' has an offset.*'2021-02-03 09:00'"):
        parse_stamps(["2021-02-03 09:00", "2021-02-03 10:00+01"])
    assert parse_stamps(["2021-02-03 09:00", "2021-02-03 10:00Z"]).offsets.tolist() == [0, 0]


def _written(date: dt.date, spelling: int, language: str) -> str:
    whole, short = (names[language].split()[date.month - 1] for names in (MONTHS, SHORT))
    year, week, weekday = date.isocalendar()
    return (
        f"{date.isoformat()}",
        f"{date.year:04d}/{date.month}/{date.day}",
        f"{date.day:02d}.{date.month:02d}.{date.year:04d}",
        f"{date.day} {whole} {date.year:04d}",
        f"{short} {date.day}, {date.year:04d}",
        f"{date.year:04d} {short} {date.day:02d}",
        f"{WEEKDAYS[weekday - 1]}, {date.day}. {whole} {date.year:04d}",
        f"{year:04d}-W{week:02d}-{weekday}",
    )[spelling]  # fmt: skip


@given(
    st.lists(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 26)), min_size=1, max_size=8), st.integers(0, 7),
    st.sampled_from(sorted(MONTHS)),
)  # fmt: skip
def test_days_in_any_spelling_are_read_back(dates, spelling, language):
    cells = [_written(date, spelling, language) for date in dates]
    assert parse_stamps(cells).times.astype("datetime64[D]").tolist() == dates
    assert all(map(is_stamp, cells))


@given(
    st.lists(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), min_size=1, max_size=8),
    st.sampled_from(["{0.year:04d}-{0.month:02d}", "{0.month}/{0.year:04d}", "{1} {0.year:04d}"]),
    st.sampled_from(sorted(SHORT)),
)  # fmt: skip
def test_months_in_any_spelling_are_read_back(dates, form, language):
    cells = [form.format(date, SHORT[language].split()[date.month - 1]) for date in dates]
    stamps = parse_stamps(cells)
    assert stamps.times.astype("datetime64[D]").tolist() == [date.replace(day=1) for date in dates]
    assert stamps.unit == "month"


@given(
    st.lists(st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)), min_size=1, max_size=8),
    st.sampled_from(["%d/%m/{:04d} %I:%M:%S %p", "%m-%d-{:04d} %H:%M:%S", "%d.%m.{:04d} %H:%M:%S"]),
)
def test_day_and_month_are_read_back_or_refused_as_ambiguous(moments, form):
    moments = [moment.replace(microsecond=0) for moment in moments]
    cells = [moment.strftime(form).format(moment.year) for moment in moments]
    if "." in form or any(moment.day > 12 for moment in moments) or all(each.day == each.month for each in moments):
        assert parse_stamps(cells).times.tolist() == moments
    else:
        with pytest.raises(DataError, match="tells the day from the month"):
            parse_stamps(cells)


def series(text: str, **reading):
    return clean(parse_table(text, where="a.csv"), reading=Reading(**reading), where="a.csv")


def rows(name: str, *cells: str) -> str:
    return f"{name};v\n" + "".join(f"{cell};{number * number}\n" for number, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("name", "cells", "first"),
    [
        ("date", ["44200", "44201", "44202"], "2021-01-04"),
        ("Datum", ["44200.25", "44200.5", "44200.75"], "2021-01-04T06:00:00"),
        ("when", ["Jan 4, 2021", "Jan 5, 2021", "Jan 6, 2021"], "2021-01-04"),
        ("ds", ["2021-W01", "2021-W02", "2021-W03"], "2021-01-04"),
        ("x", ["2021-01-04 3:00 PM", "2021-01-04 4:00 PM"], "2021-01-04T15:00:00"),
    ],
)
def test_a_column_of_dates_is_the_time_of_the_rows(name, cells, first):
    table = series(rows(name, *cells))
    assert table.reading.time == (name,)
    assert table.stamps()[0] == first


@pytest.mark.parametrize("name", ["v2", "load", "price"])
@pytest.mark.parametrize(
    "cells", [["1949", "1950", "1951"], ["44200", "44201", "44202"], ["1.2008", "2.2008", "3.2008"]]
)
def test_numbers_in_a_column_of_another_name_are_no_dates(name, cells):
    assert series(f"{name}\n" + "\n".join(cells)).times is None


@pytest.mark.parametrize(
    ("name", "cells", "year"),
    [("year", ["1949", "1950", "1952"], True), ("fiscal_year", ["1951", "1950", "1949"], True),
     ("fiscal_year", ["1949", "1950", "1952"], False), ("time", ["1949", "1950", "1951"], False)],
)  # fmt: skip
def test_years_are_told_from_numbers_by_their_name(name, cells, year):
    from seqtool.data.time_columns import find_time

    assert find_time(parse_table(rows(name, *cells)), Reading(), "") == ((name,) if year else ())


def test_a_year_beside_a_month_is_a_month():
    from seqtool.data.time_columns import find_time, joined

    table = parse_table("year,month,v\n2020,11,1\n2020,12,4\n2021,1,9\n")
    names = find_time(table, Reading(), "")
    together, name, _ = joined(table, names, "")
    stamps = parse_stamps(together.columns[name])
    assert stamps.times.astype("datetime64[D]").astype(str).tolist() == ["2020-11-01", "2020-12-01", "2021-01-01"]
    assert stamps.unit == "month"


def test_am_and_pm_in_a_column_of_the_clock():
    table = series("day,clock,v\n2021-01-04,11:00 AM,1\n2021-01-04,12:00 PM,2\n2021-01-04,1:00 PM,4\n")
    assert table.stamps() == ["2021-01-04T11:00:00", "2021-01-04T12:00:00", "2021-01-04T13:00:00"]


@pytest.mark.parametrize(
    ("name", "cells", "words", "cure"),
    [
        ("date", ["2021-02-28", "2021-02-30"], "line 3: '2021-02-30' in column 'date' is no date: no calendar", "YYYY"),
        ("date", ["30 Feb 2021", "3 Mar 2021"], "'30 Feb 2021' in column 'date' is no date: no calendar", "YYYY"),
        ("ds", ["2021-W52", "2021-W53"], "'2021-W53' in column 'ds' is no date: no calendar has it", "YYYY"),
        ("d", ["2021-365", "2021-366"], "'2021-366' in column 'd' is no date: no calendar has it", "YYYY"),
        ("d", ["20210203T2359", "20210203T2461"], "'20210203T2461' in column 'd' is no date: no clock", "YYYY"),
        ("date", ["0000-01-01", "0001-01-01"], "'0000-01-01' in column 'date' is no date: no calendar", "YYYY"),
        ("date", ["Mon 4 Jan 2021", "Mon 5 Jan 2021"], "is no date: 2021-01-05 is a Tuesday", "YYYY"),
        ("date", ["2021-01-04 13:00 PM", "2021-01-04 1:00 PM"], "is no date: no clock shows it", "YYYY"),
        ("date", ["4 Jan 2021", "2021-01-05"], "as the others are written, such as '4 Jan 2021'", "YYYY"),
        ("date", ["2021-01", "2021-02", "2021Q1"], "'2021Q1' in column 'date' is no date as the others", "YYYY"),
        ("date", ["04/01/21", "05/01/21"], "no date that can be read, such as '04/01/21'", "--date-format %d/%m/%y or"),
        ("date", ["32/01/13", "32/01/14"], "no date that can be read", "--date-format %y/%m/%d;"),
        ("when", ["04-Jan-21", "05-Jan-21"], "no date that can be read", "--date-format %d-%b-%y or"),
        ("x", ["1/13/21 3:00 PM", "1/14/21 3:00 PM"], "no date", "--date-format '%m/%d/%y %I:%M %p'"),
        ("date", ["202101", "202102"], "no date that can be read", "--date-format %Y%m;"),
        ("date", ["210104", "210113"], "no date that can be read", "--date-format %y%m%d;"),
        ("date", ["1.1234", "1.1240", "1.1236"], "no date that can be read, such as '1.1234'", "--no-time"),
        ("t", ["Mon Jan  4 10:00:00 2021"], "no date that can be read", "--date-format '%a %b %d %H:%M:%S %Y'"),
        ("timestamp", ["16725312000000", "16725312000001"], "of the year 531,974", "--no-time"),
        ("date", ["Ene-01", "Ene-02"], "'Ene-02' in column 'date' is a month of the year 02", "write the whole year"),
        ("date", ["Jan-01", "Jan-04"], "'Jan-04' in column 'date' is a month of the year 04", "--date-format %b-%y"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_in_words(name, cells, words, cure):
    with pytest.raises(DataError) as caught:
        series(rows(name, *cells))
    assert words in caught.value.what
    assert cure in caught.value.cure


def test_a_format_decides_alone():
    cells = ["01/02/03 03:00 PM", "01/02/03 04:00 PM"]
    table = series(rows("x", *cells), date_format="%d/%m/%y %I:%M %p")
    assert table.stamps() == ["2003-02-01T15:00:00", "2003-02-01T16:00:00"]
    assert table.reading.date_format == "%d/%m/%y %I:%M %p"
    assert days("2021.05", "2021.06", format="%Y.%m") == ["2021-05-01", "2021-06-01"]
    assert parse_stamps(["2021.05"], format="%Y.%m").unit == "month"
    assert parse_stamps(["4/5/21 1:00+0200"], format="%d/%m/%y %H:%M%z").offsets.tolist() == [7200]
    with pytest.raises(DataError, match="line 3: '2003-02-01' in column 'x' is no date, as --date-format"):
        series(rows("x", cells[0], "2003-02-01", cells[1]), date_format="%d/%m/%y %I:%M %p")
    with pytest.raises(UsageError, match="no column has dates as --date-format"):
        series(rows("x", *cells), date_format="%Y-%m-%d")


@pytest.mark.parametrize("wrong", ["dd/mm/yy", "%d/%m", "%Q", "%Y-W%W", "%", "%H:%M", "%d.%Y"])
def test_a_format_that_names_no_date_is_refused_as_the_option_is_read(wrong):
    with pytest.raises(UsageError, match="--date-format"):
        Reading.of(ForecastingConfig(date_format=wrong))


def test_am_and_pm_beside_the_hours_of_a_whole_day_are_refused():
    """strptime reads over %p there: three in the afternoon would be three at night."""
    with pytest.raises(UsageError, match="%H counts 24 hours") as caught:
        Reading.of(ForecastingConfig(date_format="%d/%m/%y %H:%M %p"))
    assert "'%d/%m/%y %I:%M %p'" in caught.value.cure


@pytest.mark.parametrize(
    "text",
    [rows("date", "4/1/2021", "3/1/2021", "2/1/2021"), rows("date", "soon", "later", "never"),
     rows("year", "2021", "2020", "2019"), rows("date", "44200", "44210", "44215"),
     rows("x", "2021-01-04", "2021-01-09"), rows("count", "3", "2", "1").replace(";v", ";close", 1)],
)  # fmt: skip
def test_no_time_takes_rows_as_steps_whatever_columns_there_are(text):
    table = series(text, no_time=True)
    assert table.times is None
    assert table.columns in (("v",), ("close",))
    assert Reading.from_json(table.reading.to_json()) == table.reading


def test_plain_iso_stamps_are_read_as_numpy_reads_them():
    cells = [f"2021-01-{day:02d} 10:{day:02d}" for day in range(1, 32)]
    np.testing.assert_array_equal(parse_stamps(cells).times, np.array(cells, dtype="datetime64[s]"))


@pytest.mark.parametrize("head", ["January 2021\n\nday,v\n", "day,v\n"])
def test_a_month_is_a_title_above_a_table_and_data_under_its_header(head):
    assert clean(parse_table(head + "2021-01-04,1\n2021-01-05,2\n")).stamps()[0] == "2021-01-04"
    assert parse_table("day,v\nJan-21,\nFeb-21,3\nMar-21,4\n").columns["day"] == ["Jan-21", "Feb-21", "Mar-21"]
    assert tuple(parse_table("2021-01,2021-02\n5,6\n7,8\n").columns) == ("2021-01", "2021-02")


def test_a_long_table_keeps_its_format_of_dates():
    text = "d,shop,v\n" + "".join(
        f"{day:02d}/01/21,{shop},{day * len(shop)}\n" for day in (4, 5) for shop in ("a", "bb")
    )
    table = clean(parse_table(text), id_column=["shop"], reading=Reading(date_format="%d/%m/%y"))
    assert table.stamps() == ["2021-01-04", "2021-01-05"]
    assert table.values.tolist() == [[4, 8], [5, 10]]
    assert table.reading.date_format == "%d/%m/%y"


def test_a_frame_is_read_with_the_format_of_its_texts_alone():
    import pandas

    from seqtool.families.forecasting.table import read_frame

    frame = pandas.DataFrame({"t": ["2021-05-04", "2021-06-04"], "a": [1.0, 2.0]})
    reading = Reading(date_format="%Y-%d-%m")
    assert read_frame(frame, ("a",), {}, reading).stamps() == ["2021-04-05", "2021-04-06"]
    frame["t"] = pandas.to_datetime(frame["t"])
    assert read_frame(frame, ("a",), {}, reading).stamps()[0] == "2021-05-04"
    assert read_frame(frame, ("a",), {}, Reading(no_time=True)).times is None


def test_counted_days_are_steps_still():
    text = rows("day", "3000", "3001", "3002")
    assert clean(parse_table(text), columns=["v"]).times is None


def test_no_time_and_a_column_of_time_contradict_each_other():
    from seqtool.families.forecasting.config import ForecastingConfig

    with pytest.raises(UsageError, match="contradict"):
        Reading.of(ForecastingConfig(no_time=True, time_column=("t",)))


def test_a_format_without_the_clock_that_stands_beside_is_refused_with_the_whole_one():
    text = "d,clock,v\n" + "".join(f"04/01/21,{hour}:30 PM,{hour}\n" for hour in (1, 2, 3))
    with pytest.raises(UsageError, match="times in 'clock' belong to the dates in 'd'") as caught:
        series(text, date_format="%d/%m/%y")
    assert caught.value.cure == "--time-column d,clock --date-format '%d/%m/%y %I:%M %p'"
    table = series(text, date_format="%d/%m/%y %I:%M %p", time=("d", "clock"))
    assert table.stamps() == ["2021-01-04T13:30:00", "2021-01-04T14:30:00", "2021-01-04T15:30:00"]


def test_quarters_beside_years_are_no_series_each():
    text = "year,quarter,v\n" + "".join(f"{2000 + n // 4},{n % 4 + 1},{n * n}\n" for n in range(12))
    assert clean(parse_table(text), columns=["v"]).stamps()[-1] == "2002-10-01"


def test_a_kept_reading_of_another_type_is_refused():
    with pytest.raises(TypeError):
        Reading.from_json({"no_time": "yes"})
    with pytest.raises(TypeError):
        Reading.from_json({"date_format": True})


def test_the_end_of_a_day_is_the_start_of_the_next_and_a_day_that_none_has_is_no_date():
    cells = ["2021-12-31 24:00", "2022-01-01 01:00"]
    assert parse_stamps(cells).times.astype(str).tolist() == ["2022-01-01T00:00:00", "2022-01-01T01:00:00"]
    assert np.isnat(parse_stamps(["20210230", "20210228"]).times).tolist() == [True, False]


@pytest.mark.parametrize("cells", [
    ["2022-07-02", "2022-08-02", "13/02/2022"], ["2022-07-02 10:00:00", "14.2.2022 10:00"],
    ["Wed 2022-02-02", "Thu 03/02/2022"],
])  # fmt: skip
def test_dates_of_two_ways_in_one_column_are_refused(cells):
    """A spreadsheet swaps day and month of 2/7/2022, and leaves 13/2/2022 as it is."""
    with pytest.raises(DataError, match=f"written in two ways, '{cells[0]}' and '{cells[-1]}'") as caught:
        parse_stamps(cells)
    assert "as text" in caught.value.cure


DAYS_OF_A_YEAR = [dt.date(2019, 3, 20) + dt.timedelta(n) for n in range(90)]


@pytest.mark.parametrize(("form", "cure"), [
    ("%m-%d", "write dates as YYYY-MM-DD"), ("%d %b", "write dates as YYYY-MM-DD"), ("%y%m%d", "--date-format %y%m%d"),
    ("%d.%m.%y", "--date-format %d.%m.%y"),
])  # fmt: skip
@pytest.mark.parametrize("newest_first", [False, True])
def test_no_format_is_offered_by_which_the_rows_jump(form, cure, newest_first):
    cells = [day.strftime(form) for day in DAYS_OF_A_YEAR]
    table = parse_table(
        "date,v\n" + "".join(f"{cell},{n}.5\n" for n, cell in enumerate(cells[:: -1 if newest_first else 1]))
    )
    with pytest.raises(DataError, match="no date that can be read") as caught:
        clean(table)
    assert caught.value.cure == f"{cure}; where the oldest row comes first, the rows can be steps: --no-time"


@pytest.mark.parametrize("mark", ["/", "-"])
@pytest.mark.parametrize("name", ["season", "year"])
def test_seasons_over_two_years_are_years(mark, name):
    cells = [f"{year}{mark}{(year + 1) % 100:02d}" for year in range(1998, 2010)]
    assert (parse_stamps(cells).times == [np.datetime64(str(year), "s") for year in range(1998, 2010)]).all()
    one = clean(parse_table(f"{name},goals\n" + "".join(f"{cell},{n}.5\n" for n, cell in enumerate(cells))))
    assert (str(one.grid), one.future(1)) == ("yearly, month start", ["2010-01-01"])


@pytest.mark.parametrize("cells", [
    [f"{year % 100:02d}/{(year + 1) % 100:02d}" for year in range(2004, 1994, -1)],
    [f"{month} {year}" for year in (2021, 2020) for month in ("prosinec", "listopad", "říjen", "září", "srpen")],
    [f"{number}. Quartal {year}" for year in (2021, 2020, 2019) for number in ("IV", "III", "II", "I")],
    [f"{year} лето" if half else f"{year} зима" for year in (2021, 2020, 2019) for half in (1, 0)],
])  # fmt: skip
def test_seasons_and_parts_of_years_in_any_words_are_no_steps(cells):
    """They may come the newest first, and nothing says so."""
    text = "what,v\n" + "".join(f"{cell},{n}.5\n" for n, cell in enumerate(cells))
    with pytest.raises(DataError, match=f"column 'what' holds no date that can be read, such as '{cells[0]}'"):
        clean(parse_table(text))
    assert len(clean(parse_table(text), reading=Reading(no_time=True)).values) == len(cells)


BACKWARDS = [dt.date(2022, 12, 20) - dt.timedelta(7 * n) for n in range(60)]


@pytest.mark.parametrize("cells", [
    [f"W{day:%V-%y}" for day in BACKWARDS], [f"Week {int(f'{day:%V}')}, {day:%G}" for day in BACKWARDS],
    [f"T{4 - n % 4} {2022 - n // 4}" for n in range(40)], [f"{4 - n % 4}T {2022 - n // 4}" for n in range(40)],
    [f"{day.day}.{day.month}." for day in reversed(DAYS_OF_A_YEAR)], [f"KW {52 - n % 52}" for n in range(60)],
    [SHORT["de"].split()[11 - n % 12] for n in range(36)], [f"{30 - n % 30} мая {2022 - n // 30}" for n in range(60)],
    [f"{30 - n % 30} {('мая', 'апреля')[n // 30]} 2024" for n in range(60)],
])  # fmt: skip
@pytest.mark.parametrize("total", ["", "Summe,99\n", ",3\nSumme,99\n"])
def test_labels_whose_newest_comes_first_are_no_steps(cells, total):
    lines = [f"{cell},{n}.5\n" for n, cell in enumerate(map('"{}"'.format, cells))]
    with pytest.raises(DataError, match="column 'Label' falls from row to row: the newest row may come first"):
        clean(parse_table(f"Label,v\n{''.join(lines[:20])}{total}{''.join(lines[20:])}{total}"))
    one = clean(parse_table("Label,v\n" + "".join(reversed(lines))))
    assert (one.times, one.values[:, 0].tolist()) == (None, [n + 0.5 for n in reversed(range(len(cells)))])


def test_years_quarters_and_months_below_each_other_are_no_series():
    years, months = range(2005, 2024), [dt.date(2005 + n // 12, n % 12 + 1, 1) for n in range(200)]
    cells = [
        *map(str, years),
        *(f"{year} Q{n}" for year in years for n in range(1, 5)),
        *(f"{m:%Y %b}" for m in months),
    ]
    with pytest.raises(DataError, match="'Title' goes back in time, from '2023' to '2005 Q1'"):
        clean(parse_table("Title,CPI\n" + "".join(f"{cell},{n}.5\n" for n, cell in enumerate(cells))))


@pytest.mark.parametrize("cells", [
    [f"Golf {1990 + n}" for n in range(15)], [f"{n + 1}/20" for n in range(15)], [f"run {n % 3}" for n in range(15)],
    [f"{12 - n % 2}/{n + 10}" for n in range(15)],
])  # fmt: skip
def test_names_with_numbers_are_no_parts_of_years(cells):
    text = "what,v\n" + "".join(f"{cell},{n}.5\n" for n, cell in enumerate(cells))
    assert len(clean(parse_table(text)).values) == 15


def test_years_beside_days_of_the_year_are_days():
    days = [dt.date(2019, 12, 20) + dt.timedelta(n) for n in range(30)]
    rows = "".join(f"{day:%Y},{day.timetuple().tm_yday},{n}.5\n" for n, day in enumerate(days))
    one = clean(parse_table(f"YEAR,DOY,T2M\n{rows}"))
    assert (one.columns, one.stamps()) == (("T2M",), [str(day) for day in days])
    again = clean(parse_table(f"y,doy,T2M\n{rows}"), reading=Reading(time=("y", "doy")))
    assert again.stamps() == one.stamps()


def test_a_clock_in_pointed_brackets_is_named_as_a_part_of_the_time():
    hours = [dt.datetime(2022, 3, 7, 9) + dt.timedelta(hours=n) for n in range(60)]
    rows = "".join(f"{hour:%Y%m%d},{hour:%H%M%S},{n}.5\n" for n, hour in enumerate(hours))
    text = f"<DATE>,<TIME>,<CLOSE>\n{rows}"
    with pytest.raises(DataError, match="make up the time stamp together") as caught:
        clean(parse_table(text), columns=("<CLOSE>",))
    assert caught.value.cure == "--time-column '<DATE>,<TIME>'"
    one = clean(parse_table(text), columns=("<CLOSE>",), reading=Reading(time=("<DATE>", "<TIME>")))
    assert one.times is not None
    assert one.times.tolist() == hours


@pytest.mark.parametrize(("cells", "read"), [
    (["Jan-20", "Feb-20", "Mar-20"], "2020-01 to 2020-03"), (["Mar '99", "Feb '99", "Jan '99"], "1999-01 to 1999-03"),
])  # fmt: skip
def test_what_two_digits_of_a_year_were_read_as_is_said(cells, read):
    one = series(rows("date", *cells))
    text = next(finding.text for finding in one.findings if finding.code == "short-years")
    assert text.startswith(f"years of two digits were read as {read}")


def test_two_digits_of_years_a_century_apart_are_refused():
    cells = [f"{month}-{year}" for year in range(48, 52) for month in SHORT["en"].split()]
    with pytest.raises(DataError, match="'Dec-49' as 2049 and 'Jan-50' as 1950") as caught:
        series(rows("date", *cells))
    assert "'Jan 1950'" in caught.value.cure
    assert str(series(rows("date", *(cell.replace("-", " 19") for cell in cells))).grid) == "monthly, month start"


def test_a_cell_of_another_unit_is_to_be_written_as_the_others():
    with pytest.raises(DataError, match="'2025-01-01' in column 'period' is no date as the others") as caught:
        series(rows("period", *(f"Q{n % 4 + 1} {2022 + n // 4}" for n in range(12)), "2025-01-01"))
    assert caught.value.cure.startswith("write it as 'Q1 2022' is")
    with pytest.raises(DataError, match="no date that can be read") as caught:
        series(rows("month", *(f"{n % 12 + 1:02d}{2010 + n // 12}" for n in range(24))))
    assert caught.value.cure.startswith("--date-format %m%Y")
    assert series(rows("month", "012010", "022010"), date_format="%m%Y").stamps() == ["2010-01-01", "2010-02-01"]


@pytest.mark.parametrize(("months", "names"), [
    (("Nov", "Dec", "Jan", "Feb"), "year,month,value"),
    (("novembre", "décembre", "janvier", "février"), "année,mois,value"),
    (("Nov.", "Dez.", "Jan.", "Feb."), "Jahr,Monat,value"),
])  # fmt: skip
def test_the_names_of_months_beside_years_are_read_as_their_numbers(months, names):
    years = (2000, 2000, 2001, 2001)
    rows = [f"{year},{month},{place}" for place, (year, month) in enumerate(zip(years, months, strict=True))]
    one = clean(parse_table("\n".join([names, *rows])))
    assert one.stamps() == ["2000-11-01", "2000-12-01", "2001-01-01", "2001-02-01"]
    assert one.values[:, 0].tolist() == [0, 1, 2, 3]
    daily = [f"2000,{months[1]},{day},{day}" for day in (30, 31)] + [f"2001,{months[2]},{day},{day}" for day in (1, 2)]
    head = ",".join([*names.split(",")[:2], "day", "value"])
    later = clean(parse_table("\n".join([head, *daily])))
    assert later.stamps() == ["2000-12-30", "2000-12-31", "2001-01-01", "2001-01-02"]


def test_the_month_of_a_peak_is_no_part_of_the_time_of_years():
    one = clean(parse_table("year,month,value\n2000,Jan,1\n2001,Aug,2\n2002,Feb,3\n"))
    assert one.stamps() == ["2000-01-01", "2001-01-01", "2002-01-01"]


@pytest.mark.parametrize(
    ("head", "form"), [("Hour", "{0}-{1}"), ("Hour", "{0:02d} - {1:02d}"), ("Interval", "{0}\N{EN DASH}{1}")]
)
def test_an_hour_that_is_written_as_a_span_is_the_one_in_which_it_begins(head, form):
    rows = [f"2024-01-{1 + n // 24:02d},{form.format(n % 24, n % 24 + 1)},{n}.5" for n in range(96)]
    reading = Reading(time=("Date", head)) if head != "Hour" else Reading()
    one = clean(parse_table("\n".join([f"Date,{head},kWh", *rows]) + "\n"), reading=reading)
    assert (one.stamps()[0], one.stamps()[25]) == ("2024-01-01T00:00:00", "2024-01-02T01:00:00")
    assert one.values[25, 0] == 25.5


@pytest.mark.parametrize("head", ["Label", "Period"])
def test_a_year_alone_between_its_quarters_is_no_step(head):
    quarters = ("{0} Q1,1.5\n", "{0} Q2,1.5\n", "{0} Q3,1.5\n", "{0} Q4,1.5\n", "{0},6\n")
    rows = [form.format(year) for year in range(2000, 2020) for form in quarters]
    with pytest.raises(DataError, match=f"line 6: '2000' in column '{head}' is no date as the others are written"):
        clean(parse_table(f"{head},y\n{''.join(rows)}"))
