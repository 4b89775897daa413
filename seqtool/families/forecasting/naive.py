"""Forecasts that need no fitting: last value, seasonal last value and drift.

Each maps history [B,T,F] (NaN = missing) to a forecast [B,N,F] in raw units (Hyndman and Athanasopoulos,
Forecasting: Principles and Practice, 5.2).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rule = Callable[[Floats, int], Floats]


def fill_forward(history: Floats) -> Floats:
    """Put the value before in the place of a missing one, along T; what leads stays missing."""
    steps = np.arange(history.shape[1])[None, :, None]
    before = np.maximum.accumulate(np.where(np.isfinite(history), steps, 0), axis=1)
    return np.take_along_axis(history, before, axis=1)


def last_value(history: Floats, horizon: int) -> Floats:
    """Repeat the last known value."""
    return np.repeat(fill_forward(history)[:, -1:], horizon, axis=1)


def seasonal(season: int) -> Rule:
    """Repeat the last season; the last value where nothing is known from a season ago."""

    def forecast(history: Floats, horizon: int) -> Floats:
        lacking = max(0, season - history.shape[1])
        filled = fill_forward(np.pad(history, ((0, 0), (lacking, 0), (0, 0)), constant_values=np.nan))
        last = np.where(np.isfinite(filled), filled, filled[:, -1:])[:, -season:]
        return np.asarray(last[:, np.arange(horizon) % season])

    return forecast


def drift(history: Floats, horizon: int) -> Floats:
    """Go on along the line from the first to the last known value of the history, as if it filled the whole."""
    first = np.take_along_axis(history, np.isfinite(history).argmax(axis=1)[:, None, :], axis=1)
    last = fill_forward(history)[:, -1:]
    slope = (last - first) / max(1, history.shape[1] - 1)
    return np.asarray(last + slope * np.arange(1, horizon + 1)[None, :, None])
