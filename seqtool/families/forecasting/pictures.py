"""Pictures of forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.series import Series
from seqtool.families.forecasting.data import Windows, rows
from seqtool.families.forecasting.forecasts import Predictor
from seqtool.families.forecasting.runner import Prediction
from seqtool.report.plots import FORECAST, RUNS, continuation, fan, figure, save

WINDOWS = 5
RIVALS = tuple(zip((RUNS[0], RUNS[2], RUNS[3], RUNS[6]), ("-", "-", "--", "-."), strict=True))
FAR = 5
"""A baseline's error this many times the model's asks for a logarithmic axis."""


def windows_picture(
    predict: Predictor, part: Windows, path: Path, title: str, levels: Sequence[float] = ()
) -> Path:  # fmt: skip
    """Draw five windows, evenly spread over a part: past, true and predicted, with bands between `levels`."""
    chosen = np.unique(np.linspace(0, len(part) - 1, WINDOWS).round().astype(np.int64))
    history, future = part.batch(chosen)
    predicted = predict(replace(part, starts=part.starts[chosen]))
    made, axes = figure(len(chosen), height=2.0)
    x, steps = _axis(part.series)
    for number, (axis, start) in enumerate(zip(axes, part.starts[chosen], strict=True)):
        seen = x[start : start + part.window]
        ahead = x[start + part.window : start + part.window + part.horizon]
        for column in range(future.shape[2]):
            continuation(
                axis,
                (seen, history[number, :, column]),
                (ahead, future[number, :, column]),
                (ahead, predicted.values[number, :, column]),
                first=number == 0 and column == 0,
            )
            if predicted.quantiles is not None:
                fan(axis, ahead, predicted.quantiles[number, :, column], levels, first=number == 0 and column == 0)
        axis.set_ylabel(" / ".join(part.series.columns), fontsize=8)
        axis.tick_params(labelsize=8)
    axes[0].set_title(title, fontsize=10)
    axes[0].legend(frameon=False, fontsize=8, ncols=4, loc="best")
    axes[-1].set_xlabel(steps, fontsize=8)
    return save(made, path)


def forecast_picture(
    series: Series, origin: int, prediction: Prediction, levels: Sequence[float], path: Path, title: str
) -> Path:  # fmt: skip
    """Draw the first forecast of a prediction, which starts after the first `origin` rows of a series.

    The truth is drawn where it is known, and bands between the `levels` of its quantiles.
    """
    forecast = prediction.forecast[0]
    horizon = len(forecast)
    begin = max(0, origin - 3 * horizon)
    made, axes = figure(len(series.columns))
    known = rows(series, slice(0, origin))
    x, label = _axis(series)
    ahead = _future(known, horizon)
    for column, axis in enumerate(axes):
        continuation(
            axis,
            (x[begin:origin], series.values[begin:origin, column]),
            (x[origin : origin + horizon], series.values[origin : origin + horizon, column]),
            (ahead, forecast[:, column]),
        )
        if prediction.quantiles is not None:
            fan(axis, ahead, prediction.quantiles[0, :, column], levels)
        axis.set_ylabel(series.columns[column])
        axis.legend(frameon=False)
    axes[0].set_title(title)
    axes[-1].set_xlabel(label)
    return save(made, path)


def _axis(series: Series) -> tuple[NDArray[np.generic], str]:
    if series.times is None:
        return np.arange(1, len(series.values) + 1), "step"
    return series.times, "time"


def _future(series: Series, horizon: int) -> NDArray[np.generic]:
    if series.times is None or series.step is None:
        return len(series.values) + np.arange(1, horizon + 1)
    return np.asarray(series.times[-1] + np.arange(1, horizon + 1) * series.step)


def steps_picture(scores: Mapping[str, Any], path: Path) -> Path:
    """Draw a report of `scores.score`: the RMSE of each step, and below it the coverage of each interval."""
    covered = scores.get("coverage", {})
    made, axes = figure(2 if covered else 1)
    error, share = axes[0], axes[-1]
    model = _by_step(error, scores["by_step"]["model"], label="model", color=FORECAST, linewidth=2.4, zorder=3)
    rivals = {name: row for name, row in scores["by_step"].items() if name != "model"}
    looks = zip(rivals.items(), RIVALS, strict=False)
    drawn = [
        _by_step(error, row, label=name, color=color, linestyle=line, linewidth=1.3)
        for (name, row), (color, line) in looks
    ]
    if max(map(np.nanmax, drawn)) > FAR * np.nanmax(model):
        error.set_yscale("log")
    error.set(title=f"{scores['split']} split of {scores['data']}, {scores['origins']} origins", ylabel="RMSE")
    for (nominal, shares), color in zip(covered.items(), RUNS, strict=False):
        _by_step(share, shares["by_step"], label=f"{100 * float(nominal):g} % interval", color=color)
        share.axhline(float(nominal), color=color, linestyle="--", linewidth=0.8)
    if covered:
        share.set(ylabel="share covered (dashed: nominal)", ylim=(0, 1))
    for axis in axes:
        axis.legend(frameon=False, fontsize=8, ncols=3)
    share.set_xlabel("step")
    return save(made, path)


def _by_step(axis: Any, row: Sequence[float | None], **look: Any) -> NDArray[np.float64]:
    """Draw figures of the steps 1..N, None where unknown; return them."""
    values = np.array([np.nan if one is None else one for one in row])
    axis.plot(range(1, len(values) + 1), values, marker="o" if len(values) == 1 else "", **look)
    return values
