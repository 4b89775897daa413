"""Levels, limits and dead columns: what a forecaster does with values far from zero, from its data, or without life."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import numpy as np
import onnxruntime
import polars
import pytest
import torch

import seqtool
from seqtool.data.encoders.scaler import Scaler
from seqtool.data.series import Series
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import seen_in
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.network import Forecaster, call
from seqtool.families.forecasting.windows import windows
from seqtool.runtime.model import open_model

METER = 150_000_000
SHORT = ["--window", "24", "--horizon", "6", "--hidden", "6", "--gap", "0", "--device", "cpu", "--threads", "1"]
SMALL = [*SHORT, "--max-steps", "80", "--network", "direct", "--highway", "12", "--season", "12"]


def swings(count=500, seed=3):
    """A season of 12 steps and noise: moves by about 1."""
    noise = np.random.default_rng(seed).normal(0, 0.3, count)
    return np.sin(np.arange(count) * np.pi / 6) + noise


def cells(answer):
    """Return the numbers of a table of forecasts."""
    return [float(cell) for line in answer.splitlines()[1:] for cell in line.split(",")[1:]]


def write(path, **columns):
    rows = zip(*columns.values(), strict=True)
    days = np.datetime64("2021-03-01") + np.arange(len(next(iter(columns.values()))))
    lines = [f"{day},{','.join(map(repr, map(float, row)))}" for day, row in zip(days, rows, strict=True)]
    path.write_text("\n".join([f"day,{','.join(columns)}", *lines, ""]))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("scaling", ["window", "standard", "seasonal-difference"])
def test_a_meter_at_a_high_level_is_forecast_as_well_as_at_zero(folder, ok, scaling):
    errors, continued = {}, {}
    for level in (0, METER):
        write(folder / "meter.csv", y=level + swings())
        run = str(folder / str(level))
        ok("train", "forecast", "--data", "meter.csv", "--scaling", scaling, *SMALL, "--out", run)
        ok("export", run)
        model = open_model(f"{run}/model.onnx")
        errors[level] = model.manifest.scores["test"]["whole"]["model"]["rmse"]
        lines = ok("forecast", "-m", run, "--data", "meter.csv").stdout.splitlines()[1:]
        continued[level] = np.array([float(line.split(",")[1]) for line in lines])
    assert errors[0] < 0.6  # the noise alone has 0.3: a model that has learnt something is compared
    assert errors[METER] == pytest.approx(errors[0], rel=0.05)
    # the printed numbers have the digits that the change needs
    np.testing.assert_allclose(continued[METER] - METER, continued[0], atol=0.05)
    assert len(np.unique(continued[METER] % 1)) == 6


@pytest.mark.parametrize("length", [12, 13])  # rows that begin on and off the processor's own boundaries
@pytest.mark.parametrize("scaling", ["window", "standard", "seasonal-difference", "log-return", "min-max"])
def test_an_answer_has_the_same_bits_alone_and_among_a_thousand(scaling, length):
    rng = np.random.default_rng(5)
    values = METER + rng.normal(0, 1, (1000, length, 1)).cumsum(axis=1)
    fitted = Scaler.fit(scaling, values[:, :, 0].reshape(-1, 1), ("y",), season=5)
    network = Forecaster(ForecastingConfig(window=12, horizon=8, hidden=4), fitted, [[[-1.0, 0.1, 2.0]]] * 8)
    session = onnxruntime.InferenceSession(graph(network, fitted).SerializeToString())
    asked = {"horizon": np.array(8)}
    whole = session.run(["forecast", "quantiles"], {"history": values, **asked})
    assert [part.dtype for part in whole] == [np.float64, np.float64]
    for row in (0, 1, 2, 499, 998, 999):
        alone = session.run(["forecast", "quantiles"], {"history": values[row : row + 1], **asked})
        for one, many in zip(alone, whole, strict=True):
            np.testing.assert_array_equal(one[0], many[row])


@pytest.mark.parametrize("scaling", ["window", "log-return"])
def test_a_forecast_and_its_quantiles_stay_within_their_bounds_in_network_and_graph(scaling):
    fitted = Scaler.fit(scaling, 50 + np.stack([swings(), 2 * swings(seed=4)], axis=1), ("a", "b"))
    offsets = [[[-9.0, 0.0, 9.0], [None, 0.0, 0.1]]] * 3
    history = 50 + np.stack([[swings(12, seed), swings(12, seed + 50)] for seed in range(7)]).swapaxes(1, 2)
    asked = {"history": history, "horizon": np.array(5)}
    torch.manual_seed(1)
    free, bound = (
        Forecaster(ForecastingConfig(window=12, horizon=3, hidden=4, **bounds), fitted, offsets)
        for bounds in ({}, {"floor": (50.1, 50.05), "ceiling": (50.3,)})
    )
    bound.load_state_dict(free.state_dict())
    loose, cut = call(free)(asked), call(bound)(asked)
    assert cut["forecast"][:, :, 0].min() == 50.1
    np.testing.assert_array_equal(cut["forecast"], np.clip(loose["forecast"], [50.1, 50.05], 50.3))
    assert np.nanmin(cut["quantiles"][:, :, 0]) == 50.1
    assert np.nanmin(cut["quantiles"][:, :, 1]) == 50.05
    assert np.nanmax(cut["quantiles"]) == 50.3
    np.testing.assert_array_equal(np.isnan(cut["quantiles"]), np.isnan(loose["quantiles"]))  # unknown ones stay unknown
    session = onnxruntime.InferenceSession(graph(bound, fitted).SerializeToString())
    for name, answer in zip(["forecast", "quantiles"], session.run(["forecast", "quantiles"], asked), strict=True):
        np.testing.assert_allclose(answer, cut[name], rtol=1e-6)


def test_a_count_is_never_negative_under_a_floor(folder, ok):
    counts = np.random.default_rng(8).poisson(0.4, 300)
    write(folder / "counts.csv", visits=counts)
    ok("train", "forecast", "--data", "counts.csv", *SMALL, "--floor", "0", "--out", "run")
    ok("export", "run")
    assert open_model("run/model.onnx").manifest.config["floor"] == [0.0]
    assert min(cells(ok("forecast", "-m", "run", "--data", "counts.csv", "--quantiles").stdout)) == 0


def test_the_rivals_of_a_model_with_a_floor_keep_it_too(folder, ok):
    values = np.maximum(0, 40 - np.arange(300) * 0.15 + swings(300))  # falls to zero, where a line goes on
    write(folder / "falling.csv", y=values)
    scores = {}
    for run, options in (("free", []), ("bound", ["--floor", "0"])):
        ok("train", "forecast", "--data", "falling.csv", *SMALL, *options, "--out", run)
        ok("export", run)
        scores[run] = open_model(f"{run}/model.onnx").manifest.scores["test"]["whole"]["drift"]["rmse"]
        file = ok("export", run, "--baseline", "drift").stdout.strip()
        shown = ok("forecast", "-m", file, "--data", "falling.csv", "--at", "2021-12-01").stdout
        assert (min(cells(shown)) < 0) is (run == "free")
    assert scores["bound"] < scores["free"]


REFUSED = {
    "a floor above the data": (
        ["--floor", "0.5"],
        ["below --floor 0.5", "'y', row 3: -7.25", "--floor -7.25 or lower"],
    ),
    "a ceiling below the data": (["--ceiling", "1"], ["above --ceiling 1", "'y', row 9: 30", "--ceiling 30 or higher"]),
    "a floor above the ceiling": (["--floor", "40", "--ceiling", "-40"], ["--floor 40 is not below --ceiling -40"]),
    "two floors for one column": (["--floor=-9,-9"], ["--floor gives 2 values, the model has the columns y"]),
    "no number": (["--floor", "low"], ["floor", "must be a list of numbers"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bounds_that_the_data_break_are_refused(folder, refused, case):
    options, said = REFUSED[case]
    values = swings(90)
    values[[2, 8]] = -7.25, 30
    write(folder / "y.csv", y=values)
    for command in ("check", "train"):
        refused(command, "forecast", "--data", "y.csv", *options, code=2, said=said)


@pytest.mark.parametrize(("least", "taken"), [(0.0, "window"), (-0.5, "window"), (0.5, "log-return")])
def test_a_scaling_that_nobody_named_is_one_that_the_data_allow(folder, ok, least, taken):
    values = 20 + swings(200)
    values[150] = least
    write(folder / "prices.csv", y=values)
    small = [*SHORT, "--max-steps", "3"]
    said = ok("train", "bitcoin", "--data", "prices.csv", *small, "--out", "run").stderr
    assert (f"scaling: 'y' has {least:g} at 2021-07-29, which has no log-return" in said) is (taken == "window")
    assert tomllib.loads((folder / "run" / "config.toml").read_text())["scaling"] == taken
    ok("export", "run")
    assert ok("forecast", "-m", "run", "--data", "prices.csv").stdout.count("\n") == 7
    assert open_model("run/model.onnx").manifest.encoders["scaler"]["kind"] == taken


def test_log_returns_that_were_asked_for_are_refused_where_a_value_has_none(folder, refused):
    values = 20 + swings(200)
    values[150] = 0
    write(folder / "prices.csv", y=values)
    (folder / "mine.toml").write_text('scaling = "log-return"\n')
    for asked in (["--scaling", "log-return"], ["--set", "scaling=log-return"], ["--config", "mine.toml"]):
        said = ["log-returns need values above zero", "column y, row 151: 0"]
        refused("train", "bitcoin", "--data", "prices.csv", *SHORT, *asked, code=2, said=said)


def test_a_stream_that_nobody_scaled_is_read_by_standard_scores(folder, ok):
    write(folder / "y.csv", y=swings(200))
    small = [*SHORT, "--max-steps", "3", "--batch", "4", "--highway", "0"]
    small += ["--network", "autoregressive", "--stateful"]
    ok("train", "bitcoin", "--data", "y.csv", *small, "--out", "run")
    assert tomllib.loads((folder / "run" / "config.toml").read_text())["scaling"] == "standard"


@pytest.mark.parametrize("extra", [(), ("--network", "autoregressive", "--highway", "8")])
def test_a_sensor_that_was_stuck_does_not_spoil_the_training(folder, ok, extra):
    """What comes after a still window is a million of its deviations away; the errors there are left out as well."""
    values = 10 * swings()
    values[150:200] = 7.0
    write(folder / "y.csv", y=values)
    words = [*SMALL, "--from-data", "", "--scaling", "window", *extra, "--out", "run"]
    said = ok("train", "forecast", "--data", "y.csv", *words).stderr
    assert "warning: still: 6 of 321 training windows stand almost still before a jump" in said
    ok("export", "run")
    scores = json.loads(ok("evaluate", "run", "--json").stdout)
    assert scores["path"]["model"] < 0.7 * scores["path"]["last value"]
    assert scores["msis"]["0.8"]["path"] < 10


@pytest.mark.parametrize("scaling", ["window", "log-return"])
def test_a_series_that_moves_once_is_trained_on(folder, ok, scaling):
    """A key interest rate: without the fifth of the windows in which it moves, no row of the highway has any change."""
    write(folder / "y.csv", y=np.where(np.arange(511) < 300, 1.5, 1.75))
    ok("train", "forecast", "--data", "y.csv", *SMALL, "--scaling", scaling, "--season", "1", "--out", "run")
    ok("export", "run")
    assert cells(ok("forecast", "-m", "run", "--data", "y.csv").stdout) == pytest.approx([1.75] * 6, rel=0.02)


def seen_by(kind, **fields):
    """Encoders of a series of swings around 50, with the range that a training on it keeps."""
    values = 50 + swings()[:, None]
    part = windows(Series(("y",), values, None, None, ()), slice(0, None), 24, 6, "training")
    scaler = Scaler.fit(kind, values, ("y",), season=12)
    return ForecastingEncoders(scaler, ("y",), seen=seen_in(scaler, part))


# kind: levels within the range or a little outside, one far outside, and what is said of it
OUTSIDE = {
    "standard": ([50, 52], 1040, "column 'y' is at 1,041"),
    "min-max": ([50, 48], -960, "column 'y' is at -961"),
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_a_level_far_outside_of_the_training_part_is_said_with_numbers(kind):
    encoders, (inside, far, said) = seen_by(kind), OUTSIDE[kind]
    shape = np.sin(np.arange(24) * np.pi / 6)[None, :, None]
    for level in inside:  # within it, and outside by less than it is wide
        assert encoders.strange(level + shape) == []
    for beside in (45, 55):  # the whole window, though by less than the range is wide
        assert encoders.strange(beside + 0.5 * shape)
    (text,) = encoders.strange(np.concatenate([50 + shape, far + shape]))
    assert text.startswith(f"out-of-range: {said}; the training part went from 48.")
    low, high = (float(word) for word in text.split(" went from ")[1].split(" to "))
    assert (low, high) == pytest.approx((50 + swings().min(), 50 + swings().max()), abs=1e-3)


@pytest.mark.parametrize(("kind", "grown", "said"), [
    ("log-return", 30, "a log-return of column 'y' is "),
    ("seasonal-difference", 30, "a change of column 'y' over 12 steps is "),
    ("window", None, "a value of column 'y', in deviations of the others of its window, is 1,"),
])  # fmt: skip
def test_where_changes_or_windows_are_seen_a_level_is_no_fault_and_a_swing_is(kind, grown, said):
    encoders = seen_by(kind)
    window = swings(24, seed=77)[None, :, None]
    for level in (50, 100, 10_000):
        assert encoders.strange(level + window) == []
    if grown is None:  # one value far from a hundred others
        strange = np.where(np.arange(98) == 50, 1e6, 50 + swings(98))[None, :, None]
    else:
        strange = 50 + grown * window
        strange[strange <= 0] = np.nan
    (text,) = encoders.strange(strange)
    assert text.startswith(f"out-of-range: {said}")


@pytest.mark.parametrize("count", [8, 56])
def test_one_value_far_from_the_others_is_strange_however_few_they_are(count):
    """Training windows with outliers of six deviations; among 8 values one is at most 2.65 of all deviations away."""
    rng = np.random.default_rng(count)
    values = (100 + rng.normal(size=400) * np.where(rng.random(400) < 0.03, 6, 1))[:, None]
    part = windows(Series(("y",), values, None, None, ()), slice(0, None), count, 1, "training")
    scaler = Scaler.fit("window", values, ("y",))
    encoders = ForecastingEncoders(scaler, ("y",), seen=seen_in(scaler, part))
    window = values[None, -count:].copy()
    for last in (98, 100, 107):
        window[0, -1] = last
        assert encoders.strange(window) == []
    for last in (1e9, 0, -999):
        window[0, -1] = last
        assert len(encoders.strange(window)) == 1
    others, apart = window[0, :-1, 0], scaler.seen(window)[0, -1, 0]
    assert apart == pytest.approx((-999 - others.mean()) / others.std(), rel=1e-6)
    older = replace(encoders, by_others=False)  # its range is of another measure
    assert older.strange(window) == []
    assert ForecastingEncoders.from_json(older.to_json()) == older


def test_a_missing_or_short_history_and_an_older_file_say_nothing_of_a_range():
    for kind in ("standard", "window", "log-return", "seasonal-difference"):
        encoders = seen_by(kind)
        assert ForecastingEncoders.from_json(encoders.to_json()) == encoders
        older = {name: value for name, value in encoders.to_json().items() if name != "seen"}
        for history in (np.full((1, 24, 1), np.nan), np.full((1, 1, 1), 50.0), np.full((1, 24, 1), 50.0)):
            assert encoders.strange(history) == []
        assert ForecastingEncoders.from_json(older).strange(np.full((1, 24, 1), 1e9)) == []


def test_a_table_a_stream_and_a_frame_far_outside_are_warned_of_once(folder, ok, seqtool_cmd):
    write(folder / "y.csv", y=swings(300))
    ok("train", "forecast", "--data", "y.csv", "--scaling", "standard", *SMALL, "--out", "run")
    ok("export", "run")
    assert "out-of-range" not in ok("forecast", "-m", "run", "--data", "y.csv").stderr
    away = 44_710 + swings(40, seed=1)
    write(folder / "away.csv", y=np.concatenate([swings(60), away]))
    said = ok("forecast", "-m", "run", "--data", "away.csv").stderr
    assert said.count("out-of-range: column 'y' is at 44,711;") == 1
    early = ok("forecast", "-m", "run", "--data", "away.csv", "--at", "2021-04-20").stderr
    assert "out-of-range" not in early  # the rows after that are not seen
    lines = "".join(f"{value}\n" for value in away)
    streamed = seqtool_cmd("forecast", "-m", "run", "--follow", stdin=lines)
    assert streamed.stdout.count("\n") == 40
    assert streamed.stderr.count("out-of-range") == 1
    with pytest.warns(UserWarning, match=r"out-of-range: column 'y' is at 44,711;"):
        seqtool.load("run").forecast(polars.read_csv("away.csv").tail(40), 2)


DEAD = {"a constant": lambda y: np.full(len(y), 21.5), "nothing": lambda y: np.full(len(y), np.nan)}
DEAD["one that wakes up too late"] = lambda y: np.where(np.arange(len(y)) < 280, 4.0, y)
SAID = "warning: dead-columns: left out of the model: b, constant or without values in the training part"


@pytest.mark.parametrize("files", ["one", "several"])
@pytest.mark.parametrize("case", DEAD)
def test_a_dead_column_is_left_out_and_the_others_are_forecast(folder, ok, case, files):
    columns = {"a": swings(300), "b": DEAD[case](swings(300)), "c": 5 + swings(300, seed=9)}
    data = ["--data", "abc.csv", "--columns", "a,b,c"] if files == "one" else []
    write(folder / "abc.csv", **columns)
    if files == "several":
        for name, values in columns.items():
            write(folder / f"{name}.csv", y=values)
            data += ["--data", f"{name}={name}.csv"]
    assert SAID.removeprefix("warning: ") in ok("check", "forecast", *data).stdout
    assert SAID in ok("train", "forecast", *data, *SMALL, "--floor", "-3", "--out", "run").stderr
    ok("export", "run")
    assert open_model("run/model.onnx").manifest.encoders["columns"] == ["a", "c"]
    named = [word for word in data if word not in ("--columns", "a,b,c")]
    answer = ok("forecast", "-m", "run", *named).stdout
    assert answer.splitlines()[0] == "time,a,c"
    assert ok("forecast", "-m", "run").stdout == answer  # from the data of the training


def test_a_series_that_is_all_dead_is_refused_and_a_constant_tail_is_none(folder, ok, refused):
    write(folder / "dead.csv", a=np.full(300, 2), b=np.full(300, 21.5))
    refused("train", "forecast", "--data", "dead.csv", "--columns", "a,b", code=2, said=["'a' is constant (2)"])
    write(folder / "late.csv", a=np.where(np.arange(300) < 280, 2, 3))
    refused("train", "forecast", "--data", "late.csv", *SMALL, code=2, said=["constant in the training part", "a"])
    write(folder / "tail.csv", y=np.where(np.arange(500) < 380, swings(), 0.25))
    ok("train", "forecast", "--data", "tail.csv", *SMALL, "--out", "run")
    ok("export", "run")
    lines = ok("forecast", "-m", "run", "--data", "tail.csv").stdout.splitlines()[1:]
    assert [float(line.split(",")[1]) for line in lines] == pytest.approx([0.25] * 6, abs=1e-4)


def test_a_dead_zero_does_not_rule_out_log_returns(folder, ok):
    write(folder / "ab.csv", a=20 + swings(300), b=np.zeros(300))
    small = [*SHORT, "--max-steps", "3"]
    ok("train", "bitcoin", "--data", "ab.csv", "--columns", "a,b", *small, "--out", "run")
    assert tomllib.loads((folder / "run" / "config.toml").read_text())["scaling"] == "log-return"


def test_values_that_overflow_the_network_are_refused_by_forecast(folder, ok, refused):
    write(folder / "y.csv", y=swings(300))
    ok("train", "forecast", "--data", "y.csv", "--scaling", "standard", *SMALL, "--out", "run")
    ok("export", "run")
    write(folder / "huge.csv", y=np.where(np.arange(60) == 55, 3.4e38, swings(60)))
    said = ["the forecast is no number", "up to 3.4e+38", "too large for the model"]
    refused("forecast", "-m", "run", "--data", "huge.csv", code=2, said=said)
    write(folder / "beyond.csv", y=np.where(np.arange(60) == 55, 3.5e38, swings(60)))
    refused("forecast", "-m", "run", "--data", "beyond.csv", code=2, said=["line 57", "too large for a model"])


def test_the_size_of_all_values_changes_nothing(folder, ok):
    """Numbers whose squares no float32 can hold are forecast as those of usual size."""
    answers = []
    for size in (1.0, 1e36, 1e-30):
        write(folder / "y.csv", y=size * (20 + swings(300)))
        run = str(size)
        ok("train", "forecast", "--data", "y.csv", "--scaling", "window", *SMALL, "--out", run)
        ok("export", run)
        lines = ok("forecast", "-m", run, "--data", "y.csv", "--quantiles").stdout.splitlines()[1:]
        answers.append([[float(cell) / size for cell in line.split(",")[1:]] for line in lines])
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-5)
    np.testing.assert_allclose(answers[2], answers[0], rtol=1e-5)
