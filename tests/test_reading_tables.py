"""Tables of numbers as people have them: what each file means, by hand; and round trips through independent writers."""

from __future__ import annotations

import csv
import datetime
import datetime as dt
import io
import json
import re

import numpy as np
import openpyxl
import pandas
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.tables import read_series
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.history import from_table
from seqtool.reads import DataFile
from tests.test_numbers import STYLES, written

DAYS = ["2021-01-04", "2021-01-05", "2021-01-06"]


@pytest.fixture
def read(tmp_path):
    """Return `read(text or bytes, name=...)`: the series of a file."""

    def run(content, name="table.csv", columns=(), id_column=(), **reading):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_series([DataFile(path)], columns=columns, id_column=id_column, reading=Reading(**reading))

    return run


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Datum;Wert\n04.01.2021;11,85\n05.01.2021;12,9\n06.01.2021;1.100,5\n", [11.85, 12.9, 1100.5]),
        ('"t","at","v"\n"2021-01-04","BZN|DE","1"\n"2021-01-05","BZN|DE","2"\n"2021-01-06","BZN|DE","3"\n', [1, 2, 3]),
        ('"Tag";"Wert"\n"04.01.2021";"1,5"\n"05.01.2021";"2,5"\n"06.01.2021";"3,5"\n', [1.5, 2.5, 3.5]),
        ('="Datum";Wert\n="04.01.2021";="1,5"\n="05.01.2021";="2,5"\n="06.01.2021";"=""3,5"""\n', [1.5, 2.5, 3.5]),
        ("sep=;\nDatum;Wert\n04.01.2021;1,5\n05.01.2021;2,5\n06.01.2021;3,5\n", [1.5, 2.5, 3.5]),
        ('"SEP=;"\r\nDatum;Wert\r\n04.01.2021;1\r\n05.01.2021;2\r\n06.01.2021;3\r\n', [1, 2, 3]),
        ("Datum;Wert\n06.01.2021;3,5\n05.01.2021;2,5\n04.01.2021;1,5\n", [1.5, 2.5, 3.5]),
        ("date,value\n20210106,3\n20210105,2\n20210104,1\n", [1, 2, 3]),
        ("timestamp,value\n1609718400,1\n1609804800,2\n1609891200,3\n", [1, 2, 3]),
        ("ts|v\n1609718400000|1\n1609804800000|2\n1609891200000|3\n", [1, 2, 3]),
        ("Umsatz;;\n;;\nDatum;Wert;n\n04.01.2021;1,5;a\n05.01.2021;2;b\n06.01.2021;3;c\n", [1.5, 2, 3]),
        ("date,load\n,MW\n2021-01-04,1\n2021-01-05,2\n2021-01-06,3\n", [1, 2, 3]),
        ("Price,Close\nTicker,BTC\nDate,\n2021-01-04,1\n2021-01-05,2\n2021-01-06,3\n", [1, 2, 3]),
        ("Latitude: 40.4, Longitude: -3.7\ndate,sales\n2021-01-04,1\n2021-01-05,2\n2021-01-06,3\n", [1, 2, 3]),
        ("Report,,\nPeriod:,2021,\ndate,v,n\n2021-01-04,1,a\n2021-01-05,2,b\n2021-01-06,3,c\n", [1, 2, 3]),
        ("# CO2\n# unit: ppm, dry air\ndate,v\n2021-01-04,1\n2021-01-05,2\n2021-01-06,3\n", [1, 2, 3]),
        ("# ours\n#date,v\n2021-01-04,1\n2021-01-05,2\n2021-01-06,3\n", [1, 2, 3]),
        (",0\n2021-01-04,1.5\n2021-01-05,2.5\n2021-01-06,3.5\n", [1.5, 2.5, 3.5]),
        ("date,0\n2021-01-04,1.5\n2021-01-05,2.5\n2021-01-06,3.5\n", [1.5, 2.5, 3.5]),
        ("date,v\n2021-01-04,1\n2021-01-05,2\ndate,v\n2021-01-06,3\n", [1, 2, 3]),
        ("date,v\n2021-01-04,1001.-\n2021-01-05,1002.-\n2021-01-06,1004.-\n", [1001, 1002, 1004]),
        ("date;v\n2021-01-04;1001,-\n2021-01-05;1002,-\n2021-01-06;7,-\n", [1001, 1002, 7]),
        ("open_time,v\n1609891200000,3\n1609804800000,2\n1609718400000,1\n", [1, 2, 3]),
        ("no_name,v\n1609891200,3\n1609804800,2\n1609718400,1\n", [1, 2, 3]),
        # one of several columns of dates has the usual name, or repeats no date
        ("shipped,date,v\n2021-02-01,2021-01-04,1\n2021-02-01,2021-01-05,2\n2021-01-01,2021-01-06,3\n", [1, 2, 3]),
        ("shipped,ordered,v\n2021-02-01,2021-01-04,1\n2021-02-01,2021-01-05,2\n2021-01-01,2021-01-06,3\n", [1, 2, 3]),
        ("date,sunrise,v\n2021-01-04,08:15,1\n2021-01-05,08:14,2\n2021-01-06,08:14,3\n", [1, 2, 3]),
        ("Date;Time;v\n4/1/2021;00:00:00;1\n5/1/2021;00:00:00;2\n16/1/2021;00:00:00;3\n", None),
        ("No,year,month,day,load\n1,2021,1,4,1\n2,2021,1,5,2\n3,2021,1,6,3\n", [1, 2, 3]),
        ("Umsätze des Jahres\n\ndate,umsatz\n2021-01-04,1\n2021-01-05,2\n2021-01-06,3\n", [1, 2, 3]),
        (
            '{"ds": "2021-01-04", "y": 1}\n{"ds": "2021-01-05", "y": 2.345}\n{"ds": "2021-01-06", "y": 3}\n',
            [1, 2.345, 3],
        ),
        ('[{"ds":"2021-01-04","y":"1"},{"ds":"2021-01-05","y":"2"},{"ds":"2021-01-06","y":null}]', [1, 2, np.nan]),
    ],
)
def test_what_the_file_says(read, text, values):
    if values is None:
        with pytest.raises(DataError) as caught:
            read(text)
        assert caught.value.cure
        return
    series = read(text)
    np.testing.assert_array_equal(series.values[:, 0], values)
    assert series.stamps() == DAYS


