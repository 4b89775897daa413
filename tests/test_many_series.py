"""What `forecast` does by default where ids or rows name series."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.shops import seqtool_in, shop, table, write

QUICK = ("--window", "14", "--horizon", "4", "--highway", "7", "--hidden", "4", "--max-steps", "4")
IDS = ("--data", "shops.csv", "--id-column", "shop")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with a long table of three shops, of which one begins later."""
    monkeypatch.chdir(tmp_path)
    shops = {f"shop {n}": (shop(n, 150 - 20 * (n == 2)), 20 * (n == 2)) for n in range(3)}
    write("shops.csv", shops)
    return shops


def test_series_of_an_id_column_are_forecast_each_alone(here, ok):
    ok("train", "forecast", *IDS, *QUICK, "--out", "run")
    ok("export", "run")
    rows = table(ok("forecast", "-m", "run", "--horizon", "2"))
    assert [(row["shop"], row["time"]) for row in rows] == [
        (name, f"2024-05-{day}") for name in here for day in (30, 31)
    ]
    write("other.csv", {"new": (shop(9, 40), 0)})
    assert [row["shop"] for row in table(ok("forecast", "-m", "run", "--data", "other.csv"))] == ["new"] * 4


def test_one_vector_stays_to_be_had_by_name(here, ok):
    ok("train", "forecast", *IDS, *QUICK, "--several", "joint", "--out", "run")
    ok("export", "run")
    assert ok("forecast", "-m", "run").stdout.startswith("time,shop 0,shop 1,shop 2\n2024-05-30,")


@pytest.mark.parametrize("task", ["bitcoin", "electricity"])
def test_the_demos_keep_one_vector(here, ok, task):
    words = ("--calendar", "", "--season", "7", "--scaling", "standard", "--gap", "0", *QUICK[:4], "--highway", "0")
    assert "note pooled" not in ok("check", task, *IDS, *words).stdout


def test_a_series_that_is_named_alone_gets_a_model_of_its_own(here, ok):
    """Its file finds it in the long table by name, and answers for nothing else."""
    for run, named in (("one", "Shop 1"), ("other", "shop 1,sales")):
        ok("train", "forecast", *IDS, *QUICK, "--columns", named, "--out", run)
        ok("export", run)
        answer = ok("forecast", "-m", run, "--data", "shops.csv")
        assert answer.stdout.startswith("time,shop 1\n2024-05-30,")
        assert len(table(answer)) == 4


def test_the_column_of_values_names_no_series(here, ok):
    lines = Path("shops.csv").read_text().splitlines()
    Path("one.csv").write_text("\n".join([lines[0], *(line for line in lines if "shop 1" in line)]) + "\n")
    words = ("--data", "one.csv", "--id-column", "shop", "--value-column", "sales", *QUICK)
    assert "pooled: one model for each of 1 series alone" in ok("train", "forecast", *words, "--out", "run").stderr


def test_some_named_series_train_a_model_that_serves_any(here, ok):
    said = ok("check", "forecast", *IDS, *QUICK, "--columns", "shop 0,shop 1").stdout
    assert "note pooled: one model for each of 2 series alone" in said


def test_a_series_a_row_is_forecast_alone_too(here, ok):
    rows = [",".join([f"s{n}", *(f"{value:.5g}" for value in shop(n, 90))]) for n in range(5)]
    Path("rows.csv").write_text("\n".join([",".join(["id", *(f"V{n}" for n in range(1, 91))]), *rows]) + "\n")
    assert (
        "note pooled: one model for each of 5 series alone"
        in ok("check", "forecast", "--data", "rows.csv", *QUICK).stdout
    )


def test_long_tables_of_several_files_are_pooled_too(here, ok):
    Path("more.csv").write_text(Path("shops.csv").read_text().replace("shop ", "store "))
    said = ok("check", "forecast", *IDS, "--data", "more.csv", *QUICK).stdout
    assert "note pooled: one model for each of 6 series alone" in said


