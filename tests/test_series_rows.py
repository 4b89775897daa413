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
from seqtool.errors import DataError, UsageError
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


ROW = "5,3,8,1,9,2,7,4,6,5"  # ten values


def header(kind: str) -> list[str]:
    days = np.arange("2024-01-25", "2024-02-04", dtype="datetime64[D]").tolist()
    seconds = np.array(days, dtype="datetime64[s]").astype(np.int64).tolist()
    months = [str(month).replace("-", "") for month in np.arange("2023-09", "2024-07", dtype="datetime64[M]")]
    return {
        "compact": [f"{day:%Y%m%d}" for day in days], "months": months, "seconds": [*map(str, seconds)],
        "from 0": [*map(str, range(10))], "from 1": [*map(str, range(1, 11))],
        "R's months": [f"X{month[:4]}.{month[4:]}" for month in months],
        "short years": [f"{day.month}/{day.day}/{day:%y}" for day in days],
        "V": [f"V{place}" for place in range(1, 11)], "d_": [f"d_{place}" for place in range(1, 11)],
        "days": [*map(str, days)],
    }[kind]  # fmt: skip


FIRST = {"compact": "2024-01-25", "seconds": "2024-01-25", "short years": "2024-01-25", "days": "2024-01-25"}
FIRST |= {"months": "2023-09-01", "R's months": "2023-09-01"}
KINDS = ("compact", "months", "seconds", "from 0", "from 1", "R's months", "short years", "V", "d_", "days")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("front", "rows"), [
    ("id", ("north", "south")), ("store", ("007", "8")), ("", ("north", "south")), ("shop", ("s1", "s2")),
])  # fmt: skip
def test_a_header_of_numbers_or_dates_is_no_series(kind, front, rows):
    text = "".join(f"{','.join((name, *cells))}\n" for name, cells in zip(
        (front, *rows), (header(kind), ROW.split(","), ROW.split(",")[::-1]), strict=True,
    ))  # fmt: skip
    one = read(text, many=None)
    assert one.columns == rows
    np.testing.assert_array_equal(one.values[:, 0], [*map(float, ROW.split(","))])
    assert (one.stamps()[0] if one.grid else None) == FIRST.get(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("front", "rows", "names"), [
    ("id,item_id,dept_id", ("a_1,a,x", "b_1,b,x"), ("a_1", "b_1")),
    ("State,Country,Lat,Long", (",Peru,.5,1", "Hubei,China,3.5,4", "Anhui,China,3,5"),
     ("Peru", "Hubei/China", "Anhui/China")),
    ("id,item", ("a,1000", "b,1000"), ("a", "b")),
    ("store,item", ("1,7", "1,8", "2,7"), ("1/7", "1/8", "2/7")),
])  # fmt: skip
def test_several_columns_in_front_name_the_rows(kind, front, rows, names):
    if front == "store,item" and kind not in FIRST:
        pytest.skip("numbers that repeat name no rows in front of a count")
    text = "".join(f"{start},{','.join(cells)}\n" for start, cells in zip(
        (front, *rows), (header(kind), *[ROW.split(",")] * len(rows)), strict=True,
    ))  # fmt: skip
    one = read(text, many=None)
    assert one.columns == names


@pytest.mark.parametrize("text", [
    "step," + ",".join(f"V{n}" for n in range(10)) + "\n" + "".join(f"{n},{ROW}\n" for n in range(30)),
    "," + ",".join(f"V{n}" for n in range(10)) + "\n" + "".join(f"{n},{ROW}\n" for n in range(30)),
    "id," + ",".join(f"sensor{n}" for n in range(10)) + "\n" + "".join(f"{n},{ROW}\n" for n in range(30)),
    "idx,2011,2012,2013\n" + "".join(f"{n},5,3,{n % 7}\n" for n in range(1, 30)),
    "t,2011,2012,2013\n" + "".join(f"{n},5,3,{n % 7}\n" for n in range(30)),
])  # fmt: skip
def test_numbers_that_count_the_rows_are_no_names(text):
    table = table_of_bytes(text.encode(), Path("a.csv"), Reading())
    assert not [finding for finding in table.findings if finding.code == "series-rows"]


def test_digits_of_another_script_are_no_index():
    assert read(',a\n0,0\n"\u0661",2\n').columns == ("a",)


def test_texts_that_are_all_one_are_no_part_of_a_name_and_ids_are_not_asked_for():
    text = f"item,store,state,{','.join(header('V'))}\nm,1a,CA,{ROW}\nm,1b,CA,{ROW}\nn,1a,CA,{ROW}\n"
    assert read(text, many=None).columns == ("m/1a", "m/1b", "n/1a")
    with pytest.raises(UsageError, match="leave --id-column out"):
        read(text, many=None, id_column=("item", "store"))


@pytest.mark.parametrize(("order", "second"), [("mdy", "2024-01-02"), ("dmy", "2024-02-01")])
def test_which_is_the_day_in_a_header_is_asked_for(order, second):
    text = "id," + ",".join(f"1/{n}/24" for n in range(1, 13)) + f"\na,{ROW},1,2\n"
    with pytest.raises(DataError, match="--date-order dmy or --date-order mdy"):
        read(text)
    asked = Reading(date_order=order)
    one = clean(table_of_bytes(text.encode(), Path("a.csv"), asked), reading=asked)
    assert (one.stamps()[1], one.columns) == (second, ("a",))


@pytest.mark.parametrize("lands", [1, 3])
def test_values_that_happen_to_be_the_years_above_them_are_values(lands):
    years = [*range(1963, 2024)]
    rows = [["Aruba", "ABW", *years], ["Chad", "TCD", *[7] * 61], ["Peru", "PER", *years[::-1]]]
    table = [
        ["Country Name", "Country Code", 1961, 1962, *years],
        *([*row[:2], "", "", *row[2:]] for row in rows[:lands]),
    ]
    one = read("\n".join(",".join(map(str, row)) for row in table) + "\n", many=None)
    assert (one.columns[0], len(one.columns), one.stamps()[0]) == ("Aruba", lands, "1961-01-01")
    assert one.values[2:, 0].tolist() == years
