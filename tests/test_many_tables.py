"""Later tables of a model of many series: long, a column a series or a row a series, whatever the training's was."""

from __future__ import annotations

import csv
import json
import warnings

import numpy as np
import polars
import pytest

import seqtool
from tests.shops import seqtool_in

WINDOW = 12
SMALL = (
    "--preset", "global-direct", "--window", str(WINDOW), "--highway", "7", "--horizon", "3", "--hidden", "4",
    "--max-steps", "2", "--no-refit",
)  # fmt: skip
DAYS = [str(np.datetime64("2024-01-01") + day) for day in range(120)]
MODELS = {
    "long": ("--data", "long.csv", "--id-column", "shop", "--own", "2"),
    "wide": ("--data", "wide.csv", "--columns", "north,south,b", "--several", "pooled"),
    "priced": ("--data", "priced.csv", "--columns", "north,south,b", "--known", "price", "--several", "pooled"),
    "rows": ("--data", "rows.csv"),
    "one": ("--data", "wide.csv", "--columns", "north"),
}


def sales():
    """Return the values of three shops by name, as they are written."""
    rng = np.random.default_rng(3)
    shape = np.exp(0.2 * np.sin(np.arange(120) * 2 * np.pi / 7))
    names = ("north", "south", "b")
    return {
        name: [f"{x:.4f}" for x in 10.0**n * shape * np.exp(rng.normal(0, 0.02, 120))] for n, name in enumerate(names)
    }


def wide(shops, days=DAYS, **beside):
    """Return the lines of a table of a column a series."""
    columns = [*shops.values(), *beside.values()]
    return [",".join(("day", *shops, *beside)), *(",".join(row) for row in zip(days, *columns, strict=False))]


def long(shops, days=DAYS, header="day,shop,sales"):
    """Return the lines of a table of a row for each day and series."""
    rows = [(day, name, values[n]) for n, day in enumerate(days) for name, values in shops.items()]
    return [header, *map(",".join, rows)]


def rows(shops, ident="shop"):
    """Return the lines of a table of a row a series."""
    return [f"{ident},{','.join(f'V{n + 1}' for n in range(120))}", *(",".join((n, *v)) for n, v in shops.items())]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


