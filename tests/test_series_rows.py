"""Tables of a series a row whose columns are called by years or dates."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from seqtool.data.clean import clean
from seqtool.data.reading import Reading
from seqtool.data.series_rows import dates_behind
from seqtool.data.tables import table_of_bytes
from seqtool.errors import DataError
from seqtool.families.forecasting.history import from_bytes

NAN = float("nan")
LANDS = "Land,Code,2011,2012,2013,2014\nNorth,N,1,2,4,8\nSouth,S,3,..,5,9\n,,,,,\nLast update: today,,,,,\n"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read(text: str, **options):
    return clean(table_of_bytes(text.encode(), Path("a.csv"), Reading()), **options)


@pytest.mark.parametrize(("names", "dates"), [
    (["land", "2011", "2012", "2013"], 3), (["a", "b", "2020-05", "2020-04", "2020-03"], 3),
    (["land", "2011", "2012"], 0), (["2011", "2012", "2013"], 0), (["land", "2011", "2013", "2012"], 0),
    (["land", "2011", "2012-01", "2013"], 0), (["a", "b", "c", "2011"], 0),
    (["a", "1/2/2020", "1/3/2020", "1/4/2020"], 0),
])  # fmt: skip
def test_which_names_are_dates(names, dates):
    assert len(dates_behind(names)) == dates


def test_a_land_a_row_and_a_year_a_column():
    one = read(LANDS, columns=("South", "North"))
    assert (one.columns, str(one.grid), one.stamps()[0]) == (("South", "North"), "yearly, month start", "2011-01-01")
    np.testing.assert_array_equal(one.values, [[3, 1], [NAN, 2], [5, 4], [9, 8]])
    with pytest.raises(DataError, match="2 columns of numbers, none with a usual name: North, South"):
        read(LANDS)


def test_letters_of_offices_and_the_newest_date_first():
    one = read("geo\\time\t2020-03 \t2020-02 \t2020-01 \nAT\t3.5 p\t: \t1.5 \n")
    np.testing.assert_array_equal(one.values[:, 0], [1.5, NAN, 3.5])
    assert one.columns == ("AT",)


@pytest.mark.parametrize(("head", "parts"), [("Month", MONTHS), ("Quarter", ("Q1", "Q2", "Q3", "Q4"))])
def test_a_part_of_the_year_a_row_is_one_series(head, parts):
    rows = "".join(f"{name},{n},{100 + n},{200 + n}\n" for n, name in enumerate(parts))
    one = read(f"{head},2011,2012,2013\n{rows}")
    assert one.columns == ("value",)
    assert one.values[:, 0].tolist() == [100 * year + n for year in range(3) for n in range(len(parts))]


def test_rows_of_one_name_are_refused_unless_another_column_tells_them_apart():
    twice = LANDS.replace("South", "North")
    assert read(twice, columns=("S",)).values[0, 0] == 3
    with pytest.raises(DataError, match="two series are called 'North/N'"):
        read(twice.replace(",S,", ",N,"))


def test_years_in_every_row_are_values():
    with pytest.raises(DataError, match="3 columns of numbers"):
        read("Ann,2011,2012,2013\nBob,2012,2013,2014\nCem,2010,2011,2012\n")


def test_a_later_table_is_read_alike():
    trained = read(LANDS, columns=("North", "South"))
    later = LANDS.replace("2014", "2014,2015").replace("1,2,4,8", "1,2,4,8,16").replace("3,..,5,9", "3,..,5,9,7")
    one = from_bytes(later.encode(), trained.columns, {}, trained.reading, "a.csv", trained.grid)
    assert (one.values[-1].tolist(), one.future(1)) == ([16, 7], ["2016-01-01"])


@pytest.mark.parametrize("head", ["Month", "Land"])
def test_a_sheet_is_turned_as_the_same_table_of_text_is(head):
    names = MONTHS if head == "Month" else ("North", "South", "West")
    rows = [
        [head, 2017, 2018, 2019],
        *([name, *(place + year / 8 for year in range(3))] for place, name in enumerate(names)),
    ]
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(packed)
    chosen = () if head == "Month" else ("South",)
    text = read("\n".join(",".join(map(str, row)) for row in rows) + "\n", columns=chosen)
    table = table_of_bytes(packed.getvalue(), Path("a.xlsx"), Reading())
    for reading in (Reading(), Reading(decimal=",", thousands=".")):
        sheet = clean(table, columns=chosen, reading=reading)
        np.testing.assert_array_equal(sheet.values, text.values)
        assert sheet.stamps() == text.stamps()