def test_a_date_and_a_clock_make_one_stamp(read):
    text = "Date;Time;CO(GT);Extra\n16/12/2006;17.24.00;2,6;a\n16/12/2006;18.24.00;3,1;b\n"
    series = read(text, columns=("CO(GT)",))
    assert series.stamps() == ["2006-12-16T17:24:00", "2006-12-16T18:24:00"]
    assert series.values[:, 0].tolist() == [2.6, 3.1]
    assert series.reading.time == ("Date", "Time")
    said = {finding.code: finding.text for finding in series.findings}
    assert "Date, Time together" in said["time-columns"]
    assert said["unused-columns"] == "not used: 'Extra'"


@pytest.mark.parametrize(
    ("text", "what", "cure"),
    [
        ("date,v\n04.01.2021,11.850\n05.01.2021,9.999\n", "'11.850' in column 'v' is 11.85", "--decimal"),
        ("day,v\n2021-01-04,11.850\n2021-01-05,9.999\n", "'11.850' in column 'v' is 11.85", "--decimal"),
        ("v\n11.850\n9.999\n", "'11.850' in column 'v' is 11.85", "--decimal"),
        ("Datum;Umsatz\n04.01.2021;11.850\n05.01.2021;9.999\n", "'11.850' in column 'Umsatz' is 11.85", "--decimal"),
        ("date,v\n1/2/2021,1\n2/2/2021,2\n3/2/2021,3\n", "'1/2/2021' is 2021-02-01 or 2021-01-02", "--date-order"),
        ("Month,v\n2008-T1,1\n2008-T2,2\n", "column 'Month' holds no date", "--no-time"),
        ("date,v\n4420,1\n4421,2\n", "column 'date' holds no date", "--no-time"),
        ("when,v\n04/01/21,1\n05/01/21,2\n", "column 'when' holds no date", "--date-format %d/%m/%y or"),
        ('date,v\n2021-01-04,"1\n2021-01-05,2\n2021-01-06,3\n', "a quote is opened in line 2", "twice"),
        ('date,v\n2021-01-04,"1\n2021-01-05,2\n2021-01-06,3"\n2021-01-07,4\n', "closed 2 lines later", "twice"),
        ('date,v,w\n2021-01-04,1,"2\n2021-01-05,4,5"\n2021-01-06,3,6\n', "closed 1 line later", "twice"),
        ("shop,ds,y\n" + "".join(f"{shop},2021-01-0{day},1\n" for day in (4, 5) for shop in "ab"), "several", "shop"),
        ('date,a,b\n2021-01-04,"1,5",1.5\n2021-01-05,"2,5",2.5\n', "2 columns of numbers", "--value-column a"),
        ("shipped,ordered,v\n2021-02-01,2021-01-04,1\n2021-02-02,2021-01-05,2\n", "columns of dates", "shipped or"),
        ("day,opens,shuts,v\n2021-01-04,08:00,19:00,1\n2021-01-04,09:00,20:00,2\n", "times of the day", "day,shuts"),
        ("fy,y\n2021,3\n2020,2\n2019,1\n", "'fy' falls from row to row", "--ignore-column fy"),
        ("ts,v\n1609718400.0,11.850\n1609804800.0,9.999\n", "'11.850' in column 'v' is 11.85", "--decimal"),
        ("day;y;n\n2021-01-04;11.850;3.0\n2021-01-05;9850;4.0\n", "'11.850' in column 'y' is", "--decimal"),
        ("v\n100 200\n300 400\n", "the blanks part two columns, or thousands", "--thousands blank"),
        ("2018,2019,2020\n5,6,7\n7,8,9\n", "may be names of columns or numbers", "--header yes or --header no"),
        ("0\n988.0\n990.5\n991.5\n", "the first row, '0', may be names", "--header yes or --header no"),
        ("0,1,2\n5,6,7\n8,9,10\n", "may be names of columns or numbers", "--header yes"),
        ("a;b,c\n1;2,3\n4;5,6\n", "part the table equally well", "--format"),
        ("1101,37\n1102,40\n1099,12\n", "part two columns, or stand before decimals", "--decimal , or --format csv"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_refused_with_the_option_that_decides(read, text, what, cure):
    with pytest.raises(DataError, match=what) as caught:
        read(text)
    assert cure in caught.value.cure


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("title", ["", "Verkauf je Tag\n"])
@pytest.mark.parametrize("row", ["Hafen;{day}T00:00;{value};ok", "{day}T00:00;{value};ok", "F1;{day};{value};EUR"])
def test_one_decimal_comma_a_row_parts_nothing_where_the_names_have_none(read, mark, title, row):
    names = ";".join(["Ort", "Zeit", "Wert", "Art"][row.count(";") == 2 :])
    rows = [row.format(day=f"2023-05-{day:02d}", value=f"{day},5") for day in range(1, 29)]
    text = "\n".join([names, *rows]).replace(";", mark) + "\n"
    series = read(title + text, columns=("Wert",))
    assert (series.values[:2, 0].tolist(), len(series.values)) == ([1.5, 2.5], 28)


def test_one_semicolon_a_row_parts_nothing_where_commas_part_the_names_too(read):
    rows = "".join(f"2023-05-{day:02d},rain;wind,{day}\n" for day in range(1, 29))
    assert read("day,weather,load\n" + rows).values[:2, 0].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "reading", "values"),
    [
        (
            "Datum;Umsatz\n04.01.2021;11.850\n05.01.2021;9.999\n06.01.2021;1.000\n",
            {"decimal": ","},
            [11850, 9999, 1000],
        ),
        ("Datum;Umsatz\n04.01.2021;11.850\n05.01.2021;9.999\n06.01.2021;1.000\n", {"decimal": "."}, [11.85, 9.999, 1]),
        ("t,v\n1,-999\n2,5\n3,6\n", {"missing": ("-999",)}, [np.nan, 5, 6]),
        ("Month,v\nQ1,7\nQ2,5\nQ3,6\n", {"ignore": ("month",)}, [7, 5, 6]),
        ("a;b,c\n1;2,3\n4;5,6\n7;8,9\n", {"format": "semicolon", "ignore": ("a",)}, [2.3, 5.6, 8.9]),
        ("5\n6\n7\n", {"header": "no"}, [5, 6, 7]),
        ("1101,37\n1102,40\n1099,12\n", {"decimal": ","}, [1101.37, 1102.4, 1099.12]),
        ("1101,37\n1102,40\n1099,12\n", {"format": "csv", "ignore": ("1",)}, [37, 40, 12]),
        ("Preis\n1101,37\n1102\n1099,12\n", {}, [1101.37, 1102, 1099.12]),
        ("1101,37\n1102,05\n1099,12\n", {}, [1101.37, 1102.05, 1099.12]),
        ("1,37\n2,40\n3,12\n", {"ignore": ("1",)}, [37, 40, 12]),
        ("2019\n6\n7\n8\n", {"header": "yes"}, [6, 7, 8]),
        ("date,v\n01.04.2021,1\n01.05.2021,2\n01.06.2021,4\n", {"date_order": "mdy"}, [1, 2, 4]),
        ("v\n100 200\n300 400\n", {"thousands": " "}, [100200, 300400]),
        ("Datum;Umsatz\n04.01.2021;11.850\n05.01.2021;9850\n", {"thousands": "."}, [11850, 9850]),
        ("2018,2019,2020\n5,6,7\n7,8,9\n", {"header": "yes", "ignore": ("1", "2")}, [7, 9]),
        ("fy,y\n2021,3\n2020,2\n2019,1\n", {"ignore": ("fy",)}, [3, 2, 1]),
    ],
)
def test_the_option_decides(read, text, reading, values):
    np.testing.assert_array_equal(read(text, **reading).values[:, 0], values)


def test_rows_with_a_counter_are_steps_and_a_column_of_row_numbers_is_no_series(read):
    assert read("time,y\n1,5\n2,6\n3,8\n").times is None
    assert read(",load\n0,5\n1,6\n2,8\n").columns == ("load",)


def test_one_series_a_row_ends_with_the_others(read):
    names = ",".join(f"V{place}" for place in range(1, 11))
    rows = ["H1," + ",".join(map(str, range(10))), "H2," + ",".join(map(str, [5, 7, 9])) + "," * 7]
    series = read("\n".join(["id," + names, *rows]) + "\n", columns=("H1", "H2"))
    assert series.columns == ("H1", "H2")
    assert series.values[:, 0].tolist() == list(range(10))
    np.testing.assert_array_equal(series.values[:, 1], [np.nan] * 7 + [5, 7, 9])


@pytest.mark.parametrize("day", ["2021-01-{:02d}", "{:02d}.01.2021", "202101{:02d}", "Jan {} 2021"])
def test_numbered_columns_behind_dates_are_a_series_each(read, day):
    """Ten sensors, a row a day: not a row a series."""
    names = [f"s{number}" for number in range(1, 11)]
    rows = [",".join([day.format(number), *(str(number * place) for place in range(1, 11))]) for number in range(4, 9)]
    text = "\n".join([",".join(["when", *names]), *rows]) + "\n"
    series = read(text, columns=("s3",))
    assert series.values[:, 0].tolist() == [12, 15, 18, 21, 24]
    assert series.stamps()[0] == "2021-01-04"


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(99), b"PK\x03\x04 xl/workbook.xml" + bytes(99)])
def test_an_archive_that_is_no_sheet_is_refused_in_words(read, data):
    with pytest.raises(DataError, match=r"not a table|damaged Excel file"):
        read(data, name="a.xlsx")


