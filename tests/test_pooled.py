"""One model for many series: its windows, its units, its answers id by id, and its scores over series."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import onnxruntime
import polars
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

import seqtool
from seqtool.data.series import Series
from seqtool.families.forecasting.conformal import Errors, of_one_size, offsets, spreads
from seqtool.families.forecasting.pooled_scores import score_pooled, units
from seqtool.families.forecasting.window_ridge import WindowRidge, fit_window_ridge
from seqtool.families.forecasting.windows import Forecasts, windows
from seqtool.nn.highway import Highway
from seqtool.nn.own_maps import PULL, OwnMaps
from seqtool.report.report import MODEL
from tests.shops import seqtool_in, table, write
from tests.shops import shop as shop_of

SMALL = ("--several", "pooled", "--window", "20", "--horizon", "6", "--hidden", "6", "--highway", "14")
SMALL += ("--network", "direct", "--max-steps", "40", "--gap", "0", "--device", "cpu", "--threads", "1")


shop = functools.partial(shop_of, seed=(0,))


def panel(values):
    return Series(tuple(f"s{n}" for n in range(values.shape[1])), values, None, None, (), panel=True)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 999), features=st.integers(1, 4), window=st.integers(2, 9), horizon=st.integers(1, 4),
    missing=st.floats(0, 0.6),
)  # fmt: skip
def test_a_window_is_of_one_series_of_which_half_is_known(seed, features, window, horizon, missing):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(25, features))
    values[rng.random(values.shape) < missing] = np.nan
    wanted = []
    for start in range(25 - window - horizon + 1):
        for member in range(features):
            history, future = np.split(values[start : start + window + horizon, member], [window])
            if np.isfinite(history).sum() >= max(2, window // 2) and np.isfinite(future).any():
                wanted.append((start, member))
    if not wanted:
        return
    part = windows(panel(values), slice(0, None), window, horizon, "whole", pooled=True)
    assert list(zip(part.starts.tolist(), part.members.tolist(), strict=True)) == wanted
    history, future = part.batch(np.arange(len(part)))
    for (start, member), past, ahead in zip(wanted, history, future, strict=True):
        np.testing.assert_array_equal(past[:, 0], values[start : start + window, member])
        np.testing.assert_array_equal(ahead[:, 0], values[start + window : start + window + horizon, member])
    few = part.some(np.array([len(part) - 1]))
    np.testing.assert_array_equal(few.context(np.array([0]), window), history[-1:])


def test_scores_are_means_over_series_each_in_the_change_of_its_season():
    """Two series: one of two windows and one of four; a series that never changed has no unit."""
    train = np.array([[1.0, 10, 5], [3, 30, 5], [1, 10, 5], [3, 30, 5]])
    m, unit = units(train, 1)
    assert m == 1
    np.testing.assert_array_equal(unit, [2, 20, np.nan])
    values = np.vstack([train, [[1, np.nan, 5], [3, np.nan, 5], [1, 10, 5], [3, 30, 5], [2, 20, 5]]])
    part = windows(panel(values), slice(3, None), 2, 1, "test", pooled=True)
    wanted = {0: [], 1: []}
    for start, member in zip(part.starts, part.members, strict=True):
        if member < 2:
            wanted[member].append(abs(values[start + 2, member] - 7.0) / unit[member])
    report = score_pooled(
        lambda of: Forecasts(np.full((len(of), 1, 1), 7.0)), part, {"season": 1}, train, split="test", data="",
        reported=(1,),
    )  # fmt: skip
    assert report.whole[MODEL]["mase"] == pytest.approx(np.mean([np.mean(each) for each in wanted.values()]))
    assert set(report.series) == {"s0", "s1"}
    assert report.origins == sum(map(len, wanted.values()))
    assert all(sentence.endswith("one step ahead: there are too few series to tell.") for sentence in report.verdict)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_linear_rival_serves_any_unit_and_comes_back_from_json(sign):
    values = np.stack([shop(n, 120) for n in range(12)], axis=1)
    values = values if sign > 0 else -values  # without logarithms
    part = panel(values)
    train = windows(part, slice(0, 80), 21, 7, "training", pooled=True)
    validation = windows(part, slice(80, None), 21, 7, "validation", pooled=True)
    ridge = fit_window_ridge(train, validation)
    assert ridge.logarithm == (sign > 0)
    again = WindowRidge.from_json(json.loads(json.dumps(ridge.to_json())))
    fresh = sign * shop(99, 28)[None, :, None]  # never seen
    path = again(fresh[:, :21], 7)
    np.testing.assert_allclose(path, ridge(fresh[:, :21], 7), rtol=1e-5)
    np.testing.assert_allclose(again(1000 * fresh[:, :21], 7), 1000 * path, rtol=1e-6)
    naive = np.abs(fresh[:, 14:21] - fresh[:, 21:]).mean()
    assert np.abs(path - fresh[:, 21:]).mean() < naive


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with 30 shops of unequal lengths, a model of them, and a table of others."""
    folder = tmp_path_factory.mktemp("shops")
    shops = {f"shop {n}": (shop(n, 150 - 2 * n), 2 * n) for n in range(29)}
    write(folder / "shops.csv", {**shops, "young": (shop(50, 12), 138)})
    others = {f"new {n}": (shop(60 + n, 60), n) for n in range(700)}
    write(folder / "others.csv", others)
    return folder


