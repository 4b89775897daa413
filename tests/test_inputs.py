"""Models that read columns beside the values: the graph, the table that goes on, what is refused, and the rivals."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import onnxruntime
import polars
import pytest

import seqtool
from seqtool.data.encoders.inputs import Input
from seqtool.data.encoders.scaler import Scaler
from seqtool.families.family import ExportOptions
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.export import graph, probe
from seqtool.families.forecasting.network import Forecaster
from tests.shops import table

INPUTS = (
    Input("price", known=True, effect=((0.3,),), mean=1e7, deviation=2.0, low=0.0, high=1.0),
    Input("kind", known=True, levels=("a", "b"), effect=((0.2,), (-0.4,))),
    Input("heat", mean=3.0, deviation=0.5),
    Input("region", static=True, levels=("n", "s", "w")),
)
SMALL = ("--window", "20", "--horizon", "6", "--hidden", "6", "--highway", "14", "--network", "direct")
SMALL += ("--scaling", "log-window", "--max-steps", "40", "--gap", "0", "--device", "cpu", "--threads", "1")


@pytest.mark.parametrize(
    ("network", "scaling", "several"),
    [
        ("direct", "standard", "joint"), ("direct", "log-window", "pooled"), ("direct", "window", "pooled"),
        ("direct", "mean", "pooled"),
        ("seq2seq", "window", "joint"), ("seq2seq", "log-return", "joint"), ("autoregressive", "min-max", "joint"),
        ("autoregressive", "log-window", "pooled"), ("autoregressive", "seasonal-difference", "joint"),
        ("stateful", "standard", "joint"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("calendar", [(), ("weekday",)])
def test_the_graph_computes_what_the_network_does(network, scaling, several, calendar):
    """The probe of the export: batches, lengths, horizons, missing values, unseen levels."""
    config = ForecastingConfig(
        network="autoregressive" if network == "stateful" else network, scaling=scaling, several=several, window=12,
        horizon=4, hidden=5, calendar=calendar, stateful=network == "stateful", highway=5 * (network == "direct"),
    )  # fmt: skip
    positive = scaling in ("log-return", "log-window")
    scaler = Scaler(scaling, (0.01 if positive else 50.0,), (0.2 if positive else 3.0,), season=3)
    offsets = [[[-0.5, 0.0, 0.5]]] * 4
    encoders = ForecastingEncoders(scaler, ("y",), offsets=offsets, inputs=INPUTS)
    module = Forecaster(config, scaler, offsets, inputs=INPUTS).eval()
    session = onnxruntime.InferenceSession(graph(module, scaler).SerializeToString())
    names = [output.name for output in session.get_outputs()]
    for case in probe(module, encoders, ExportOptions()):
        assert case.feeds["covariates"].shape[2] == len(calendar) + 4
        for name, answer in zip(names, session.run(None, dict(case.feeds)), strict=True):
            known = np.isfinite(case.answers[name])
            np.testing.assert_array_equal(np.isfinite(answer), known)
            apart = np.abs(answer - case.answers[name]) / np.broadcast_to(case.units[name], answer.shape)
            assert apart[known].max(initial=0.0) < 1e-4


def shop(number, days=180, ahead=0, seed=0):
    """A week, a price that a tenth more makes sell less, a kind of day; a row has no sales where the future begins."""
    rng = np.random.default_rng([seed, number])
    price, kind = 5 + rng.integers(0, 4, days + ahead), rng.integers(0, 2, days + ahead)
    week = np.array([0, 1, 2, 1, 0, -2, -2])[np.arange(days + ahead) % 7] / 5
    level = 10.0 ** rng.uniform(0, 3)
    sold = level * np.exp(week - 0.2 * (price - 5) + 0.5 * kind + 0.03 * rng.normal(size=days + ahead))
    return [
        f"{np.datetime64('2024-01-01') + day},shop {number},{f'{sold[day]:.6g}' if day < days else ''},{price[day]},"
        f"{('plain', 'feast')[kind[day]]},{day % 5},{'north' if number % 2 else 'south'}"
        for day in range(days + ahead)
    ]


HEADER = "day,shop,sold,price,kind,heat,region"


def write(path, lines):
    Path(path).write_text("\n".join([HEADER, *lines]) + "\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    write(folder / "many.csv", [line for n in range(12) for line in shop(n)])
    write(folder / "next.csv", [line for n in range(20, 24) for line in shop(n, 40, 6)])
    write(folder / "one.csv", shop(0, 400))
    write(folder / "one-next.csv", shop(0, 60, 6))
    return folder


@pytest.fixture
def done(project, ok, monkeypatch):
    """Return `done("forecast", ...)`: the answer of a command in the folder, after two trainings and exports."""
    monkeypatch.chdir(project)

    if not Path("pooled").exists():
        beside = ("--known", "price,kind", "--past", "heat")
        long = ("--id-column", "shop", "--value-column", "sold", "--several", "pooled", "--static", "region")
        ok("train", "forecast", "--data", "many.csv", *long, *beside, *SMALL, "--out", "pooled")
        ok("export", "pooled")
        alone = ("--value-column", "sold", "--ignore-column", "shop,region", *beside, "--holidays", "DE")
        ok("train", "forecast", "--data", "one.csv", *alone, *SMALL, "--calendar", "weekday", "--out", "joint")
        ok("export", "joint")
    return ok


def numbers(answer, column="sold"):
    return [float(row[column]) for row in table(answer)]


@pytest.mark.parametrize(("model", "table"), [("pooled", "next.csv"), ("joint", "one-next.csv")])
def test_a_table_that_goes_on_is_forecast_by_what_is_known(done, tmp_path, model, table):
    before = numbers(done("forecast", "-m", model, "--data", table))
    assert len(before) == 6 * (4 if model == "pooled" else 1)
    lines = Path(table).read_text().splitlines()
    # a price of 8 instead of what it was, where the values are empty: a fall by 0.2 for each step of it
    dear = [
        ",".join([*parts[:3], "8", *parts[4:]]) if not parts[2] else ",".join(parts)
        for parts in (line.split(",") for line in lines)
    ]
    (tmp_path / "dear.csv").write_text("\n".join(dear) + "\n")
    after = numbers(done("forecast", "-m", model, "--data", tmp_path / "dear.csv"))
    paid = [float(parts[3]) for parts in (line.split(",") for line in lines) if not parts[2]]
    np.testing.assert_allclose(np.log(after) - np.log(before), -0.2 * (8 - np.array(paid)), atol=0.12)
    # nobody knows the heat of a day to come: whatever the table says of it
    hot = [
        ",".join([*parts[:5], "99", *parts[6:]]) if not parts[2] else ",".join(parts)
        for parts in (line.split(",") for line in lines)
    ]
    (tmp_path / "hot.csv").write_text("\n".join(hot) + "\n")
    assert numbers(done("forecast", "-m", model, "--data", tmp_path / "hot.csv")) == before


def test_the_model_beats_one_without_and_is_measured_by_rivals_that_see(done):
    scores = json.loads(done("evaluate", "pooled", "--json").stdout)
    mase = {name: row["mase"] for name, row in scores["whole"].items()}
    assert mase["ridge + inputs"] < 0.5 * mase["ridge"]
    assert mase["model"] < 0.5 * mase["ridge"]
    assert scores["best_baseline"] == "ridge + inputs"
    assert not any("export RUN --baseline" in sentence for sentence in scores["verdict"])  # no file holds that one
    again = json.loads(done("evaluate", "pooled", "--backtest", "--json").stdout)
    assert again["whole"] == scores["whole"]
    joint = json.loads(done("evaluate", "joint", "--backtest", "--json").stdout)["whole"]
    assert {"autoregression + inputs", "ridge + inputs"} < joint.keys()
    assert joint["ridge + inputs"]["rmse"] < 0.6 * joint["ridge"]["rmse"]
    other = json.loads(done("evaluate", "pooled", "--data", "next.csv", "--json").stdout)["whole"]
    assert other["model"]["mase"] < other["seasonal"]["mase"]


@pytest.mark.parametrize(
    ("change", "words", "said", "cure"),
    [
        (lambda t: t, ("--horizon", "7"), "", ""),
        (
            lambda t: "\n".join(line for line in t.splitlines() if line[:10] < "2024-02-14") + "\n", (),
            "column 'price' of series 'shop 20', known ahead, has no value at 2024-02-14: 4 of 6 steps are known",
            "--horizon 4",
        ),
        (lambda t: t.replace(",price,", ",cost,"), (), "no column 'price'", ""),
        (
            lambda t: re.sub(",,[5-8],", ",,,", t), (),
            "'price' of series 'shop 20', known ahead, has no value at 2024-02-10", "'price' in it, no value",
        ),
    ],
)  # fmt: skip
def test_what_is_lacking_is_refused_by_its_name(done, cli, tmp_path, change, words, said, cure):
    Path(tmp_path / "t.csv").write_text(change(Path("next.csv").read_text()))
    answer = cli("forecast", "-m", "pooled", "--data", tmp_path / "t.csv", *words)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert cure in answer.stderr
    if "--horizon 4" in cure:
        assert len(numbers(done("forecast", "-m", "pooled", "--data", tmp_path / "t.csv", "--horizon", "4"))) == 16


def test_a_series_that_lacks_what_is_known_is_empty_beside_the_others(done, tmp_path):
    """A shop that is closed, and one with a hole."""
    lines = [line for line in Path("next.csv").read_text().splitlines() if ",shop 21,," not in line]
    hole = [line for line in lines if not line.startswith("2024-02-12,shop 22,")]
    (tmp_path / "t.csv").write_text("\n".join(hole) + "\n")
    answer = done("forecast", "-m", "pooled", "--data", tmp_path / "t.csv")
    assert (
        "2 of 4 series lack what is known ahead for 6 steps, and their cells are empty: shop 21, shop 22"
        in answer.stderr
    )
    whole = done("forecast", "-m", "pooled", "--data", "next.csv").stdout.splitlines()
    kept = [line for line in whole if not line.startswith(("shop 21", "shop 22"))]
    assert [line for line in answer.stdout.splitlines() if not line.startswith(("shop 21", "shop 22"))] == kept


def test_the_columns_of_a_table_are_coded_once_however_many_batches_its_series_make(done, monkeypatch):
    from seqtool.families.forecasting import inputs, many

    wanted, calls, columns_of = done("forecast", "-m", "pooled", "--data", "next.csv").stdout, [], inputs.columns_of
    monkeypatch.setattr(many, "BATCH", 1)
    monkeypatch.setattr(inputs, "columns_of", lambda *words: calls.append(1) or columns_of(*words))
    assert done("forecast", "-m", "pooled", "--data", "next.csv").stdout == wanted
    assert len(calls) == 1


def test_an_answer_does_not_depend_on_the_others_their_order_or_the_door(done, tmp_path):
    lines = Path("next.csv").read_text().splitlines()
    rows = table(done("forecast", "-m", "pooled", "--data", "next.csv"))
    wanted = {(row["shop"], row["time"]): row["sold"] for row in rows}
    mine = [line for line in lines if ",shop 21," in line]
    (tmp_path / "t.csv").write_text("\n".join([lines[0], *np.random.default_rng(0).permutation(mine)]) + "\n")
    alone = table(done("forecast", "-m", "pooled", "--data", tmp_path / "t.csv"))
    assert {(row["shop"], row["time"]): row["sold"] for row in alone} == {
        key: value for key, value in wanted.items() if key[0] == "shop 21"
    }
    frame = polars.read_csv("next.csv", try_parse_dates=True)
    answer = seqtool.load("pooled").forecast(frame)
    np.testing.assert_allclose(answer["sold"], [float(value) for value in wanted.values()], rtol=1e-9)


def test_a_bare_session_needs_the_manifest_alone(done):
    """History and covariates by hand: codes as the manifest says, NaN for what is not known."""
    rows = list(csv.DictReader(Path("next.csv").read_text().splitlines()))
    mine = [row for row in rows if row["shop"] == "shop 22"]
    inputs = {one["name"]: one for one in seqtool.load("pooled").model.manifest.encoders["inputs"]}
    assert [*inputs] == ["price", "kind", "heat", "region"]
    covariates = np.array([
        [
            float(row["price"]), inputs["kind"]["levels"].index(row["kind"]),
            float(row["heat"]) if row["sold"] else np.nan, inputs["region"]["levels"].index(row["region"]),
        ]
        for row in mine[-26:]
    ])  # fmt: skip
    history = np.array([float(row["sold"]) for row in mine[-26:-6]])
    session = onnxruntime.InferenceSession("pooled/model.onnx")
    feeds = {"history": history[None, :, None], "horizon": np.array(6), "covariates": covariates[None]}
    forecast = session.run(["forecast"], feeds)[0][0, :, 0]
    answer = done("forecast", "-m", "pooled", "--data", "next.csv")
    wanted = [float(row["sold"]) for row in table(answer) if row["shop"] == "shop 22"]
    np.testing.assert_allclose(forecast, wanted, rtol=1e-9)


def test_paths_are_drawn_with_what_is_known(done, cli):
    """The mean of many paths is about what feeding the mean gives, dear days too."""
    if not Path("paths").exists():
        words = ("--network", "autoregressive", "--highway", "7", "--distribution", "gaussian", "--id-column", "shop")
        words += ("--value-column", "sold", "--several", "pooled", "--known", "price,kind", "--ignore-column")
        done("train", "forecast", "--data", "many.csv", *SMALL, *words, "heat,region", "--out", "paths")
        done("export", "paths", "--no-scores")
    one = np.array(numbers(done("forecast", "-m", "paths", "--data", "next.csv")))
    rows = done("forecast", "-m", "paths", "--data", "next.csv", "--paths", "60").stdout.splitlines()
    drawn = np.array([float(row["sold"]) for row in csv.DictReader(rows)]).reshape(4, 60, 6)
    np.testing.assert_allclose(np.log(np.median(drawn, axis=1)).ravel(), np.log(one), atol=0.5)
    assert np.corrcoef(np.log(np.median(drawn, axis=1)).ravel(), np.log(one))[0, 1] > 0.98
    lacking = Path("next.csv").read_text().splitlines()[:-1]
    Path("lacking.csv").write_text("\n".join(lacking) + "\n")
    answer = cli("forecast", "-m", "paths", "--data", "lacking.csv", "--paths", "2")
    assert "1 of 4 series lack what is known ahead for 6 steps, and their cells are empty: shop 23" in answer.stderr
    empty = [row["sold"] == "" for row in table(answer)]
    assert empty == [False] * 36 + [True] * 12


def test_what_the_training_had_not_is_said(done, tmp_path):
    text = Path("next.csv").read_text()
    (tmp_path / "t.csv").write_text(text.replace(",feast,", ",wake,").replace(",,5,", ",,500,"))
    said = done("forecast", "-m", "pooled", "--data", tmp_path / "t.csv").stderr
    assert "unseen-category: column 'kind' has wake, which the training had not" in said
    assert "out-of-range: column 'price' is at 500; the training part went from 5 to 8" in said


def test_the_holidays_are_in_the_file(done):
    """The table holds no column of them, and the file knows that the first of January is one."""
    inputs = seqtool.load("joint").model.manifest.encoders["inputs"]
    assert inputs[-1]["name"] == "holidays DE"
    assert {"2024-01-01", "2024-12-25", "2044-10-03"} <= {*inputs[-1]["days"]}
    assert inputs[-1]["last"] == 2044  # of its training part the last day is in 2024


def test_inspect_names_the_columns_in_the_order_of_the_covariates(done):
    said = done("inspect", "pooled").stdout
    lines = [line.removeprefix("beside").strip() for line in said.splitlines()]
    assert [line for line in lines if "known ahead" in line or "static" in line or "of the past" in line] == [
        "price, known ahead", "kind, known ahead: feast, plain", "heat, of the past", "region, static: north, south",
    ]  # fmt: skip


def test_a_picture_and_an_earlier_end_take_what_was_known_then(done, tmp_path):
    answer = done("forecast", "-m", "joint", "--data", "one.csv", "--at", "2025-01-10", "--plot", tmp_path / "p.png")
    truth = [float(line.split(",")[2]) for line in Path("one.csv").read_text().splitlines()[1:]][376:382]
    np.testing.assert_allclose(np.log(numbers(answer)), np.log(truth), atol=0.35)
    assert (tmp_path / "p.png").stat().st_size > 10_000


def test_a_model_of_the_values_alone_stays_as_it_was(done):
    baseline = done("export", "joint", "--baseline", "ridge", "--out", "ridge.onnx")
    assert baseline.returncode == 0
    answer = done("forecast", "-m", "ridge.onnx", "--data", "one.csv")
    assert len(numbers(answer)) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--static", "region"), "--static tells one series from another"),
        (("--known", "price", "--past", "price"), "named twice"),
        (("--holidays", "XX"), "no holidays are known of 'XX'"),
        (("--known", "shop"), ""),
    ],
)
def test_settings_that_tell_nothing_are_refused(project, cli, monkeypatch, words, said):
    monkeypatch.chdir(project)
    words = ("--ignore-column", "heat,kind", *words)
    answer = cli("check", "forecast", "--data", "one.csv", "--value-column", "sold", *SMALL[:-6], *words)
    assert answer.returncode == (2 if said else 0), answer.stderr
    assert said in answer.stderr


def lines_of(answer):
    return answer.stdout.splitlines()


@pytest.fixture
def stream(seqtool_cmd):
    """Return `stream("forecast", ..., stdin=...)`: a command in the folder of the test, in a real pipe."""
    return lambda *args, stdin: seqtool_cmd(*args, stdin=stdin, cwd=Path.cwd())


@pytest.mark.parametrize("header", [[], [HEADER], [HEADER.replace(",", " , ") + " "]])
def test_a_line_without_a_value_announces_a_step_and_gets_its_forecast(done, stream, header):
    """Rows of four series turn about: each answer is that of the table up to there."""
    lines = Path("next.csv").read_text().splitlines()
    days = sorted({line.split(",")[0] for line in lines[1:]})
    rows = [line for day in days for line in lines[1:] if line.startswith(day)]
    answer = stream("forecast", "-m", "pooled", "--follow", stdin="\n".join([*header, *rows]) + "\n")
    assert answer.returncode == 0, answer.stderr
    assert "a line without one announces a step" in answer.stderr
    said = [line for line in lines_of(answer) if line]
    assert len(lines_of(answer)) == len(rows) + len(header)
    wanted = table(done("forecast", "-m", "pooled", "--data", "next.csv"))
    by_name = {(row["shop"], row["time"]): float(row["sold"]) for row in wanted}
    asked = [line.split(",")[:2] for line in rows if not line.split(",")[2]]
    assert [line.split(",")[0] for line in said] == [name for _, name in asked]
    np.testing.assert_allclose(
        [float(line.split(",")[1]) for line in said], [by_name[n, d] for d, n in asked], rtol=1e-9
    )


def test_what_is_one_value_a_series_is_told_by_one_of_its_lines(done, stream):
    """Lines without a cell for it, and steps without a line, have it too, as in a table."""
    header, *lines = [line for line in Path("next.csv").read_text().splitlines() if "shop 21" in line or "day" in line]
    bare = [line.rpartition(",")[0] + "," if number % 7 else line for number, line in enumerate(lines)]
    few = [header, *bare[:25], *bare[29:]]
    Path("few.csv").write_text("\n".join(few) + "\n")
    wanted = numbers(done("forecast", "-m", "pooled", "--data", "few.csv"))
    answer = stream("forecast", "-m", "pooled", "--follow", stdin="\n".join(few) + "\n")
    said = [float(line.split(",")[1]) for line in lines_of(answer) if line]
    np.testing.assert_allclose(said, wanted, rtol=1e-9)


def test_a_step_that_comes_goes_on_and_what_is_lacking_is_refused(done, stream):
    """One series with holidays and weekdays; the announced step comes, the next is announced."""
    table = Path("one-next.csv").read_text().splitlines()
    start, ahead = table[:-6], table[-6:]
    came = [",".join([*line.split(",")[:2], "50", *line.split(",")[3:]]) for line in ahead]
    fed = [*start, ahead[0], came[0], ahead[2], ahead[1], ahead[2], came[1].replace(",50,", ",x,")]
    answer = stream("forecast", "-m", "joint", "--follow", stdin="\n".join(fed) + "\n")
    said = lines_of(answer)
    assert len(said) == len(fed)
    assert "further ahead than is announced (the first: line 64)" in answer.stderr
    given = [place for place, line in enumerate(said) if line]
    assert given == [len(start), len(start) + 3, len(start) + 4]
    whole = [*start, came[0], ahead[1], ahead[2]]
    Path("whole.csv").write_text("\n".join(whole) + "\n")
    wanted = numbers(done("forecast", "-m", "joint", "--data", "whole.csv", "--horizon", "2"))
    np.testing.assert_allclose([float(said[place]) for place in given[1:]], wanted, rtol=1e-9)


@pytest.mark.parametrize(
    ("model", "words", "lines", "said"),
    [
        ("joint", ("--horizon", "2"), "", "there is no --horizon"),
        (
            "pooled",
            (),
            "day,shop,sold\n2024-01-01,a,3\n",
            "without price, kind, heat, region beside it (the first: line 2)",
        ),
        ("pooled", (), f"{HEADER}\n2024-01-01,a,3,high,plain,1,north\n", "without a number in 'price'"),
        (
            "pooled",
            (),
            f"{HEADER.replace('price', 'cost')}\n2024-01-01,a,3,5,plain,1,north\n",
            "without price, kind, heat, region beside it (the first: line 2)",
        ),
        (
            "pooled",
            (),
            f"{HEADER}\n2024-01-01,a,3,5,plain,1,n\n2024-01-02,a,4,5,plain,1,n\n2024-01-03,a,,5,,1,n\n",
            "without a value in 'kind'",
        ),
    ],
)
def test_a_stream_without_what_the_model_reads_is_refused(done, stream, model, words, lines, said):
    answer = stream("forecast", "-m", model, "--follow", *words, stdin=lines)
    assert said in answer.stderr
    assert not answer.stdout.strip()


def test_where_nothing_is_known_ahead_each_value_is_answered(done, stream):
    if not Path("past").exists():
        words = ("--value-column", "sold", "--ignore-column", "shop,region,price,kind", "--past", "heat")
        done("train", "forecast", "--data", "one.csv", *words, *SMALL, "--out", "past")
        done("export", "past", "--no-scores")
    lines = Path("one.csv").read_text().splitlines()[:31]
    said = lines_of(stream("forecast", "-m", "past", "--follow", "--horizon", "3", stdin="\n".join(lines) + "\n"))
    Path("head.csv").write_text("\n".join(lines) + "\n")
    wanted = numbers(done("forecast", "-m", "past", "--data", "head.csv", "--horizon", "3"))
    np.testing.assert_allclose([float(cell) for cell in said[-1].split(",")], wanted, rtol=1e-9)
    assert not any(said[:20])


def test_a_pooled_stream_reads_the_calendar(done, stream):
    if not Path("weekly").exists():
        words = ("--value-column", "sold", "--ignore-column", "price,kind,heat,region", "--id-column", "shop")
        done("train", "forecast", "--data", "many.csv", *words, *SMALL, "--calendar", "weekday", "--out", "weekly")
        done("export", "weekly", "--no-scores")
    rows = [line for line in Path("next.csv").read_text().splitlines() if line.split(",")[2]]
    short = [",".join(line.split(",")[:3]) for line in rows]
    Path("short.csv").write_text("\n".join(short) + "\n")
    said = lines_of(stream("forecast", "-m", "weekly", "--follow", stdin="\n".join(short) + "\n"))
    wanted = table(done("forecast", "-m", "weekly", "--data", "short.csv", "--horizon", "1"))
    ends = {line.split(",")[0]: float(line.split(",")[1]) for line in said if line}
    assert ends == pytest.approx({row["shop"]: float(row["sold"]) for row in wanted}, rel=1e-9)


def test_a_stream_in_pieces_by_a_state_keeps_columns_beside_their_values(done):
    if not Path("state").exists():
        words = ("--value-column", "sold", "--ignore-column", "shop,region,heat", "--known", "price", "--past", "kind")
        words += ("--network", "autoregressive", "--stateful", "--scaling", "standard", "--highway", "0")
        small = [
            word for word in SMALL if word not in ("--network", "direct", "--highway", "14", "--scaling", "log-window")
        ]
        done("train", "forecast", "--data", "one.csv", *small, *words, "--batch", "4", "--out", "state")
        done("export", "state", "--no-scores")
    lines = Path("one.csv").read_text().splitlines()

    def table(name, count):
        come = [",".join([*line.split(",")[:2], "", *line.split(",")[3:]]) for line in lines[count + 1 : count + 4]]
        Path(name).write_text("\n".join([*lines[: count + 1], *come]) + "\n")

    table("first.csv", 100)
    table("whole.csv", 170)
    gap = Path("whole.csv").read_text().splitlines()
    Path("gap.csv").write_text("\n".join(gap[:120] + gap[123:]) + "\n")  # three rows are missing behind the first piece
    for later in ("whole.csv", "gap.csv"):
        Path("s.state").unlink(missing_ok=True)
        done("forecast", "-m", "state", "--data", "first.csv", "--state", "s.state", "--horizon", "3")
        pieces = numbers(done("forecast", "-m", "state", "--data", later, "--state", "s.state", "--horizon", "3"))
        assert pieces == numbers(done("forecast", "-m", "state", "--data", later, "--horizon", "3"))