def test_several_columns_name_a_series(read):
    lines = [f"{day},{shop},{item},{value}" for value, (day, shop, item) in enumerate(
        (day, shop, item) for day in DAYS for shop in "12" for item in "ab"
    )]  # fmt: skip
    series = read("date,store,item,sales\n" + "\n".join(lines) + "\n", id_column=("store", "item"))
    assert series.columns == ("1/a", "1/b", "2/a", "2/b")
    assert series.values[:, 2].tolist() == [2, 6, 10]


def test_what_was_decided_is_kept_and_reads_a_later_table(read):
    kept = read("Datum;Wert\n04.01.2021;11,85\n05.01.2021;12,9\n").reading
    again = Reading.from_json(json.loads(json.dumps(kept.to_json())))
    assert again == kept
    assert (kept.decimal, kept.mark) == (",", ";")
    later = {"decimal": kept.decimal, "mark": kept.mark}
    assert read("Datum;Wert\n06.01.2021;11.850\n07.01.2021;9\n", **later).values[:, 0].tolist() == [11850, 9]
    with pytest.raises(DataError, match=r"'11.85' is not written with decimal commas"):
        read("Datum;Wert\n06.01.2021;11.85\n", **later)


DATES = {"iso": "%Y-%m-%d", "german": "%d.%m.%Y", "compact": "%Y%m%d", "slashes": "%Y/%m/%d", "dmy": "%d/%m/%Y"}


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_table_comes_back_as_it_was_written_or_is_refused(data, tmp_path_factory):
    """Written by csv, pandas, polars, openpyxl or json in a random dialect: never read otherwise."""
    count = data.draw(st.integers(2, 8))
    start = data.draw(st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1)))
    days = [start + datetime.timedelta(place) for place in range(count)]
    digits = data.draw(st.integers(0, 4))
    numbers = st.integers(-(10**8), 10**8).map(lambda number: number / 10**digits)
    values = data.draw(st.lists(numbers, min_size=count, max_size=count, unique=True))
    name = data.draw(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "N"]), min_size=1, max_size=8))
    name = name + "_" if name.casefold() in ("date", "v") else name
    writer = data.draw(st.sampled_from(["csv", "pandas", "polars", "excel", "json"]))
    newest_first = data.draw(st.booleans())
    order = slice(None, None, -1 if newest_first else 1)
    path = tmp_path_factory.getbasetemp() / "table"  # one for all examples
    if writer == "excel":
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["date", "v"])
        for day, value in list(zip(days, values, strict=True))[order]:
            sheet.append([day, value])
        book.save(path)
    elif writer == "json":
        rows = [{"date": str(day), name: value} for day, value in zip(days, values, strict=True)]
        path.write_text("\n".join(json.dumps(row) for row in rows[order]))
    elif writer == "polars":
        polars.DataFrame({"date": days[order], name: values[order]}).write_csv(
            path, separator=data.draw(st.sampled_from(",;\t|"))
        )
    elif writer == "pandas":
        frame = pandas.DataFrame({"date": days[order], name: values[order]})
        separator, decimal = data.draw(st.sampled_from([(",", "."), (";", ","), ("\t", "."), ("|", ",")]))
        frame.to_csv(path, sep=separator, decimal=decimal, index=False, quoting=data.draw(st.sampled_from([0, 1, 2])))
    else:
        style, spelling = data.draw(st.sampled_from(sorted(STYLES))), data.draw(st.sampled_from(sorted(DATES)))
        mark = data.draw(st.sampled_from(",;\t|"))
        stream = io.StringIO()
        rows = csv.writer(
            stream, delimiter=mark, quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        )
        rows.writerow(["date", name])
        for day, value in list(zip(days, values, strict=True))[order]:
            rows.writerow([f"{day:{DATES[spelling]}}", written(value, style, digits)])
        path.write_bytes(stream.getvalue().encode(data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))))
    try:
        series = read_series([DataFile(path)])
    except DataError as error:
        refused = ("no cell decides", "tells the day from the month", "is constant", "equally well")
        if not any(words in error.what for words in refused):
            raise
        return
    np.testing.assert_allclose(series.values[:, 0], values, rtol=1e-12)
    assert series.stamps() == [str(day) for day in days]


