"""Scores of the quantiles of a forecaster, over the whole path and at each reported horizon."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.errors import ModelError
from seqtool.families.forecasting.measures import coverage, interval_score, intervals, weighted_quantile_loss
from seqtool.families.forecasting.report import Coverage, Loss
from seqtool.types import Floats


def losses(quantiles: Floats, truth: Floats, levels: Sequence[float], reported: Sequence[int]) -> Loss:
    """Return the weighted quantile loss of quantiles [W,N,F,Q]; raises `ModelError` where they are not of `levels`."""
    if quantiles.shape[-1] != len(levels):
        reason = f"the model gives {quantiles.shape[-1]} quantiles, its configuration names {len(levels)}"
        raise ModelError(reason, cure="export the model again")
    by_horizon = {str(h): weighted_quantile_loss(quantiles[:, h - 1], truth[:, h - 1], levels) for h in reported}
    return {"path": weighted_quantile_loss(quantiles, truth, levels), "horizons": by_horizon}


def coverages(
    quantiles: Floats, truth: Floats, levels: Sequence[float], reported: Sequence[int]
) -> dict[str, Coverage]:
    """Return how much of the truth each central interval covers, by its nominal share."""
    return {
        f"{nominal:g}": _coverage(quantiles[..., low], quantiles[..., high], truth, reported)
        for nominal, low, high in intervals(levels)
    }


def _coverage(low: Floats, high: Floats, truth: Floats, reported: Sequence[int]) -> Coverage:
    by_step = [*map(coverage, low.swapaxes(0, 1), high.swapaxes(0, 1), truth.swapaxes(0, 1))]
    by_horizon = {str(h): by_step[h - 1] for h in reported}
    return {"path": coverage(low, high, truth), "horizons": by_horizon, "by_step": by_step}


def interval_scores(
    quantiles: Floats, truth: Floats, levels: Sequence[float], reported: Sequence[int], scale: Floats
) -> dict[str, Loss]:
    """Return the scaled interval score of each central interval, by its nominal share; scale [F]: the unit of MASE."""
    scores: dict[str, Loss] = {}
    for nominal, lower, upper in intervals(levels):
        low, high = quantiles[..., lower], quantiles[..., upper]
        at = {str(h): interval_score(low[:, h - 1], high[:, h - 1], truth[:, h - 1], nominal, scale) for h in reported}
        scores[f"{nominal:g}"] = {"path": interval_score(low, high, truth, nominal, scale), "horizons": at}
    return scores
