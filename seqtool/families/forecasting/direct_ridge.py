"""A direct linear rival: one ridge regression from the last values of a window to every step of the horizon."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqtool.families.forecasting.autoregression import MOST_LAG, ORIGINS, fill_forward
from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Json

PENALTIES = 10.0 ** np.arange(-4, 6)  # times the mean variance of the inputs, so that no unit matters
MOST_NUMBERS = 1 << 18  # of the matrix, one megabyte in a file: a long horizon is forecast from fewer lags
WORK = 2e10  # multiplications of one regression at most: of a longer series evenly spread origins are taken
ROWS = 1 << 12
FEWEST = 20  # rows of a regression: fewer say nothing


@dataclass(frozen=True, eq=False)
class DirectRidge:
    """A matrix [L+1,N] from the last L values to the next N, one for all series; its last row is the constant.

    anchor: what is taken off the values first, `last`: the last one, `season`: the value `season` steps before, `mean`:
    the mean [F] of the training part. deviation [F]: the unit of each series. With `logarithm` of logarithms; a history
    without a logarithm is continued by its last value. An unknown value of the inputs counts as zero.
    """

    logarithm: bool
    anchor: str
    season: int
    mean: Floats
    deviation: Floats
    matrix: Floats
    penalty: float = 0.0

    @property
    def horizon(self) -> int:
        """The steps N that it forecasts."""
        return int(self.matrix.shape[1])

    @property
    def reach(self) -> int:
        """The rows of history that it reads."""
        return len(self.matrix) - 1 + (self.season if self.anchor == "season" else 1)

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """Map history [B,T,F] (NaN = missing) to a forecast [B,N,F] of at most the steps that it has."""
        filled = fill_forward(history)
        fits = ~(filled <= 0).any(axis=1, keepdims=True) | (not self.logarithm)
        levels = np.log(np.where(fits, filled, 1.0)) if self.logarithm else filled
        z = self.encode(levels)[:, -(len(self.matrix) - 1) :]
        lacking = len(self.matrix) - 1 - z.shape[1]
        inputs = np.nan_to_num(np.pad(z, ((0, 0), (lacking, 0), (0, 0)))).swapaxes(1, 2)  # [B,F,L]
        ahead = (inputs @ self.matrix[:-1, :horizon] + self.matrix[-1, :horizon]).swapaxes(1, 2)
        path = self._decode(levels, ahead)
        return np.where(fits, np.exp(path) if self.logarithm else path, filled[:, -1:])

    def encode(self, levels: Floats) -> Floats:
        """Map levels [B,T,F] to the units of the matrix: [B,T,F], fewer steps where each has a season before it."""
        if self.anchor == "season":
            return np.asarray((levels[:, self.season :] - levels[:, : -self.season]) / self.deviation)
        return np.asarray((levels - (levels[:, -1:] if self.anchor == "last" else self.mean)) / self.deviation)

    def _decode(self, levels: Floats, z: Floats) -> Floats:
        """Map what was forecast [B,N,F] after levels [B,T,F] back to levels."""
        path = z * self.deviation
        if self.anchor != "season":
            return path + (levels[:, -1:] if self.anchor == "last" else self.mean)
        lacking = max(0, self.season - levels.shape[1])
        before = np.pad(levels, ((0, 0), (lacking, 0), (0, 0)), constant_values=np.nan)[:, -self.season :]
        whole = np.concatenate([np.where(np.isnan(before), levels[:, -1:], before), path], axis=1)
        for step in range(self.season, whole.shape[1]):
            whole[:, step] += whole[:, step - self.season]
        return whole[:, self.season :]

    def to_json(self) -> Json:
        """Return a JSON object; the matrix is float32 in base64."""
        return {
            "logarithm": self.logarithm, "anchor": self.anchor, "season": self.season, "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(), "penalty": self.penalty, **matrix_to_json(self.matrix),
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Json) -> DirectRidge:
        """Rebuild what `to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        matrix = matrix_from_json(value)
        mean, deviation = (np.array(value[name], dtype=np.float64) for name in ("mean", "deviation"))
        season, anchor = int(value["season"]), value["anchor"]
        if len(matrix) < 2 or mean.shape != deviation.shape or mean.ndim != 1 or not (deviation > 0).all():
            raise ValueError("the matrix of a direct ridge does not fit")
        if anchor not in ("last", "season", "mean") or not 1 <= season <= MOST_LAG:
            raise ValueError("the anchor of a direct ridge")
        return cls(bool(value["logarithm"]), anchor, season, mean, deviation, matrix, float(value["penalty"]))

    def refitted(self, values: Floats) -> DirectRidge:
        """Fit the same form and penalty to values [T,F]."""
        lags, steps = len(self.matrix) - 1, self.horizon
        forms = _forms(values, self.season, lags, steps, self.logarithm, (self.anchor,), (self.penalty,))
        return next(forms, self)


def matrix_to_json(matrix: Floats) -> Json:
    """Return a matrix [L+1,N] as a JSON object, in float32 and base64."""
    return {"steps": matrix.shape[1], "matrix": base64.b64encode(matrix.astype("<f4").tobytes()).decode()}


def matrix_from_json(value: Json) -> Floats:
    """Rebuild what `matrix_to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    numbers = np.frombuffer(base64.b64decode(value["matrix"], validate=True), dtype="<f4").astype(np.float64)
    return numbers.reshape(-1, int(value["steps"]))