def test_a_pipe_and_a_file_are_read_alike():
    text = "Datum;Wert\n04.01.2021;11,85\n"
    assert parse_table(text).columns == {"Datum": ["04.01.2021"], "Wert": ["11,85"]}


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "xlsx"])
def test_numbers_that_are_numbers_stay_what_they_are_whatever_texts_were(tmp_path, kind):
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=n) for n in range(30)]
    frame = polars.DataFrame({"day": days, "value": [1.001 + n % 7 * 0.111 for n in range(30)]})
    path = tmp_path / f"table.{kind}"
    if kind == "jsonl":
        rows = [{"day": str(day), "value": round(value, 3)} for day, value in frame.iter_rows()]
        path.write_text("\n".join(map(json.dumps, rows)))
    elif kind == "parquet":
        frame.write_parquet(path)
    else:
        pandas.DataFrame({"day": days, "value": frame["value"].to_list()}).to_excel(path, index=False)
    for reading in (Reading(), Reading(decimal=","), Reading(decimal=",", thousands=".")):
        series = read_series([DataFile(path)], reading=reading)
        np.testing.assert_allclose(series.values[:, 0], frame["value"].to_numpy(), atol=1e-12)


def test_texts_of_numbers_in_json_are_refused_where_two_readings_fit(read):
    text = "".join(f'{{"day": "2024-01-{n:02d}", "value": "{n}.500"}}\n' for n in range(1, 9))
    with pytest.raises(DataError, match="no cell decides"):
        read(text, name="table.jsonl")


def test_texts_of_numbers_in_json_are_read_as_texts(tmp_path):
    path = tmp_path / "table.jsonl"
    path.write_text("".join(f'{{"day": "2024-01-{n:02d}", "value": "{n}.500"}}\n' for n in range(1, 9)))
    kept = read_series([DataFile(path)], reading=Reading(decimal=",", thousands="."))
    assert kept.values[:, 0].tolist() == [n * 1000 + 500 for n in range(1, 9)]


def test_numbers_of_columns_count_those_of_the_file(read):
    rows = "".join(f"2024-01-{n:02d};10:00;{n};{10 * n};{100 * n}\n" for n in range(1, 9))
    assert read(rows, columns=("3",)).values[:, 0].tolist() == list(range(1, 9))
    assert read(rows, columns=("4",), ignore=("3",)).values[:, 0].tolist() == list(range(10, 90, 10))


def test_numbers_with_decimal_commas_in_front_are_no_row_numbers(read):
    with pytest.raises(DataError, match="2 columns of numbers"):
        read("12,5;3\n13,5;4\n11,5;6\n")


LETTERS = "abcdefghij"


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_quote_opened_in_one_row_and_closed_in_another_loses_no_row(mark):
    rows = [f"{label}{mark}a text of {letter}" for letter in LETTERS for label in ("pos", "neg")]
    rows[4] = f'pos{mark}"a text of c'
    rows[5] = f'neg{mark}a text of c"'
    text = "\n".join(["label" + mark + "text", *rows]) + "\n"
    if mark == "\t":  # between tabs such quotes are words
        assert parse_table(text).columns["text"][4:6] == ['"a text of c', 'a text of c"']
        return
    with pytest.raises(DataError, match="a quote is opened in line 6 and closed 1 line later"):
        parse_table(text)


def test_cells_of_several_lines_are_read_whole():
    texts = [f"line {letter}, one\nline, two\n\nline three" for letter in LETTERS]
    stream = io.StringIO()
    csv.writer(stream).writerows([["label", "text"], *zip(["pos", "neg"] * 5, texts, strict=True)])
    assert parse_table(stream.getvalue()).columns["text"] == texts
    frame = polars.DataFrame({"label": ["pos", "neg"] * 5, "text": texts})
    assert parse_table(frame.write_csv(separator="\t")).columns["text"] == texts


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize(
    "cell", ["Bad lamp{mark} really\nWould not buy.", "Poor{mark} dim\n", "A{mark} b\nc{mark} d\n\ne"]
)
def test_a_cell_of_two_lines_with_as_many_marks_as_the_table_is_read(mark, cell):
    cell = cell.format(mark=mark)
    rows = [f"a lamp of {letter}{mark}{score}" for letter in LETTERS for score in (1, 2)]
    for score in ("1", "1.0"):
        text = "\n".join(["text" + mark + "score", f'"{cell}"{mark}{score}', *rows]) + "\n"
        read = parse_table(text)
        assert (read.columns["text"][0], read.columns["score"][0], len(read)) == (cell, score, 21)
    stray = [f'"a lamp of x{mark}1', f'a lamp of y"{mark}2']
    with pytest.raises(DataError, match="opened in line 2 and closed 1 line later"):
        parse_table("\n".join(["text" + mark + "score", *stray, *rows]) + "\n")


def test_another_column_that_decides_is_named(read):
    series = read("date,y,height\n2021-01-04,11.850,1.5\n2021-01-05,9.999,2.25\n")
    assert series.values[:, 0].tolist() == [11.85, 9.999]
    said = [finding for finding in series.findings if finding.code == "numbers"]
    assert [(finding.level, finding.text) for finding in said] == [
        ("warning", "numbers have decimal points, as column 'height' shows")
    ]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Monat", ["01.2024", "02.2024", "03.2024"]), ("ab", ["12.30", "13.45", "9.15"]),
        ("code", ["1.8", "2.7", "3.1"]), ("lat", ["52.52", "52.5", "52.61"]), ("hoehe", ["52.5", "52.5", "53.5"]),
    ],
)  # fmt: skip
def test_months_clocks_codes_and_places_show_no_decimal_mark(read, name, cells):
    days = ("01.01.2024", "02.01.2024", "03.01.2024")
    rows = [f"{day};{cell};{kwh}" for day, cell, kwh in zip(days, cells, ("2,006", "1,950", "9"), strict=True)]
    text = "\n".join([f"Datum;{name};kWh", *rows]) + "\n"
    with pytest.raises(DataError, match=r"'2,006' in column 'kWh' is 2,006 .* or 2.006") as caught:
        read(text, columns=("kWh",))
    assert "--decimal" in caught.value.cure
    assert read(text, columns=("kWh",), decimal=",").values[0, 0] == 2.006


