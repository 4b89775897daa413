"""The linear rival of a pooled model: one ridge regression for all series, each window in its own units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqtool.families.forecasting.autoregression import ORIGINS, fill_forward
from seqtool.families.forecasting.direct_ridge import (
    FEWEST,
    MOST_NUMBERS,
    PENALTIES,
    ROWS,
    WORK,
    matrix_from_json,
    matrix_to_json,
)
from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Json

FURTHEST = 30.0  # deviations of its window beyond which a window is not fitted
LEAST = 1e-9  # share of a window's mean that its deviation is at least
TINY = 1e-150  # or this


@dataclass(frozen=True, eq=False)
class WindowRidge:
    """A matrix [L+1,N] from the last L values of any series to the next N, in deviations of these L from their mean.

    Its last row is the constant. With `logarithm` of logarithms; a history without one is continued by its last value.
    An unknown value counts as the one before it, or as the first known one.
    """

    logarithm: bool
    matrix: Floats
    penalty: float = 0.0

    @property
    def horizon(self) -> int:
        """The steps N that it forecasts."""
        return int(self.matrix.shape[1])

    @property
    def reach(self) -> int:
        """The rows of history that it reads."""
        return len(self.matrix) - 1

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """Map history [B,T,F] (NaN = missing) to a forecast [B,N,F] of at most the steps that it has."""
        filled = _filled(history, self.reach)
        fits = ~(filled <= 0).any(axis=1, keepdims=True) | (not self.logarithm)
        levels = np.log(np.where(fits, filled, 1.0)) if self.logarithm else filled
        mean, unit = _moments(levels)
        inputs = ((levels - mean) / unit).swapaxes(1, 2)  # [B,F,L]
        path = (inputs @ self.matrix[:-1, :horizon] + self.matrix[-1, :horizon]).swapaxes(1, 2) * unit + mean
        return np.where(fits, np.exp(path) if self.logarithm else path, filled[:, -1:])

    def to_json(self) -> Json:
        """Return a JSON object."""
        return {"logarithm": self.logarithm, "penalty": self.penalty, **matrix_to_json(self.matrix)}

    @classmethod
    def from_json(cls, value: Json) -> WindowRidge:
        """Rebuild what `to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        matrix = matrix_from_json(value)
        if len(matrix) < 2:
            raise ValueError("the matrix of a window ridge does not fit")
        return cls(bool(value["logarithm"]), matrix, float(value["penalty"]))


def fit_window_ridge(train: Windows, validation: Windows) -> WindowRidge | None:
    """Fit to the windows of all series; the penalty is that of the least error on validation. None for too few."""
    logarithm = all((part.values[np.isfinite(part.values)] > 0).all() for part in (train, validation))
    chosen = np.unique(np.linspace(0, len(validation) - 1, ORIGINS).round().astype(np.int64))
    history, future = validation.batch(chosen)
    unit = _moments(_filled(history, validation.window))[1]

    def error(form: WindowRidge) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.nanmean(np.abs(form(history, validation.horizon) - future) / unit))

    return min(_forms(train, logarithm, PENALTIES.tolist()), key=error, default=None)


def refitted(form: WindowRidge, train: Windows) -> WindowRidge:
    """Fit the same form and penalty to other windows."""
    return next(_forms(train, form.logarithm, (form.penalty,)), form)


def _forms(train: Windows, logarithm: bool, penalties: list[float] | tuple[float, ...]) -> Iterator[WindowRidge]:
    lags = min(train.window, MOST_NUMBERS // train.horizon)
    gram, cross, count = _products(train, lags, logarithm)
    if count < FEWEST:
        return
    shrunk = np.diag([*np.full(lags, float(np.diagonal(gram)[:-1].mean())), 0.0])  # the weights, not the constant
    for penalty in penalties:
        yield WindowRidge(logarithm, np.asarray(np.linalg.solve(gram + penalty * shrunk, cross), np.float64), penalty)


def _products(train: Windows, lags: int, logarithm: bool) -> tuple[Floats, Floats, int]:
    """Return X'X [L+1,L+1], X'Y [L+1,N] and the number of windows, evenly spread ones of a large part."""
    steps = train.horizon
    most = max(lags + 2, int(WORK / ((lags + steps) * lags)))
    chosen = np.unique(np.linspace(0, len(train) - 1, min(len(train), most)).round().astype(np.int64))
    gram, cross, count = np.zeros((lags + 1, lags + 1)), np.zeros((lags + 1, steps)), 0
    for begin in range(0, len(chosen), ROWS):
        history, future = train.batch(chosen[begin : begin + ROWS])
        x, y = examples(history, future, lags, logarithm=logarithm)
        gram, cross, count = gram + x.T @ x, cross + x.T @ y, count + len(x)
    return gram, cross, count


def examples(history: Floats, future: Floats, lags: int, *, logarithm: bool) -> tuple[Floats, Floats]:
    """Return the inputs [W,L+1], a constant behind each, and outputs [W,N] of windows [B,T,1] and futures [B,N,1].

    Both are in deviations of the window. One of which a step is unknown, or far beyond, is left out.
    """
    seen, ahead = _filled(history, lags)[..., 0], future[..., 0]
    if logarithm:
        seen, ahead = np.log(seen), np.log(ahead)
    mean, unit = _moments(seen)
    x, y = (seen - mean) / unit, (ahead - mean) / unit
    whole = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1) & (np.abs(y).max(axis=1, initial=0.0) < FURTHEST)
    return np.concatenate([x[whole], np.ones((int(whole.sum()), 1))], axis=1), y[whole]


def _filled(history: Floats, lags: int) -> Floats:
    """Return the last L steps [B,L,F] of a history [B,T,F]: gaps have the value before, earlier steps the first one."""
    filled = fill_forward(history)[:, -lags:]
    filled = np.pad(filled, ((0, 0), (max(0, lags - filled.shape[1]), 0), (0, 0)), constant_values=np.nan)
    return fill_forward(filled[:, ::-1])[:, ::-1]


def _moments(levels: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the deviation of each window along its second axis, the latter never zero."""
    mean = levels.mean(axis=1, keepdims=True)
    return mean, np.maximum(levels.std(axis=1, keepdims=True), np.maximum(LEAST * np.abs(mean), TINY))
