"""What a forecast has to beat: last value, seasonal last value, drift, and a linear autoregression.

Each maps history [B,T,F] (NaN = missing) to a forecast [B,N,F] in raw units. The first three need no
fitting (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.families.forecasting.data import Windows

Floats = NDArray[np.float64]
Baseline = Callable[[Floats, int], Floats]

LAGS = (0, 1, 2, 7, 14, 28)
PENALTIES = (0.01, 1.0, 100.0, 10_000.0)


def fill_forward(history: Floats) -> Floats:
    """Put the value before in the place of a missing one, along T; what leads is filled from behind."""
    known = np.isfinite(history)
    steps = np.arange(history.shape[1])[None, :, None]
    before = np.maximum.accumulate(np.where(known, steps, -1), axis=1)
    first = known.argmax(axis=1)[:, None, :]
    return np.take_along_axis(history, np.where(before < 0, first, before), axis=1)


def last_value(history: Floats, horizon: int) -> Floats:
    """Repeat the last known value."""
    return np.repeat(fill_forward(history)[:, -1:], horizon, axis=1)


def seasonal(season: int) -> Baseline:
    """Repeat the last season (the last value where the history is shorter than a season)."""

    def forecast(history: Floats, horizon: int) -> Floats:
        length = season if history.shape[1] >= season else 1
        last = fill_forward(history)[:, -length:]
        return np.asarray(last[:, np.arange(horizon) % length])

    return forecast


def drift(history: Floats, horizon: int) -> Floats:
    """Go on along the line from the first to the last value of the history."""
    filled = fill_forward(history)
    slope = (filled[:, -1:] - filled[:, :1]) / max(1, history.shape[1] - 1)
    return np.asarray(filled[:, -1:] + slope * np.arange(1, horizon + 1)[None, :, None])


@dataclass(frozen=True)
class Autoregression:
    """Ridge regression of the next difference on the last ones, run forward to any horizon.

    Differences of logarithms where `logarithm`, of values otherwise; `lags` recent ones and as many around
    one season back; `weights` [F, lags], `intercept` [F]. Zero lags leave the mean difference. Where a
    history has no logarithm, the last value stands in.
    """

    logarithm: bool
    lags: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """Forecast [B,N,F]."""
        filled = fill_forward(history)
        fits = (filled > 0).all(axis=1, keepdims=True) | (not self.logarithm)
        levels = np.log(np.where(fits, filled, 1.0)) if self.logarithm else filled
        reach = max(self.lags, default=1)
        differences = np.diff(levels, axis=1)[:, -reach:]
        past = np.pad(differences, ((0, 0), (reach - differences.shape[1], 0), (0, 0)))
        weights, intercept = np.array(self.weights), np.array(self.intercept)
        columns = [-lag for lag in self.lags]
        for _ in range(horizon):
            window = past[:, columns] if columns else past[:, :0]
            following = np.einsum("blf,fl->bf", window, weights) + intercept
            past = np.concatenate([past, following[:, None]], axis=1)
        path = levels[:, -1:] + np.cumsum(past[:, -horizon:], axis=1)
        return np.where(fits, np.exp(path) if self.logarithm else path, filled[:, -1:])

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "logarithm": self.logarithm,
            "lags": list(self.lags),
            "weights": [list(row) for row in self.weights],
            "intercept": list(self.intercept),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Autoregression:
        """Rebuild what `to_json` gave."""
        weights = tuple(map(tuple, value["weights"]))
        return cls(value["logarithm"], tuple(value["lags"]), weights, tuple(value["intercept"]))


def fit_autoregression(train: Windows, validation: Windows, season: int, *, logarithm: bool) -> Autoregression:
    """Fit every number of lags and penalty on the training part; keep the best on the validation windows."""
    best, best_error = _ridge(train.values, (), PENALTIES[0], logarithm), np.inf
    history, future = validation.batch(np.arange(len(validation)))
    # so that no period (prices grow) and no series outweighs the others
    unit = last_value(history, 1) ** 2 if logarithm else np.nanvar(train.values, axis=0)
    for count in LAGS:
        lags = _lags(count, season, train.window - 1)
        for penalty in PENALTIES if lags else PENALTIES[:1]:
            candidate = _ridge(train.values, lags, penalty, logarithm)
            with np.errstate(over="ignore", invalid="ignore"):  # one that explodes is not chosen
                error = float(np.nanmean((candidate(history, validation.horizon) - future) ** 2 / unit))
            if error < best_error:
                best, best_error = candidate, error
    return best


def _lags(count: int, season: int, reach: int) -> tuple[int, ...]:
    """`count` recent lags and, where they fit into the window, three around the season."""
    around = range(season - 1, season + 2) if count and season > 1 else ()
    return tuple(sorted({lag for lag in (*range(1, count + 1), *around) if 1 <= lag <= reach}))


def _ridge(values: Floats, lags: tuple[int, ...], penalty: float, logarithm: bool) -> Autoregression:
    filled = fill_forward(values[None])[0]  # as in a forecast: no row is lost where each week has gaps
    levels = np.log(filled) if logarithm else filled
    differences = np.diff(levels, axis=0)
    reach = max(lags, default=0)
    weights, intercepts = [], []
    for series in differences.T:
        y = series[reach:]
        x = (
            np.stack([series[reach - lag : len(series) - lag] for lag in lags], axis=1)
            if lags
            else np.zeros((len(y), 0))
        )
        center_x, center_y = x.mean(axis=0), y.mean()
        spread = max(float(y.var()), 1e-300)
        gram = (x - center_x).T @ (x - center_x) / spread + penalty * np.eye(len(lags))
        w = np.linalg.solve(gram, (x - center_x).T @ (y - center_y) / spread) if lags else np.zeros(0)
        weights.append(tuple(map(float, w)))
        intercepts.append(float(center_y - center_x @ w))
    return Autoregression(logarithm, lags, tuple(weights), tuple(intercepts))


def fitted(train: Windows, validation: Windows, season: int) -> dict[str, Any]:
    """Fit what needs fitting, on train, chosen on validation; JSON, kept in the run."""
    logarithm = bool(
        (train.values[np.isfinite(train.values)] > 0).all()
        and (validation.values[np.isfinite(validation.values)] > 0).all()
    )
    model = fit_autoregression(train, validation, season, logarithm=logarithm)
    return {
        "season": season,
        "autoregression": model.to_json(),
        "mase_scale": mean_step(train.values),
    }


def mean_step(values: Floats) -> list[float]:
    """Return the mean absolute step from each known value of [T,F] to the next: F numbers, the unit of MASE."""
    return [float(np.abs(np.diff(series[np.isfinite(series)])).mean()) for series in values.T]


def baselines(stored: dict[str, Any]) -> dict[str, Baseline]:
    """Return the baselines by name, in the order of a table; the autoregression only where one was fitted."""
    named: dict[str, Baseline] = {
        "last value": last_value,
        "seasonal": seasonal(stored["season"]),
        "drift": drift,
    }
    if stored.get("autoregression"):
        named["autoregression"] = Autoregression.from_json(stored["autoregression"])
    return named