def test_percentages_stay_percentages(read):
    kept = read("date,y\n2021-01-04,12%\n2021-01-05,7.5 %\n").reading
    assert kept.percent == ("y",)
    later = parse_table("date,y\n2021-01-06,0.12\n2021-01-07,0.08\n")
    with pytest.raises(DataError, match="column 'y' is not written with %, and the training's was"):
        from_table(later, ("y",), {}, kept, "")
    plain = read("date,y\n2021-01-04,12\n2021-01-05,7.5\n").reading
    with pytest.raises(DataError, match="column 'y' is written with %, and the training's was not"):
        from_table(parse_table("date,y\n2021-01-06,12%\n2021-01-07,8%\n"), ("y",), {}, plain, "")


@pytest.mark.parametrize(("mine", "theirs"), [("€", "$"), ("EUR", "USD"), ("$", "R$"), ("kr", "€")])
def test_values_of_another_currency_are_refused(read, mine, theirs):
    kept = read(f"date;y\n2021-01-04;12,5 {mine}\n2021-01-05;7,5 {mine}\n").reading
    assert Reading.from_json(json.loads(json.dumps(kept.to_json()))).currency == (mine,)
    later = f"date;y\n2021-01-06;1,5 {theirs}\n2021-01-07;2,5 {theirs}\n"
    with pytest.raises(DataError, match=re.escape(f"the numbers of the training have {mine}")):
        from_table(parse_table(later), ("y",), {}, kept, "")
    for sign in (mine, "", "€" if mine == "EUR" else "EUR"):
        assert from_table(parse_table(later.replace(theirs, sign)), ("y",), {}, kept, "").values[0, 0] == 1.5


@pytest.fixture
def sheet(tmp_path):
    """Return `sheet(rows, more={name: rows})`: the path of an Excel file."""

    def write(rows, **more):
        book = openpyxl.Workbook()
        for name, cells in {"first": rows, **more}.items():
            page = book.active if name == "first" else book.create_sheet(name)
            page.title = name
            for row in cells:
                page.append(row)
        book.save(tmp_path / "book.xlsx")
        return DataFile(tmp_path / "book.xlsx")

    return write


MONTHS = [datetime.date(2021, 1, 1) + datetime.timedelta(place) for place in range(150)]


def test_formulas_that_were_never_computed_are_an_empty_column_without_a_word_of_the_reader(sheet, caplog):
    file = sheet([["day", "v", "twice"], *([f"2021-03-{day:02d}", day, f"=B{day + 1}*2"] for day in range(1, 20))])
    assert read_series([file]).values[-1, 0] == 19
    assert not caplog.records


def test_a_text_far_down_a_sheet_is_refused_and_a_mark_of_missing_values_is_one(sheet):
    rows = [["date", "v"], *([day, place / 3] for place, day in enumerate(MONTHS))]
    rows[141][1] = "broken"
    with pytest.raises(DataError, match="line 142: 'broken' in column 'v' is no number"):
        read_series([sheet(rows)])
    rows[141][1] = "n/a"
    series = read_series([sheet(rows)])
    expected = np.arange(150) / 3
    expected[140] = np.nan
    np.testing.assert_allclose(series.values[:, 0], expected, rtol=1e-15)


def test_title_lines_no_header_and_more_sheets(sheet):
    rows = [[day, place / 7] for place, day in enumerate(MONTHS)]
    bare = read_series([sheet(rows)])
    np.testing.assert_allclose(bare.values[:, 0], np.arange(150) / 7, rtol=1e-15)
    titled = read_series([sheet([["Umsatz 2021"], [], ["date", "v"], *rows], notes=[["see page 2"]])])
    assert titled.columns == ("v",)
    assert titled.values.tolist() == bare.values.tolist()
    said = {finding.code: finding.text for finding in titled.findings}
    assert said["title-lines"] == "2 lines above the table left out"
    assert said["sheets"] == "the sheet 'first' was read; others are not: notes"
    named = [[2019, 2020], *([place, place / 3] for place in range(1, 9))]
    assert read_series([sheet(named)], reading=Reading(header="yes"), columns=("2020",)).values[2].tolist() == [1]


def test_a_row_of_numbers_without_a_date_after_the_table_is_said(sheet):
    rows = [["date", "v"], *([day, place] for place, day in enumerate(MONTHS)), [None, 1020]]
    series = read_series([sheet(rows)])
    assert len(series.values) == 150
    assert [(finding.level, finding.text) for finding in series.findings if finding.code == "trailing-text"] == [
        ("warning", "1 row without a date, or of totals, after the table: left out")
    ]


@pytest.mark.parametrize(
    ("clocks", "stamps"),
    [
        (["22", "23", "24"], ["2021-01-04T22:00:00", "2021-01-04T23:00:00", "2021-01-05T00:00:00"]),
        (["0", "1", "2"], ["2021-01-04T00:00:00", "2021-01-04T01:00:00", "2021-01-04T02:00:00"]),
        (["0030", "0100", "0130"], ["2021-01-04T00:30:00", "2021-01-04T01:00:00", "2021-01-04T01:30:00"]),
        (["22:00", "23:00", "24:00"], ["2021-01-04T22:00:00", "2021-01-04T23:00:00", "2021-01-05T00:00:00"]),
    ],
)
def test_hours_beside_dates_that_repeat_belong_to_them(read, clocks, stamps):
    series = read("date,hour,y\n" + "".join(f"2021-01-04,{clock},{place}\n" for place, clock in enumerate(clocks)))
    assert series.stamps() == stamps


def test_fractions_of_a_second_are_said(read):
    text = "time,y\n2021-01-04 10:00:00.013,1\n2021-01-04 10:00:01.027,2\n2021-01-04 10:00:02.001,3\n"
    assert "fractions" in [finding.code for finding in read(text).findings]
    whole = "time,y\n2021-01-04 10:00:00.000,1\n2021-01-04 10:00:01.000,2\n"
    assert "fractions" not in [finding.code for finding in read(whole).findings]
    assert "fractions" in [finding.code for finding in read("ts,y\n1609718400500,1\n1609718401500,2\n").findings]


def test_text_above_numbers_names_them(read):
    series = read("month,2023,2024\n1,988.5,997.0\n2,990.5,1000.0\n3,995.5,1004.5\n", columns=("2024",))
    assert series.values[:, 0].tolist() == [997, 1000, 1004.5]


