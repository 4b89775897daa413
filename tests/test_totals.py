"""Rows of totals between the rows of a series are no steps of it."""

from __future__ import annotations

import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.table_rows import is_total
from seqtool.errors import DataError
from seqtool.say import counted


def months(total: str, years=(2015, 2016, 2017)) -> str:
    rows = [f"{year}-{month:02d},{month}" for year in years for month in range(1, 13)]
    for place in range(12 * len(years), 0, -12):
        rows.insert(place, f"{total.format(rows[place - 1][:4])},78")
    return "\n".join(["month,sales", *rows]) + "\n"


def said(one, code: str) -> str:
    return next((finding.text for finding in one.findings if finding.code == code), "")


@pytest.mark.parametrize(("cell", "total"), [
    ("Total", True), ("Summe:", True), ("Total 2019", True), ("2019 TOTAL", True), ("Grand total", True),
    ("Totally", False), ("2019", False), ("Total units", False), ("", False), (None, False),
])  # fmt: skip
def test_what_a_total_is_called(cell, total):
    assert is_total(cell) == total


@pytest.mark.parametrize("total", ["Total {}", "Summe", "{} total:"])
def test_totals_between_dates_are_left_out_and_named(total):
    one = clean(parse_table(months(total)))
    assert one.values[:, 0].tolist() == [*range(1, 13)] * 3
    assert said(one, "totals") == "2 rows of totals between the others left out: line 14, line 27"


def test_totals_between_years():
    rows = [f"{year},{year - 1900}" for year in range(1991, 2001)]
    one = clean(parse_table("\n".join(["year,births", *rows[:5], "Total,465", *rows[5:]]) + "\n"))
    assert (one.values[:, 0].tolist(), str(one.grid)) == ([*range(91, 101)], "yearly, month start")
    assert said(one, "totals") == "1 row of a total between the others left out: line 7"


def test_totals_between_rows_without_dates():
    text = "a,b\n" + "".join(f"{n},{n * n % 7}\n" + "total,99\n" * (n == 4) for n in (3, 1, 4, 1, 5, 9))
    one = clean(parse_table(text), columns=("b",))
    assert one.values[:, 0].tolist() == [2, 1, 2, 1, 4, 4]


def test_a_brand_is_no_total_and_other_words_are_no_dates():
    text = "brand,litres\n" + "".join(f"{name},{n}\n" for n, name in enumerate(["Total", "Esso", "Total", "Agip"]))
    assert clean(parse_table(text)).values[:, 0].tolist() == [0, 1, 2, 3]
    with pytest.raises(DataError, match="line 14: 'closed' in column 'month' is no date"):
        clean(parse_table(months("closed")))


@pytest.mark.parametrize(("count", "words", "text"), [
    (1, ("row",), "1 row"), (0, ("row",), "0 rows"), (1234, ("step is", "steps are"), "1,234 steps are"),
])  # fmt: skip
def test_a_count_and_its_noun(count, words, text):
    assert counted(count, *words) == text


def test_one_row_behind_the_table_is_one_row():
    text = "day,y\n" + "".join(f"2020-02-{day:02d},{day}\n" for day in range(1, 8)) + "Total,28\n"
    assert said(clean(parse_table(text)), "trailing-text").startswith("1 row without a date, or of totals")


def test_rows_that_another_column_calls_totals_are_warned_of():
    rows = [f"2021-06-{day:02d},{'Total' if day % 7 == 0 else 'day'},{day}" for day in range(1, 29)]
    one = clean(parse_table("\n".join(["date,kind,y", *rows]) + "\n"))
    assert said(one, "called-totals") == (
        "column 'kind' calls 4 rows a total, the first is line 8: read as steps like the others"
    )
    every = clean(parse_table("\n".join(["date,kind,y", *rows]).replace(",day,", ",Total,") + "\n"))
    assert not said(every, "called-totals")


def test_totals_beside_quarters_and_months_by_name_under_any_name():
    cells = [f"{year} {part}" for year in range(2000, 2020) for part in ("Q1", "Q2", "Q3", "Q4", "total")]
    one = clean(parse_table("Label,v\n" + "".join(f"{cell},{n}\n" for n, cell in enumerate(cells))))
    assert (str(one.grid), len(one.values)) == ("quarterly, month start", 80)
    names = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
    cells = [cell for year in range(2010, 2014) for cell in (*names, f"Summe {year}")]
    one = clean(parse_table("Monat x;v\n" + "".join(f"{cell};{n % 13}.5\n" for n, cell in enumerate(cells))))
    assert len(one.values) == 48
    assert 12.5 not in one.values
