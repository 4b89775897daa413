"""`forecast --follow` of a pooled model: rows of many series in any order, each answered from its own last window."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.shops import seqtool_in, shop, table

WINDOW = 12
TRAIN = (
    "train", "forecast", "--preset", "global-direct", "--data", "shops.csv", "--id-column", "shop", "--own", "2",
    "--window", str(WINDOW), "--highway", "7", "--horizon", "3", "--hidden", "4", "--max-steps", "4", "--out", "run",
)  # fmt: skip


def rows_of(shops, first="2024-01-01"):
    """Return (day, name, value) of shops by name, a day's rows together."""
    days = np.datetime64(first)
    longest = max(map(len, shops.values()))
    return [
        (str(days + n), name, f"{values[n]:.6g}")
        for n in range(longest)
        for name, values in shops.items()
        if n < len(values)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model of eight shops, which have parts of their own."""
    folder = tmp_path_factory.mktemp("shops")
    rows = rows_of({f"shop {n}": shop(n, 120) for n in range(8)})
    (folder / "shops.csv").write_text("day,shop,sales\n" + "".join(f"{','.join(row)}\n" for row in rows))
    seqtool_in(folder, TRAIN, ("export", "run"))
    return folder


@pytest.fixture
def follow(folder, cli, tmp_path, monkeypatch):
    """Return `follow(lines, "--json")`: the answers to lines, one each, and what is said."""
    monkeypatch.chdir(folder)

    def run(lines, *words):
        stream = tmp_path / "stream"
        stream.write_text("\n".join(lines) + "\n")
        with stream.open() as piped, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", piped)
            answer = cli("forecast", "-m", "run", "--follow", *words)
        assert answer.returncode == 0, answer.stderr
        answers = answer.stdout.split("\n")[:-1]
        assert len(answers) == len(lines)
        return answers, answer.stderr

    return run


def by_table(cli, path, rows, *words):
    """Return the forecasts of each series of a table, as they are written."""
    path.write_text("day,shop,sales\n" + "".join(f"{','.join(row)}\n" for row in rows))
    answer = cli("forecast", "-m", "run", "--data", path, *words)
    forecasts = {}
    for row in table(answer):
        forecasts.setdefault(row["shop"], []).append(row["sales"])
    return forecasts


def test_each_line_is_answered_as_its_series_in_the_table_up_to_it(follow, cli, tmp_path):
    rows = rows_of({"shop 3": shop(3, 30), "new": shop(40, 25), "other": shop(41, 30)}, "2024-03-01")
    answers, said = follow(["day,shop,sales", *map(",".join, rows)], "--horizon", "3")
    assert answers[:4] == [""] * 4  # the header, and a single known value of each
    assert said.count("it is forecast from its second known value on") == 1
    for stop in (6, 20, 50, 85):
        wanted = by_table(cli, tmp_path / "t.csv", rows[:stop])
        name = rows[stop - 1][1]
        assert answers[stop] == ",".join([name, *wanted[name]])


def test_rows_come_in_any_order_of_the_series(follow):
    rows = rows_of({"a": shop(40, 20), "b": shop(41, 20)})
    mixed, _ = follow([",".join(row) for row in rows])
    after = sorted(rows, key=lambda row: row[1])
    apart, _ = follow([",".join(row) for row in after])
    assert dict(zip(rows, mixed, strict=True)) == dict(zip(after, apart, strict=True))


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", "{0},{1},{2}"), ("sales,shop,day", "{2},{1},{0}"), ("Shop;Day;Sales", "{1};{0};{2}"),
        ("day,shop,price,sales", "{0},{1},7,{2}"), ("day,shop,units", "{0},{1},{2}"),
    ],
)  # fmt: skip
def test_a_header_says_where_the_pieces_are_else_they_are_as_in_training(follow, header, form):
    rows = rows_of({"a": shop(40, 14), "b": shop(41, 14)})
    plain, _ = follow(["day,shop,sales", *map(",".join, rows)])
    answers, _ = follow([*[header][: bool(header)], *(form.format(*row) for row in rows)])
    assert answers[-len(rows) :] == plain[1:]


@pytest.mark.parametrize(("header", "form"), [("", "{2}"), ("", "{0},{2}"), ("date,sales", "{0},{2}"), ("y", "{2}")])
def test_rows_without_a_name_are_of_one_series(follow, header, form):
    rows = rows_of({"a": shop(40, 20)})
    named, _ = follow(["day,shop,sales", *map(",".join, rows)], "--horizon", "2")
    answers, _ = follow([*[header][: bool(header)], *(form.format(*row) for row in rows)], "--horizon", "2")
    assert answers[-19:] == [line.removeprefix("a,") for line in named[-19:]]


def test_json_names_the_series_its_stamp_and_the_forecast(follow):
    rows = [("2024-01-01", "x,y", "5"), ("2024-01-02", "x,y", "6")]
    lines = ["day,shop,sales", *(f'{day},"{name}",{value}' for day, name, value in rows)]
    answers, _ = follow(lines, "--json")
    assert [json.loads(line) for line in answers[:2]] == [{}, {}]
    last = json.loads(answers[2])
    assert (last["shop"], last["time"], np.shape(last["forecast"])) == ("x,y", "2024-01-02", (1, 1))
    text, _ = follow(lines)
    assert next(csv.reader([text[2]]))[0] == "x,y"
    bare, _ = follow(["2024-01-01,5", "2024-01-02,6"], "--json")
    assert set(json.loads(bare[1])) == {"time", "forecast"}


def test_steps_without_a_row_are_missing_values_of_that_series_alone(follow, cli, tmp_path):
    rows = rows_of({"a": shop(40, 20), "b": shop(41, 20)})
    kept = [row for n, row in enumerate(rows) if row[1] == "b" or n % 5]
    wanted = by_table(cli, tmp_path / "t.csv", kept, "--horizon", "1")
    answers, _ = follow([",".join(row) for row in kept])
    last = {row[1]: answer for row, answer in zip(kept, answers, strict=True)}
    assert last == {name: ",".join([name, *cells]) for name, cells in wanted.items()}


def test_a_row_of_the_past_of_its_series_and_one_without_a_name_are_refused(follow):
    lines = ["day,shop,sales", "2024-01-02,a,5", "2024-01-01,b,5", "2024-01-03,a,6", "2024-01-03,a,7", "2024-01-04, ,7",
             "2024-01-02,b,x", "2024-01-03,b,6"]  # fmt: skip
    answers, said = follow(lines, "--json")
    errors = [json.loads(line).get("error", "") for line in answers]
    assert errors[4] == "'2024-01-03' is not after the one before of 'a'"
    assert errors[5] == "the line names no series"
    assert errors[6] == "'x' is no number"
    assert [not error for error in errors] == [True, True, True, True, False, False, False, True]
    assert "1 record was without the name of a series (the first: line 6)" in said


@pytest.mark.parametrize("header", ["day,store,sales", "id,value", "store,sales", "day,shop"])
def test_a_header_without_the_column_of_names_is_not_taken_for_one_series(follow, header):
    rows = ["2024-01-01,a,5", "2024-01-02,a,6"] if header.startswith("day,store") else ["2001,5", "2002,6"]
    answers, said = follow([header, *rows])
    assert answers == [""] * 3
    assert "under a header of other columns" in said


def test_too_many_missing_values_are_refused_once_a_series_was_answered(follow):
    lines = ["day,shop,sales", "2024-01-01,a,5", "2024-01-02,a,6", "2024-06-01,a,7", "2024-06-02,a,8"]
    answers, said = follow(lines)
    assert [bool(line) for line in answers] == [False, False, True, False, True]
    assert "1 record was after too many missing values" in said


def test_strict_does_not_stop_where_a_series_begins(follow):
    answers, _ = follow(["day,shop,sales", "2024-01-01,a,5", "2024-01-02,a,6"], "--strict")
    assert answers[2].startswith("a,")


def test_a_series_with_a_missing_value_in_its_first_row_is_no_header(follow):
    answers, _ = follow(["shop,day,sales", "a,2024-01-01,", "a,2024-01-02,5", "a,2024-01-03,6"])
    assert [bool(line) for line in answers] == [False, False, False, True]


def test_few_known_values_are_not_said_to_be_strange(follow):
    _, said = follow(["day,shop,sales", "2024-01-01,a,5", "2024-01-02,a,50", "2024-01-03,a,51"])
    assert "out-of-range" not in said


def test_thousands_of_series_keep_a_window_each(folder, monkeypatch):
    from seqtool.families.forecasting.pipe import verb
    from seqtool.families.load import runner_of
    from seqtool.runtime.model import open_model
    from seqtool.runtime.records import Record

    monkeypatch.chdir(folder)
    following = verb(runner_of(open_model(Path("run/model.onnx")), "forecasting")).answer
    for day in range(1, 4):
        lines = [Record(n, f"2024-01-0{day},id {n},{n + day}") for n in range(1, 3001)]
        answers = following(lines)
        assert all(answers) == (day > 1)
    assert len(following._series) == 3000
    assert {one.window.shape for one in following._series.values()} == {(WINDOW,)}