@pytest.mark.parametrize("text", ["[1, 2.5, null, 4]", "[1,\n2.5,\nnull,\n4]\n"])
def test_an_array_of_numbers_is_a_series(read, text):
    np.testing.assert_array_equal(read(text, name="a.json").values[:, 0], [1, 2.5, np.nan, 4])


def test_an_array_of_dates_is_no_series(tmp_path):
    np.save(tmp_path / "a.npy", np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"))
    with pytest.raises(DataError, match=r"an array of datetime64\[D\], not of numbers"):
        read_series([DataFile(tmp_path / "a.npy")])


def test_the_sheet_with_the_rows_is_read_and_a_date_beside_a_clock(sheet):
    rows = [["date", "time", "v"]]
    for hour in range(48):
        rows.append([datetime.date(2021, 1, 4 + hour // 24), datetime.time(hour % 24), hour])
    series = read_series([sheet([["This is a file"]], data=rows)])
    assert (len(series.values), series.stamps()[-1]) == (48, "2021-01-05T23:00:00")
    with pytest.raises(DataError, match="holds no rows below its names"):
        read_series([sheet([["This is a file"]])])


@pytest.mark.parametrize(
    ("text", "what", "cure"),
    [
        ("stamp;y\n" + "".join(f"{44200 - n * n};{n}\n" for n in range(8)), "'stamp' falls from row to row", "stamp"),
        ("ref,y\n" + "".join(f"week {20 - n},{n * n}\n" for n in range(12)), "'ref' falls from row to row", "ref"),
        (
            "store,sales\n" + "".join(f"{s},{n * n}\n" for s in "abc" for n in range(9)),
            "names 3 series",
            "column of time",
        ),
    ],
)
def test_rows_whose_order_or_series_is_not_known_are_refused(read, text, what, cure):
    with pytest.raises(DataError, match=what) as caught:
        read(text)
    assert cure in caught.value.cure


@pytest.mark.parametrize("back", [False, True])
def test_months_in_digits_are_the_time_and_no_series(read, back):
    months = [f"{2020 + n // 12}{1 + n % 12:02d}" for n in range(30)]
    rows = [f"{month},{n * n}\n" for n, month in enumerate(months)]
    series = read("yyyymm,sales\n" + "".join(rows[::-1] if back else rows))
    assert series.columns == ("sales",)
    assert series.values[:, 0].tolist() == [n * n for n in range(30)]
    assert series.stamps()[0] == "2020-01-01"


def test_a_total_behind_rows_is_no_step(read):
    series = read("item,value\n" + "".join(f"{n},{n * n}.5\n" for n in range(20)) + "Total,2470\n", columns=("value",))
    assert len(series.values) == 20
    assert "1 row without a date, or of totals, after the table: left out" in [found.text for found in series.findings]


def test_names_in_blocks_beside_dates_are_said(read):
    rows = [f"{np.datetime64('2021-01-04') + n},{'ab'[n // 20]},{n * n % 17}\n" for n in range(40)]
    assert "several-series" in [finding.code for finding in read("date,shop,y\n" + "".join(rows)).findings]
    days = [f"{np.datetime64('2021-01-04') + n},{'mtwtfss'[n % 7]},{n * n % 17}\n" for n in range(40)]
    assert "several-series" not in [finding.code for finding in read("date,day,y\n" + "".join(days)).findings]
    same = [f"BTC,{n * n % 17}\n" for n in range(40)]
    assert read("symbol,y\n" + "".join(same)).columns == ("y",)


@pytest.mark.parametrize("names", [
    ("status", "final", "provisional"), ("firmware", "v1.0", "v1.1"), ("month", "January", "February"),
    ("season", "2020/21", "2021/22"), ("fiscal year", "FY20", "FY21"), ("trade_date", "2021-01-04", "2021-01-05"),
], ids=lambda names: names[0])  # fmt: skip
def test_names_in_blocks_that_go_with_the_time_are_no_series(read, names):
    head, *kinds = names
    rows = [f"{np.datetime64('2021-01-04T00') + n},{kinds[n // 24]},{n * n % 17}\n" for n in range(48)]
    for ordered in (rows, rows[::-1]):
        found = read(f"time,{head},y\n" + "".join(ordered), time=("time",), columns=("y",)).findings
        assert "several-series" not in [finding.code for finding in found]


@pytest.mark.parametrize("newest_first", [False, True])
def test_names_in_blocks_are_said_where_the_time_begins_again(read, newest_first):
    days = [*range(20, 40), *range(20)]
    rows = [f"{np.datetime64('2021-01-04') + n},{'ab'[n // 20]},{n * n % 17}\n" for n in days]
    text = "date,who,y\n" + "".join(rows[::-1] if newest_first else rows)
    assert "several-series" in [finding.code for finding in read(text).findings]


@pytest.mark.parametrize(("mark", "said"), [(-999, True), (9999, True), (30, False), (0, False)])
def test_a_value_far_from_all_others_that_comes_again_may_be_none(read, mark, said):
    values = [mark if n in (5, 9, 17) else 10 + n * n % 17 for n in range(60)]
    findings = read(
        "date,y\n" + "".join(f"{np.datetime64('2021-01-04') + n},{v}\n" for n, v in enumerate(values))
    ).findings
    texts = [finding.text for finding in findings if finding.code == "odd-values"]
    assert bool(texts) == said
    assert not said or f"is 3 times {mark}" in texts[0]
    assert not said or texts[0].endswith(f"--missing={mark}")


@pytest.mark.parametrize(
    ("zeros", "open_too", "said"),
    [
        (range(6, 60, 7), False, False),
        ([*range(6, 60, 7), 17, 30], False, False),
        ([*range(6, 50, 7), 17, 30], False, False),
        ([5, 9, 17, 33], True, False),
        ([5, 9, 17, 33], False, True),
        ([6, 13, 20], False, True),
        ([n for n in range(60) if n % 5], False, True),
    ],
    ids=["Sundays", "and holidays", "but one Sunday", "said to be shut", "any days", "a few Sundays", "most days"],
)
def test_zeros_of_a_shop_that_is_shut_stand_for_no_missing_values(read, zeros, open_too, said):
    guests = [0 if n in zeros else 900 + n * n % 17 for n in range(60)]
    days = np.datetime64("2021-01-04") + np.arange(60)
    rows = [f"{day},{count},{int(count > 0 or not open_too)}\n" for day, count in zip(days, guests, strict=True)]
    found = read("date,guests,Open\n" + "".join(rows), columns=("guests",)).findings
    assert ("odd-values" in [finding.code for finding in found]) == said


def test_a_date_an_hour_and_a_minute_make_one_stamp(read):
    rows = [f"2021-01-04,{n // 4},{n % 4 * 15},{n * n}\n" for n in range(40)]
    series = read("date,hour,minute,v\n" + "".join(rows), columns=("v",))
    assert series.stamps()[:2] == ["2021-01-04T00:00:00", "2021-01-04T00:15:00"]
    clocked = [f"20210104,{n // 4:02d}{n % 4 * 15:02d}00,{n * n}\n" for n in range(40)]
    assert read("<DATE>,<TIME>,v\n" + "".join(clocked), time=("<DATE>", "<TIME>")).stamps() == series.stamps()


@pytest.mark.parametrize("name", ["Minutes", "mn", "Minute(s)", "MIN"])
def test_a_column_of_minutes_belongs_to_the_hours(read, name):
    rows = "".join(f"2024,1,{1 + n // 24},{n % 24},30,{n}.5\n" for n in range(48))
    series = read(f"Year,Month,Day,Hour,{name},Temp\n{rows}")
    assert (series.columns, series.stamps()[0], len(series.values)) == (("Temp",), "2024-01-01T00:30:00", 48)


@pytest.mark.parametrize("clock", ["{:02d}:00", "{}:00:00"])
def test_a_clock_stands_beside_year_month_and_day(read, clock):
    rows = "".join(f"2024,1,{1 + n // 24},{clock.format(n % 24)},{n}.5\n" for n in range(48))
    series = read(f"Year,Month,Day,Time,Temp\n{rows}")
    assert (series.columns, series.stamps()[-1], len(series.values)) == (("Temp",), "2024-01-02T23:00:00", 48)
    named = read(f"Year,Month,Day,At,Temp\n{rows}", time=("Year", "Month", "Day", "At"))
    assert named.stamps() == series.stamps()


@pytest.mark.parametrize(("hour", "first"), [("{}", 1), ("{}", 0), ("{:02d}00", 0)])
def test_hours_by_any_name_may_be_the_time_or_names(read, hour, first):
    rows = "".join(f"2024-01-{1 + n // 24:02d},{hour.format(n % 24 + first)},{n * n % 17}.5\n" for n in range(240))
    with pytest.raises(DataError, match="once for each 'HE'") as caught:
        read(f"Date,HE,kW\n{rows}")
    assert caught.value.cure == ("--time-column Date,HE where these are hours; --id-column HE where they name series")
    assert str(read(f"Date,HE,kW\n{rows}", time=("Date", "HE")).grid) == "hourly"


def test_letters_of_summer_time_are_no_names_of_series(read):
    instants = [dt.datetime(2024, 10, 26) + dt.timedelta(hours=n) for n in range(48)]
    local = [(instant + dt.timedelta(hours=2 - (n >= 25)), "CET" if n >= 25 else "CEST") for n, instant in
             enumerate(instants)]  # fmt: skip
    text = "time,tz,kw\n" + "".join(f"{time:%Y-%m-%d %H:%M},{zone},{n}.5\n" for n, (time, zone) in enumerate(local))
    with pytest.raises(DataError, match="looks like a change of clocks") as caught:
        read(text)
    assert "--timezone NAME" in caught.value.cure
    assert read(text, timezone="Europe/Berlin").stamps()[25] == "2024-10-27T02:00:00+01:00"


def test_the_sum_of_a_row_that_is_there_twice_is_no_cure(read):
    rows = [f"2024-01-{day:02d},{day * day}\n" for day in range(1, 31)]
    with pytest.raises(DataError, match=r"2024-01-09 is there more than once .*, with the same values") as caught:
        read("date,y\n" + "".join(rows) + rows[8])
    assert caught.value.cure == "leave out the rows that are there again"


def test_periods_of_four_and_five_weeks_are_put_into_no_months(read):
    days = np.datetime64("2010-01-30") + np.cumsum([0, *[28, 35, 28] * 12])
    text = "date,y\n" + "".join(f"{day},{n * n % 17}\n" for n, day in enumerate(days))
    with pytest.raises(DataError, match="no regular step") as caught:
        read(text)
    assert "--no-time takes the rows as steps" in caught.value.cure
    assert "resample" not in caught.value.cure
    assert read(text, no_time=True).times is None


def test_the_least_of_an_hour_is_no_minute_of_it(read):
    rows = "".join(f"2024,1,{1 + n // 24},{n % 24},{n - 5}.5\n" for n in range(48))
    series = read(f"Year,Month,Day,Hour,min\n{rows}")
    assert (series.columns, series.stamps()[1]) == (("min",), "2024-01-01T01:00:00")


def test_a_column_to_leave_out_has_to_be_there(read):
    with pytest.raises(UsageError, match="no column 'nope'"):
        read("date,y\n2021-01-04,1\n2021-01-05,2\n", ignore=("nope",))


@pytest.mark.parametrize(
    ("head", "part", "count", "last"),
    [
        ("year,week", lambda n: f"{2020 + n // 52},{1 + n % 52}", 100, "2021-11-29"),
        ("year,quarter", lambda n: f"{2001 + n // 4},{1 + n % 4}", 40, "2010-10-01"),
        ("year,month", lambda n: f"{2001 + n // 12},{1 + n % 12}", 40, "2004-04-01"),
        ("Year,Period", lambda n: f"{2001 + n // 12},M{1 + n % 12:02d}", 40, "2004-04-01"),
        ("Year,Period", lambda n: f"{2001 + n // 13},M{1 + n % 13:02d}", 39, "2003-12-01"),
    ],
)
def test_a_part_of_a_year_beside_it_makes_up_the_time(read, head, part, count, last):
    rows = "".join(f"{part(n)},{n * n % 17}.5\n" for n in range(count))
    if "week" in head:  # 2020 has a week 53, which is missing here
        rows = rows.replace("2021,1,", "2020,53,9.5\n2021,1,", 1)
    series = read(f"{head},value\n{rows}")
    assert (series.columns, series.stamps()[-1]) == (("value",), last)


def test_months_by_name_beside_years_are_the_time_and_no_names_of_series(read):
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    rows = "".join(f"{2001 + n // 12},{names[n % 12]},{n * n % 17}.5\n" for n in range(40))
    for options in ({}, {"time": ("year", "month")}):
        series = read("year,month,value\n" + rows, **options)
        assert (series.columns, series.stamps()[0], series.stamps()[-1]) == (("value",), "2001-01-01", "2004-04-01")


def test_a_day_that_stands_there_twice_makes_no_series_of_numbers(read):
    rows = [f"{np.datetime64('2024-01-01') + n},{n % 7 + 10},{n * 3 + 5}\n" for n in range(300)]
    with pytest.raises(DataError, match="the time stamp 2024-10-26 is there more than once"):
        read("date,orders,visits\n" + "".join(rows) + "2024-10-26,55,4444\n", columns=("visits",))


@pytest.mark.parametrize("form", ["S{0} {1}", "FY{1}", "{1} H2", "H1/{1}"])
def test_a_column_that_looks_like_time_and_is_not_read_is_refused_under_any_name(read, form):
    cells = [form.format(52 - n % 52, 2025 - n // 52 if "{0}" in form else 2025 - n) for n in range(60)]
    with pytest.raises(DataError, match="holds no date that can be read") as caught:
        read("Spalte;Besucher\n" + "".join(f"{cell};{n * n % 17}\n" for n, cell in enumerate(cells)))
    assert "--no-time" in caught.value.cure


@pytest.mark.parametrize(("text", "first"), [
    ("total\n1 234,5\n987,25\n1 001,75\n", 1234.5), ("1.234,5\n987,25\n1.001,75\n", 1234.5),
])  # fmt: skip
def test_one_column_of_decimal_commas_may_have_thousands(read, text, first):
    mark = " " if " " in text else ""
    assert read(text, thousands=mark).values[:, 0].tolist() == [first, 987.25, 1001.75]


@pytest.mark.parametrize("under", ["", "\n", "Source: the office\n\n", ",,,\n"])
def test_a_title_with_more_commas_than_the_table_has_columns_is_left_out(read, under):
    rows = "".join(f"{2010 + n // 12}-{n % 12 + 1:02d},{1500 + n % 12 * 13 + n}\n" for n in range(60))
    series = read("Unemployed, thousands, not adjusted, all ages\n" + under + "Month,Persons\n" + rows)
    assert series.columns == ("Persons",)
    assert series.stamps()[0] == "2010-01-01"
    assert len(series.values) == 60
    assert any(finding.code == "title-lines" for finding in series.findings)


def test_a_column_that_is_named_and_empty_is_no_end_of_a_title(read):
    series = read("date,sold,comment\n" + "".join(f"2024-03-{n:02d},{n * n % 7}\n" for n in range(1, 20)))
    assert series.columns == ("sold",)
    assert len(series.values) == 19


TWENTY = [f"2021-03-{day:02d}" for day in range(1, 21)]


def rows_of(form: str) -> str:
    return "".join(form.format(day=day, n=n, stamp=f"{day} 00:00:00") + "\n" for n, day in enumerate(TWENTY))


@pytest.mark.parametrize(
    ("above", "form", "column"),
    [
        ("lat,lon,height\n52.5,13.4,38\n\ntime,temp (°C)\n", "{day},{n}", "temp (°C)"),
        ('"Konto";"DE12"\n\n"Saldo";"1.234,56 EUR"\n;;\n"Tag";"Betrag";"Zweck"\n', '"{day}";"{n},5";"a, b"', "Betrag"),
        ('"TOA5","CR1","77"\n"TIMESTAMP","N","T"\n"TS","RN","C"\n"","","Avg"\n', '"{stamp}",{n},{n}', "T"),
        ("# of: us\n# STN,YYYYMMDD,  TG\n#\n", "  260,{day},  {n}", "TG"),
        ('"",BB1,BB1_F\n"","Rate",\n"Unit","%",\n"As of","2024-06-20 09:15:12",\n', "{day},{n},", "%"),
        (",AB,AB,CD\n,open,close,open\nDate,,,\n", "{day},0,{n},1", "AB close"),
    ],
    ids=["places", "a bank", "a logger", "comments", "when it was made", "two lines of names"],
)
def test_what_stands_above_a_table_is_no_row(read, above, form, column):
    series = read(above + rows_of(form), columns=(column,))
    assert (series.columns, series.stamps()[0], len(series.values)) == ((column,), "2021-03-01", 20)
    assert series.values[-1, 0] in (19, 19.5)


@pytest.mark.parametrize(
    "text",
    [
        "day,sales\n" + rows_of("{day},{n}") + "\nmonth,visits\n2021-01,5\n2021-02,6\n2021-03,6\n",
        "date,v\n2021-01-01,9\n2021-01-02,9\n\ndate,v,w\n" + rows_of("{day},{n},1"),
    ],
)
def test_a_table_above_another_one_is_not_left_out(read, text):
    with pytest.raises(DataError):
        read(text)


def test_the_rows_of_the_world_bank_end_in_a_comma(read):
    years = [*range(1990, 2022)]
    names = "".join(f'"{year}",' for year in years)
    text = f'"Source","World",\n\n"Updated","2024-06-28",\n\n"Country Name","Code",{names}\n'
    text += "".join(f'"{land}","{land[0]}",{"".join(f"{year}.5," for year in years)}\n' for land in ("Aruba", "Chad"))
    series = read(text, columns=("Chad",))
    assert (series.stamps()[0], series.values[-1, 0]) == ("1990-01-01", 2021.5)
    with pytest.raises(DataError, match="2 columns of numbers, none with a usual name: Aruba, Chad"):
        read(text)


def test_numbers_of_regions_stand_in_front_of_their_names(read):
    months = [f"2020-{month:02d}-28" for month in range(1, 13)]
    text = f"RegionID,SizeRank,RegionName,{','.join(months)}\n"
    text += "".join(f'{4 + n},{n},"City {n}, NY",{",".join(str(k + n) for k in range(12))}\n' for n in range(3))
    with pytest.raises(DataError, match="3 columns of numbers") as caught:
        read(text)
    assert caught.value.cure == "choose one: --value-column 2"
    assert read(text, columns=("2",)).columns == ("City 0, NY",)


def test_lines_above_a_table_that_are_not_known_are_shown_to_the_row(read):
    text = "Place,north\nHeight,38\n7,8\n" + "day,a,v\n" + rows_of("{day},x,{n}")
    with pytest.raises(DataError, match="line 5 has 3 cells, the first row 2") as caught:
        read(text)
    number = int(caught.value.cure.rpartition("+")[2])
    assert read("".join(text.splitlines(keepends=True)[number - 1 :])).values[-1, 0] == 19
    with pytest.raises(DataError, match="line 2 has 3 cells, the first row 2") as caught:
        read("day,v\n" + rows_of("{day},{n},5"))  # decimals
    assert "tail" not in caught.value.cure
