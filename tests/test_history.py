"""What a model is to continue: its own columns, whatever else the table holds, or an error in words."""

from __future__ import annotations

import calendar
import gzip
import io
from dataclasses import replace

import numpy as np
import pandas
import polars
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.tables import table_of_text
from seqtool.errors import DataError, SeqtoolError, UsageError
from seqtool.families.forecasting.history import cut_at, from_bytes, from_files, from_table
from seqtool.families.forecasting.table import read_frame
from seqtool.reads import DataFile

MODEL = ("USD", "EUR")


def table(head):
    """Three days; on day 2 the columns hold 20, 21, ..."""
    width = head.count(",")
    rows = [f"2024-01-0{day}," + ",".join(str(10 * day + n) for n in range(width)) for day in (1, 2, 3)]
    return parse_table("\n".join([head, *rows]))


@pytest.mark.parametrize(("head", "second"), [
    ("date,USD,EUR,GBP", [20, 21]), ("date,EUR,USD", [21, 20]), ("date,GBP,usd,Eur", [21, 22]),
])  # fmt: skip
def test_the_model_s_series_are_taken_in_its_order_and_spelling(head, second):
    found = from_table(table(head), MODEL, {}, Reading(), "prices.csv")
    assert found.columns == MODEL
    assert found.values[1].tolist() == second


def test_a_table_without_a_header_is_read_by_the_columns_of_the_training_table():
    text = "2024-01-01,9,2,1\n2024-01-02,8,4,3\n"
    trained = Reading(names=("date", "GBP", "EUR", "USD"), time=("date",))
    found = from_table(parse_table(text), MODEL, {}, trained, "standard input")
    assert (found.columns, found.values.tolist()) == (MODEL, [[1, 2], [3, 4]])
    single = from_table(parse_table(text), ("GBP",), {}, trained, "standard input")
    assert (single.columns, single.values.tolist()) == (("GBP",), [[9], [8]])
    assert "the columns were taken for date, GBP, EUR, USD" in [finding.text for finding in found.findings][1]


@pytest.mark.parametrize("text", ["2024-01-01,1,2\n2024-01-02,3,4\n", "1.5,2\n3.5,4\n"])
def test_a_table_without_a_header_may_hold_the_model_s_columns_alone(text):
    found = from_table(parse_table(text), MODEL, {}, Reading(time=("date",), names=("date", "a", "USD", "EUR")), "")
    assert found.values[:, 1].tolist() == [2, 4]
    assert "no-header" in [finding.code for finding in found.findings]


def test_a_table_without_a_header_and_of_another_width_is_refused():
    with pytest.raises(UsageError, match="the table has no columns USD, EUR"):
        from_table(parse_table("2024-01-01,9,1,2\n2024-01-02,8,3,4\n"), MODEL, {}, Reading(), "standard input")
    with pytest.raises(SeqtoolError, match="2 columns of numbers"):
        from_table(parse_table("2024-01-01,9,1\n2024-01-02,8,3\n"), ("Close",), {}, Reading(), "standard input")


def test_a_table_whose_decimals_are_commas_is_not_parted_by_them():
    trained = Reading(decimal=",", mark=";", names=("tag", "Preis"), time=("tag",))
    later = table_of_text(b"1101,37\n1102,4\n", "standard input", trained)
    found = from_table(later, ("Preis",), {}, trained, "standard input")
    assert found.values[:, 0].tolist() == [1101.37, 1102.4]


def test_commas_of_a_later_table_that_the_training_did_not_decide_are_refused():
    trained = from_table(
        parse_table("date;value\n2024-01-01;1019.69\n2024-01-02;998.5\n"), ("value",), {}, Reading(), ""
    )
    later = "date;value\n2024-05-01;99,280\n2024-05-02;{}\n"
    with pytest.raises(DataError, match=r"'99,280' is 99,280 \(.*\) or 99.28 \(decimal commas\)") as caught:
        from_table(parse_table(later.format("99")), ("value",), {}, trained.reading, "")
    assert "with decimal points" in caught.value.cure
    for decided, first in (("1,099.5", 99280), ("1,099,280", 99280), ("99.28", 99280)):
        read = from_table(parse_table(later.format(decided)), ("value",), {}, trained.reading, "")
        assert read.values[0, 0] == first
    apart = replace(trained.reading, thousands=",")
    assert from_table(parse_table(later.format("99")), ("value",), {}, apart, "").values[0, 0] == 99280


