"""Scores of a forecaster in raw units, beside the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.bootstrap import paired
from seqtool.errors import ModelError, SeqtoolError
from seqtool.families.forecasting.baselines import baselines, mase_scale
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.forecasts import Forecasts, Predictor
from seqtool.families.forecasting.measures import (
    coverage,
    intervals,
    measures,
    rmse,
    skill,
    weighted_quantile_loss,
)
from seqtool.families.forecasting.verdict import verdict

Floats = NDArray[np.float64]
Made = Mapping[str, Floats]
HORIZONS = (1, 7, 40)


def horizons(trained: int) -> list[int]:
    """Return the horizons to report: those of 1, 7 and 40 within the trained one, and the trained one."""
    return sorted({*(h for h in HORIZONS if h <= trained), trained})


def score(
    predict: Predictor, part: Windows, stored: Mapping[str, Any], *, split: str, data: str, levels: Sequence[float] = ()
) -> dict[str, Any]:
    """Score a model over the windows of a part, beside the stored baselines; `levels` [Q] are its quantiles'.

    Returns JSON, None for what cannot be told: `horizons` -> forecaster -> measures with `skill`; the same over
    all steps as `whole` and, the RMSE alone, as `path`; `series` -> name -> forecaster -> RMSE, MASE and skill
    over all steps; `by_step` -> forecaster -> RMSE of each step; the paired `differences` over the whole path and
    the `verdict` of two sentences. With quantiles `wql`, and `coverage` by nominal share, over the path and at the
    horizons.
    """
    _, truth = part.batch(np.arange(len(part)))
    forecasts = predict(part)
    _refuse_no_numbers(forecasts)
    rivals = baselines(stored, truth.shape[2])
    made = {"model": forecasts.values, **{name: one.over(part) for name, one in rivals.items()}}
    scale = mase_scale(stored, truth.shape[2])
    whole = _table(made, truth, scale)
    best = _best(whole)
    reported = horizons(part.horizon)
    return {
        "split": split,
        "data": data,
        **_extent(part),
        "horizons": {str(h): _table(_at(made, h), truth[:, h - 1], scale) for h in reported},
        "whole": whole,
        "path": {name: row["rmse"] for name, row in whole.items()},
        "series": {name: _series(made, truth, scale, number) for number, name in enumerate(part.series.columns)},
        "by_step": {
            name: [rmse(values[:, step], truth[:, step]) for step in range(part.horizon)]
            for name, values in made.items()
        },
        **_uncertainty(forecasts.quantiles, truth, levels, reported),
        "best_baseline": best,
        **_compared(made, truth, best, part),
    }


def _refuse_no_numbers(forecasts: Forecasts) -> None:
    bad = np.flatnonzero(~np.isfinite(forecasts.values).all(axis=(1, 2)))
    if bad.size:
        raise SeqtoolError(
            f"{len(bad)} of {len(forecasts.values)} forecasts of the model are no finite numbers",
            cure="look for values that its scaling cannot take (zero or less for log-returns), or train again",
        )


def _extent(part: Windows) -> dict[str, Any]:
    stamps = part.series.stamps()
    first, last = int(part.origins[0]), int(part.origins[-1]) + part.horizon - 1
    return {"from": stamps[first], "to": stamps[last], "origins": len(part)}


def _at(made: Made, horizon: int) -> dict[str, Floats]:
    return {name: values[:, horizon - 1] for name, values in made.items()}


def _table(made: Made, truth: Floats, scale: Floats) -> dict[str, dict[str, float | None]]:
    """Return forecaster -> measures of forecasts [...,F]."""
    rows = {name: measures(values, truth, scale) for name, values in made.items()}
    best = rows[_best(rows)]["rmse"]
    return {name: {**row, "skill": skill(row["rmse"], best)} for name, row in rows.items()}


def _best(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    """Return the baseline of the smallest RMSE."""

    def error(name: str) -> float:
        found = rows[name]["rmse"]
        return np.inf if found is None else found

    return min((name for name in rows if name != "model"), key=error)


def _series(made: Made, truth: Floats, scale: Floats, number: int) -> dict[str, dict[str, float | None]]:
    one = slice(number, number + 1)
    rows = _table({name: values[..., one] for name, values in made.items()}, truth[..., one], scale[one])
    return {name: {key: row[key] for key in ("rmse", "mase", "skill")} for name, row in rows.items()}


def _uncertainty(
    quantiles: Floats | None, truth: Floats, levels: Sequence[float], reported: Sequence[int]
) -> dict[str, Any]:
    """Return `wql` and `coverage` of quantiles [W,N,F,Q]; nothing where there are none."""
    if quantiles is None:
        return {}
    if quantiles.shape[-1] != len(levels):
        raise ModelError(
            f"the model gives {quantiles.shape[-1]} quantiles, its configuration names {len(levels)}",
            cure="export the model again",
        )
    losses = {str(h): weighted_quantile_loss(quantiles[:, h - 1], truth[:, h - 1], levels) for h in reported}
    return {
        "wql": {"path": weighted_quantile_loss(quantiles, truth, levels), "horizons": losses},
        "coverage": {
            f"{nominal:g}": _covered(quantiles[..., low], quantiles[..., high], truth, reported)
            for nominal, low, high in intervals(levels)
        },
    }


def _covered(low: Floats, high: Floats, truth: Floats, reported: Sequence[int]) -> dict[str, Any]:
    by_step = [coverage(low[:, step], high[:, step], truth[:, step]) for step in range(truth.shape[1])]
    at = {str(h): by_step[h - 1] for h in reported}
    return {"path": coverage(low, high, truth), "horizons": at, "by_step": by_step}


def _compared(made: Made, truth: Floats, best: str, part: Windows) -> dict[str, Any]:
    """Return the differences from the last value and the best baseline, and what they come to in words."""
    losses = {name: _path_loss(made[name], truth) for name in ("model", "last value", best)}
    apart = int(np.median(np.diff(part.starts))) if len(part) > 1 else 1  # steps from one origin to the next
    block = max(1, -(-2 * part.horizon // apart))
    differences = {name: paired(losses["model"], losses[name], block=block) for name in ("last value", best)}
    means = {name: float(losses[name].mean()) for name in differences}
    return {
        "differences": {name: [_finite(v) for v in (d.mean, d.low, d.high)] for name, d in differences.items()},
        "verdict": verdict(differences, means, best, part.horizon),
    }


def _path_loss(forecast: Floats, truth: Floats) -> Floats:
    """Return the mean squared error [W] of each origin over all known steps and series."""
    squared: Floats = np.nanmean((forecast - truth) ** 2, axis=(1, 2))
    return squared


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
