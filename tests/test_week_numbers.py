"""Weeks that are written like months, in columns that are called like weeks."""

from __future__ import annotations

import datetime

import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.week_numbers import as_week
from seqtool.errors import DataError
from seqtool.families.forecasting.history import from_table

MONDAYS = [datetime.date(2020, 11, 2) + datetime.timedelta(weeks=n) for n in range(30)]  # 2020 has a week 53


def table(form: str, name: str = "week", dates=MONDAYS) -> str:
    rows = (form.format(*date.isocalendar()) + f",{place}.5" for place, date in enumerate(dates))
    return "\n".join([f"{name},visits", *rows]) + "\n"


@pytest.mark.parametrize("form", ["{0}-{1:02d}", "{0}{1:02d}", "{1}/{0}", "{0}/{1}", "{0}{1:02d}.0"])
@pytest.mark.parametrize("name", ["Woche", "KW", "calendar_week", "YearWeek", "yearweek", "yyyyww", "ISO_Week"])
def test_a_year_and_a_number_are_the_monday_of_that_week(form, name):
    one = clean(parse_table(table(form, name)))
    assert one.stamps() == [str(date) for date in MONDAYS]
    assert str(one.grid) == "weekly"


def test_the_first_twelve_weeks_are_no_months_in_a_later_table_either():
    trained = clean(parse_table(table("{0}-{1:02d}")))
    dates = [datetime.date(2022, 1, 3) + datetime.timedelta(weeks=n) for n in range(12)]
    later = from_table(
        parse_table(table("{0}-{1:02d}", dates=dates)), ("visits",), {}, trained.reading, "", trained.grid
    )
    assert later.future(1) == ["2022-03-28"]


def test_other_columns_and_other_numbers_stay():
    months = clean(parse_table(table("{0}-{1:02d}", "month", dates=MONDAYS[10:19:4])))
    assert str(months.grid) == "every 4 months, month start"
    assert (as_week("2022-54"), as_week("202200"), as_week("2022"), as_week("7")) == ("", "", "", "")
    counted = clean(parse_table("year,week,v\n2021,51,1\n2021,52,2\n2022,1,4\n"), columns=("v",))
    assert counted.stamps() == ["2021-12-20", "2021-12-27", "2022-01-03"]
    formatted = clean(parse_table(table("{0}-{1:02d}", dates=MONDAYS[9:14])), reading=Reading(date_format="%Y-%m"))
    assert str(formatted.grid).startswith("monthly")


@pytest.mark.parametrize("back", [1, -1])
def test_six_digits_that_go_on_like_weeks_have_to_be_called_so(back):
    head, *rows = table("{0}{1:02d}", "when").splitlines()
    text = "\n".join([head, *rows[::back]]) + "\n"
    with pytest.raises(DataError, match=r"the numbers in column 'when', such as 202.*, go on like the weeks") as caught:
        clean(parse_table(text), columns=("visits",))
    assert caught.value.cure.startswith("call the column 'week'")
    assert clean(parse_table(text.replace("when", "week"))).stamps() == [str(date) for date in MONDAYS]
    parts = [f"{200001 + (n * 7919) % 50}" for n in range(40)]
    numbers = clean(
        parse_table("part,v\n" + "".join(f"{part},{n}.5\n" for n, part in enumerate(parts))), columns=("v",)
    )
    assert numbers.times is None


@pytest.mark.parametrize("back", [1, -1])
@pytest.mark.parametrize("form", ["{0:%Y}-{0:%V}", "{0:%Y}-W{0:%V}"])
def test_a_week_of_iso_beside_the_year_of_the_calendar_is_refused(form, back):
    days = [datetime.date(2018, 6, 4) + datetime.timedelta(weeks=n) for n in range(60)]
    rows = [f"{form.format(day)},{n}.5\n" for n, day in enumerate(days)][::back]
    with pytest.raises(DataError, match=r"'2018-W?01' follows '2018-W?52' in column 'week'") as caught:
        clean(parse_table("week,v\n" + "".join(rows)))
    assert "%G in place of %Y" in caught.value.cure
    mended = "".join(f"{day:%G}-W{day:%V},{n}.5\n" for n, day in enumerate(days))
    assert clean(parse_table("week,v\n" + mended)).stamps() == [str(day) for day in days]


@pytest.mark.parametrize("form", ["{0}-{1}", "{1}/{0}", "{0}.{1}", "{0}:{1}"])
@pytest.mark.parametrize("name", ["quarter", "Quartal"])
def test_a_year_and_a_number_to_four_are_a_quarter(form, name):
    rows = "".join(f"{form.format(2000 + n // 4, n % 4 + 1)};{n},5\n" for n in range(20))
    one = clean(parse_table(f"{name};v\n{rows}"), columns=("v",))
    assert (str(one.grid), one.stamps()[-1]) == ("quarterly, month start", "2004-10-01")
    later = from_table(parse_table(f"{name};v\n{form.format(2005, 2)};7,5\n"), ("v",), {}, one.reading, "", one.grid)
    assert later.stamps() == ["2005-04-01"]
    months = "".join(f"{2000 + n // 4}-{3 * (n % 4) + 1:02d};{n},5\n" for n in range(20))
    assert clean(parse_table(f"{name};v\n{months}")).stamps()[-1] == "2004-10-01"


@pytest.mark.parametrize(("head", "form", "parts", "last"), [
    ("Year,Quarter", "{0},Q{1}", 4, "2002-10-01"), ("Jahr,Quartal", "{0},{1}. Quartal", 4, "2002-10-01"),
    ("Year,Week", "{0},W{1:02d}", 52, "2002-12-23"), ("Jahr,KW", "{0},KW {1}", 52, "2002-12-23"),
])  # fmt: skip
def test_a_part_with_its_letter_beside_a_year(head, form, parts, last):
    rows = [f"{form.format(2000 + n // parts, n % parts + 1)},{n}.5\n" for n in range(3 * parts)]
    assert clean(parse_table(f"{head},v\n{''.join(rows)}")).stamps()[-1] == last
    named = Reading(time=tuple(head.split(",")))
    assert clean(parse_table(f"{head},v\n{''.join(rows)}"), reading=named).stamps()[-1] == last
