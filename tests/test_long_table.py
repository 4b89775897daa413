"""Long tables: the same series as in a wide one, chosen by name, in training and in a pipe."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.history import from_table

NAN = float("nan")
LONG = """time,meter,load
2024-01-01 00:00,north,1
2024-01-01 00:00,south,10
2024-01-01 01:00,south,20
2024-01-01 02:00,north,3
2024-01-01 02:00,south,
2024-01-01 03:00,north,4
"""


def series(text, **options):
    return clean(parse_table(text), **{"id_column": ("meter",), **options})


def said(one, code):
    return next(found.text for found in one.findings if found.code == code)


def test_a_row_a_stamp_and_series_becomes_a_column_a_series():
    one = series(LONG)
    assert one.columns == ("north", "south")
    np.testing.assert_array_equal(one.values, [[1, 10], [NAN, 20], [3, NAN], [4, NAN]])
    assert one.stamps()[1] == "2024-01-01T01:00:00"
    assert said(one, "long-table") == "a long table of 2 series, named in 'meter', their values in 'load'"
    assert "1 in 'north' (the first at 2024-01-01T01:00:00), 2 in 'south'" in said(one, "missing-values")


@pytest.mark.parametrize(("wanted", "columns"), [
    (("south",), ("south",)), (("South", "NORTH"), ("south", "north")), (("north", "north"), ("north",)),
])  # fmt: skip
def test_series_are_chosen_by_name_in_the_order_given(wanted, columns):
    one = series(LONG, columns=wanted)
    assert one.columns == columns
    known = {"north": [1, NAN, 3, 4], "south": [10, 20]}
    length = 4 if "north" in columns else 2  # the union of the stamps of the chosen
    for name, values in zip(columns, one.values[:length].T, strict=True):
        np.testing.assert_array_equal(values[: len(known[name])], known[name])


def test_a_name_in_its_own_spelling_comes_first():
    text = "time,meter,y\n2024-01-01,a,1\n2024-01-01,A,10\n2024-01-02,a,2\n2024-01-02,A,30\n"
    assert series(text, columns=("A",)).values.ravel().tolist() == [10, 30]
    assert series(text, columns=("a",)).values.ravel().tolist() == [1, 2]


def test_numbers_and_words_for_missing_are_names_too():
    text = "meter,date,y\n17,2024-01-01,1\nNA,2024-01-01,5\n17,2024-01-02,2\nNA,2024-01-02,6\n\nSource: the moon\n"
    one = series(text)
    assert one.columns == ("17", "NA")
    assert one.values.tolist() == [[1, 5], [2, 6]]
    assert "2 rows" in said(one, "trailing-text")


def test_a_series_called_as_the_time_column_is():
    one = series("time,meter,y\n2024-01-01,time,1\n2024-01-02,time,2\n")
    assert (one.columns, one.values.ravel().tolist()) == (("time",), [1, 2])


def test_the_value_column_has_a_usual_name_or_is_the_only_one_left():
    text = "time,meter,volt,value\n2024-01-01,1,230,5\n2024-01-02,1,231,6\n"
    assert series(text).values.ravel().tolist() == [5, 6]
    assert series(text, preferred=("volt",)).values.ravel().tolist() == [230, 231]


def many(count):
    return "time,meter,y\n" + "".join(f"2024-01-0{day},m{n},{day}\n" for day in (1, 2) for n in range(count))


@pytest.mark.parametrize(("text", "options", "words", "cure"), [
    ("meter,y\na,1\na,2\n", {}, "a long table without time stamps", "a column of dates"),
    (LONG + "2024-01-01T01:00,south,7\n", {},
     "line 8: 'south' has the time stamp 2024-01-01T01:00:00 a second time (the first in line 4)", "one row a stamp"),
    (LONG.replace("south,20", "south,much"), {}, "line 4: 'much' in column 'load' is no number", "plain numbers"),
    (LONG.replace("south,20", ",20"), {}, "line 4 names no series in column 'meter'", "every row"),
    (LONG.replace("load", "load,volt").replace(",north,1", ",north,1,2"), {},
     "2 columns of numbers, none with a usual name", "--value-column"),
    ("time,meter,y\n", {"reading": Reading(time=("time",))}, "no rows", "rows of numbers"),
])  # fmt: skip
def test_refused_in_words(text, options, words, cure):
    with pytest.raises(DataError) as caught:
        series(text, where="meters.csv", **options)
    assert words in caught.value.what
    assert "meters.csv" in caught.value.where
    assert cure in caught.value.cure
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(("options", "words", "cure"), [
    ({"columns": ("nort",)}, "no series 'nort'", "did you mean 'north'?"),
    ({"id_column": ("metre",)}, "no column 'metre'", "did you mean 'meter'?"),
])  # fmt: skip
def test_a_misspelt_name_gets_a_hint(options, words, cure):
    with pytest.raises(UsageError, match=words) as caught:
        series(LONG, **options)
    assert caught.value.cure == cure


def test_sixty_four_are_taken_and_more_by_name():
    assert len(series(many(64)).columns) == 64
    assert series(many(65), columns=("m64",)).columns == ("m64",)


def test_a_stamp_twice_in_a_wide_table_points_to_the_option():
    with pytest.raises(DataError) as caught:
        clean(parse_table(LONG), columns=("load",))
    assert "--id-column" in caught.value.cure


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_order_of_rows_gives_the_table_that_polars_pivots(count, features, random):
    names = [f"m{n}" for n in range(features)]
    whole = [(f"2024-01-{day + 1:02}", name, str(random.random())) for day in range(count) for name in names]
    rows = [row for row in whole if row[1] == "m0" or row[0] == "2024-01-01" or random.random() > 0.3]
    random.shuffle(rows)
    text = io.StringIO()
    csv.writer(text).writerows([("time", "meter", "y"), *rows])
    one = series(text.getvalue(), columns=names, for_training=False)
    frame = polars.DataFrame(rows, schema=["time", "meter", "y"], orient="row").pivot("meter", index="time", values="y")
    pivot = {row["time"]: [float(row[name] or "nan") for name in names] for row in frame.to_dicts()}
    for stamp, values in zip(one.stamps(), one.values, strict=True):
        np.testing.assert_array_equal(values, pivot[stamp])


@pytest.fixture
def meters(tmp_path, monkeypatch):
    """A long table of three meters, the rows of each together, as a working folder."""
    monkeypatch.chdir(tmp_path)
    rng, days = np.random.default_rng(0), np.datetime64("2024-01-01") + np.arange(200)
    rows = [
        f"{name},{day},{value:.3f}"
        for name, base in (("north", 50), ("south", 500), ("west", 5000))
        for day, value in zip(days, base + np.cumsum(rng.normal(0, base / 50, 200)), strict=True)
    ]
    (tmp_path / "meters.csv").write_text("\n".join(["meter,day,load", *rows]) + "\n")
    return tmp_path / "meters.csv"


SMALL = ["--hidden", "4", "--max-steps", "2", "--window", "10", "--horizon", "3"]


def test_a_model_of_two_series_forecasts_them_from_file_and_pipe(cli, seqtool_cmd, meters):
    chosen = ["--id-column", "meter", "--columns", "south,north", "--scaling", "standard"]
    assert "note long-table" in cli("check", "bitcoin", "--data", meters, *chosen, *SMALL).stdout
    assert cli("train", "bitcoin", "--data", meters, *chosen, *SMALL).returncode == 0
    assert cli("export").returncode == 0
    from_file = cli("forecast", "--data", meters).stdout
    assert from_file.startswith("time,south,north\n2024-07-19,")
    assert cli("forecast").stdout == from_file  # what it was trained on
    assert seqtool_cmd("forecast", stdin=meters.read_text()).stdout == from_file
    wide = clean(parse_table(meters.read_text()), id_column=("meter",))
    rows = [f"{stamp},{row[0]},{row[1]}" for stamp, row in zip(wide.stamps(), wide.values.tolist(), strict=True)]
    assert seqtool_cmd("forecast", stdin="\n".join(["day,north,south", *rows])).stdout == from_file
    without = "".join(line for line in meters.read_text().splitlines(True) if not line.startswith("south"))
    refused = seqtool_cmd("forecast", stdin=without)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "no columns south" in refused.stderr
    assert json.loads(cli("evaluate", "--data", meters, "--json").stdout)["split"] == "whole"


SHOPS = "date,shop,units,takings\n" + "".join(
    f"2021-03-{day:02d},{shop},{day + place},{1.5 * day + 10 * place}\n"
    for day in range(1, 6)
    for place, shop in enumerate(("oak", "elm"))
)


@pytest.mark.parametrize(("wanted", "columns", "first"), [
    (("units",), ("oak", "elm"), [1, 2]), (("Takings",), ("oak", "elm"), [1.5, 11.5]),
    (("elm", "takings"), ("elm",), [11.5]), (("4", "elm", "oak"), ("elm", "oak"), [11.5, 1.5]),
])  # fmt: skip
def test_the_value_column_is_chosen_by_its_name_beside_series(wanted, columns, first):
    one = series(SHOPS, id_column=("shop",), columns=wanted)
    assert one.columns == columns
    assert one.values[0].tolist() == first


def test_a_series_comes_before_a_column_of_its_name():
    text = SHOPS.replace("oak", "units")
    one = series(text, id_column=("shop",), columns=("units", "takings"))
    assert (one.columns, one.values[:2, 0].tolist()) == (("units",), [1.5, 3])


def test_two_columns_of_values_are_refused_with_a_cure_that_works():
    with pytest.raises(UsageError, match="units, takings: a long table has one column of values") as caught:
        series(SHOPS, id_column=("shop",), columns=("units", "takings"))
    assert caught.value.cure == "--value-column units"
    with pytest.raises(DataError, match="2 columns of numbers") as caught:
        series(SHOPS, id_column=("shop",))
    assert caught.value.cure == "choose one: --value-column units"


def test_a_model_continues_the_value_column_that_it_was_trained_on():
    config = {"columns": ["takings"], "id_column": ["shop"]}
    later = from_table(parse_table(SHOPS), ("elm", "oak"), config, Reading(), "")
    assert (later.columns, later.values[0].tolist()) == (("elm", "oak"), [11.5, 1.5])


def test_a_later_long_table_is_read_by_the_column_of_values_of_the_training():
    trained = series(LONG).reading
    assert Reading.from_json(trained.to_json()).value == "load"
    lines = LONG.splitlines()
    more = "\n".join([f"{lines[0]},price,close", *(f"{line},7,8" for line in lines[1:])])
    config = {"id_column": ["meter"]}
    later = from_table(parse_table(more), ("north", "south"), config, trained, "")
    np.testing.assert_array_equal(later.values, series(LONG).values)
    assert not [finding for finding in later.findings if finding.code == "other-column"]
    for chosen in ({}, {"columns": ["load"]}):
        other = from_table(parse_table(LONG.replace("load", "price")), ("north", "south"), config | chosen, trained, "")
        assert said(other, "other-column") == "the model continues 'load': it reads 'price'"


def test_a_long_table_with_the_hour_of_autumn_twice_asks_for_its_zone():
    hours = np.datetime64("2023-10-28T00") + np.arange(72)
    local = [*hours[:27], *hours[26:60]]  # 02:00 comes again
    lines = ["time,id,load", *(f"{hour},{name},{n}" for n, hour in enumerate(local) for name in "ab")]
    with pytest.raises(DataError, match="is there twice: looks like a change of clocks") as caught:
        clean(parse_table("\n".join(lines)), id_column=("id",))
    assert caught.value.cure.startswith("--timezone NAME")
    series = clean(parse_table("\n".join(lines)), id_column=("id",), reading=Reading(timezone="Europe/Madrid"))
    assert series.values[:, 0].tolist() == list(range(61))


def test_series_in_which_the_hour_of_autumn_stands_twice_are_told_as_several():
    """The sum of rows of one stamp would add the series up."""
    hours = np.datetime64("2023-10-28T00") + np.arange(90)
    local = [*hours[:27], *hours[26:80]]
    lines = ["time,id,load", *(f"{hour},{name},{n}" for n, hour in enumerate(local) for name in ("north", "south"))]
    with pytest.raises(DataError, match="once for each 'id': the table holds several series") as caught:
        clean(parse_table("\n".join(lines)))
    assert caught.value.cure == "--id-column id"