@pytest.mark.parametrize(("trained", "later", "read", "decided"), [
    ("1000.25", "1.000", "1 (decimal points) or 1,000 (decimal commas, points between thousands)", "1.0005"),
    ("1.000,25", "1,000", "1 (decimal commas) or 1,000 (decimal points, commas between thousands)", "1,0005"),
])  # fmt: skip
@pytest.mark.parametrize("ids", [0, 1])
def test_three_digits_behind_a_mark_that_the_training_had_otherwise_are_refused(trained, later, read, decided, ids):
    head, front = ("id;", "a;") if ids else ("", "")
    text = f"{head}date;value\n{front}2024-01-01;{{}}\n{front}2024-01-02;{{}}\n"
    options = {"id_column": "id"} if ids else {}
    names = ("a",) if ids else ("value",)
    known = clean(parse_table(text.format(trained, trained[:-1] + "7")), id_column=("id",) if ids else ()).reading
    for second in (later, "999", ""):
        with pytest.raises(DataError) as caught:
            from_table(parse_table(text.format(later, second)), names, options, known, "x")
        assert f"'{later}' is {read}" in str(caught.value)
    found = from_table(parse_table(text.format(later, decided)), names, options, known, "x")
    assert found.values[:, 0].tolist() == [1, 1.0005]


def test_three_decimals_that_the_training_had_too_are_read():
    text = "date;value\n2024-01-01;{}\n2024-01-02;{}\n"
    known = clean(parse_table(text.format("1000.25", "1.125"))).reading
    found = from_table(parse_table(text.format("1.000", "1.101")), ("value",), {}, known, "x")
    assert found.values[:, 0].tolist() == [1, 1.101]


def test_a_single_series_under_another_name_is_said():
    found = from_table(table("date,price"), ("Close",), {}, Reading(), "")
    assert [finding.text for finding in found.findings if finding.code == "other-column"] == [
        "the model continues 'Close': it reads 'price'"
    ]


def test_a_file_of_days_to_come_lacks_what_the_model_forecasts():
    rows = "".join(f"{day + 7},2024-01-{day:02d},{day % 3},{day}.5\n" for day in range(1, 29))
    trained = clean(parse_table(text := f"id,date,promo,sales\n{rows}"), columns=("sales",)).reading
    later = "\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n"
    for columns in (later, "\n".join(line.partition(",")[2] for line in later.splitlines()) + "\n"):
        with pytest.raises(DataError, match="no column 'sales', which the model forecasts") as caught:
            from_table(parse_table(columns), ("sales",), {}, trained, "test.csv")
        assert "give the rows whose 'sales' is known" in caught.value.cure
        frame = pandas.read_csv(io.StringIO(columns), parse_dates=["date"]).astype({"promo": float})
        with pytest.raises(DataError, match="no column 'sales'"):
            read_frame(frame, ("sales",), {}, trained)
    renamed = "\n".join(line.partition(",")[2] for line in later.replace("promo", "turnover").splitlines())
    assert from_table(parse_table(renamed), ("sales",), {}, trained, "x").columns == ("turnover",)


def test_days_to_come_of_many_series_lack_what_the_model_forecasts():
    rows = [f"2024-01-{day:02d},{shop},{day % 3},{day}.5" for day in range(1, 29) for shop in "ab"]
    text = "date,shop,promo,sales\n" + "\n".join(rows) + "\n"
    trained = clean(parse_table(text), columns=("sales",), id_column=("shop",)).reading
    later = "\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n"
    config = {"id_column": "shop", "several": "pooled"}
    with pytest.raises(DataError, match="no column 'sales', which the model forecasts"):
        from_table(parse_table(later), ("a", "b"), config, trained, "test.csv")


def test_a_year_a_row_holds_its_series_in_all_columns():
    text = "year," + ",".join(calendar.month_abbr[1:]) + "\n"
    text += "".join(f"{year}," + ",".join(f"{month}.5" for month in range(12)) + "\n" for year in range(2000, 2010))
    trained = clean(parse_table(text))
    assert len(from_table(parse_table(text), trained.columns, {}, trained.reading, "x").values) == 120


@pytest.mark.parametrize("head", ["date,USD", "date,USD,GBP", "date,USD,GBP,JPY"])
def test_another_number_of_series_is_refused_in_words(head):
    with pytest.raises(UsageError, match="the table has no columns") as caught:
        from_table(table(head), MODEL, {}, Reading(), "prices.csv")
    assert f"found: {head.replace(',', ', ')}" in caught.value.where
    assert caught.value.cure


def labelled(folder, labels):
    """Write a file a label, the numbers of each one above those of the file before."""
    for number, label in enumerate(labels):
        rows = "".join(f"2024-01-0{day},{day + number}\n" for day in (1, 2, 3))
        (folder / f"{label}.csv").write_text(f"date,close\n{rows}")
    return [DataFile(folder / f"{label}.csv", label) for label in labels]