@pytest.fixture
def done(project, ok, monkeypatch):
    """Return `done("forecast", ...)`: the answer of a command in the folder, after training and export."""
    monkeypatch.chdir(project)

    if not Path("run").exists():
        said = ok("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *SMALL, "--out", "run").stderr
        assert "pooled: one model for each of 30 series alone, any other one too" in said
        assert "warning: short-series: 1 series has no window in the training part: young" in said
        ok("export", "run")
    return ok


def cells(answer):
    """Return the number of each series and stamp, as it is written."""
    return {(row["shop"], row["time"]): row["sales"] for row in table(answer)}


def test_every_id_of_a_table_is_answered_from_its_own_end(done):
    rows = table(done("forecast", "-m", "run", "--data", "others.csv", "--quantiles"))
    assert list(rows[0]) == ["shop", "time", "sales", "sales q0.1", "sales q0.5", "sales q0.9"]
    assert len(rows) == 700 * 6
    assert [row["shop"] for row in rows[::6]] == [f"new {n}" for n in range(700)]
    for n in (0, 1, 699):
        mine = [row for row in rows if row["shop"] == f"new {n}"]
        wanted = np.datetime64("2024-01-01") + n + 60 + np.arange(6)
        assert [row["time"] for row in mine] == [str(day) for day in wanted]
        low, middle, high = (np.array([float(row[f"sales q{q}"]) for row in mine]) for q in ("0.1", "0.5", "0.9"))
        assert (low < middle).all()
        assert (middle < high).all()


def test_an_answer_does_not_depend_on_the_others_their_order_or_the_door(done, tmp_path):
    whole = cells(done("forecast", "-m", "run", "--data", "others.csv"))
    lines = Path("others.csv").read_text().splitlines()
    alone, mixed = tmp_path / "alone.csv", tmp_path / "mixed.csv"
    alone.write_text("\n".join([lines[0], *(line for line in lines if ",new 7," in line)]) + "\n")
    mine = cells(done("forecast", "-m", "run", "--data", alone))
    assert mine == {key: value for key, value in whole.items() if key[0] == "new 7"}
    mixed.write_text("\n".join([lines[0], *np.random.default_rng(0).permutation(lines[1:])]) + "\n")
    assert cells(done("forecast", "-m", "run", "--data", mixed)) == whole
    frame = polars.read_csv(alone, try_parse_dates=True)
    answer = seqtool.load("run").forecast(frame)
    assert answer.columns == ["shop", "time", "sales"]
    np.testing.assert_allclose(answer["sales"], [float(mine["new 7", time]) for time in answer["time"]], rtol=1e-9)
    said = done("forecast", "-m", "run", "--data", alone, "--json").stdout.splitlines()
    assert [json.loads(line)["shop"] for line in said] == ["new 7"] * 6


def test_a_series_of_another_unit_gets_the_forecast_of_that_unit(done, tmp_path):
    numbers = []
    for factor in (1, 1000):
        write(tmp_path / "t.csv", {"a": (factor * shop(80, 60), 0)})
        answer = cells(done("forecast", "-m", "run", "--data", tmp_path / "t.csv"))
        numbers.append([float(cell) for cell in answer.values()])
    np.testing.assert_allclose(numbers[1], 1000 * np.array(numbers[0]), rtol=1e-4)


def test_by_a_bare_session_a_short_history_is_one_with_missing_values(done):
    session = onnxruntime.InferenceSession("run/model.onnx")
    assert [value.name for value in session.get_inputs()] == ["history", "horizon"]
    history = np.full((1, 20, 1), np.nan)
    history[0, -8:, 0] = shop(81, 8)
    forecast = session.run(["forecast"], {"history": history, "horizon": np.array(6)})[0]
    assert np.isfinite(forecast).all()
    assert (forecast > 0).all()


def test_what_cannot_be_continued_is_empty_and_said(done, tmp_path):
    write(tmp_path / "t.csv", {"good": (shop(82, 40), 0), "single": ([5.0], 39)})
    answer = done("forecast", "-m", "run", "--data", tmp_path / "t.csv", "--horizon", "2")
    assert [row["sales"] == "" for row in table(answer)] == [False, False, True, True]
    assert (
        "warning: not-continued: 1 of 2 series cannot be continued, and their cells are empty: single" in answer.stderr
    )


def test_it_is_scored_over_series_and_again(done):
    scores = json.loads(done("evaluate", "run", "--json").stdout)
    assert scores["whole"][MODEL]["mase"] < scores["whole"]["seasonal"]["mase"]
    assert scores["mase_season"] == 7
    assert len(scores["series"]) == 10
    assert "% of the series." in scores["verdict"][-1]
    again = json.loads(done("evaluate", "run", "--backtest", "--json").stdout)
    assert again["whole"] == scores["whole"]
    other = json.loads(done("evaluate", "run", "--data", "others.csv", "--json").stdout)
    assert other["whole"][MODEL]["mase"] < other["whole"]["seasonal"]["mase"]  # ids that training never saw
    assert abs(other["coverage"]["0.8"]["path"] - 0.8) < 0.1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("forecast", "-m", "run", "--state", "s"), "this model carries no state: it reads a window each time"),
        (("evaluate", "run", "--backtest", "--baselines", "ets"), "leave --baselines out"),
    ],
)
def test_what_a_pooled_model_does_not_do_is_said(done, cli, words, said):
    answer = cli(*words)
    assert answer.returncode == 2, answer.stderr
    assert said in answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scaling", "standard"), "a pooled model serves any"),
        (("--network", "autoregressive", "--stateful", "--highway", "0"), "it carries no state"),
    ],
)
def test_settings_that_do_not_go_with_it_are_refused(project, cli, monkeypatch, words, said):
    monkeypatch.chdir(project)
    answer = cli("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *SMALL, *words, "--out", "other")
    assert answer.returncode == 2
    assert said in answer.stderr


def test_many_series_in_one_vector_are_refused_with_a_cure_that_works(project, cli, monkeypatch, tmp_path):
    monkeypatch.chdir(project)
    answer = cli("check", "forecast", "--data", "others.csv", "--id-column", "shop", "--several", "joint")
    assert answer.returncode == 2
    assert "700 series are too many to take them all in one vector (64)" in answer.stderr
    assert "--several pooled" in answer.stderr
    assert cli("check", "forecast", "--data", "others.csv", "--id-column", "shop", *SMALL[:10]).returncode == 0


def test_own_maps_of_enough_rank_are_each_series_ridge_pulled_towards_the_one_for_all():
    """Against scikit-learn: the ridge of what the pooled map leaves, with a penalty of PULL for each window."""
    rng = np.random.default_rng(0)
    series, windows_of_each, lags, steps = 3, 40, 4, 2
    ids = torch.arange(series).repeat_interleave(windows_of_each)
    z = torch.as_tensor(rng.normal(size=(len(ids), lags + 1, 1)), dtype=torch.float32)
    target = torch.as_tensor(rng.normal(size=(len(ids), steps, 1)), dtype=torch.float32)
    target += ids[:, None, None] * z[:, -1:]
    highway = Highway(lags, steps)
    highway.fit((z, target), (z, target))
    own = OwnMaps(3, lags, steps, series)
    own.fit(z, target, ids, highway)
    whole = highway(z) + own(z, ids)
    for number in range(series):
        rows = ids == number
        left = (target - highway(z))[rows, :, 0].numpy()
        x = np.hstack([z[rows, -lags:, 0].numpy(), np.ones((windows_of_each, 1))])
        ridge = Ridge(alpha=PULL * windows_of_each, fit_intercept=False).fit(x, left)
        np.testing.assert_allclose((whole - highway(z))[rows, :, 0], ridge.predict(x), rtol=1e-3, atol=1e-4)
    other = torch.full_like(ids, series)
    assert not own(z, other).any()  # a series that nobody knows has nothing of its own


@pytest.fixture(scope="module")
def known(project, tmp_path_factory):
    """The file of a model whose series have parts of their own."""
    words = ("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *SMALL, "--own", "4", "--out", "known")
    seqtool_in(project, words, ("export", "known"))
    return project / "known"


def test_a_known_series_has_a_part_of_its_own_by_its_name(known, cli, monkeypatch, tmp_path):
    monkeypatch.chdir(known.parent)
    lines = Path("shops.csv").read_text().splitlines()
    mine = [line for line in lines if ",shop 3," in line]
    (tmp_path / "known.csv").write_text("\n".join([lines[0], *mine]) + "\n")
    (tmp_path / "other.csv").write_text("\n".join([lines[0], *(line.replace("shop 3", "new") for line in mine)]) + "\n")
    whole = cells(cli("forecast", "-m", "known", "--data", "shops.csv"))
    alone = cells(cli("forecast", "-m", "known", "--data", tmp_path / "known.csv"))
    assert alone == {key: value for key, value in whole.items() if key[0] == "shop 3"}
    other = cells(cli("forecast", "-m", "known", "--data", tmp_path / "other.csv"))
    assert list(other.values()) != list(alone.values())
    session = onnxruntime.InferenceSession("known/model.onnx")
    assert [value.name for value in session.get_inputs()] == ["history", "horizon", "ids"]
    values = np.array([float(line.split(",")[2]) for line in mine[-20:]])
    for ids, wanted in ((3, alone), (30, other)):
        feeds = {"history": values[None, :, None], "horizon": np.array(6), "ids": np.array([ids])}
        np.testing.assert_allclose(
            session.run(["forecast"], feeds)[0][0, :, 0], [float(cell) for cell in wanted.values()], rtol=1e-9
        )


@pytest.mark.parametrize("words", [("--network", "autoregressive"), ("--highway", "0"), ("--several", "joint")])
def test_parts_of_their_own_lie_beside_a_pooled_highway(project, cli, monkeypatch, words):
    monkeypatch.chdir(project)
    named = ("--columns", "shop 0,shop 1") if "joint" in words else ()
    options = (*SMALL, "--own", "4", *words, *named)
    answer = cli("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *options, "--out", "other")
    assert answer.returncode == 2
    assert "--own 4 lies beside the highway of a pooled direct network" in answer.stderr


def test_the_intervals_of_known_series_are_as_wide_as_their_own_errors():
    """Both parts count alike, and a tenth of a part of the usual size is added: by hand, and by coverage."""

    def errors(sizes, members, count):
        return Errors(np.asarray(sizes, float)[..., None], np.ones((len(sizes), 1)), count, np.array(members))

    train = errors([[1, 1], [3, 3], [2, 2]], [0, 1, 2], 3)
    validation = errors([[2, 2], [6, 6]], [0, 1], 2)
    wanted = [(0.5 + 0.5 + 0.1) / 2.1, (1.5 + 1.5 + 0.1) / 2.1, (1 + 0.1) / 1.1]
    found = spreads(train, validation, 4)
    np.testing.assert_allclose(found, [*wanted, 1])
    np.testing.assert_allclose(of_one_size(train, found).sizes[:, 0, 0], np.array([1, 3, 2]) / wanted)
    rng = np.random.default_rng(0)
    members = np.repeat([0, 1], 200)
    parts = [errors(np.abs(rng.normal(size=(400, 3))) * (1 + 9 * members[:, None]), members, 100) for _ in range(2)]
    known = spreads(*parts, 2)
    assert 7 < known[1] / known[0] < 12
    width = offsets(*(of_one_size(part, known) for part in parts), (0.1, 0.5, 0.9))[0][:, 0, 2]
    for series in (0, 1):
        covered = parts[1].sizes[members == series, :, 0] <= known[series] * width
        assert 0.7 < covered.mean() < 0.9


def test_series_that_do_not_overlap_are_refused_as_one_vector_with_a_cure_that_works(tmp_path, cli, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("t.csv", {"old": (shop(1, 200), 0), "young": (shop(2, 200), 200)})
    words = ("check", "forecast", "--data", "t.csv", "--id-column", "shop", *SMALL[2:10])
    answer = cli(*words, "--several", "joint")
    assert answer.returncode == 2
    assert "cure: --several pooled forecasts each series alone" in answer.stderr
    assert cli(*words, "--several", "pooled").returncode == 0


def test_auto_pools_series_that_an_id_column_names_and_keeps_columns_together(tmp_path, cli, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("long.csv", {"a": (shop(1, 150), 0), "b": (shop(2, 150), 0)})
    lines = "\n".join(f"{one:.6g},{two:.6g}" for one, two in zip(shop(1, 150), shop(2, 150), strict=True))
    Path("wide.csv").write_text(f"a,b\n{lines}\n")
    words = ("check", "forecast", "--several", "auto", *SMALL[2:10])
    assert "note pooled" in cli(*words, "--data", "long.csv", "--id-column", "shop").stdout
    wide = cli(*words, "--data", "wide.csv", "--columns", "a,b")
    assert wide.returncode == 0
    assert "note pooled" not in wide.stdout


def test_one_step_ahead_is_drawn_for_some_of_many_series(project, cli, monkeypatch, tmp_path):
    monkeypatch.chdir(project)
    options = (*SMALL, "--horizon", "1", "--max-steps", "2", "--out", tmp_path / "run")
    answer = cli("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *options)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "run" / "plots" / "windows.png").stat().st_size > 20_000
