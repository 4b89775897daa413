"""The autoregressive network, its state and the calendar: PyTorch against the graph, chunks against the whole."""

from __future__ import annotations

import itertools

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.cells import state_names
from seqtool.data.calendar import CALENDAR
from seqtool.data.encoders.scaler import Scaler
from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.data.splits import Sampler, Streams
from seqtool.errors import DataError, SeqtoolError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import split
from seqtool.families.forecasting.export import graph, refuse_growth
from seqtool.families.forecasting.model import Objective
from seqtool.families.forecasting.network import Forecaster, call, first_state, predictor_of
from seqtool.families.forecasting.objective import StreamObjective
from seqtool.families.forecasting.windows import predictor, windows
from seqtool.nn.highway import Highway

CPU = torch.device("cpu")
NAMES = ("hour", "weekday", "month")


def forecaster(features=1, seed=0, **settings):
    torch.manual_seed(seed)
    config = ForecastingConfig(
        **{"network": "autoregressive", "hidden": 8, "window": 12, "horizon": 6, "scaling": "standard", **settings}
    )
    scaler = Scaler("standard", (5.0, -3.0)[:features], (2.0, 4.0)[:features])
    return Forecaster(config, scaler).eval(), scaler, config


def session(network, scaler):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph(network, scaler).SerializeToString(), options)


def run(opened, feeds):
    return dict(zip([output.name for output in opened.get_outputs()], opened.run(None, feeds), strict=True))


def drawn(config, batch, length, horizon, features=1, seed=0):
    """Draw what a file of `config` takes."""
    rng = np.random.default_rng(seed)
    history = rng.normal(5, 2, (batch, length, features))
    history[rng.random(history.shape) < 0.1] = np.nan
    feeds = {"history": history, "horizon": np.array(horizon)}
    if config.calendar:
        sizes = [CALENDAR[name] for name in config.calendar]
        feeds["covariates"] = rng.integers(0, sizes, (batch, length + horizon, len(sizes))).astype(np.float32)
    for name in state_names(config.cell) if config.stateful else ():
        feeds[name] = rng.uniform(-0.9, 0.9, (config.layers, batch, config.hidden)).astype(np.float32)
    return feeds


def rows(feeds, chosen):
    """Take some of the batch."""
    return {
        name: value if name == "horizon" else value[:, chosen] if name.startswith("state") else value[chosen]
        for name, value in feeds.items()
    }


FORMS = [
    *itertools.product(["autoregressive"], ["lstm", "gru", "rnn", "peephole"], [1, 2], [False, True], [(), NAMES], [0]),
    ("autoregressive", "lstm", 1, False, (), 5),
    ("autoregressive", "gru", 1, False, ("weekday",), 1),
    ("residual", "lstm", 2, True, ("hour",), 0),
    ("residual", "gru", 1, False, (), 3),
    *itertools.product(["seq2seq", "direct"], ["lstm", "gru"], [2], [False], [("hour",), NAMES], [0]),
]


@pytest.mark.parametrize(("network", "cell", "layers", "stateful", "calendar", "highway"), FORMS)
def test_the_graph_computes_what_the_network_does(network, cell, layers, stateful, calendar, highway):
    """Other batch sizes and lengths than in training, missing values, each row alone bit-equal to the batch."""
    residual = {"network": "autoregressive", "residual": True} if network == "residual" else {"network": network}
    module, scaler, config = forecaster(
        2, **residual, cell=cell, layers=layers, stateful=stateful, calendar=calendar, highway=highway
    )
    torch.nn.init.normal_(module.core.output.weight, std=0.2)
    if highway:
        torch.nn.init.normal_(module.core.highway.linear.weight, std=0.2)
    opened = session(module, scaler)
    for batch, length, horizon in ((3, 12, 6), (1, 25, 1), (5, 7, 4)):
        feeds = drawn(config, batch, length, horizon, features=2)
        answer, expected = run(opened, feeds), call(module)(feeds)
        assert answer.keys() == expected.keys()
        for name, value in expected.items():
            assert answer[name].shape == value.shape
            np.testing.assert_allclose(answer[name], value, rtol=2e-5, atol=2e-5)
        for row in range(batch):
            alone = run(opened, rows(feeds, slice(row, row + 1)))
            for name, value in alone.items():
                axis = 1 if name.startswith("state") else 0
                np.testing.assert_array_equal(value, np.take(answer[name], [row], axis=axis))


