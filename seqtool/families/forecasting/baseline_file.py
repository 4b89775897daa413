"""A baseline as a model file: its graph, what the file says of itself, and the cases that it is checked by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument
from spox import build as build_model

from seqtool.errors import UsageError, did_you_mean
from seqtool.families.forecasting import baseline_graph as graphs
from seqtool.families.forecasting.autoregression import Autoregression
from seqtool.families.forecasting.baseline_intervals import Intervals, intervals
from seqtool.families.forecasting.baselines import Baseline, baselines
from seqtool.families.forecasting.data import ANY_HORIZON, Parts
from seqtool.families.forecasting.direct_ridge import DirectRidge
from seqtool.families.forecasting.pooled_scores import baselines as pooled_baselines
from seqtool.families.forecasting.statistical import NAMES
from seqtool.families.forecasting.window_ridge import WindowRidge
from seqtool.graph.basic import integers
from seqtool.graph.bounds import within
from seqtool.graph.check import Case, Probe
from seqtool.graph.model import name_axes

if TYPE_CHECKING:
    import onnx

    from seqtool.families.forecasting.config import ForecastingConfig
    from seqtool.families.forecasting.encoders import ForecastingEncoders
    from seqtool.types import Json


LOOP = 100  # steps that the check compares at most: over more of them rounding may grow


@dataclass(frozen=True)
class BaselineFile:
    """The model of a baseline, its configuration, encoders and limits in the place of the network's, and its probe."""

    model: onnx.ModelProto
    config: ForecastingConfig
    encoders: ForecastingEncoders
    limits: dict[str, int]
    probe: Probe


def baseline_file(
    name: str, stored: Json, config: ForecastingConfig, encoders: ForecastingEncoders, splits: Parts | None
) -> BaselineFile:
    """Make the file of a stored baseline: the signature of a network without calendar and state.

    splits: the parts that its quantiles are measured on; without them it has none. Raises `UsageError` where the run
    has no baseline of that name.
    """
    features = len(encoders.columns)
    pooled = config.several == "pooled"
    known = pooled_baselines(stored, config.horizon) if pooled else baselines(stored, features, config.horizon)
    if name in NAMES:
        cure = f"one of these is a graph: {', '.join(known)}"
        raise UsageError(f"the baseline {name} is of a library: no model file holds it", cure=cure)
    if name not in known:
        raise UsageError(f"the run has no baseline {name!r}", cure=did_you_mean(name, known))
    baseline, horizon = known[name], config.horizon if name == "ridge" else ANY_HORIZON
    levels, around = config.quantiles if splits else (), None
    if splits and levels:
        around = intervals(name, baseline, splits, levels, config)
    plain = replace(
        config, network="direct" if name == "ridge" else "autoregressive", stateful=False, calendar=(), highway=0,
        residual=False, quantiles=levels, own=0, known=(), past=(), static=(), holidays=(),
    )  # fmt: skip
    reading = replace(encoders.reading, known=(), past=(), static=(), kinds=())  # it sees the values alone
    return BaselineFile(
        _model(_rule(name, baseline, encoders.season), baseline, around, features),
        plain,
        replace(encoders, offsets=None, local=None, baseline=name, ids=(), spreads=(), inputs=(), reading=reading),
        {"window": max(config.window, baseline.reach), "horizon": horizon},
        _probe(baseline, around, max(config.window, baseline.reach), min(config.horizon, LOOP), features),
    )


def _rule(name: str, baseline: Baseline, season: int) -> graphs.Rule:
    if isinstance(baseline.rule, Autoregression):
        return graphs.autoregression(baseline.rule)
    if isinstance(baseline.rule, DirectRidge):
        return graphs.direct_ridge(baseline.rule)
    if isinstance(baseline.rule, WindowRidge):
        return graphs.window_ridge(baseline.rule)
    return {"last value": graphs.last_value, "seasonal": graphs.seasonal(season), "drift": graphs.drift}[name]


def _model(rule: graphs.Rule, baseline: Baseline, around: Intervals | None, features: int) -> onnx.ModelProto:
    history, horizon = argument(Tensor(np.float64, ("B", "T", features))), argument(Tensor(np.int64, ()))
    forecast = rule(history, op.reshape(horizon, integers([1])))
    forecast = within(forecast, baseline.floor, baseline.ceiling, quantiles=False)
    outputs, axes = {"forecast": forecast}, {"forecast": ("B", "N", features)}
    if around is not None:
        quantiles = around.graph(history, forecast)
        outputs["quantiles"] = within(quantiles, baseline.floor, baseline.ceiling, quantiles=True)
        axes["quantiles"] = ("B", "N", *around.offsets.shape[1:])
    return name_axes(build_model({"history": history, "horizon": horizon}, outputs), axes)


def _probe(baseline: Baseline, around: Intervals | None, window: int, horizon: int, features: int) -> Probe:
    """Return walks of four shapes, some with missing values, and the rule's own answers."""
    rng = np.random.default_rng(0)
    cases = []
    for number, (batch, length) in enumerate([(1, window), (3, window + 5), (2, max(3, window // 2)), (5, window + 1)]):
        history = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (batch, length, features)), axis=1))  # has logarithms
        if number % 2:
            history[:, :-2][rng.random((batch, length - 2, features)) < 0.2] = np.nan
        for steps in sorted({1, horizon}):
            answers = {"forecast": baseline(history, steps)}
            if around is not None:
                quantiles = np.moveaxis(around.around(history, answers["forecast"]), 3, 0)  # [Q,B,N,F], as the bounds
                answers["quantiles"] = np.moveaxis(baseline.within(quantiles), 0, 3)
            units = {name: np.maximum(np.nan_to_num(np.abs(answer)), 1.0) for name, answer in answers.items()}
            feeds = {"history": history, "horizon": np.array(steps, dtype=np.int64)}
            cases.append(Case(feeds, answers, units, unknown=("quantiles",)))
    return cases
