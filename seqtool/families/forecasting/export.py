"""The forecaster as a graph, the ONNX twin of `network.py`, and the inputs that the two are compared on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
import torch
from spox import Tensor, argument
from spox import build as build_model

from seqtool.data.calendar import CALENDAR
from seqtool.data.encoders.inputs import Input
from seqtool.data.encoders.scaler import POSITIVE, Scaler
from seqtool.errors import SeqtoolError
from seqtool.families.family import ExportOptions
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.fitting import lost_steps
from seqtool.families.forecasting.graph_parts import Scaled, State, by_row, core_graph, first_steps
from seqtool.families.forecasting.network import call, first_state
from seqtool.families.forecasting.network_parts import Autoregressive
from seqtool.graph.basic import (
    Var,
    doubles,
    first_rows,
    integers,
    nan_to_zero,
    own_maps,
    pad_single_row,
    size,
)
from seqtool.graph.bounds import within
from seqtool.graph.check import Case, Probe
from seqtool.graph.covariates import Effect, indicators_of
from seqtool.graph.local_scale import local_scale
from seqtool.graph.model import name_axes
from seqtool.graph.scaling import scaling
from seqtool.modelfile.manifest import after_of
from seqtool.types import Array, Floats

if TYPE_CHECKING:
    import onnx

    from seqtool.families.forecasting.network import Forecaster

WINDOWS = 10
GROWTH = 2.0  # after ten windows a forecast may be this many times as large as before, in network units
FASTER = 1.25  # or more along a line, whose end is no faster than this
MISSING = 0.1  # of the numbers beside the values that are drawn for the check
LOOP = 100  # steps that the check compares at most: all are alike, and over a thousand the rounding runs away


def build(network: Forecaster, encoders: ForecastingEncoders, options: ExportOptions) -> onnx.ModelProto:
    """Build the model of a trained network; raises `SeqtoolError` where its forecasts run away."""
    refuse_growth(network)
    return graph(network, encoders.scaler)


def graph(network: Forecaster, scaler: Scaler) -> onnx.ModelProto:
    """Build the graph of a network: history [B,T,F], horizon [] -> forecast [B,N,F], raw units in float64.

    With calendar inputs, or columns beside the values, it also takes `covariates` [B,T+N,C]; a stateful one takes and
    gives `state_*` [L,B,H]; a calibrated one also gives `quantiles` [B,N,F,Q]. One with a distribution takes `noise`
    [B,N,F]: how many deviations from its mean each step lies; zeros give the mean path, standard normal numbers a
    sample path.
    """
    features = len(scaler.mean)
    inputs = {"history": argument(Tensor(np.float64, ("B", "T", features))), "horizon": argument(Tensor(np.int64, ()))}
    if network.covariates is not None:
        # a column may hold small changes of large numbers
        kind = np.float64 if network.covariates.inputs else np.float32
        inputs["covariates"] = argument(Tensor(kind, ("B", "T+N", network.covariates.columns)))
    if network.own is not None:
        inputs["ids"] = argument(Tensor(np.int64, ("B",)))
    if network.config.distribution != "none":
        inputs["noise"] = argument(Tensor(np.float32, ("B", "N", features)))
    shapes = {name: (zeros.shape[0], "B", zeros.shape[2]) for name, zeros in first_state(network).items()}
    inputs |= {name: argument(Tensor(np.float32, shape)) for name, shape in shapes.items()}
    outputs, state = _whole(network, scaler, inputs, tuple(inputs[name] for name in shapes))
    axes: dict[str, tuple[int | str, ...]] = {"forecast": ("B", "N", features)}
    for name, tensor in zip(shapes, state, strict=False):  # the file of a stateless network has no state to give
        # ONNX knows no two values of one name, so a state comes out under another.
        outputs[after_of(name)], axes[after_of(name)] = tensor, shapes[name]
    if network.offsets is not None:
        axes["quantiles"] = ("B", "N", *network.offsets.shape[1:])
    return name_axes(build_model(inputs, outputs), axes)


def _whole(
    network: Forecaster, scaler: Scaler, inputs: Mapping[str, Var], state: State
) -> tuple[dict[str, Var], State]:
    """Return forecast and quantiles of the steps to come, in raw units, and the state after the history."""
    history = inputs["history"]
    seen = pad_single_row(history)  # a row alone would be multiplied with other last bits
    covariates = pad_single_row(inputs["covariates"]) if network.covariates else None
    effect = None
    if network.covariates is not None and network.covariates.has_effect:
        by_window = network.config.several == "pooled" and not network.logarithm
        unit = scaling(scaler, seen).unit if by_window else None
        effect = Effect.of(network.covariates, covariates, unit, logarithm=network.logarithm)
    scale = scaling(scaler, effect.without(seen) if effect else seen)
    z = scale.encode()
    indicators = None
    if network.covariates is not None:
        lost = op.sub(size(history, 1), size(z, 1))
        lagged = network.config.network == "autoregressive"
        indicators = by_row(indicators_of(network.covariates, covariates, lost, lagged=lagged))
    # Missing values come in as NaN and are found here: after scaling a missing value is 0, the mean.
    count = op.reshape(inputs["horizon"], integers([1]))
    scaled = Scaled(by_row(nan_to_zero(z)), count, indicators, inputs.get("noise"))
    padded = tuple(pad_single_row(tensor, axis=1) for tensor in state)
    forecast, after = core_graph(network.core, scaled, padded)
    ids = None if network.own is None else _ids(inputs["ids"], z)
    if network.own is not None:
        own = own_maps(by_row(scaled.z), ids, network.own)
        forecast = op.add(forecast, op.slice(own, integers([0]), scaled.count, integers([1])))
    bounds = network.config.floor, network.config.ceiling
    decoded = scale.decode(forecast)
    decoded = effect.added(decoded, size(history, 1)) if effect else decoded
    outputs = {"forecast": within(decoded, *bounds, quantiles=False)}
    if network.offsets is not None:
        around = first_steps(network.offsets.cpu().numpy(), size(outputs["forecast"], 1))
        if network.local is not None:
            local = op.cast(local_scale(network.local, z), to=np.float64)
            around = op.mul(around, op.unsqueeze(local, integers([3])))
        if network.spread is not None:
            spread = op.gather(doubles(network.spread.cpu().numpy()), ids)
            around = op.mul(around, op.reshape(spread, integers([-1, 1, 1, 1])))
        outputs["quantiles"] = within(scale.spread(outputs["forecast"], around), *bounds, quantiles=True)
    outputs = {name: first_rows(value, like=history) for name, value in outputs.items()}  # without the added row
    return outputs, tuple(first_rows(tensor, like=history, axis=1) for tensor in after)


def _ids(ids: Var, z: Var) -> Var:
    """Return the places of the series [B], one more where a row was added to those of z [B,T,F]."""
    twice = op.concat([ids, op.slice(ids, integers([0]), integers([1]))], axis=0)
    return op.slice(twice, integers([0]), size(z, 0))


def refuse_growth(network: Forecaster) -> None:
    """Roll an autoregressive network with a highway ten windows ahead; raise `SeqtoolError` where it grows.

    The highway is fed its own forecasts, so an error may grow without end. The roll starts from noise of the usual
    size: every root of the recursion takes part.
    """
    config, core = network.config, network.core
    if not isinstance(core, Autoregressive) or core.highway is None:
        return
    noise = torch.Generator().manual_seed(0)
    z = torch.randn((8, config.window, core.output.out_features), generator=noise)
    steps = WINDOWS * config.window
    calendar = None if network.covariates is None else torch.zeros(8, config.window + steps, network.covariates.size)
    with torch.no_grad():
        rolled, _ = core.continued(z, steps, calendar, None)
    sizes = torch.cat([z, rolled], dim=1).abs().amax(dim=(0, 2)).view(WINDOWS + 1, config.window).amax(dim=1)
    before, last = sizes[:2].max().item(), sizes[-1].item()
    # What goes on along a line, as a walk with a drift does, grows no faster in the last windows than before them.
    speeds_up = not (sizes[-1] - sizes[-3]).item() <= FASTER * (sizes[-3] - sizes[-5]).item()
    if not last <= GROWTH * before and speeds_up:  # NaN has run away too
        raise SeqtoolError(
            f"the model is not stable: run {WINDOWS} windows ahead, its forecast grows from {before:.3g} to {last:.3g}",
            where="network units; the highway is fed its own forecasts",
            cure="train with fewer --highway lags, with --network direct, or with another --scaling",
        )


def probe(network: Forecaster, encoders: ForecastingEncoders, options: ExportOptions) -> Probe:
    """Return cases of four batch sizes, four lengths and two horizons, some with missing values.

    The longer horizon goes beyond the trained one, and the calibrated steps, where the network can. Codes of a
    calendar and first states are drawn.
    """
    rng, config, scaler = np.random.default_rng(0), network.config, encoders.scaler
    window, horizon = config.window, config.horizon
    least = max(2, lost_steps(scaler.kind, scaler.season) + max(1, config.highway))
    longest = horizon if config.network == "direct" else min(horizon + 1, LOOP)
    shapes = [(1, window), (3, window + 5), (2, max(least, window // 2)), (5, window + 1)]
    cases = []
    for number, (batch, length) in enumerate(shapes):
        history = _walk(rng, batch, length, scaler, missing=number % 2 == 1)  # every second shape is ragged
        for steps in sorted({1, longest}):
            extra = _extra(rng, network, batch, length + steps)
            if config.distribution != "none":
                extra["noise"] = rng.normal(size=(batch, steps, len(scaler.mean))).astype(np.float32)
            cases.append(_case(network, scaler, history, steps, extra))
    return cases


def _extra(rng: np.random.Generator, network: Forecaster, batch: int, length: int) -> dict[str, Array]:
    """Draw codes of the calendar [B,T+N,C] and a first state, each tensor [L,B,H]."""
    drawn: dict[str, Array] = {
        name: rng.uniform(-0.9, 0.9, (len(zeros), batch, zeros.shape[2]))
        for name, zeros in first_state(network).items()
    }
    drawn = {name: value.astype(np.float32) for name, value in drawn.items()}
    if network.own is not None:
        drawn["ids"] = rng.integers(0, len(network.ids) + 1, batch)
    if network.covariates is not None:
        sizes = [CALENDAR[name] for name in network.config.calendar]
        codes = rng.integers(0, sizes, (batch, length, len(sizes)))
        columns = [_column(rng, one, (batch, length, 1)) for one in network.covariates.inputs]
        both = np.concatenate([codes, *columns], axis=2)
        drawn["covariates"] = both if columns else both.astype(np.float32)
    return drawn


def _column(rng: np.random.Generator, one: Input, shape: tuple[int, ...]) -> Floats:
    """Draw a column beside the values: a level, an unseen one too, or a number, some of them missing."""
    if one.levels:
        return rng.integers(-1, len(one.levels), shape).astype(np.float64)
    numbers = one.mean + one.deviation * rng.standard_normal(shape)
    return np.where(rng.random(shape) < MISSING, np.nan, numbers)


def _walk(rng: np.random.Generator, batch: int, length: int, scaler: Scaler, *, missing: bool) -> Floats:
    mean, deviation = np.array(scaler.mean), np.array(scaler.deviation)
    # Three times the usual step: gates are driven well beyond what a quiet series would show.
    noise = 3 * rng.standard_normal((batch, length, len(mean)))
    if scaler.kind == "log-return":
        history = 100 * np.exp(np.cumsum(noise * deviation, axis=1) / 3 + 0.01)
    elif scaler.kind == "log-window":  # whatever the unit
        history = 100 * np.exp(0.1 * noise)
    else:
        history = mean + deviation * noise
    if missing and length > 4:
        history[rng.random(history.shape) < 0.2] = np.nan
        # Two values are known in each series, as in every window that is forecast.
        usual = 100.0 if scaler.kind in POSITIVE else mean
        history[:, :2] = np.where(np.isnan(history[:, :2]), usual, history[:, :2])
    return history


def _case(network: Forecaster, scaler: Scaler, history: Floats, steps: int, extra: dict[str, Array]) -> Case:
    horizon = np.array(steps, dtype=np.int64)
    feeds: dict[str, Array] = {"history": history, "horizon": horizon, **extra}
    answers = call(network)(feeds)
    unit = _unit(scaler, history, answers["forecast"])
    units = {name: np.ones(1) for name in answers} | {"forecast": unit, "quantiles": unit[..., None]}
    return Case(feeds, answers, units, unknown=("quantiles",))  # NaN beyond the calibrated steps, in network and graph


def _unit(scaler: Scaler, history: Floats, answer: Floats) -> Floats:
    """Return how much one network unit is in raw units, for each answer."""
    if scaler.kind == "log-return":
        return np.asarray(np.array(scaler.deviation) * np.abs(answer))
    if scaler.kind == "mean":
        return np.asarray(scaler.factor * np.nanmean(np.abs(history), axis=1, keepdims=True))
    if scaler.kind == "window":
        return np.asarray(scaler.factor * np.nanstd(history, axis=1, keepdims=True))
    if scaler.kind == "log-window":
        return np.asarray(scaler.factor * np.nanstd(np.log(history), axis=1, keepdims=True) * np.abs(answer))
    return np.array(scaler.deviation)