def test_the_first_state_has_the_widths_of_the_cell():
    module, _, _ = forecaster(layers=2, stateful=True)
    module.core.decoder.widths = (5, 3)
    assert [zeros.shape for zeros in first_state(module).values()] == [(2, 1, 5), (2, 1, 3)]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("calendar", [(), NAMES])
@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 39), unique=True, max_size=6), batch=st.integers(1, 3))
def test_a_series_in_chunks_gives_what_the_whole_gives_bit_for_bit(cell, calendar, cuts, batch):
    module, scaler, config = forecaster(cell=cell, layers=2, stateful=True, calendar=calendar)
    opened, horizon = session(module, scaler), 5
    feeds = drawn(config, batch, 40, horizon)
    whole = run(opened, feeds)
    state = {name: feeds[name] for name in first_state(module)}
    for begin, stop in itertools.pairwise([0, *sorted(cuts), 40]):
        part = {"history": feeds["history"][:, begin:stop], "horizon": feeds["horizon"], **state}
        if calendar:
            part["covariates"] = feeds["covariates"][:, begin : stop + horizon]
        answer = run(opened, part)
        state = {name: answer[f"{name}_out"] for name in state}
    for name, value in whole.items():
        np.testing.assert_array_equal(answer[name], value)


def test_free_running_feeds_each_forecast_back():
    """By hand: one step at a time, the forecast appended to the history and everything read again."""
    module, _, _ = forecaster(cell="gru", calendar=("hour",))
    history = torch.randn(2, 9, 1) + 5
    codes = torch.randint(0, 24, (2, 9 + 4, 1)).float()
    grown = history
    for step in range(4):
        following, _ = module(grown, 1, codes[:, : 9 + step + 1])
        grown = torch.cat([grown, following], dim=1)
    torch.testing.assert_close(module(history, 4, codes)[0], grown[:, 9:], rtol=1e-5, atol=1e-5)


def test_with_teacher_forcing_each_step_follows_from_the_truth():
    module, _, _ = forecaster(cell="lstm", highway=3)
    torch.nn.init.normal_(module.core.highway.linear.weight, std=0.3)
    z, target = torch.randn(2, 8, 1), torch.randn(2, 5, 1)
    forced = module.core(z, 5, None, target)
    for step in range(5):
        known = torch.cat([z, target[:, :step]], dim=1)
        torch.testing.assert_close(forced[:, step : step + 1], module.core(known, 1), rtol=1e-5, atol=1e-5)


def test_a_highway_is_fitted_to_the_next_step_and_the_network_begins_silent():
    module, _, _ = forecaster(highway=2, teacher_forcing=0.0)
    t = np.arange(200)
    values = 5 + np.sin(0.3 * t)[:, None]  # x_t = 2 cos(0.3) x_(t-1) - x_(t-2)
    parts = [windows(Series(("a",), values, None, None, ()), p, 12, 6, "x") for p in (slice(0, 150), slice(150, 200))]
    Objective(module, *parts, CPU, seed=0).prepare(None)
    np.testing.assert_allclose(module.core.highway.linear.weight[0], [-1, 2 * np.cos(0.3)], atol=0.01)
    forecast = predictor_of(module)(parts[1]).values
    np.testing.assert_allclose(forecast, parts[1].batch(np.arange(len(parts[1])))[1], atol=0.02)


def test_a_highway_without_a_whole_future_is_refused_with_the_way_out():
    history, target = torch.randn(50, 6, 1), torch.randn(50, 3, 1)
    target[:, 1] = torch.nan
    with pytest.raises(DataError, match="no window of the training part has a future without missing values") as caught:
        Highway(2, 3).fit((history, target), (history, target))
    assert "--highway 0" in caught.value.cure


def test_a_highway_is_fitted_where_every_window_has_a_holiday():
    history = torch.randn(400, 6, 1)
    target = 0.5 * history[:, -1:] + 0.25 * history[:, -2:-1]
    history[:, -3] = torch.nan
    highway = Highway(4, 1)
    highway.fit((history, target), (history, target))
    torch.testing.assert_close(highway.linear.weight[0, [2, 3]], torch.tensor([0.25, 0.5]), atol=0.01, rtol=0)