PRICE = [str(1 + n % 5) for n in range(120)]
SHOPS = sales()
AHEAD = {name: [*values[:117], "", "", ""] for name, values in SHOPS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the tables of three shops, and a model of each."""
    folder = tmp_path_factory.mktemp("tables")
    tables = {"long": long(SHOPS), "wide": wide(SHOPS), "priced": wide(AHEAD, price=PRICE), "rows": rows(SHOPS)}
    for name, lines in tables.items():
        write(folder / f"{name}.csv", lines)
    for name, words in MODELS.items():
        seqtool_in(folder, ("train", "forecast", *words, *SMALL, "--out", name), ("export", name))
    return folder


@pytest.fixture
def forecast(folder, cli, monkeypatch):
    """Return `forecast("wide", path)`: the first step of each series as numbers, and what is said."""
    monkeypatch.chdir(folder)

    def run(model, path, *words):
        answer = cli("forecast", "-m", model, "--data", path, *words)
        assert answer.returncode == 0, answer.stderr
        first: dict[str, float] = {}
        for ident, *_, value in [*csv.reader(answer.stdout.splitlines())][1:]:
            first.setdefault(ident, float(value) if value else np.nan)
        return first, answer.stderr

    return run


@pytest.fixture
def follow(folder, cli, tmp_path, monkeypatch):
    """Return `follow("long", lines)`: the answers to lines, one each, and what is said."""
    monkeypatch.chdir(folder)

    def run(model, lines, *words, fails=0):
        stream = write(tmp_path / "stream", lines)
        with stream.open() as piped, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", piped)
            answer = cli("forecast", "-m", model, "--follow", *words)
        assert answer.returncode == fails, answer.stderr
        return answer.stdout.split("\n")[:-1], answer.stderr

    return run


@pytest.mark.parametrize("model", ["long", "wide", "rows"])
def test_a_table_has_any_of_three_forms_whatever_that_of_the_training_was(forecast, tmp_path, model):
    tables = {
        "l": long(SHOPS, header="day,shop,sales" if model == "long" else "day,id,sales"),
        "w": wide(SHOPS), "r": rows(SHOPS),
    }  # fmt: skip
    wanted, _ = forecast(model, f"{model}.csv")
    assert [*wanted] == [*SHOPS]
    for name, lines in tables.items():
        answer, said = forecast(model, write(tmp_path / f"{name}.csv", lines))
        assert answer == wanted, (name, said)
        assert "one series" not in said


def test_the_columns_of_the_training_are_its_series(forecast, cli, tmp_path):
    whole, said = forecast("wide", "wide.csv")
    assert "warning" not in said
    more = write(tmp_path / "more.csv", wide(SHOPS, new=SHOPS["b"]))
    answer, said = forecast("wide", more)
    assert answer == whole
    assert "unread-columns: the model's series are north, south, b: it does not read new" in said
    some, said = forecast("wide", write(tmp_path / "some.csv", wide({"south": SHOPS["south"]})))
    assert some == {"south": whole["south"]}
    others, said = forecast("wide", write(tmp_path / "others.csv", wide({"p": SHOPS["b"], "q": SHOPS["north"]})))
    assert others == {"p": whole["b"], "q": whole["north"]}
    assert "no-ids: each of its 2 columns of numbers is continued as a series, p, q" in said
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = seqtool.load("wide").forecast(polars.read_csv("wide.csv"), 1)
    np.testing.assert_allclose(frame["value"], [*whole.values()], rtol=1e-9)
    scored = cli("evaluate", "wide", "--data", "wide.csv", "--json")
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["whole"]["seasonal"]["mase"] > 0


def test_a_known_column_beside_the_series_is_none(forecast, cli, tmp_path):
    whole, said = forecast("priced", "priced.csv")
    assert [*whole] == [*SHOPS]
    assert "warning" not in said
    dear, _ = forecast("priced", write(tmp_path / "dear.csv", wide(AHEAD, price=[*PRICE[:117], "5", "5", "5"])))
    assert [*dear] == [*SHOPS]
    lines = long(AHEAD, header="day,id,sales,price")
    lines = [lines[0], *(f"{line},{PRICE[n // 3]}" for n, line in enumerate(lines[1:]))]
    assert forecast("priced", write(tmp_path / "long.csv", lines))[0] == pytest.approx(whole)
    assert cli("evaluate", "priced", "--data", "priced.csv").returncode == 0


def test_a_wide_table_without_the_names_of_a_long_one_is_said(forecast, tmp_path):
    beside = write(tmp_path / "t.csv", wide({"p": SHOPS["north"], "q": SHOPS["b"]}))
    _, said = forecast("long", beside)
    text = "no-ids: the table has no column 'shop': each of its 2 columns of numbers is continued as a series, p, q"
    assert text in said


def test_a_long_table_that_names_its_series_otherwise_is_refused_with_a_cure_that_works(forecast, cli, tmp_path):
    wanted, _ = forecast("rows", "rows.csv")
    path = write(tmp_path / "t.csv", long(SHOPS, header="day,branch,sales"))
    answer = cli("forecast", "-m", "rows", "--data", path)
    assert answer.returncode == 2
    assert "cure: name the series of each row in a column 'id'\n" in answer.stderr
    assert forecast("rows", write(path, long(SHOPS, header="day,id,sales")))[0] == wanted


def test_row_numbers_called_id_are_no_names(forecast, tmp_path):
    numbered = [f"{n - 1},{line}" if n else f"id,{line}" for n, line in enumerate(wide({"value": SHOPS["b"]}))]
    assert [*forecast("rows", write(tmp_path / "t.csv", numbered))[0]] == ["value"]


def renamed(name, lines):
    """Return lines of a long table with a name in the place of `north`."""
    return [line.replace(",north,", f",{name},") for line in lines]


def test_names_that_the_training_never_saw_are_said(forecast, follow, cli, tmp_path):
    _, said = forecast("long", "long.csv")
    assert "unknown-series" not in said
    some = write(tmp_path / "some.csv", renamed("1", long(SHOPS)))
    _, said = forecast("long", some)
    assert "\nunknown-series: 1 of 3 series were not in the training: 1; they" in f"\n{said}"
    none = write(tmp_path / "none.csv", renamed("1", long({"north": SHOPS["north"]})))
    _, said = forecast("long", none)
    assert "warning: unknown-series: no series was in the training, which knew north, south, b: 1; they" in said
    assert "unknown-series" in cli("evaluate", "long", "--data", none).stderr
    with pytest.warns(UserWarning, match="unknown-series: no series was in the training"):
        seqtool.load("long").forecast(polars.read_csv(none), 1)
    _, said = follow("long", none.read_text().splitlines()[:9])
    assert said.count("unknown-series: no series was in the training, which knew north, south, b: 1; they") == 1
    _, said = follow("long", long(SHOPS)[:9])
    assert "unknown-series" not in said
    _, said = forecast("wide", write(tmp_path / "other.csv", renamed("1", long(SHOPS, header="day,id,sales"))))
    assert "unknown-series" not in said


def test_a_series_without_logarithms_is_said_to_be_so(forecast, folder, cli, tmp_path):
    zero = {**SHOPS, "south": [*SHOPS["south"][:115], "0", *SHOPS["south"][116:]], "new": ["3", *[""] * 119]}
    path = write(tmp_path / "zero.csv", long(zero))
    answer, said = forecast("long", path)
    assert [name for name, value in answer.items() if np.isnan(value)] == ["south", "new"]
    below = "values of zero or less in their last 12 steps have no logarithm; give values above zero, or train with"
    assert f"not-continued: 1 of 4 series cannot be continued, and their cells are empty: south ({below}" in said
    assert "their cells are empty: new (fewer than two known values in their last 12 steps)" in said
    write(path, long({"south": zero["south"]}))
    refused = cli("forecast", "-m", "long", "--data", path)
    assert refused.returncode == 2
    assert "every series has a value of zero or less in its last 12 steps, which has no logarithm" in refused.stderr
    assert "cure: give values above zero, or train with --scaling window" in refused.stderr
    words = ("train", "forecast", *MODELS["long"][2:], *SMALL, "--data", path, "--out", tmp_path / "run")
    assert cli(*words, "--scaling", "window").returncode == 0


def test_series_that_end_together_end_before_no_other(forecast, tmp_path):
    empty = {name: [*values[:110], *[""] * 10] for name, values in SHOPS.items()}
    _, said = forecast("long", write(tmp_path / "t.csv", long(empty)))
    assert "own-ends" not in said
    _, said = forecast("long", write(tmp_path / "t.csv", long({**empty, "b": SHOPS["b"]})))
    assert "own-ends: 2 series end before others: each is continued from its own end" in said


def test_logarithms_that_were_asked_for_are_refused_by_their_name_with_a_cure_that_works(cli, follow, tmp_path):
    path = write(tmp_path / "zero.csv", long({**SHOPS, "b": ["0", *SHOPS["b"][1:]]}))
    words = ("check", "forecast", *MODELS["long"][2:], *SMALL, "--data", path)
    for scaling, what in (("log-window", "logarithms"), ("log-return", "log-returns")):
        refused = cli(*words, "--scaling", scaling)
        assert refused.returncode == 2
        assert f"error: {what} need values above zero\n  where: column b, row 1: 0\n" in refused.stderr
        assert "cure: use --scaling window, or mend the data" in refused.stderr
    assert cli(*words, "--scaling", "window").returncode == 0
    assert "has no logarithm: each window is scaled by its own mean" in cli(*words).stdout
    _, said = follow("long", ["day,shop,sales", "2024-05-01,b,0"])
    assert "1 record was not above zero" in said


def test_rows_of_a_column_a_series_are_refused_in_a_stream_with_a_cure_that_works(follow):
    for model, table in (("wide", wide(SHOPS)), ("priced", wide(SHOPS, price=PRICE))):
        for lines in (table[:5], table[1:5]):
            _, said = follow(model, lines, fails=2)
            assert "error: the lines have a column a series, and --follow takes a line for each of its rows" in said
            header = "id,day,value,price" if model == "priced" else "id,day,value"
            assert f"cure: pipe lines under a header such as {header}; or leave --follow out" in said
        beside = ",2" if model == "priced" else ""
        lines = [f"{line}{beside}" for line in long(SHOPS)[1:60]]
        lines = [header, *(",".join((name, day, *rest)) for day, name, *rest in (line.split(",") for line in lines))]
        answers, said = follow(model, [*lines, "north,2024-01-21,,2"] if beside else lines)
        assert answers[-1].startswith("north," if beside else "south,")
        assert "warning" not in said


@pytest.mark.parametrize("model", ["long", "priced"])
def test_json_in_a_stream_is_counted_and_said(follow, model):
    lines = [json.dumps({"shop": name, "day": DAYS[n], "sales": 5}) for n in range(15) for name in SHOPS]
    answers, said = follow(model, lines)
    assert answers == [""] * 45
    text = "warning: 45 records were JSON, and not cells with commas between them (the first: line 1)"
    assert text in said
    answers, said = follow(model, ["[1,2]", "shop,day,sales", "north,2024-01-01,5", "{}"])
    assert "2 records were JSON" in said


def test_rows_of_another_step_are_said_once_of_many_series(follow):
    weeks = [f"{day},{name},5" for day in DAYS[::7] for name in SHOPS]
    _, said = follow("long", ["day,shop,sales", *weeks])
    assert said.count("the first lines are 7 steps apart each, and the model's series is daily") == 1
    priced = [f"{name},{day},5,2" for day in DAYS[::7] for name in SHOPS]
    _, said = follow("priced", ["id,day,value,price", *priced])
    assert said.count("the first lines are 7 steps apart each") == 1
    _, said = follow("long", long(SHOPS)[:40])
    assert "steps apart" not in said


def test_rows_without_a_value_at_the_end_are_left_out_of_one_series_and_of_many(forecast, tmp_path):
    ended = {name: values[:117] for name, values in SHOPS.items()}
    for model, chosen in (("one", ["north"]), ("wide", [*SHOPS])):
        tables = [wide({name: shops[name] for name in chosen}) for shops in (ended, AHEAD)]
        path = [write(tmp_path / f"{n}.csv", lines) for n, lines in enumerate(tables)]
        wanted, said = forecast(model, path[0])
        assert "empty-end" not in said
        answer, said = forecast(model, path[1])
        assert answer == wanted
        text = "warning: empty-end: 3 rows without a value at the end are left out: the table ends at 2024-04-26"
        assert said.count(text) == 1
        assert "own-ends" not in said
        frame = seqtool.load(model).forecast(polars.read_csv(path[1]), 1)
        assert frame["time"][0] == "2024-04-27"
        _, said = forecast(model, path[1], "--at", "2024-04-28")
        assert "empty-end" not in said


def test_a_state_ends_at_the_last_value(folder, cli, monkeypatch, tmp_path):
    monkeypatch.chdir(folder)
    words = ("--columns", "north", "--network", "autoregressive", "--stateful", "--window", "12", "--horizon", "3")
    words += ("--batch", "4", "--hidden", "4", "--max-steps", "2", "--no-refit", "--highway", "0")
    words += ("--scaling", "standard", "--out", "state")
    assert cli("train", "forecast", "--data", "wide.csv", *words).returncode == 0
    assert cli("export", "state").returncode == 0
    path, north = tmp_path / "t.csv", SHOPS["north"]
    write(path, wide({"north": [*north[:110], "", ""]}))
    assert cli("forecast", "-m", "state", "--data", path, "--state", tmp_path / "s").returncode == 0
    write(path, wide({"north": north[:112]}))
    later = cli("forecast", "-m", "state", "--data", path, "--state", tmp_path / "s")
    assert later.returncode == 0, later.stderr
    assert later.stdout.splitlines()[1:] == cli("forecast", "-m", "state", "--data", path).stdout.splitlines()[1:]
