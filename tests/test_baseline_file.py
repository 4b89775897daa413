"""A baseline as a model file: its graph against its rule, and what the file answers and scores."""

from __future__ import annotations

import json
import math

import numpy as np
import onnxruntime
import pytest
import spox.opset.ai.onnx.v20 as op
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.families.forecasting import baseline_graph as graphs
from seqtool.families.forecasting import baselines as rules
from seqtool.families.forecasting.autoregression import Autoregression
from seqtool.families.forecasting.direct_ridge import _forms
from seqtool.families.forecasting.window_ridge import WindowRidge
from seqtool.graph.basic import integers
from tests.shops import seqtool_in

FEATURES = 2
WALK = 100 + np.cumsum(np.random.default_rng(0).normal(size=(300, FEATURES)), axis=0)


def autoregression(logarithm, difference, lags):
    weights = np.random.default_rng(1).normal(0, 0.2, (FEATURES, len(lags)))
    return Autoregression(logarithm, difference, lags, tuple(map(tuple, weights)), (0.01, 0.02))


def cases():
    """Name -> a graph and the rule that it is the twin of."""
    yield "last value", graphs.last_value, rules.last_value
    yield "seasonal", graphs.seasonal(7), rules.seasonal(7)
    yield "drift", graphs.drift, rules.drift
    for logarithm in (False, True):
        for difference in (0, 1, 7):
            for lags in ((), (1, 2, 5)):
                model = autoregression(logarithm, difference, lags)
                yield f"autoregression {logarithm} {difference} {len(lags)}", graphs.autoregression(model), model
        for anchor in ("last", "mean", "season"):
            model = next(_forms(WALK, 7, 12, 20, logarithm, (anchor,), (1.0,)))
            yield f"ridge {logarithm} {anchor}", graphs.direct_ridge(model), model
        matrix = np.random.default_rng(2).normal(0, 0.1, (13, 20))
        pooled = WindowRidge(logarithm, matrix)
        yield f"window ridge {logarithm}", graphs.window_ridge(pooled), pooled


CASES = {name: (graph, rule) for name, graph, rule in cases()}


@pytest.fixture(scope="module", params=CASES)
def twins(request):
    """A session of the graph, and the rule."""
    graph, rule = CASES[request.param]
    history, horizon = argument(Tensor(np.float64, ("B", "T", FEATURES))), argument(Tensor(np.int64, ()))
    forecast = graph(history, op.reshape(horizon, integers([1])))
    model = build({"history": history, "horizon": horizon}, {"forecast": forecast})
    return onnxruntime.InferenceSession(model.SerializeToString()), rule


@settings(max_examples=25, deadline=None)
@given(
    batch=st.integers(1, 5), length=st.integers(2, 40), steps=st.integers(1, 20), missing=st.floats(0, 0.9),
    seed=st.integers(0, 999),
)  # fmt: skip
def test_a_graph_gives_what_its_rule_does(twins, batch, length, steps, missing, seed):
    session, rule = twins
    rng = np.random.default_rng(seed)
    history = 100 + np.cumsum(rng.normal(size=(batch, length, FEATURES)), axis=1)
    history[rng.random(history.shape) < missing] = np.nan
    history[0, 0, 0] = -3.0  # has no logarithm
    history[:, -1][np.isnan(history).all(axis=1)] = 99.0
    (found,) = session.run(None, {"history": history, "horizon": np.array(steps)})
    np.testing.assert_allclose(found, rule(history, steps), rtol=1e-9, atol=1e-9)