@pytest.mark.parametrize("growth", [0.8, 1.0, 1.02, 1.3])
def test_a_highway_of_one_step_never_runs_away(growth):
    """Its roots are those of the ridge, divided by the largest where that lies outside of the unit circle."""
    rng = np.random.default_rng(0)
    z = torch.as_tensor(rng.normal(size=(500, 5, 1)))
    law = np.poly([growth, -0.5, 0.3])[1:]  # x_t + law_1 x_(t-1) + ... = 0
    target = -sum(weight * z[:, -lag] for lag, weight in enumerate(law, start=1))[:, None]
    highway = Highway(3, 1)
    highway.fit((z, target), (z, target), 1e-9)
    found = np.sort(np.roots([1, *-highway.linear.weight[0].double().numpy()[::-1]]))
    np.testing.assert_allclose(found, np.sort(np.array([growth, -0.5, 0.3]) / max(1, growth)), atol=1e-5)
    direct = Highway(3, 2)
    direct.fit((z, target.repeat(1, 2, 1)), (z, target.repeat(1, 2, 1)), 1e-9)
    np.testing.assert_allclose(direct.linear.weight[0].numpy()[::-1], -law, atol=1e-5)  # it is fed no forecast


def test_what_goes_on_along_a_line_is_no_run_away():
    module, _, _ = forecaster(highway=2)
    torch.nn.init.zeros_(module.core.output.weight)
    torch.nn.init.zeros_(module.core.output.bias)
    module.core.highway.linear.weight.copy_(torch.tensor([[-1.0, 2.0]]))
    refuse_growth(module)


@pytest.mark.parametrize(("root", "stable"), [(0.9, True), (1.0, True), (1.05, False)])
def test_a_highway_that_runs_away_is_refused(root, stable):
    module, _, _ = forecaster(highway=1)
    torch.nn.init.zeros_(module.core.output.weight)
    torch.nn.init.zeros_(module.core.output.bias)
    module.core.highway.linear.weight.fill_(root)
    if stable:
        return refuse_growth(module)
    with pytest.raises(SeqtoolError, match="not stable: run 10 windows ahead") as caught:
        refuse_growth(module)
    assert "--highway" in caught.value.cure


def test_streams_are_contiguous_and_each_chunk_continues_the_last():
    cut = Streams.of(length=103, rows=3, chunk=10)
    assert (cut.chunks, cut.starts.tolist()) == (3, [12, 42, 72])  # 90 steps and the last one's target
    read = [start + k * 10 + t for start in cut.starts for k in range(cut.chunks) for t in range(10)]
    assert read == list(range(12, 102))
    with pytest.raises(UsageError, match="20 steps are too few for 4 streams in chunks of 5") as caught:
        Streams.of(20, 4, 5)
    assert "--batch 3 or less" in caught.value.cure
    assert Streams.of(20, 3, 5).chunks == 1


def test_a_sampler_in_order_reads_every_chunk_once_an_epoch():
    sampler = Sampler(4, 1, seed=3, shuffled=False)
    assert [sampler.order()[sampler.next()].tolist() for _ in range(9)] == [[0], [1], [2], [3]] * 2 + [[0]]


def stream_objective(values, horizon=1, **settings):
    module, _, config = forecaster(stateful=True, window=10, horizon=horizon, batch=3, **settings)
    series = Series(("a",), values, None, None, ())
    train, validation = (windows(series, p, 10, horizon, "x") for p in (slice(0, 103), slice(103, 140)))
    cut = Streams.of(len(train.values), config.batch, config.window)
    return module, StreamObjective(module, train, validation, cut, CPU), cut


def test_carried_state_makes_the_chunks_of_an_epoch_one_pass_over_each_stream():
    """The losses of an epoch's chunks against one long pass; the next epoch begins from zero again."""
    values = np.random.default_rng(0).normal(5, 2, (140, 1))
    module, objective, cut = stream_objective(values)
    z = torch.as_tensor((values - 5) / 2, dtype=torch.float32)
    index = torch.as_tensor(cut.starts)[:, None] + torch.arange(cut.chunk * cut.chunks)
    made, _ = module.core.each_step(z[index], None, None)
    whole = ((made - z[index + 1]) ** 2).mean(dim=(0, 2)).view(cut.chunks, cut.chunk).mean(dim=1).tolist()
    for _ in range(2):
        found = [objective.loss(torch.tensor([k])).item() for k in range(cut.chunks)]
        assert found == pytest.approx(whole, rel=1e-5)


def test_validation_has_a_state_of_its_own():
    values = np.random.default_rng(1).normal(5, 2, (140, 1))
    module, objective, _ = stream_objective(values)
    first = objective.evaluate()["loss"]
    objective.loss(torch.tensor([0]))
    carried = [tensor.clone() for tensor in objective.state]
    assert objective.evaluate()["loss"] == first
    assert all(torch.equal(one, other) for one, other in zip(carried, objective.state, strict=True))
    z = torch.as_tensor((values[103:] - 5) / 2, dtype=torch.float32)[None]
    made, _ = module.core.each_step(z[:, :-1], None, None)
    assert first == pytest.approx(((made - z[:, 1:])[:, 9:] ** 2).mean().item(), rel=1e-5)