@pytest.mark.parametrize("labels", [("USD",), ("USD", "GBP")])
def test_joined_files_that_lack_one_are_refused_in_words(tmp_path, labels):
    with pytest.raises(UsageError, match=r"USD, EUR") as caught:
        from_files(labelled(tmp_path, labels), MODEL, {}, Reading())
    assert caught.value.cure


def test_a_joined_file_too_many_is_warned_of_and_left_out(tmp_path):
    series = from_files(labelled(tmp_path, ("GBP", "EUR", "USD")), MODEL, {}, Reading())
    assert series.columns == MODEL == ("USD", "EUR")
    assert series.values.tolist() == [[3, 2], [4, 3], [5, 4]]
    warned = [finding.text for finding in series.findings if finding.level == "warning"]
    assert warned == ["the model does not read GBP"]


def test_a_single_series_may_bear_any_name_but_must_be_one():
    assert from_table(table("date,price"), ("Close",), {}, Reading(), "").values.shape == (3, 1)
    with pytest.raises(SeqtoolError, match="2 columns of numbers"):
        from_table(table("date,price,volume"), ("Close",), {}, Reading(), "")


def test_a_number_is_no_name_where_the_training_table_was_of_another_width():
    trained = Reading(names=("column_1",))
    later = parse_table("1,111.5\n2,112.5\n3,114.5\n")
    assert from_table(later, ("column_1",), {}, trained, "").values[:, 0].tolist() == [111.5, 112.5, 114.5]


def test_a_pipe_may_bring_gzip_and_parquet():
    text = b"date,y\n2024-01-01,1.5\n2024-01-02,2.5\n"
    parquet = io.BytesIO()
    polars.DataFrame({"date": ["2024-01-01", "2024-01-02"], "y": [1.5, 2.5]}).write_parquet(parquet)
    for data in (text, gzip.compress(text), parquet.getvalue()):
        series = from_bytes(data, ("y",), {}, Reading(), "standard input")
        assert series.values[:, 0].tolist() == [1.5, 2.5]


@pytest.mark.parametrize("stamp", ["2024-01-02", "2.1.2024", "2024-01-02 00:00", "Jan 2, 2024"])
def test_a_row_is_found_by_its_time_however_it_is_written(stamp):
    series = from_table(parse_table("date,y\n01.01.2024,1\n02.01.2024,2\n03.01.2024,3\n"), ("y",), {}, Reading(), "")
    assert cut_at(series, stamp).values[:, 0].tolist() == [1, 2]


def test_a_time_between_two_rows_ends_the_table_at_the_first():
    """Working days: the Saturday behind the last Friday too; Monday is a step that is not there."""
    days = [day for day in np.datetime64("2024-01-01") + np.arange(40) if np.is_busday(day)]
    rows = "".join(f"{day},{n}\n" for n, day in enumerate(days))
    series = from_table(parse_table(f"date,y\n{rows}"), ("y",), {}, Reading(), "")
    assert str(days[-1]) == "2024-02-09"
    for stamp, count in (
        ("2024-01-07", 5),
        ("2024-01-03 12:00", 3),
        ("2024-02-10", len(days)),
        ("2024-02-11", len(days)),
    ):
        assert len(cut_at(series, stamp).values) == count
    for stamp in ("2024-02-12", "2023-12-31"):
        with pytest.raises(UsageError, match="no row is stamped"):
            cut_at(series, stamp)


def test_a_time_that_no_row_has_is_refused():
    series = from_table(parse_table("date,y\n2024-01-01,1\n2024-01-02,2\n"), ("y",), {}, Reading(), "")
    for stamp in ("2024-01-05", "soon", ""):
        with pytest.raises(UsageError, match="no row is stamped"):
            cut_at(series, stamp)


def test_a_table_parted_otherwise_than_the_training_s_is_refused_with_both_marks():
    trained = Reading(decimal=",", mark=";", names=("day", "y"), time=("day",))
    with pytest.raises(DataError, match=r"no cell is a number or a date, from line 2 on: '2024-05-01") as caught:
        from_bytes(b"day,y\n2024-05-01,1200.1\n2024-05-02,1201.5\n", ("y",), {}, trained, "standard input")
    assert "by semicolons" in caught.value.cure


def test_only_the_columns_that_lack_are_named():
    with pytest.raises(UsageError, match=r"the table has no columns EUR\n"):
        from_table(table("date,USD,GBP"), MODEL, {}, Reading(), "prices.csv")
