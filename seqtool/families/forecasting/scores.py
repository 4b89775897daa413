"""Scores of a forecast in raw units, beside the baselines, and the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.bootstrap import Difference, paired
from seqtool.families.forecasting.baselines import Baseline, baselines
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.forecasts import CHUNK, Predictor

Floats = NDArray[np.float64]
HORIZONS = (1, 7, 40)


def horizons(trained: int) -> list[int]:
    """Return the horizons to report: those of 1, 7 and 40 within the trained one, and the trained one."""
    return sorted({*(h for h in HORIZONS if h <= trained), trained})


def measures(forecast: Floats, truth: Floats, mase_scale: Floats) -> dict[str, float]:
    """Score forecasts against truth, both [W,F] in raw units, NaN = unknown.

    RMSE and MAE in raw units; sMAPE in percent (Makridakis 1993, 200 |e| / (|y| + |f|)); MASE scaled by
    the mean step of the training part, `mase_scale` [F] (Hyndman and Koehler 2006).
    """
    error = forecast - truth
    total = np.abs(forecast) + np.abs(truth)
    symmetric = np.where(total > 0, 200 * np.abs(error) / np.where(total > 0, total, 1), 0 * error)
    return {
        "rmse": float(np.sqrt(np.nanmean(error**2))),
        "mae": float(np.nanmean(np.abs(error))),
        "mase": float(np.nanmean(np.abs(error) / mase_scale)),
        "smape": float(np.nanmean(symmetric)),
    }


def predictions(forecast: Baseline, part: Windows) -> Floats:
    """Forecast every window of a part: [W,N,F]."""
    chunks = []
    for start in range(0, len(part), CHUNK):
        history, _ = part.batch(np.arange(start, min(start + CHUNK, len(part))))
        chunks.append(forecast(history, part.horizon))
    return np.concatenate(chunks)


def score(predict: Predictor, part: Windows, stored: Mapping[str, Any], *, split: str, data: str) -> dict[str, Any]:
    """Score a model over the windows of a part, beside the stored baselines.

    Returns JSON: `horizons` -> forecaster -> measures with `skill` = 1 - RMSE / RMSE of the best baseline,
    `path` -> forecaster -> RMSE over all steps of all origins,
    the paired `differences` over the whole path, and the `verdict` of two sentences.
    """
    _, truth = part.batch(np.arange(len(part)))
    rivals = baselines(dict(stored))
    if not 1 < stored["season"] <= part.window:
        del rivals["seasonal"]  # it would see no season, and be the last value under another name
    made = {"model": predict(part).values, **{name: predictions(one, part) for name, one in rivals.items()}}
    scale = np.array(stored["mase_scale"])
    table = {str(h): _at(h, made, truth, scale) for h in horizons(part.horizon)}
    losses = {name: _path_loss(values, truth) for name, values in made.items()}
    best = min((name for name in losses if name != "model"), key=lambda name: float(losses[name].mean()))
    differences = {name: paired(losses["model"], losses[name], block=2 * part.horizon) for name in ("last value", best)}
    stamps = part.series.stamps()
    first, last = (
        stamps[int(part.starts[0]) + part.window],
        stamps[int(part.starts[-1]) + part.window + part.horizon - 1],
    )
    return {
        "split": split,
        "data": data,
        "from": first,
        "to": last,
        "origins": len(part),
        "horizons": table,
        "path": {name: float(np.sqrt(loss.mean())) for name, loss in losses.items()},
        "best_baseline": best,
        "differences": {name: [_finite(v) for v in (d.mean, d.low, d.high)] for name, d in differences.items()},
        "verdict": verdict(differences, {name: float(losses[name].mean()) for name in differences}, best, part.horizon),
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _at(horizon: int, made: Mapping[str, Floats], truth: Floats, scale: Floats) -> dict[str, dict[str, float]]:
    step = horizon - 1
    rows = {name: measures(values[:, step], truth[:, step], scale) for name, values in made.items()}
    best = min(row["rmse"] for name, row in rows.items() if name != "model")
    for row in rows.values():
        row["skill"] = 1 - row["rmse"] / best if best > 0 else 0.0
    return rows


def _path_loss(forecast: Floats, truth: Floats) -> Floats:
    """Return the mean squared error [W] of each origin over all known steps and series."""
    squared: Floats = np.nanmean((forecast - truth) ** 2, axis=(1, 2))
    return squared


def verdict(differences: Mapping[str, Difference], losses: Mapping[str, float], best: str, horizon: int) -> list[str]:
    """Return two sentences: against the last value, and against the best baseline."""
    steps = f"over {horizon} steps" if horizon > 1 else "one step ahead"
    first = _sentence("the last value", differences["last value"], losses["last value"], steps)
    if best == "last value":
        return [
            first,
            "The best baseline is the last value itself: " + _word(differences["last value"], "it") + ".",
        ]
    second = _sentence(f"the best baseline ({best})", differences[best], losses[best], steps)
    return [first, second]


def _word(difference: Difference, rival: str) -> str:
    if difference.better:
        return f"the model beats {rival}"
    worse = " and is worse" if difference.worse else ""
    return f"the model does not beat {rival}{worse}"


def _sentence(rival: str, difference: Difference, loss: float, steps: str) -> str:
    word = _word(difference, rival)
    said = f"{word[0].upper()}{word[1:]} {steps}"
    if not np.isfinite(difference.low) or loss <= 0:
        return f"{said}: there are too few origins to tell."
    change, low, high = (100 * value / loss for value in (difference.mean, difference.low, difference.high))
    return f"{said}: its mean squared error differs by {change:+.1f} % (95 % interval {low:+.1f} to {high:+.1f} %)."