def test_validation_runs_free_for_the_horizon_from_each_of_its_origins():
    values = np.random.default_rng(6).normal(5, 2, (140, 1))
    module, objective, _ = stream_objective(values, horizon=6, residual=True)
    torch.nn.init.normal_(module.core.output.weight, std=0.3)
    z = torch.as_tensor((values[103:] - 5) / 2, dtype=torch.float32)[None]
    assert objective.origins[0] == 10
    assert objective.origins[-1] == 37 - 6
    errors = [
        (module.core.continued(z[:, :origin], 6, None, None)[0] - z[:, origin : origin + 6]) ** 2
        for origin in objective.origins
    ]
    assert objective.evaluate()["loss"] == pytest.approx(torch.cat(errors).mean().item(), rel=1e-4)


def test_the_gradient_stops_at_the_chunk():
    _, objective, _ = stream_objective(np.random.default_rng(2).normal(5, 2, (140, 1)))
    objective.loss(torch.tensor([0])).backward()
    objective.loss(torch.tensor([1])).backward()  # through the first chunk again it would raise
    assert not any(tensor.requires_grad for tensor in objective.state)


def test_a_stream_goes_on_from_its_saved_state():
    values = np.random.default_rng(3).normal(5, 2, (140, 1))
    _, one, _ = stream_objective(values)
    _, other, _ = stream_objective(values)
    one.loss(torch.tensor([0]))
    other.load_state_dict(one.state_dict())
    assert one.loss(torch.tensor([1])).item() == other.loss(torch.tensor([1])).item()


def test_a_stateful_model_walks_along_the_series_from_its_first_row():
    """Each origin's forecast is that of the whole series up to it, whatever part it lies in."""
    module, scaler, config = forecaster(stateful=True, calendar=("weekday",))
    values = np.random.default_rng(4).normal(5, 2, (60, 1))
    values[50] = np.nan
    times = np.datetime64("2024-01-01", "s") + np.arange(60) * np.timedelta64(1, "D")
    config = ForecastingConfig(**{**vars(config), "validation": 0.2, "test": 20, "gap": 0, "horizon": 3})
    parts = split(Series(("a",), values, times, Grid(seconds=86400), ()), config)
    forecast = predictor_of(module)(parts.test).values
    assert len(forecast) == 18
    opened = session(module, scaler)
    again = predictor(lambda feeds: run(opened, feeds), first_state(module))(parts.test).values
    np.testing.assert_allclose(again, forecast, rtol=1e-4)
    codes = parts.test.calendar
    for number in (0, 7, 17):
        origin = 40 + number
        feeds = {"history": values[None, :origin], "horizon": np.array(3), "covariates": codes[None, : origin + 3]}
        state = first_state(module)
        np.testing.assert_allclose(call(module)({**feeds, **state})["forecast"][0], forecast[number], rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "said", "cure"),
    [
        ({"bidirectional": True}, "cannot read backwards", "--network seq2seq"),
        ({"stateful": True, "network": "seq2seq"}, "network seq2seq needs more", "--network autoregressive"),
        ({"stateful": True, "scaling": "log-return"}, "scaling log-return needs more", "--scaling standard"),
        ({"stateful": True, "highway": 3}, "highway 3 needs more", "--highway 0"),
        ({"residual": True, "network": "direct"}, "only an autoregressive network", "--residual"),
        ({"highway": 3, "network": "seq2seq"}, "has no highway beside", "--highway 0"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, said, cure):
    config = ForecastingConfig(**{"network": "autoregressive", "scaling": "standard", "window": 12, **settings})
    values = np.random.default_rng(0).uniform(1, 2, (200, 1))
    with pytest.raises(UsageError, match=said) as caught:
        split(Series(("a",), values, None, None, ()), config)
    assert cure in caught.value.cure


def test_calendar_inputs_without_time_stamps_are_refused():
    config = ForecastingConfig(network="autoregressive", scaling="standard", window=12, calendar=("hour",))
    values = np.random.default_rng(0).uniform(1, 2, (200, 1))
    with pytest.raises(DataError, match="calendar inputs need time stamps"):
        split(Series(("a",), values, None, None, ()), config)
