"""Tables whose cells are parted by blanks, and headers that lack the name of R's numbers of rows."""

from __future__ import annotations

import datetime

import pytest

from seqtool.data.clean import clean
from seqtool.data.date_format import fitting
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError

DAYS = [datetime.date(2019, 5, 1) + datetime.timedelta(days=n) for n in range(20)]


def rows(form: str, header: str = "") -> str:
    """Write a row a day: {day}, {n} counts from 1, {v} is a number."""
    lines = [form.format(day=day, n=n, v=n * n % 11) for n, day in enumerate(DAYS, start=1)]
    return "\n".join([header] * bool(header) + lines) + "\n"


def said(one, code: str) -> str:
    return next((finding.text for finding in one.findings if finding.code == code), "")


@pytest.mark.parametrize(("form", "header"), [
    ("{day}    {v}.5   {n:7d}", "day         flow     count"), ("{day} {v}.5 {n}", "day flow count"),
    ("  {day:%d.%m.%Y}   {v},5  {n}  ", " day   flow   count"), ("{day} 12:00  {v}.5  {n}", "day time flow count"),
    ('"{day}" {v}.5 {n}', '"day" "flow" "count"'), ('"{n}" "{day}" {v}.5 {n}', '"day" "flow" "count"'),
])  # fmt: skip
def test_cells_between_blanks(form, header):
    one = clean(parse_table(rows(form, header)), columns=("flow",))
    assert one.values[:4, 0].tolist() == [1.5, 4.5, 9.5, 5.5]
    assert one.stamps()[-1].startswith("2019-05-20")
    assert said(one, "format") == "read as a table whose cells are parted by blanks"
    assert one.reading.mark == " "


def test_without_names():
    one = clean(parse_table(rows("{day} {v}.5")))
    assert (one.columns, one.values[1, 0], one.stamps()[0]) == (("column_2",), 4.5, "2019-05-01")


@pytest.mark.parametrize("mark", [",", "\t"])
def test_the_numbers_of_rows_that_r_writes_have_no_name(mark):
    form = mark.join(['"{n}"', '"{day}"', "{v}.5"])
    one = clean(parse_table(rows(form, mark.join(['"day"', '"flow"']))))
    assert (one.columns, one.values[1, 0]) == (("flow",), 4.5)
    assert "'day' names the second column" in said(one, "row-names")


@pytest.mark.parametrize("mark", [" ", ",", "\t"])
def test_dates_as_names_of_rows(mark):
    one = clean(
        parse_table(rows(mark.join(["{day}", "{v}.5", "{n}"]), mark.join(["flow", "level"]))), columns=("flow",)
    )
    assert (one.values[1, 0], one.stamps()[0]) == (4.5, "2019-05-01")


def test_one_cell_more_that_counts_nothing_is_refused():
    with pytest.raises(DataError, match="line 2 has 3 cells, the first row 2"):
        parse_table(rows("{day},{n},{v}", "day,flow"))


def test_a_series_of_years_and_months_as_r_prints_it():
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    lines = [f"{year} " + " ".join(str(year - 1900 + m) for m in range(12)) for year in range(1971, 1976)]
    one = clean(parse_table("\n".join([f"     {months}", *lines]) + "\n"))
    assert (str(one.grid), one.values[12:14, 0].tolist()) == ("monthly, month start", [72, 73])


@pytest.mark.parametrize(("text", "words", "cure"), [
    (rows("{day} {v}.5 {n}", "day flow count").replace(" 5.5 ", " ", 1), "line 5 has 2 cells between blanks", "commas"),
    (rows("{day} {v},5"), "'2019-05-01 1,5': the blanks part the columns, or the comma behind an hour", "--decimal ,"),
    (rows("{n} 234", "total"), "the blanks part two columns, or thousands", "--thousands blank"),
    (rows("it was {n} in the end", "so it was once again"), "no cell is a number or a date", "commas"),
])  # fmt: skip
def test_what_is_refused(text, words, cure):
    with pytest.raises(DataError) as caught:
        clean(parse_table(text))
    assert words in str(caught.value)
    assert cure in caught.value.cure


def test_a_known_decimal_comma_decides():
    one = clean(parse_table(rows("{day} {v},5"), decimal=","), reading=Reading(decimal=","))
    assert one.values[:2, 0].tolist() == [1.5, 4.5]


def test_an_hour_alone_is_no_hour_and_minute():
    assert fitting(["2019-05-01 11"]) == ["%Y-%m-%d %H"]


def test_a_cr_inside_of_a_line_is_no_fault_of_the_program():
    assert len(parse_table("date,y,z\n0\r0")) > 0