def test_columns_of_one_table_stay_one_vector_and_their_ends_are_missing(here, ok):
    lines = [f"{a:.5g},{b:.5g}" for a, b in zip(shop(1, 120), shop(2, 120), strict=True)]
    Path("wide.csv").write_text("a,b\n" + "\n".join(lines[:-5]) + "\n" + "".join(f"{n}.5,\n" for n in range(5)))
    said = ok("check", "forecast", "--data", "wide.csv", "--columns", "a,b", *QUICK).stdout
    assert "note pooled" not in said
    assert "missing values: 5 in 'b'" in said


@pytest.mark.parametrize("words", [("--scaling", "standard"), ("--floor", "0,0,0"), ("--scaling", "min-max")])
def test_what_a_pooled_model_cannot_have_is_refused_with_one_vector_as_a_cure(here, ok, cli, words):
    answer = cli("check", "forecast", *IDS, *QUICK, *words)
    assert answer.returncode == 2
    if "--floor" not in words:
        assert "--several joint" in answer.stderr
    ok("check", "forecast", *IDS, *QUICK, *words, "--several", "joint")


def test_a_plot_changes_nothing_in_the_answer(here, ok):
    ok("train", "forecast", *IDS, *QUICK, "--out", "run")
    assert Path("run/plots/windows.png").stat().st_size > 20_000
    ok("export", "run")
    plain = ok("forecast", "-m", "run").stdout
    answer = ok("forecast", "-m", "run", "--plot", "p.png")
    assert answer.stdout == plain
    assert "picture: p.png" in answer.stderr
    assert Path("p.png").stat().st_size > 20_000
    beyond = ok("forecast", "-m", "run", "--horizon", "6", "--quantiles")
    assert "quantiles are known for 4 steps" in beyond.stderr