def test_an_answer_does_not_depend_on_its_neighbours(twins):
    session, _ = twins
    history = 100 + np.cumsum(np.random.default_rng(2).normal(size=(1000, 25, FEATURES)), axis=1)
    (together,) = session.run(None, {"history": history, "horizon": np.array(20)})
    for row in (0, 1, 499, 999):
        (alone,) = session.run(None, {"history": history[row : row + 1], "horizon": np.array(20)})
        np.testing.assert_array_equal(alone[0], together[row])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a run on two sines in noise."""
    folder = tmp_path_factory.mktemp("baselines")
    rng = np.random.default_rng(3)
    rows = (
        f"2024-01-{1 + n // 24:02d}T{n % 24:02d}:00,{5 + math.sin(n * math.pi / 12) + 0.1 * rng.normal():.4f},"
        f"{900 + 40 * math.sin(n * math.pi / 12) + 3 * rng.normal():.3f}"
        for n in range(31 * 24)
    )
    (folder / "two.csv").write_text("time,a,b\n" + "\n".join(rows) + "\n")
    small = ("--max-steps", "2", "--hidden", "4", "--window", "30", "--horizon", "5", "--out", "run")
    seqtool_in(folder, ("train", "forecast", "--data", "two.csv", "--columns", "a,b", *small), ("export", "run"))
    return folder


@pytest.mark.parametrize("name", ["last value", "seasonal", "drift", "autoregression", "ridge"])
def test_a_baseline_is_a_model_file_with_the_scores_of_its_row(trained, cli, seqtool_cmd, monkeypatch, name):
    monkeypatch.chdir(trained)
    exported = cli("export", "run", "--baseline", name)
    assert exported.returncode == 0, exported.stderr
    file = exported.stdout.strip()
    assert file == f"run/model-{name.replace(' ', '-')}.onnx"
    network, own = (json.loads(cli("evaluate", model, "--json").stdout) for model in ("run/model.onnx", file))
    assert own["path"]["model"] == pytest.approx(network["path"][name], rel=1e-6)
    assert own["path"][name] == network["path"][name]
    inspected = cli("inspect", file).stdout
    assert f"a baseline: {name}" in inspected
    again = json.loads(cli("evaluate", file, "--backtest", "--json").stdout)
    assert again["path"]["model"] == pytest.approx(own["path"]["model"], rel=1e-9)
    answer = cli("forecast", "-m", file, "--data", "two.csv", "--horizon", "3")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[1].startswith("2024-02-01T00:00:00,")
    with_lines = "".join(line + "\n" for line in (trained / "two.csv").read_text().splitlines()[-400:])
    followed = seqtool_cmd("forecast", "-m", file, "--follow", stdin=with_lines, cwd=trained)
    assert followed.returncode == 0, followed.stderr
    first = answer.stdout.splitlines()[1].split(",")[1:]
    assert [float(cell) for cell in followed.stdout.splitlines()[-1].split(",")] == pytest.approx(
        [float(cell) for cell in first], rel=1e-6
    )


@pytest.mark.parametrize("name", ["last value", "autoregression", "ridge"])
def test_a_baselines_quantiles_cover_what_they_say(trained, cli, monkeypatch, name):
    """By a bare session over origins of the test part, which begins at row 595 (less a gap of a window)."""
    monkeypatch.chdir(trained)
    assert cli("export", "run", "--baseline", name, "--out", "own.onnx").returncode == 0
    values = np.loadtxt("two.csv", delimiter=",", skiprows=1, usecols=(1, 2))
    origins = np.arange(640, len(values) - 5)
    history = np.stack([values[origin - 60 : origin] for origin in origins])
    truth = np.stack([values[origin : origin + 5] for origin in origins])
    session = onnxruntime.InferenceSession("own.onnx")
    forecast, quantiles = session.run(
        ["forecast", "quantiles"], {"history": history, "horizon": np.array(7 if name != "ridge" else 5)}
    )
    np.testing.assert_array_equal(quantiles[:, :5, :, 1], forecast[:, :5])
    low, high = quantiles[:, :5, :, 0], quantiles[:, :5, :, 2]
    assert 0.7 < ((truth >= low) & (truth <= high)).mean() < 0.9
    assert np.isnan(quantiles[:, 5:]).all()  # no errors were measured beyond the trained horizon
    alone = session.run(["quantiles"], {"history": history[3:4], "horizon": np.array(5)})[0]
    np.testing.assert_array_equal(alone[0], quantiles[3, :5])
    scores = json.loads(cli("evaluate", "own.onnx", "--json").stdout)
    assert 0.7 < scores["coverage"]["0.8"]["path"] < 0.9
    table = cli("forecast", "-m", "own.onnx", "--data", "two.csv", "--quantiles").stdout.splitlines()
    assert table[0] == "time,a,a q0.1,a q0.5,a q0.9,b,b q0.1,b q0.5,b q0.9"
    assert cli("export", "run", "--baseline", name, "--out", "bare.onnx", "--no-scores").returncode == 0
    assert [output.name for output in onnxruntime.InferenceSession("bare.onnx").get_outputs()] == ["forecast"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--baseline", "rigde"), "did you mean 'ridge'?"),
        (("--baseline", "ridge", "--int8"), "leave the other options out"),
        (("--baseline", "ridge", "--checkpoint", "last"), "leave the other options out"),
    ],
)
def test_what_cannot_be_is_refused_in_words(trained, cli, monkeypatch, words, said):
    monkeypatch.chdir(trained)
    refused = cli("export", "run", *words)
    assert refused.returncode == 2
    assert said in refused.stderr


def test_other_families_have_no_baseline_to_export(tmp_path, cli, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = cli("train", "tag", "--sample", "--max-steps", "1", "--hidden", "4", "--out", "run")
    assert done.returncode == 0, done.stderr
    refused = cli("export", "run", "--baseline", "ridge")
    assert refused.returncode == 2
    assert "tagging models have no baseline of their own" in refused.stderr
