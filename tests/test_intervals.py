"""Quantiles: numbers by hand, measured coverage, the graph against PyTorch, and what `forecast` shows of them."""

import csv
import json
import math
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
from seqtool.families.forecasting.conformal import Errors, offsets
from seqtool.families.forecasting.encoders import Local
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.network import Forecaster, call
from seqtool.modelfile.manifest import seal
from seqtool.nn.highway import Highway
from seqtool.nn.local_scale import LocalScale, followed
from seqtool.nn.scaling import scaling
from seqtool.paths import write_bytes
from seqtool.runtime.model import open_model

LEVELS = (0.1, 0.5, 0.9)
KINDS = ["standard", "min-max", "log-return", "seasonal-difference", "window", "log-window", "mean"]
RUN = Path("runs/tiny")


def prices(batch, count, features=2, seed=0):
    rng = np.random.default_rng(seed)
    return 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (batch, count, features)), axis=1))


def scaler(kind):
    return Scaler.fit(kind, prices(1, 300)[0], ("a", "b"), 2.5 if kind == "window" else 1.0, season=5)


def errors(sizes, independent, movement=None):
    """Errors of W windows: sizes [W,N] of one series, or [W,N,F]."""
    sizes = np.asarray(sizes, dtype=float)
    sizes = sizes[..., None] if sizes.ndim == 2 else sizes
    moved = np.ones((len(sizes), sizes.shape[2])) if movement is None else np.asarray(movement, dtype=float)[:, None]
    return Errors(sizes, moved, independent)


def test_six_errors_of_two_parts_by_hand():
    """Means 2.5 and 15, each of two independent windows: both parts get the mean sqrt(2.5 * 15).

    The sizes 2.449, 4.082, 4.899, 7.348, 8.165, 9.798 weigh 1/2, 1, 1/2, 1/2, 1, 1/2. They cover (their sum up to and
    with half of their own, and 1/2) of 5: 4 of 5 lies two thirds of the way from the fifth to the sixth.
    """
    found, local = offsets(errors([[1], [2], [3], [4]], 2), errors([[10], [20]], 2), LEVELS)
    np.testing.assert_allclose(found[0, 0], [-9.2533, 0, 9.2533], rtol=1e-4)
    assert local.power == (0.0,)


def test_nine_errors_are_the_nine_tenths():
    """Of nine windows that do not overlap the largest error covers 0.9, and nothing covers more."""
    part = errors(np.arange(1.0, 10)[:, None], 4.5)
    found, _ = offsets(part, part, (0.05, 0.25, 0.5, 0.75, 0.95))
    np.testing.assert_allclose(found[0, 0], [-9, -5, 0, 5, 9], atol=0.5)
    assert np.isnan(offsets(part, part, (0.04, 0.96))[0]).all()


def test_too_few_windows_say_nothing_of_the_outer_levels():
    """80 % needs four windows that do not overlap, 95 % nineteen, however many overlap; 20 of the training count."""
    many = errors(np.random.default_rng(0).random((500, 3)), 1.5)
    assert np.isnan(offsets(many, many, LEVELS)[0]).all(axis=(0, 1)).tolist() == [True, False, True]
    more = errors(np.random.default_rng(0).random((500, 3)), 400)
    assert np.isfinite(offsets(more, many, (0.025, 0.975))[0]).all()
    assert np.isnan(offsets(more, many, (0.02, 0.98))[0]).all()


def test_unknown_errors_do_not_count_and_each_step_stands_alone():
    sizes = np.arange(1.0, 31)[:, None].repeat(4, axis=1)
    sizes[::2, 1], sizes[:, 2] = np.nan, np.nan
    found, _ = offsets(errors(sizes, 20), errors(sizes, 20), LEVELS)
    assert np.isnan(found[:, 0, 0]).tolist() == [False, False, True, False]
    assert np.isfinite(offsets(errors(sizes[:, :1], 20), errors(sizes[:, 2:3] * np.nan, 20), LEVELS)[0]).all()