def test_a_state_is_refused_with_cures_that_work(here, ok, cli):
    ok("train", "forecast", *IDS, *QUICK, "--out", "run")
    ok("export", "run")
    answer = cli("forecast", "-m", "run", "--state", "my.state")
    assert (answer.returncode, answer.stdout) == (2, "")
    cure = answer.stderr.rpartition("cure: leave out --state, or train with ")[2].split()
    assert cure[0] == "--network"
    assert not Path("my.state").exists()
    few = ("--max-steps", "4", "--window", "14", "--horizon", "4", "--batch", "4")
    ok("train", "forecast", *IDS, *few, *cure, "--out", "other")
    ok("export", "other")
    ok("forecast", "-m", "other", "--state", "my.state")
    assert Path("my.state").exists()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of many series, and the table of its training."""
    folder = tmp_path_factory.mktemp("model")
    write(folder / "shops.csv", {f"shop {n}": (shop(n, 150), 0) for n in range(6)})
    direct = ("--preset", "global-direct", *QUICK, "--out", "run")
    seqtool_in(folder, ("train", "forecast", *IDS, *direct), ("export", "run"))
    return folder / "run"


def rows_of(**shops):
    """Return the rows of a long table of series by name, a value a day."""
    days = np.datetime64("2024-01-01")
    return [f"{days + n},{name},{value}" for name, values in shops.items() for n, value in enumerate(values)]


HEADER = "day,shop,sales"
GOOD = rows_of(a=[5, 6, 7, 6, 5, 6, 7, 6], b=[50, 60, 70, 60, 50, 60, 70, 60])


def lines(*rows):
    Path("t.csv").write_text("\n".join(rows) + "\n")
    return ("--data", "t.csv")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*GOOD, "2024-01-09,,5"], "line 18 names no series in column 'shop'"),
        ([*GOOD, "2024-01-08,b,5"], "line 18: 'b' has the time stamp 2024-01-08 a second time (the first in line 17)"),
        ([row for row in GOOD if "-01-01," in row], "no series has two known values in its last 14 steps"),
        (
            [*GOOD, *(row.replace(",b,", ",b\x1b[1m,") for row in GOOD[8:])],
            "series with a line end, a tab or a control",
        ),
    ],
)
def test_rows_that_cannot_be_taken_are_refused_where_they_stand(model, cli, tmp_path, monkeypatch, rows, said):
    monkeypatch.chdir(tmp_path)
    answer = cli("forecast", "-m", model, *lines(HEADER, *rows))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert said in answer.stderr
    assert "\x1b" not in answer.stderr
    trained = cli("check", "forecast", *lines(HEADER, *rows), "--id-column", "shop", "--window", "2", "--highway", "0")
    assert trained.returncode == 2


def test_json_escapes_what_a_name_holds(model, ok, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [row.replace(",b,", ",b\x1b,") for row in GOOD]
    answer = ok("forecast", "-m", model, *lines(HEADER, *rows), "--json", "--horizon", "1")
    assert [json.loads(line)["shop"] for line in answer.stdout.splitlines()] == ["a", "b\x1b"]


def test_series_shorter_than_the_window_are_used_as_far_as_they_go(model, ok, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = rows_of(c=[5], d=[5, 6], e=["", ""], f=["", 3, "", 4])
    answer = ok("forecast", "-m", model, *lines(HEADER, *GOOD, *short), "--horizon", "1")
    known = {row["shop"]: bool(row["sales"]) for row in table(answer)}
    assert known == {"a": True, "b": True, "c": False, "d": True, "e": False, "f": True}
    assert "not-continued: 2 of 6 series cannot be continued, and their cells are empty: c, e" in answer.stderr


def test_names_that_are_numbers_stay_as_they_are_written(model, ok, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [row.replace(",a,", ",007,").replace(",b,", ",7,") for row in GOOD]
    answer = ok("forecast", "-m", model, *lines(HEADER, *rows), "--horizon", "1")
    assert [row["shop"] for row in table(answer)] == ["007", "7"]


def test_a_table_without_names_is_continued_as_one_series(model, ok, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = table(ok("forecast", "-m", model, *lines(HEADER, *GOOD)))[:4]
    bare = [row.replace(",a", "") for row in GOOD[:8]]
    answer = ok("forecast", "-m", model, *lines("day,sales", *bare))
    assert [row["sales"] for row in table(answer)] == [row["sales"] for row in named]
    assert "no-ids: the table has no column 'shop': it is continued as one series, sales" in answer.stderr
    mixed = [row.replace(",a", "").replace(",b", "") for row in GOOD]
    refused = cli("forecast", "-m", model, *lines("day,sales", *mixed))
    assert refused.returncode == 2
    assert "cure: name the series of each row in a column 'shop', as in training, or keep one row" in refused.stderr
    renamed = cli("forecast", "-m", model, *lines("day,store,sales", *GOOD))
    assert renamed.returncode == 2
    assert "name the series of each row in a column 'shop'" in renamed.stderr


def test_a_horizon_beyond_that_of_a_direct_network_is_refused_with_a_cure_that_works(
    model, ok, cli, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = lines(HEADER, *GOOD)
    refused = cli("forecast", "-m", model, *given, "--horizon", "9")
    assert refused.returncode == 2
    assert "the model forecasts 4 steps at most, not 9" in refused.stderr
    assert "cure: --horizon 4 or less" in refused.stderr
    assert len(table(ok("forecast", "-m", model, *given, "--horizon", "4"))) == 8


def test_very_many_series_take_no_time_that_grows_by_their_square(model, ok, tmp_path, monkeypatch):
    """Each column is found by its name at once: 4,000 series would look 16 million times through a list."""
    monkeypatch.chdir(tmp_path)
    looked = []
    monkeypatch.setattr("seqtool.data.columns.place_of", lambda *given: looked.append(given))
    rows = [f"2024-01-0{day},id {n},{n + day}" for n in range(4000) for day in (1, 2)]
    assert len(table(ok("forecast", "-m", model, *lines(HEADER, *rows), "--horizon", "1"))) == 4000
    assert len(looked) < 10
