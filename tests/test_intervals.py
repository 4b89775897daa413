"""Quantiles: numbers by hand, measured coverage, the graph against PyTorch, and what `forecast` shows of them."""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.scaler import Scaler
from seqtool.data.part_sums import part_sum
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.network import Forecaster, call
from seqtool.families.forecasting.objective import offsets
from seqtool.modelfile.manifest import seal
from seqtool.nn.scaling import scaling
from seqtool.paths import write_bytes
from seqtool.runtime.model import open_model

LEVELS = (0.1, 0.5, 0.9)
KINDS = ["standard", "min-max", "log-return", "seasonal-difference", "window"]
RUN = Path("runs/tiny")


def prices(batch, count, features=2, seed=0):
    rng = np.random.default_rng(seed)
    return 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (batch, count, features)), axis=1))


def scaler(kind):
    return Scaler.fit(kind, prices(1, 300)[0], ("a", "b"), 2.5 if kind == "window" else 1.0, season=5)


def test_nine_residuals_are_the_nine_tenths():
    residuals = np.array([5.0, 3, 1, 2, 4, 9, 8, 7, 6]).reshape(9, 1, 1)
    np.testing.assert_allclose(offsets(residuals, LEVELS), [[[1, 5, 9]]])
    np.testing.assert_allclose(offsets(residuals, (0.25,)), [[[2.5]]])  # between the second and the third


def test_too_few_residuals_say_nothing_of_the_outer_levels():
    """Of eight, the largest stands at level 8/9 < 0.9; unknown ones do not count; each step stands alone."""
    residuals = np.arange(9.0).reshape(9, 1, 1).repeat(3, axis=1)
    residuals[4, 1], residuals[:, 2] = np.nan, np.nan
    first, second, third = offsets(residuals, LEVELS)
    np.testing.assert_allclose(first, [[0, 4, 8]])
    np.testing.assert_allclose(second, [[np.nan, 4, np.nan]])
    assert np.isnan(third).all()


def test_where_residuals_are_exchangeable_the_nominal_share_is_covered():
    """20 residuals: 80 % between the offsets on average, where plain quantiles of the sample cover 76 %."""
    rng = np.random.default_rng(0)
    draws = rng.standard_t(4, (21, 4000, 1))
    made = offsets(draws[:20], LEVELS)
    inside = (made[..., 0] <= draws[20]) & (draws[20] <= made[..., 2])
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    plain = np.quantile(draws[:20], [0.1, 0.9], axis=0)
    assert ((plain[0] <= draws[20]) & (draws[20] <= plain[1])).mean() < 0.77


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 1000), level=st.floats(1e-3, 1e6))
@settings(max_examples=8, deadline=None)
def test_spreading_a_residual_gives_the_truth_back_and_keeps_the_order(kind, seed, level):
    history, forecast, future = (
        torch.as_tensor(level * prices(2, count, seed=seed + count), dtype=torch.float64) for count in (20, 4, 4)
    )
    history[0, 3, 0] = torch.nan
    module = scaling(scaler(kind))
    residual = module.residual(history, forecast, future)
    for row in range(2):
        one = module.spread(history[row : row + 1], forecast[row : row + 1], residual[row, ..., None])
        np.testing.assert_allclose(one[0, ..., 0], future[row], rtol=1e-6)
    ordered = torch.as_tensor(np.sort(np.random.default_rng(seed).normal(size=(4, 2, 5)), axis=-1))
    assert (module.spread(history, forecast, ordered).diff(dim=-1) >= 0).all()


