"""An autoregression for each series of a pooled model: its own window ridge, pulled towards the one of all series.

No run keeps the matrices of thousands of series: they are fitted where they are scored, on the same training part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from seqtool.families.forecasting.autoregression import ORIGINS
from seqtool.families.forecasting.window_ridge import WindowRidge, examples
from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Ids

PULLS = (0.01, 0.1, 1.0)  # towards the matrix of all series, for each window, in units of a window's square
WORK = 2e10  # multiplications for all series together, about: of more windows evenly spread ones are taken


def best_pull(ridge: WindowRidge, values: Floats, validation: Windows) -> float:
    """Return the pull of the least error on some validation windows, for matrices fitted to values [T,F]."""
    chosen = np.unique(np.linspace(0, len(validation) - 1, ORIGINS).round().astype(np.int64))
    part = validation.some(chosen)
    truth = part.truth()
    unit = np.nanstd(part.batch(np.arange(len(part)))[0], axis=1, keepdims=True) + 1e-150

    def error(pull: float) -> float:
        return float(np.nanmean(np.abs(forecasts(ridge, pull, values, part) - truth) / unit))

    return min(PULLS, key=error)


def forecasts(ridge: WindowRidge, pull: float, values: Floats, part: Windows) -> Floats:
    """Forecast each window of a part [W,N,1] by the matrix of its own series, fitted to that one's values of [T,F]."""
    assert part.members is not None
    path = np.empty((len(part), part.horizon, 1))
    most = _most_windows(ridge, len(np.unique(part.members)))
    for member, chosen in _by_member(part.members):
        own = fit_own(ridge, pull, values[:, member], most)
        path[chosen] = own(part.context(chosen, max(part.window, ridge.reach)), part.horizon)
    return path


def fit_own(ridge: WindowRidge, pull: float, values: Floats, most: int) -> WindowRidge:
    """Return the ridge of one series with values [T]: min |xW - y|^2 + pull n |W - V|^2 for the matrix V of all.

    most: the windows n that are taken at most. A series without a whole window has the matrix of all.
    """
    length = ridge.reach + ridge.horizon
    if len(values) < length:
        return ridge
    cut = sliding_window_view(values, length)
    known = np.flatnonzero(np.isfinite(cut[:, : ridge.reach]).sum(axis=1) >= max(2, ridge.reach // 2))
    known = known[np.unique(np.linspace(0, len(known) - 1, min(len(known), most)).round().astype(np.int64))]
    history, future = np.split(cut[known][..., None], [ridge.reach], axis=1)
    x, y = examples(history, future, ridge.reach, logarithm=ridge.logarithm)
    if not len(x):
        return ridge
    left, weight = y - x @ ridge.matrix, pull * len(x)
    if len(x) < x.shape[1]:  # the same solution, out of the smaller of two systems
        change = x.T @ np.linalg.solve(x @ x.T + weight * np.eye(len(x)), left)
    else:
        change = np.linalg.solve(x.T @ x + weight * np.eye(x.shape[1]), x.T @ left)
    return replace(ridge, matrix=ridge.matrix + change)


def _most_windows(ridge: WindowRidge, count: int) -> int:
    """Return the windows of each of so many series that keep within WORK: n min(n, L) (L + N) multiplications each."""
    lags, each = ridge.reach, WORK / count / (ridge.reach + ridge.horizon)
    return max(2, int(each / lags if each > lags**2 else each**0.5))


def _by_member(members: Ids) -> Iterator[tuple[int, Ids]]:
    """Yield each series and the numbers of its windows."""
    order = np.argsort(members, kind="stable")
    different, first = np.unique(members[order], return_index=True)
    yield from zip(different.tolist(), np.split(order, first[1:]), strict=True)
