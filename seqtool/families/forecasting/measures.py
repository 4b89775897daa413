"""The measures of forecasts, in raw units; unknown truth is left out, and a measure of nothing is None."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seqtool.types import Floats

Measure = float | None  # None where nothing is known, or the figure is infinite


def measures(forecast: Floats, truth: Floats, mase_scale: Floats) -> dict[str, Measure]:
    """Score forecasts against truth, both [...,F] in raw units, truth NaN = unknown.

    RMSE and MAE in raw units; sMAPE in percent (Makridakis 1993, 200 |e| / (|y| + |f|)); MASE scaled by
    `mase_scale` [F], the naive error of a season in the training part (Hyndman and Koehler 2006).
    """
    size = np.abs(_error(forecast, truth))
    total = np.abs(forecast) + np.abs(truth)
    symmetric = np.where(total > 0, 200 * size / np.where(total > 0, total, 1), 0 * size)
    absolute = {"mae": _mean(size), "mase": _mean(size / mase_scale), "smape": _mean(symmetric)}
    return {"rmse": rmse(forecast, truth), **absolute}


def rmse(forecast: Floats, truth: Floats) -> Measure:
    """Return the root mean squared error over everything that is known."""
    with np.errstate(over="ignore"):  # an infinite mean gives None
        squared = _mean(_error(forecast, truth) ** 2)
    return None if squared is None else float(np.sqrt(squared))


def skill(error: Measure, best: Measure) -> Measure:
    """Return 1 - RMSE / RMSE of the best baseline: 1 for perfect, 0 for no better, negative for worse."""
    if error is None or best is None:
        return None
    if best == 0:
        return 0.0 if error == 0 else None
    return 1 - error / best


def weighted_quantile_loss(quantiles: Floats, truth: Floats, levels: Sequence[float]) -> Measure:
    """Return the mean over the levels q of 2 sum(rho_q(y - z_q)) / sum(|y|), quantiles z [...,Q], truth y [...].

    rho_q(u) = max(q u, (q - 1) u), the pinball loss (Koenker and Bassett 1978), weighted as in GluonTS; at the level
    0.5 it is sum(|error|) / sum(|y|). An unknown truth or quantile (NaN) is left out; None where a level has none left.
    """
    losses = [_quantile_loss(quantiles[..., number], truth, q) for number, q in enumerate(levels)]
    finite = [loss for loss in losses if loss is not None]
    return sum(finite) / len(finite) if finite and len(finite) == len(losses) else None


def _quantile_loss(quantile: Floats, truth: Floats, q: float) -> Measure:
    scored = np.isfinite(truth) & ~np.isnan(quantile)  # an infinite quantile counts: its loss is not finite
    error, size = (truth - quantile)[scored], float(np.abs(truth[scored]).sum())
    loss = 2 * float(np.maximum(q * error, (q - 1) * error).sum()) / size if size > 0 else np.inf
    return loss if np.isfinite(loss) else None


def intervals(levels: Sequence[float]) -> Iterator[tuple[float, int, int]]:
    """Yield each central interval of the levels [Q], the widest first: its nominal share and its two places in Q."""
    for low, lower in sorted(enumerate(levels), key=lambda pair: pair[1]):
        for high, upper in enumerate(levels):
            if lower < 0.5 and abs(lower + upper - 1) < 1e-9:  # 0.1 + 0.9 need not be 1 in binary
                yield round(upper - lower, 9), low, high


def coverage(low: Floats, high: Floats, truth: Floats) -> Measure:
    """Return the share of the truth within `low` and `high`, bounds included, where all three are known."""
    inside = (low <= truth) & (truth <= high)
    return _mean(np.where(np.isnan(low + truth + high), np.nan, inside))


def interval_score(low: Floats, high: Floats, truth: Floats, nominal: float, scale: Floats) -> Measure:
    """Return the mean scaled interval score, MSIS, of intervals [...,F] of a nominal share, where all three are known.

    Width and 2 / (1 - nominal) times what lies beyond an end (Gneiting and Raftery 2007, equation 43), in units of
    `scale` [F], the naive error of a season in the training part (the M4 competition: Makridakis et al. 2020).
    """
    beyond = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return _mean((high - low + 2 / (1 - nominal) * beyond) / scale)


def _error(forecast: Floats, truth: Floats) -> Floats:
    """Return forecast - truth; NaN where the truth is unknown, infinite where the forecast is not finite."""
    return np.asarray(np.where(np.isfinite(forecast), forecast, np.inf) - truth)


def _mean(values: Floats) -> Measure:
    numbers = values[~np.isnan(values)]
    mean = float(numbers.mean()) if numbers.size else np.inf
    return mean if np.isfinite(mean) else None