def forecaster(kind, made, network="seq2seq"):
    torch.manual_seed(0)
    config = ForecastingConfig(
        hidden=4, window=12, horizon=3, season=5, scaling=kind, network=network, quantiles=LEVELS
    )
    return Forecaster(config, scaler(kind), made)


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_gives_the_quantiles_of_the_network(kind):
    made = [[[-1.0, 0.1, 1.5], [None, 0.0, None]], [[-2.0, 0.1, 2.5], [-1.0, 0.0, 1.0]], [[-3.0, 0.1, 3.5]] * 2]
    if kind == "log-return":
        made = [[[None if x is None else x / 100 for x in row] for row in step] for step in made]
    network = forecaster(kind, made)
    data = graph(network, scaler(kind)).SerializeToString()
    opened = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for batch, length, steps in [(3, 12, 3), (1, 9, 5), (2, 30, 1)]:
        history = prices(batch, length).astype(np.float32)
        history[:, 2, 0] = np.nan
        feeds = {"history": history, "horizon": np.array(steps)}
        forecast, quantiles = opened.run(["forecast", "quantiles"], feeds)
        assert quantiles.shape == (batch, steps, 2, 3)
        np.testing.assert_allclose(quantiles, call(network)(feeds)["quantiles"], rtol=3e-6)
        assert np.isnan(quantiles[:, 3:]).all()  # calibrated for three steps
        assert np.isnan(quantiles[:, 0, 1]).any(axis=-1).all()
        row = opened.run(["quantiles"], {"history": history[:1], "horizon": np.array(steps)})[0]
        np.testing.assert_array_equal(row[0], quantiles[0])
        if kind == "standard":
            unit = np.array(scaler(kind).deviation)[:, None]
            by_hand = forecast[:, :3, :, None] + np.array(made[:steps], dtype=float) * unit
            np.testing.assert_allclose(quantiles[:, :3], by_hand, rtol=1e-6)
        if kind == "log-return":
            by_hand = forecast[:, :3, :, None] * np.exp(np.array(made[:steps], dtype=float))
            np.testing.assert_allclose(quantiles[:, :3], by_hand, rtol=1e-6)


def test_a_run_holds_the_offsets_of_its_best_weights(project):
    """Recomputed from the run: residuals log(truth / forecast) of the validation windows, by numpy."""
    from seqtool.families.choose import sample_of
    from seqtool.families.family import configured
    from seqtool.families.forecasting.data import load
    from seqtool.families.forecasting.model import network as build
    from seqtool.families.forecasting.network import predictor_of
    from seqtool.families.load import runner_of
    from seqtool.plugins import load_task
    from seqtool.training import checkpoint

    task = load_task("bitcoin")
    config = configured(task, file=RUN / "config.toml")
    splits = load(task, config, sample_of(task))
    network = build(config, splits.encoders)
    best = checkpoint.index(RUN / "checkpoints").best
    checkpoint.into(network, checkpoint.load(RUN / "checkpoints", best).network, RUN)
    part = splits.validation
    truth = part.batch(np.arange(len(part)))[1]
    residuals = np.log(truth / predictor_of(network)(part).values)
    ranks = np.arange(1, len(part) + 1) / (len(part) + 1)
    by_hand = [np.interp(LEVELS, ranks, np.sort(residuals[:, step, 0])) for step in range(40)]
    stored = json.loads((RUN / "encoders" / "encoders.json").read_text())["offsets"]
    np.testing.assert_allclose(np.array(stored)[:, 0], by_hand, rtol=1e-4, atol=1e-7)
    model = open_model(RUN / "model.onnx", device="cpu")
    assert model.manifest.encoders["offsets"] == stored
    runner = runner_of(model)
    history = part.batch(np.array([0]))[0]
    prediction = runner.forecast_batch(history, 40)
    wanted = prediction.forecast[..., None] * np.exp(np.array(stored))
    np.testing.assert_allclose(prediction.quantiles, wanted, rtol=1e-5)
    assert runner.levels == LEVELS


def test_forecast_adds_quantiles_when_asked(cli, project):
    plain = cli("forecast", "--horizon", "2")
    assert plain.stdout.startswith("time,Close\n")
    shown = cli("forecast", "--horizon", "2", "--quantiles")
    rows = list(csv.DictReader(shown.stdout.splitlines()))
    assert list(rows[0]) == ["time", "Close", "Close q0.1", "Close q0.5", "Close q0.9"]
    assert [row["Close"] for row in rows] == [line.split(",")[1] for line in plain.stdout.splitlines()[1:]]
    assert float(rows[0]["Close q0.1"]) < float(rows[0]["Close q0.5"]) < float(rows[0]["Close q0.9"])
    record = json.loads(cli("forecast", "--horizon", "2", "--quantiles", "--json").stdout.splitlines()[0])
    assert record["quantiles"]["Close"]["0.9"] == pytest.approx(float(rows[0]["Close q0.9"]), rel=1e-6)
    assert "quantiles" not in cli("forecast", "--json").stdout


