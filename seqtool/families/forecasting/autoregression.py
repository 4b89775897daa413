"""The strongest baseline: a linear autoregression on differences, its form chosen on validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.naive import Floats, fill_forward, last_value

LAGS = (0, 1, 2, 7, 14, 28)
DENSE = 512
"""A season up to this many steps may have all its lags."""
PENALTIES = (0.01, 1.0, 100.0, 10_000.0)
ORIGINS, EFFORT = 512, 200_000
"""Validation origins and numbers forecast at most for one candidate."""
ROWS = 1 << 15
MOST_LAG = 1_000_000
"""What a stored model may look back at most: memory is taken on its word."""


@dataclass(frozen=True)
class Autoregression:
    """Ridge regression of the next difference on earlier ones, run forward to any horizon.

    `difference`: the steps from a value to the one taken from it, 1 or a season; of logarithms where
    `logarithm`. `weights` [F, lags], `intercept` [F]; without lags the mean difference is left. A difference
    that nothing is known of counts as zero. Where a history has no logarithm, the last value stands in.
    """

    logarithm: bool
    difference: int
    lags: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]
    penalty: float = 0.0
    """That it was fitted with."""

    @property
    def reach(self) -> int:
        """The rows of history that it reads."""
        return max(self.lags, default=0) + self.difference

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """Map history [B,T,F] (NaN = missing) to a forecast [B,N,F]."""
        filled = fill_forward(history)
        fits = ~(filled <= 0).any(axis=1, keepdims=True) | (not self.logarithm)
        levels = np.log(np.where(fits, filled, 1.0)) if self.logarithm else filled
        with np.errstate(over="ignore", invalid="ignore"):  # a horizon far beyond the trained one may explode
            path = self._path(levels, horizon)
            return np.where(fits, np.exp(path) if self.logarithm else path, filled[:, -1:])

    def _path(self, levels: Floats, horizon: int) -> Floats:
        """Go on from levels [B,T,F]: [B,N,F]."""
        lacking = max(0, self.reach - levels.shape[1])
        seen = np.pad(levels, ((0, 0), (lacking, 0), (0, 0)), constant_values=np.nan)[:, -self.reach :]
        steps = np.nan_to_num(seen[:, self.difference :] - seen[:, : -self.difference])
        base = np.where(np.isnan(seen), levels[:, -1:], seen)[:, -self.difference :]
        shape = (horizon, len(levels), levels.shape[2])
        past, path = (np.concatenate([one.swapaxes(0, 1), np.empty(shape)]) for one in (steps, base))  # [T,B,F]
        weights, intercept, lags = np.array(self.weights), np.array(self.intercept), np.array(self.lags, np.int64)
        reach = len(past) - horizon
        for step in range(horizon):
            past[reach + step] = np.einsum("lbf,fl->bf", past[reach + step - lags], weights) + intercept
            path[self.difference + step] = path[step] + past[reach + step]
        return path[self.difference :].swapaxes(0, 1)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "logarithm": self.logarithm,
            "difference": self.difference,
            "lags": list(self.lags),
            "weights": [list(row) for row in self.weights],
            "intercept": list(self.intercept),
            "penalty": self.penalty,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Autoregression:
        """Rebuild what `to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        weights = np.array(value["weights"], dtype=np.float64)
        lags, intercept = tuple(map(int, value["lags"])), tuple(map(float, value["intercept"]))
        difference = int(value["difference"])
        if weights.shape != (len(intercept), len(lags)) or not all(1 <= n <= MOST_LAG for n in (difference, *lags)):
            raise ValueError("lags and weights of an autoregression do not fit")
        penalty = float(value["penalty"])
        return cls(bool(value["logarithm"]), difference, lags, tuple(map(tuple, weights.tolist())), intercept, penalty)

    def refitted(self, values: Floats) -> Autoregression:
        """Fit the same differences, lags and penalty to values [T,F]."""
        steps = _differences(_levels(values, self.logarithm), self.difference)
        return next(_ridges(steps, self.difference, self.lags, self.logarithm, (self.penalty,)))


def fit_autoregression(train: Windows, validation: Windows, season: int, *, logarithm: bool) -> Autoregression:
    """Fit every candidate on the training part; keep the best on validation.

    The candidates differ in the difference (1 or `season`), the lags (`lag_sets`) and the penalty. They are
    judged on evenly spread validation windows, each with as long a history as it needs.
    """
    most = int(np.clip(EFFORT // (validation.horizon * validation.values.shape[1]), 1, ORIGINS))
    chosen = np.unique(np.linspace(0, len(validation) - 1, most).round().astype(np.int64))
    history, future = validation.batch(chosen)
    # so that no period (prices grow) and no series outweighs the others
    unit = last_value(history, 1) ** 2 if logarithm else np.nanvar(train.values, axis=0)
    best, least = None, np.inf
    for candidate in _candidates(train.values, season, logarithm):
        made = candidate(validation.context(chosen, max(validation.window, candidate.reach)), validation.horizon)
        with np.errstate(over="ignore", invalid="ignore"):  # one that explodes is not chosen
            error = float(np.nanmean((made - future) ** 2 / unit))
        if best is None or error < least:
            best, least = candidate, error
    assert best is not None  # the mean difference comes first, whatever the data
    return best


def lag_sets(season: int) -> list[tuple[int, ...]]:
    """Return the lags that are tried: up to 28 recent ones with three around the season, or all of a season."""
    around = range(season - 1, season + 2) if season > 1 else ()
    recent = [tuple(sorted({*range(1, count + 1), *(around if count else ())} - {0})) for count in LAGS]
    whole = [tuple(range(1, season + 2))] if 1 < season <= DENSE else []
    return list(dict.fromkeys(recent + whole))


def _candidates(values: Floats, season: int, logarithm: bool) -> Iterator[Autoregression]:
    levels = _levels(values, logarithm)
    for difference in sorted({1, season}):
        for lags in lag_sets(season):
            rows = len(levels) - difference - max(lags, default=0)
            if (difference, lags) == (1, ()) or rows > 2 * len(lags) + 2:
                penalties = PENALTIES if lags else PENALTIES[:1]
                yield from _ridges(_differences(levels, difference), difference, lags, logarithm, penalties)


def _levels(values: Floats, logarithm: bool) -> Floats:
    filled = fill_forward(values[None])[0]  # as in a forecast: no row is lost where each week has gaps
    filled = filled[np.isfinite(filled).all(axis=1)]
    return np.asarray(np.log(filled) if logarithm else filled)


def _differences(levels: Floats, difference: int) -> Floats:
    return levels[difference:] - levels[:-difference]


def _ridges(
    steps: Floats, difference: int, lags: tuple[int, ...], logarithm: bool, penalties: Sequence[float]
) -> Iterator[Autoregression]:
    """Fit differences [T,F] by ridge regression, once a penalty, in units of each series' own variance."""
    deviation = np.maximum(steps[max(lags, default=0) :].std(axis=0), 1e-150)
    products = [_products(one, lags) for one in (steps / deviation).T]
    shrunk = np.diag([*np.ones(len(lags)), 0.0])  # the intercept is not
    for penalty in penalties:
        found = np.stack([np.linalg.solve(gram + penalty * shrunk, cross) for gram, cross in products])
        weights, intercept = found[:, :-1], found[:, -1] * deviation
        yield Autoregression(
            logarithm, difference, lags, tuple(map(tuple, weights.tolist())), tuple(intercept.tolist()), penalty
        )


def _products(series: Floats, lags: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return X'X and X'y of the regression of a series [T] on its lags and a constant, a slice of rows at a time."""
    gram, cross = np.zeros((len(lags) + 1, len(lags) + 1)), np.zeros(len(lags) + 1)
    for start in range(max(lags, default=0), len(series), ROWS):
        rows = np.arange(start, min(start + ROWS, len(series)))
        x = np.ones((len(rows), len(lags) + 1))
        x[:, :-1] = series[rows[:, None] - np.array(lags, np.int64)]
        gram += x.T @ x
        cross += x.T @ series[rows]
    return gram, cross
