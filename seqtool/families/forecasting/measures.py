"""What a forecast is measured by, in raw units; unknown truth is left out, what cannot be told is None."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Measure = float | None


def measures(forecast: Floats, truth: Floats, mase_scale: Floats) -> dict[str, Measure]:
    """Score forecasts against truth, both [...,F] in raw units, truth NaN = unknown.

    RMSE and MAE in raw units; sMAPE in percent (Makridakis 1993, 200 |e| / (|y| + |f|)); MASE scaled by
    `mase_scale` [F], the mean absolute step of the training part (Hyndman and Koehler 2006: of the one-step
    naive forecast, not the seasonal one, so that the unit does not change with the season that a run was given).
    """
    error = _error(forecast, truth)
    total = np.abs(forecast) + np.abs(truth)
    symmetric = np.where(total > 0, 200 * np.abs(error) / np.where(total > 0, total, 1), 0 * error)
    return {
        "rmse": rmse(forecast, truth),
        "mae": _mean(np.abs(error)),
        "mase": _mean(np.abs(error) / mase_scale),
        "smape": _mean(symmetric),
    }


def rmse(forecast: Floats, truth: Floats) -> Measure:
    """Return the root mean squared error over everything that is known."""
    with np.errstate(over="ignore"):
        squared = _mean(_error(forecast, truth) ** 2)
    return None if squared is None else float(np.sqrt(squared))


def skill(error: Measure, best: Measure) -> Measure:
    """Return 1 - RMSE / RMSE of the best baseline: 1 is perfect, 0 no better, below it worse."""
    if error is None or best is None:
        return None
    if best == 0:
        return 0.0 if error == 0 else None
    return 1 - error / best


def weighted_quantile_loss(quantiles: Floats, truth: Floats, levels: Sequence[float]) -> Measure:
    """Return the mean over the levels q of 2 sum(rho_q(y - z_q)) / sum(|y|), quantiles z [...,Q], truth y [...].

    rho_q(u) = max(q u, (q - 1) u), the pinball loss (Koenker and Bassett 1978); the weighting is that of
    GluonTS. At the level 0.5 alone it is sum(|error|) / sum(|y|). What is unknown of truth or quantile (NaN) is left
    out; None where a level has nothing left.
    """
    losses = [_quantile_loss(quantiles[..., number], truth, q) for number, q in enumerate(levels)]
    told = [loss for loss in losses if loss is not None]
    return sum(told) / len(told) if told and len(told) == len(losses) else None


def _quantile_loss(quantile: Floats, truth: Floats, q: float) -> Measure:
    known = np.isfinite(truth) & ~np.isnan(quantile)
    error, size = (truth - quantile)[known], float(np.abs(truth[known]).sum())
    loss = 2 * float(np.maximum(q * error, (q - 1) * error).sum()) / size if size > 0 else np.inf
    return loss if np.isfinite(loss) else None


def intervals(levels: Sequence[float]) -> Iterator[tuple[float, int, int]]:
    """Give each central interval of the levels [Q], the widest first: its nominal share and its two places in Q."""
    for low, level in sorted(enumerate(levels), key=lambda pair: pair[1]):
        for high, other in enumerate(levels):
            if level < 0.5 and abs(level + other - 1) < 1e-9:
                yield round(other - level, 9), low, high


def coverage(low: Floats, high: Floats, truth: Floats) -> Measure:
    """Return the share of the truth that lies from `low` to `high`, the bounds within, where all three are known."""
    inside = (low <= truth) & (truth <= high)
    return _mean(np.where(np.isnan(low + truth + high), np.nan, inside))


def _error(forecast: Floats, truth: Floats) -> Floats:
    """Return forecast - truth; NaN where the truth is unknown, infinite where the forecast is no number."""
    error = np.where(np.isfinite(forecast), forecast, np.inf) - truth
    return np.asarray(error)


def _mean(values: Floats) -> Measure:
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if known.size else np.inf
    return mean if np.isfinite(mean) else None
