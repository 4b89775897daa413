"""The forecaster in PyTorch against its ONNX twin, and against numpy by hand."""

import itertools

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.scaler import Scaler
from seqtool.data.series import Series
from seqtool.families.forecasting import objective
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.network import Forecaster, call
from seqtool.families.forecasting.windows import windows

NETWORKS = list(
    itertools.product(
        ["seq2seq", "direct"],
        ["lstm", "gru", "rnn", "peephole"],
        [1, 2],
        [False, True],
        ["log-return", "standard", "window"],
    )
)


def prices(count, features=1, seed=0):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.03, (count, features)), axis=0))


def forecaster(features=1, seed=0, **settings):
    torch.manual_seed(seed)
    config = ForecastingConfig(**{"hidden": 8, "window": 12, "horizon": 6, "scaling": "log-return", **settings})
    factor = 2.5 if config.scaling == "window" else 1.0
    scaler = Scaler.fit(config.scaling, prices(300, features), tuple("abc"[:features]), factor)
    return Forecaster(config, scaler), scaler


def session(network, scaler):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    data = graph(network, scaler).SerializeToString()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run(opened, history, steps):
    feeds = {"history": history, "horizon": np.array(steps)}
    return opened.run(None, feeds)[0]


def answer_of(module, history, steps):
    return call(module)({"history": history, "horizon": np.array(steps)})["forecast"]


@pytest.mark.parametrize(("network", "cell", "layers", "bidirectional", "scaling"), NETWORKS)
def test_the_graph_computes_what_the_network_does(network, cell, layers, bidirectional, scaling):
    """Other batch sizes and lengths than in training, two series, missing values, one call and row by row."""
    module, scaler = forecaster(
        2, network=network, cell=cell, layers=layers, bidirectional=bidirectional, scaling=scaling,
        output_gain=bidirectional,
    )  # fmt: skip
    opened = session(module, scaler)
    rng = np.random.default_rng(1)
    for batch, length, steps in [(1, 12, 6), (3, 12, 4), (5, 7, 6), (2, 30, 1)]:
        history = np.stack([prices(length, 2, seed) for seed in range(batch)])
        history[:, 2:][rng.random(history[:, 2:].shape) < 0.1] = np.nan
        answer = run(opened, history, steps)
        assert answer.shape == (batch, steps, 2)
        np.testing.assert_allclose(answer, answer_of(module, history, steps), rtol=3e-6)
        alone = np.concatenate([run(opened, history[row : row + 1], steps) for row in range(batch)])
        np.testing.assert_array_equal(alone, answer)


def test_the_decoder_goes_on_beyond_the_horizon_it_was_trained_for():
    module, scaler = forecaster()
    history = prices(12)[None]
    long = run(session(module, scaler), history, 50)
    np.testing.assert_allclose(long, answer_of(module, history, 50), rtol=1e-5)
    np.testing.assert_array_equal(long[:, :6], run(session(module, scaler), history, 6))


@pytest.mark.parametrize("scaling", ["log-return", "standard", "window"])
@given(seed=st.integers(0, 1000), missing=st.booleans())
@settings(max_examples=15, deadline=None)
def test_scaling_in_the_network_is_the_scaler_of_numpy(scaling, seed, missing):
    module, scaler = forecaster(scaling=scaling)
    series = prices(20, seed=seed)
    if missing:
        series[5] = np.nan
    history, future = series[:14], series[14:]
    x, y = (torch.as_tensor(part[None], dtype=torch.float32) for part in (history, future))
    np.testing.assert_allclose(module.scaling.encode(x)[0].numpy(), scaler.encode(history), rtol=2e-3, atol=2e-4)
    z = module.scaling.encode_future(x, y)
    np.testing.assert_allclose(module.scaling.decode(x, z)[0].numpy(), future, rtol=1e-5)
    # a window's deviation has a floor of a millionth of its mean in the network, none in numpy
    tolerance = 1e-4 if scaling == "window" else 1e-5
    np.testing.assert_allclose(scaler.decode(history, z[0].double().numpy()), future, rtol=tolerance)