@given(seed=st.integers(0, 1000), windows=st.integers(8, 60), steps=st.integers(1, 12), series=st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_a_forecast_lies_in_its_interval(seed, windows, steps, series):
    rng = np.random.default_rng(seed)
    parts = [errors(rng.exponential(size=(windows, steps, series)), windows) for _ in range(2)]
    found, _ = offsets(*parts, (0.1, 0.3, 0.5, 0.7, 0.9))
    assert (np.diff(found, axis=-1) >= 0).all()
    assert (found[..., 2] == 0).all()


def share_inside(found, truth):
    """Return how much of the truth [N,F] lies between the outermost offsets."""
    return ((found[..., 0] <= truth) & (truth <= found[..., -1])).mean()


def test_where_errors_are_exchangeable_the_nominal_share_is_covered():
    """Ten and ten windows: 80 % on average, where plain quantiles of the sample cover 76 %."""
    rng = np.random.default_rng(0)
    draws = rng.standard_t(4, (21, 1, 2000))
    found, _ = offsets(errors(np.abs(draws[:10]), 10), errors(np.abs(draws[10:20]), 10), LEVELS)
    assert share_inside(found, draws[20]) == pytest.approx(0.8, abs=0.025)


def test_windows_that_overlap_are_no_more_than_those_that_do_not():
    """Walks forecast by their last value, 16 steps: signed quantiles of 48 overlapping windows cover 65 %."""
    rng = np.random.default_rng(0)
    steps, windows, series = 16, 48, 150
    walks = np.cumsum(rng.normal(size=(10 * windows, series)), axis=0)
    paths = np.lib.stride_tricks.sliding_window_view(walks, steps + 1, axis=0)  # [W,F,N+1]
    changes = (paths[..., 1:] - paths[..., :1]).swapaxes(1, 2)  # [W,N,F]
    train, held, future = changes[:300], changes[320 : 320 + windows], changes[-1]
    found, _ = offsets(errors(np.abs(train), 300 / steps), errors(np.abs(held), windows / steps), LEVELS)
    assert share_inside(found, future) == pytest.approx(0.8, abs=0.04)
    plain = np.moveaxis(np.quantile(held, LEVELS, axis=0), 0, -1)
    assert share_inside(plain, future) < 0.7


def test_errors_of_a_training_learnt_by_heart_do_not_narrow_much():
    """The training errors are a fifth of what comes: 60 windows of validation outvote them."""
    rng = np.random.default_rng(1)
    draws = np.abs(rng.normal(size=(261, 1, 300)))
    found, _ = offsets(errors(draws[:200] / 5, 200), errors(draws[200:260], 60), LEVELS)
    assert 0.55 < share_inside(found, draws[260]) < 0.8
    alone = np.quantile(np.concatenate([draws[:200] / 5, draws[200:260]]), 0.8, axis=0)
    assert (draws[260] <= alone).mean() < 0.45


def test_a_line_through_few_windows_is_known_to_be_optimistic():
    """40 lags of noise and 120 windows: the ratio that left-out fifths show is that on 2,000 fresh windows."""
    rng = np.random.default_rng(3)
    draw = torch.as_tensor(rng.normal(size=(2120, 44, 1)))
    history, target = draw[:, :40], draw[:, 40:] + draw[:, 38:39]
    line = Highway(40, 4).double()
    line.fit((history[:120], target[:120]), (history[120:], target[120:]), 1e-4)
    seen, fresh = (
        (line(history[part]) - target[part]).abs().mean().item() for part in (slice(0, 120), slice(120, None))
    )
    assert fresh / seen > 1.4
    assert line.optimism((history[:120], target[:120])) == pytest.approx(fresh / seen, rel=0.15)
    line.fit((history[:5], target[:5] * 0), (history[120:], target[120:]), 1e-4)
    assert line.optimism((history[:5], target[:5] * 0)) == 1  # no error, no ratio
    assert line.optimism((history[:2], target[:2])) == 1  # nothing is left beside the gap


def test_bands_are_smooth_along_the_horizon():
    """Noise whose size grows with the root of the step, from 60 windows: no step is far off its neighbours."""
    rng = np.random.default_rng(4)
    sizes = np.abs(rng.normal(size=(60, 40))) * np.sqrt(np.arange(1, 41))
    width = offsets(errors(sizes[:40], 20), errors(sizes[40:], 20), LEVELS)[0][:, 0, 2]
    raw = np.quantile(sizes, 0.8, axis=0)
    bend = [np.abs(np.diff(np.log(values), 2))[5:-3].max() for values in (raw, width)]
    assert 2 * bend[1] < 0.3 < bend[0]


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_widths_follow_the_window_where_errors_do(power):
    rng = np.random.default_rng(2)
    movement = np.exp(rng.normal(size=400))
    sizes = np.abs(rng.normal(size=(400, 3))) * movement[:, None] ** power
    parts = [errors(sizes[half], 50, movement[half]) for half in (slice(0, 200), slice(200, 400))]
    found, local = offsets(*parts, LEVELS)
    assert local.power == (power,)
    assert local.usual == pytest.approx((np.median(movement[200:]),))
    scale = followed(movement, local.usual[0]) ** power
    for chosen in (movement < 0.5, movement > 2):  # calm and wild windows alike
        assert (sizes[chosen] <= scale[chosen, None] * found[:, 0, 2]).mean() == pytest.approx(0.8, abs=0.1)


def test_a_series_that_was_always_as_wild_is_followed_when_it_changes():
    """Errors of ten windows with movements that hardly differ are no evidence against following."""
    rng = np.random.default_rng(3)
    sizes, movement = np.abs(rng.normal(size=(10, 3))), np.exp(0.05 * rng.normal(size=10))
    parts = [errors(sizes[half], 5, movement[half]) for half in (slice(0, 5), slice(5, 10))]
    assert offsets(*parts, (0.25, 0.75))[1].power[0] > 0


def test_a_files_way_of_measuring_movement_is_kept():
    for local in (Local((1.5,), (0.5,)), Local((1.5,), (0.5,), 10.0, changes=True)):
        assert Local.from_json(json.loads(json.dumps(local.to_json()))) == local
    assert Local((1.5,), (0.5,)).to_json() == {"usual": [1.5], "power": [0.5]}  # as files of the first intervals


def test_no_movement_is_no_reason_for_certainty():
    """A window that stands still has a band; one whose steps are unknown, or of one step, has the usual one."""
    module = LocalScale((2.0, 0.5), (1.0, 0.0))
    z = torch.arange(6.0)[None, :, None].repeat(1, 1, 2) * 2
    still, gaps = torch.ones(1, 4, 2), torch.full((1, 4, 2), torch.nan)
    np.testing.assert_allclose(module(z), [[[1, 1]]])
    np.testing.assert_allclose(module(still), [[[1 / 11, 1]]], rtol=1e-6)
    np.testing.assert_allclose(module(gaps), [[[1, 1]]])
    np.testing.assert_allclose(module(z[:, :1]), [[[1, 1]]])
    z[0, 2:4] = torch.nan  # the steps 0-1 and 4-5 are known
    z[0, 5] = 11
    np.testing.assert_allclose(module(z)[0, 0, 0], (2.5 + 0.2) / 2.2, rtol=1e-6)  # (2 + 3) / 2


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


def forecaster(kind, made, local=None, network="seq2seq"):
    torch.manual_seed(0)
    config = ForecastingConfig(
        hidden=4, window=12, horizon=3, season=5, scaling=kind, network=network, quantiles=LEVELS
    )
    return Forecaster(config, scaler(kind), made, local)


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_gives_the_quantiles_of_the_network(kind):
    made = [[[-1.0, 0.1, 1.5], [None, 0.0, None]], [[-2.0, 0.1, 2.5], [-1.0, 0.0, 1.0]], [[-3.0, 0.1, 3.5]] * 2]
    if kind == "log-return":
        made = [[[None if x is None else x / 100 for x in row] for row in step] for step in made]
    network = forecaster(kind, made)
    data = graph(network, scaler(kind)).SerializeToString()
    opened = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for batch, length, steps in [(3, 12, 3), (1, 9, 5), (2, 30, 1)]:
        history = prices(batch, length)
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("half_life", [math.inf, 10.0])
def test_the_graph_lets_widths_follow_the_window_as_the_network_does(kind, half_life):
    made = [[[-0.1, 0.0, 0.1], [-0.2, 0.0, 0.2]]] * 3
    changes = kind == "log-return" and half_life == 10.0  # older files measured changes of changes
    network = forecaster(kind, made, Local((1.3, 0.2), (1.0, 0.5), half_life, changes))
    data = graph(network, scaler(kind)).SerializeToString()
    opened = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for batch, length, steps in [(3, 12, 3), (1, 9, 5), (2, 30, 1)]:
        history = prices(batch, length)
        history[:, 2, 0] = np.nan
        history[-1, length // 2 :, 1] = history[-1, -1, 1]  # stands still
        feeds = {"history": history, "horizon": np.array(steps)}
        forecast, quantiles = opened.run(["forecast", "quantiles"], feeds)
        np.testing.assert_allclose(quantiles, call(network)(feeds)["quantiles"], rtol=3e-6)
        np.testing.assert_array_equal(quantiles[:, :3, :, 1], forecast[:, :3])
        assert (quantiles[:, :3, :, 0] <= forecast[:, :3]).all()
        assert (quantiles[:, :3, :, 2] >= forecast[:, :3]).all()
        row = opened.run(["quantiles"], {"history": history[:1], "horizon": np.array(steps)})[0]
        np.testing.assert_array_equal(row[0], quantiles[0])
    if kind in ("standard", "log-return"):
        seen = np.diff(np.log(history), axis=1) if kind == "log-return" else history
        z = (seen - np.array(scaler(kind).mean)) / np.array(scaler(kind).deviation)
        sizes = np.abs(z if changes else np.diff(z, axis=1))
        known = np.isfinite(sizes) * 0.5 ** (np.arange(sizes.shape[1])[::-1, None] / half_life)
        moved = np.nansum(sizes * known, axis=1) / known.sum(axis=1)
        scale = ((moved + 0.1 * np.array([1.3, 0.2])) / (1.1 * np.array([1.3, 0.2]))) ** np.array([1.0, 0.5])
        offset = np.array([0.1, 0.2]) * scale
        last, first = quantiles[:, 0, :, 2], forecast[:, 0]
        by_hand = np.log(last / first) if kind == "log-return" else (last - first) / np.array(scaler(kind).deviation)
        np.testing.assert_allclose(by_hand, offset, rtol=1e-3)


def test_a_run_holds_the_offsets_of_its_best_weights(project):
    """Recomputed from the run: errors log(truth / forecast) of the windows of both parts, by numpy."""
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

    def measured(part):
        history, truth = part.batch(np.arange(len(part)))
        z = (np.diff(np.log(history), axis=1) - splits.encoders.scaler.mean) / splits.encoders.scaler.deviation
        weights = 0.5 ** (np.arange(z.shape[1])[::-1] / 10)
        moved = np.average(np.abs(z), axis=1, weights=weights)
        return Errors(np.abs(np.log(truth / predictor_of(network)(part).values)), moved, len(part) / 40)

    assert max(len(splits.train), len(splits.validation)) <= 1024
    by_hand, local = offsets(measured(splits.train), measured(splits.validation), LEVELS)
    encoders = json.loads((RUN / "encoders" / "encoders.json").read_text())
    stored = encoders["offsets"]
    np.testing.assert_allclose(np.array(stored), by_hand, rtol=1e-4, atol=1e-7)
    assert encoders.get("local", {"power": [0.0]})["power"] == list(local.power)
    model = open_model(RUN / "model.onnx", device="cpu")
    assert model.manifest.encoders["offsets"] == stored
    runner = runner_of(model)
    history = splits.validation.batch(np.array([0]))[0]
    prediction = runner.forecast_batch(history, 40)
    scale = followed(measured(splits.validation).movement[0], np.array(local.usual)) ** np.array(local.power)
    wanted = prediction.forecast[..., None] * np.exp(np.array(stored) * scale[:, None])
    np.testing.assert_allclose(prediction.quantiles, wanted, rtol=1e-5)
    assert runner.levels == LEVELS


def test_forecast_adds_quantiles_when_asked(cli, project):
    plain = cli("forecast", "--horizon", "2")
    assert plain.stdout.startswith("time,Close\n")
    shown = cli("forecast", "--horizon", "2", "--quantiles")
    rows = list(csv.DictReader(shown.stdout.splitlines()))
    assert list(rows[0]) == ["time", "Close", "Close q0.1", "Close q0.5", "Close q0.9"]
    assert [row["Close"] for row in rows] == [line.split(",")[1] for line in plain.stdout.splitlines()[1:]]
    for row in rows:
        assert float(row["Close q0.1"]) < float(row["Close"]) == float(row["Close q0.5"]) < float(row["Close q0.9"])
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


def test_levels_that_cannot_be_trusted_stay_empty_and_are_named(cli, project):
    small = ["--sample", "--epochs", "1", "--hidden", "4", "--max-steps", "2", "--out", "few"]
    trained = cli("train", "bitcoin", *small, "--quantiles", "0.001,0.25,0.5,0.75,0.999")
    assert trained.returncode == 0
    assert "quantiles: 0.001, 0.999 stay empty: both parts count as " in trained.stderr
    assert "windows that do not overlap, 499 are needed" in trained.stderr
    assert cli("export", "few", "--no-scores").returncode == 0
    shown = cli("forecast", "-m", "few", "--horizon", "2", "--quantiles")
    assert "quantiles 0.001, 0.999 are empty: the training had too few errors" in shown.stderr
    (row, _) = csv.DictReader(shown.stdout.splitlines())
    assert row["Close q0.001"] == row["Close q0.999"] == ""
    assert float(row["Close q0.25"]) < float(row["Close"]) < float(row["Close q0.75"])


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
