"""Tables of a year a row: their months or quarters are one series."""

from __future__ import annotations

import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.errors import DataError
from seqtool.families.forecasting.history import from_table

ENGLISH = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"
GERMAN = "Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember"


def table(names: str, years=range(1981, 1986), head: str = "Year", parts: int = 12) -> str:
    """Write the number 100 * year + part in each cell, the year without its century."""
    rows = (f"{year}," + ",".join(str(100 * (year - 1900) + part) for part in range(1, parts + 1)) for year in years)
    return f"{head},{names}\n" + "\n".join(rows) + "\n"


def said(one, code: str) -> str:
    return next((finding.text for finding in one.findings if finding.code == code), "")


@pytest.mark.parametrize("names", [ENGLISH, GERMAN, ENGLISH.upper(), ",".join(map(str, range(1, 13)))])
def test_months_beside_years_are_one_monthly_series(names):
    one = clean(parse_table(table(names)))
    assert (one.columns, str(one.grid), len(one.values)) == (("value",), "monthly, month start", 60)
    assert one.values[[0, 11, 12, 59], 0].tolist() == [8101, 8112, 8201, 8512]
    assert one.future(1) == ["1986-01-01"]
    assert "a year a row and a month a column" in said(one, "year-rows")


def test_quarters_the_newest_year_first_and_a_year_yet_to_be_filled():
    text = table("Q1,Q2,Q3,Q4", range(1985, 1980, -1), "Jahr", 4).replace(",8503,8504", ",,")
    one = clean(parse_table(text))
    assert (str(one.grid), one.values[[0, -1], 0].tolist()) == ("quarterly, month start", [8101, 8502])


def test_a_mean_of_the_year_is_left_out_and_named():
    rows = table(ENGLISH).split("\n")
    text = "\n".join([f"{rows[0]},Annual", *(f"{row},7" for row in rows[1:-1])])
    one = clean(parse_table(text))
    assert one.values[-1, 0] == 8512
    assert "not used: Annual" in said(one, "year-rows")


def test_stations_beside_the_years_are_series():
    rows = table(ENGLISH).split("\n")
    hill, bay = ([f"{site},{row}{end}" for row in rows[1:-1]] for site, end in (("hill", ""), ("bay", ".5")))
    text = "\n".join(["site," + rows[0], *hill, *bay])
    one = clean(parse_table(text), id_column=("site",))
    assert (one.columns, one.values[-1].tolist()) == (("hill", "bay"), [8512, 8512.5])
    with pytest.raises(DataError, match="several series") as caught:
        clean(parse_table(text))
    assert caught.value.cure == "--id-column site"


def test_one_month_is_read_where_it_is_asked_for_and_eleven_are_no_year():
    one = clean(parse_table(table(ENGLISH)), columns=("Mar",))
    assert (one.columns, one.values[:, 0].tolist()) == (("Mar",), [8103, 8203, 8303, 8403, 8503])
    with pytest.raises(DataError, match="11 columns of numbers"):
        clean(parse_table(table(ENGLISH.removesuffix(",Dec"), parts=11)))


def test_a_cell_that_is_no_number_is_named_with_the_line_of_its_year():
    with pytest.raises(DataError, match="line 3: '8x' in column 'value'"):
        clean(parse_table(table(ENGLISH).replace("8207", "8x")))


def test_a_later_table_is_read_alike():
    trained = clean(parse_table(table(ENGLISH)))
    later = from_table(
        parse_table(table(ENGLISH, range(1983, 1988))), ("value",), {}, trained.reading, "", trained.grid
    )
    assert (later.values[-1, 0], later.future(1)) == (8712, ["1988-01-01"])


@pytest.mark.parametrize(("names", "first", "last"), [
    ("Jul,Aug,Sep,Oct,Nov,Dec,Jan,Feb,Mar,Apr,May,Jun", "Jul", "Jun"), ("10,11,12,1,2,3,4,5,6,7,8,9", "10", "9"),
    ("Q4,Q1,Q2,Q3", "Q4", "Q3"),
])  # fmt: skip
def test_a_fiscal_year_is_refused(names, first, last):
    with pytest.raises(DataError, match=f"go from '{first}' to '{last}', over two years beside one"):
        clean(parse_table(table(names, parts=names.count(",") + 1)))


def test_months_backwards_or_by_their_names_are_of_the_year_beside_them():
    for names in (",".join(ENGLISH.split(",")[::-1]), ",".join(sorted(ENGLISH.split(",")))):
        assert len(clean(parse_table(table(names))).values) == 60