def fit_direct_ridge(train: Windows, validation: Windows, season: int, *, logarithm: bool) -> DirectRidge | None:
    """Fit each form on the training part; return the one with the least error on validation, None where none fits.

    The forms differ in the anchor and the penalty. Each reads as many values as the model's window has.
    """
    horizon = validation.horizon
    lags = min(train.window, MOST_NUMBERS // horizon)
    chosen = np.unique(np.linspace(0, len(validation) - 1, ORIGINS).round().astype(np.int64))
    history, future = validation.batch(chosen)
    unit = fill_forward(history)[:, -1:] ** 2 if logarithm else np.nanvar(train.values, axis=0)
    best, least = None, np.inf
    anchors = ("last", "mean", "season") if season > 1 else ("last", "mean")
    for form in _forms(train.values, season, lags, horizon, logarithm, anchors, PENALTIES.tolist()):
        context = validation.context(chosen, max(validation.window, form.reach))
        with np.errstate(over="ignore", invalid="ignore"):
            error = float(np.nanmean((form(context, horizon) - future) ** 2 / unit))
        if error < least:
            best, least = form, error
    return best


def _forms(
    values: Floats, season: int, lags: int, horizon: int, logarithm: bool, anchors: tuple[str, ...],
    penalties: list[float] | tuple[float, ...],
) -> Iterator[DirectRidge]:  # fmt: skip
    """Fit values [T,F] by ridge regression for each anchor and penalty; none where the rows are fewer than the lags."""
    filled = fill_forward(values[None])[0]
    filled = filled[np.isfinite(filled).all(axis=1)]
    levels = np.log(filled) if logarithm else filled
    if not len(levels):
        return
    mean = levels.mean(axis=0)
    for anchor in anchors:
        lost = season if anchor == "season" else 0
        rows = len(levels) - lost - lags - horizon + 1
        if rows * levels.shape[1] < FEWEST:
            continue
        steps = levels[lost:] - levels[: len(levels) - lost] if lost else np.diff(levels, axis=0)
        steps = levels - mean if anchor == "mean" else steps
        plain = DirectRidge(logarithm, anchor, season, mean, np.maximum(steps.std(axis=0), 1e-150), np.empty((0, 0)))
        gram, cross = _products(plain, levels, lags, horizon)
        roots, axes = np.linalg.eigh(gram[:-1, :-1] - np.outer(gram[-1, :-1], gram[-1, :-1]) / gram[-1, -1])
        centred = cross[:-1] - np.outer(gram[-1, :-1], cross[-1]) / gram[-1, -1]
        turned, unit = axes.T @ centred, max(float(roots.mean()), 1e-300)
        for penalty in penalties:
            weights = axes @ (turned / (np.maximum(roots, 0.0) + penalty * unit)[:, None])
            constant = (cross[-1] - gram[-1, :-1] @ weights) / gram[-1, -1]
            yield DirectRidge(logarithm, anchor, season, mean, plain.deviation, np.vstack([weights, constant]), penalty)


def _products(form: DirectRidge, levels: Floats, lags: int, horizon: int) -> tuple[Floats, Floats]:
    """Return X'X [L+1,L+1] and X'Y [L+1,N] of all series; the last column of X is the constant."""
    lost = form.season if form.anchor == "season" else 0
    count = len(levels) - lost - lags - horizon + 1
    most = max(lags + 2, int(WORK / ((lags + horizon) * lags * levels.shape[1])))
    starts = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
    gram, cross = np.zeros((lags + 1, lags + 1)), np.zeros((lags + 1, horizon))
    whole = form.encode(levels[None])[0] if form.anchor != "last" else levels / form.deviation
    for series in whole.T:
        for begin in range(0, len(starts), ROWS):
            window = series[starts[begin : begin + ROWS, None] + np.arange(lags + horizon)]
            if form.anchor == "last":
                window = window - window[:, lags - 1 : lags]
            x = np.concatenate([window[:, :lags], np.ones((len(window), 1))], axis=1)
            gram += x.T @ x
            cross += x.T @ window[:, lags:]
    return gram, cross
