"""Inputs for the check of an export: several shapes, ragged by missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.calendar import CALENDAR
from seqtool.data.encoders.scaler import Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import lost_steps
from seqtool.families.forecasting.forecasts import first_state
from seqtool.families.forecasting.network import call
from seqtool.graph.check import Case

LOOP = 100
"""Steps of a loop that are compared at most: it is the same at each, and over a thousand the rounding of one runs away.
"""


def probe(network: Any, config: ForecastingConfig, scaler: Scaler) -> list[Case]:
    """Return cases of four batch sizes, four lengths and two horizons, some with missing values.

    The longer horizon goes beyond the trained one, and the calibrated steps, where the network can.

    The histories are walks of three times the usual step, so that gates are driven well beyond what a
    quiet series would show; codes of a calendar and first states are drawn.
    """
    rng = np.random.default_rng(0)
    window, horizon = config.window, config.horizon
    least = max(2, lost_steps(config, scaler.season) + max(1, config.highway))
    longest = horizon if config.network == "direct" else min(horizon + 1, LOOP)
    shapes = [(1, window), (3, window + 5), (2, max(least, window // 2)), (5, window + 1)]
    cases = []
    for number, (batch, length) in enumerate(shapes):
        history = _walk(rng, batch, length, scaler, missing=number % 2 == 1)
        for steps in sorted({1, longest}):
            cases.append(_case(network, scaler, history, steps, _extra(rng, config, batch, length + steps)))
    return cases


def _extra(rng: np.random.Generator, config: ForecastingConfig, batch: int, length: int) -> dict[str, NDArray[Any]]:
    """Draw codes of the calendar [B,T+N,C] and a first state, each tensor [L,B,H]."""
    drawn: dict[str, NDArray[Any]] = {
        name: rng.uniform(-0.9, 0.9, (config.layers, batch, config.hidden)) for name in first_state(config) or ()
    }
    if config.calendar:
        drawn["covariates"] = rng.integers(
            0, [CALENDAR[name] for name in config.calendar], (batch, length, len(config.calendar))
        )
    return {name: value.astype(np.float32) for name, value in drawn.items()}


def _walk(rng: np.random.Generator, batch: int, length: int, scaler: Scaler, *, missing: bool) -> NDArray[np.float64]:
    mean, deviation = np.array(scaler.mean), np.array(scaler.deviation)
    noise = 3 * rng.standard_normal((batch, length, len(mean)))
    if scaler.kind == "log-return":
        history = 100 * np.exp(np.cumsum(noise * deviation, axis=1) / 3 + 0.01)
    else:
        history = mean + deviation * noise
    if missing and length > 4:
        history[rng.random(history.shape) < 0.2] = np.nan
        history[:, :2] = np.where(
            np.isnan(history[:, :2]), mean if scaler.kind != "log-return" else 100.0, history[:, :2]
        )
    return history


def _case(
    network: Any, scaler: Scaler, history: NDArray[np.float64], steps: int, extra: dict[str, NDArray[Any]]
) -> Case:
    feeds: dict[str, NDArray[Any]] = {
        "history": history.astype(np.float32),
        "horizon": np.array(steps, dtype=np.int64),
        **extra,
    }
    answers = call(network)(feeds)
    unit = _unit(scaler, history, answers["forecast"])
    units = {name: np.ones(1) for name in answers} | {"forecast": unit, "quantiles": unit[..., None]}
    return Case(feeds, answers, units, unknown=("quantiles",))


def _unit(scaler: Scaler, history: NDArray[np.float64], answer: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much one network unit is in raw units, for each answer."""
    if scaler.kind == "log-return":
        return np.asarray(np.array(scaler.deviation) * np.abs(answer))
    if scaler.kind == "window":
        return np.asarray(scaler.factor * np.nanstd(history, axis=1, keepdims=True))
    return np.array(scaler.deviation)