def test_beyond_the_calibrated_steps_quantiles_are_empty_and_said_so_once(cli, project):
    shown = cli("forecast", "--horizon", "42", "--quantiles")
    rows = shown.stdout.splitlines()[1:]
    assert ",," not in rows[39]
    assert [row.endswith(",,,") for row in rows[40:]] == [True, True]
    assert shown.stderr.count("quantiles are known for 40 steps") == 1
    last = cli("forecast", "--horizon", "42", "--quantiles", "--json").stdout.splitlines()[-1]
    assert json.loads(last)["quantiles"] == {"Close": {"0.1": None, "0.5": None, "0.9": None}}
    assert "quantiles" not in cli("forecast", "--horizon", "42").stderr


def test_a_picture_has_bands_without_being_asked(cli, project, monkeypatch):
    from seqtool.report import plots

    drawn = []
    monkeypatch.setattr("seqtool.families.forecasting.pictures.fan", lambda *args, **named: drawn.append(args))
    answer = cli("forecast", "--plot", "fan.png")
    assert answer.returncode == 0
    (_, x, quantiles, levels) = drawn[0]
    assert (len(x), quantiles.shape, levels) == (40, (40, 3), LEVELS)
    _, (axis,) = plots.figure()
    plots.fan(axis, np.arange(4), np.tile(np.arange(5.0), (4, 1)), (0.05, 0.1, 0.5, 0.9, 0.95))
    assert [band.get_label() for band in axis.collections] == ["5 to 95 %", "10 to 90 %"]


def test_a_training_that_did_not_finish_has_no_quantiles(cli, project):
    file = RUN / "encoders" / "encoders.json"
    stored = json.loads(file.read_text())
    del stored["offsets"]
    file.write_text(json.dumps(stored))
    record = json.loads((RUN / "run.json").read_text())
    record["encoders"] = part_sum(stored)  # as the training keeps it
    (RUN / "run.json").write_text(json.dumps(record))
    assert cli("export", "--no-scores").returncode == 0
    assert [spec.name for spec in open_model(RUN / "model.onnx").file.outputs] == ["forecast"]
    refused = cli("forecast", "--quantiles")
    assert refused.returncode == 2
    assert "the model gives no quantiles" in refused.stderr
    assert cli("forecast", "--plot", "bare.png").returncode == 0


def test_no_levels_no_quantiles(cli, project):
    small = ["--sample", "--epochs", "1", "--hidden", "4", "--max-steps", "2", "--out", "bare"]
    assert cli("train", "bitcoin", *small, "--quantiles", "").returncode == 0
    assert "offsets" not in json.loads(Path("bare/encoders/encoders.json").read_text())
    assert cli("train", "bitcoin", "--quantiles", "0.9,0.1").returncode == 2


def test_a_manifest_that_does_not_name_the_levels_is_refused(project):
    from dataclasses import replace

    import onnx

    from seqtool.families.load import runner_of as runner
    from seqtool.graph.model import plain_bytes

    opened = open_model(RUN / "model.onnx")
    plain = onnx.load(RUN / "model.onnx")
    del plain.metadata_props[:]
    config = {**opened.manifest.config, "quantiles": [0.1, 0.9]}
    write_bytes(Path("odd.onnx"), seal(plain_bytes(plain), replace(opened.manifest, config=config)))
    with pytest.raises(Exception, match="not the levels of its quantiles"):
        runner(open_model("odd.onnx"), "forecasting")


@pytest.mark.data
def test_four_fifths_of_a_month_of_demand_lie_between_the_levels(project, cli):
    """The default of electricity on half-hourly demand: 80 % nominal, 75 to 85 % measured over the whole path."""
    from seqtool.families.choose import choose
    from seqtool.families.family import configured
    from seqtool.families.forecasting.data import load
    from seqtool.families.load import runner_of
    from seqtool.plugins import load_task

    assert cli("train", "electricity", "--threads", "1", "--out", "e").returncode == 0
    assert cli("export", "e", "--no-scores").returncode == 0
    task = load_task("electricity")
    config = configured(task, file=Path("e/config.toml"))
    part = load(task, config, choose(task, config, (), False)).test
    quantiles = runner_of(open_model("e/model.onnx", device="cpu")).predict(part).quantiles
    truth = part.batch(np.arange(len(part)))[1]
    inside = (quantiles[..., 0] <= truth) & (truth <= quantiles[..., 2])
    assert 0.75 < inside.mean() < 0.85