def test_a_missing_value_counts_neither_in_the_loss_nor_in_the_answer():
    module, _ = forecaster(scaling="standard")
    series = prices(18)
    history, future = (torch.as_tensor(part[None], dtype=torch.float32) for part in (series[:12], series[12:]))
    whole = module.loss(*module.scale(history, future), forced=False)
    one_unknown = future.clone()
    one_unknown[0, 3] = torch.nan
    z = (module(history, 6)[0] - module.scaling.mean) / module.scaling.deviation
    squared = ((z - module.scaling.encode(future)) ** 2).flatten().tolist()
    assert module.loss(*module.scale(history, one_unknown), forced=False).item() == pytest.approx(
        (sum(squared) - squared[3]) / 5, rel=1e-5
    )
    assert whole.item() == pytest.approx(sum(squared) / 6, rel=1e-5)


def test_teacher_forcing_feeds_the_true_values():
    """Step by step by hand: the decoder sees GO, then the truth one step late."""
    module, _ = forecaster(scaling="standard", cell="gru")
    series = prices(18)
    history, future = (torch.as_tensor(part[None], dtype=torch.float32) for part in (series[:12], series[12:]))
    core, target = module.core, module.scaling.encode(future)
    _, state = core.encoder(module.scaling.encode(history))
    fed, outputs = core.go.view(1, 1, 1), []
    for step in range(6):
        hidden, state = core.decoder(fed, state)
        outputs.append(core.output(hidden))
        fed = target[:, step : step + 1]
    by_hand = ((torch.cat(outputs, dim=1) - target) ** 2).mean()
    assert module.loss(*module.scale(history, future), forced=True).item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_first_weights_of_a_truncated_normal_stay_within_two_deviations():
    module, _ = forecaster(initial_deviation=0.05, hidden=64)
    weights = module.core.encoder.rnn.weight_hh_l0
    assert weights.abs().max() <= 0.1
    assert weights.std().item() == pytest.approx(0.05 * 0.88, rel=0.05)  # the deviation of a normal cut at two
    assert not module.core.encoder.rnn.bias_hh_l0.any()


def test_windows_scaled_once_or_batch_by_batch_are_the_same(monkeypatch):
    module, scaler = forecaster(scaling="window")
    part = windows(Series(("a",), prices(60), None, None, ()), slice(0, None), 12, 6, "whole")
    indices = torch.tensor([3, 0, 17])
    kept = objective.Scaled(module, part, torch.device("cpu"))
    monkeypatch.setattr(objective, "KEPT", 0)
    made = objective.Scaled(module, part, torch.device("cpu"))
    assert kept.kept is not None
    assert made.kept is None
    for one, other in zip(kept(indices)[:2], made(indices)[:2], strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    history, _ = part.batch(indices.numpy())
    np.testing.assert_allclose(kept(indices)[0][1].numpy(), scaler.encode(history[1]), rtol=1e-3, atol=1e-4)


def test_of_a_part_too_large_to_be_kept_the_highway_sees_windows_that_are_spread_evenly(monkeypatch):
    module, _ = forecaster(scaling="standard")
    part = windows(Series(("a",), prices(200), None, None, ()), slice(0, None), 12, 6, "whole")
    monkeypatch.setattr(objective, "KEPT", 18 * 50)
    few, all_of_them = objective.Scaled(module, part, torch.device("cpu")).whole()[0], len(part)
    assert len(few) == 50
    torch.testing.assert_close(few[0], module.scaling.encode(torch.as_tensor(part.values[None, :12]))[0])
    last = torch.as_tensor(part.values[None, all_of_them - 1 : all_of_them + 11])
    torch.testing.assert_close(few[-1], module.scaling.encode(last)[0])


def test_masks_saved_change_nothing():
    module, _ = forecaster(scaling="standard")
    series = torch.as_tensor(prices(18)[None], dtype=torch.float32)
    scaled = module.scale(series[:, :12], series[:, 12:])
    both = [module.loss(*scaled, forced=True, complete=complete).item() for complete in (False, True)]
    assert both[0] == pytest.approx(both[1], rel=1e-6)
