"""Pictures of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqtool.data.series import Series
from seqtool.families.forecasting.data import Windows, rows
from seqtool.families.forecasting.forecasts import Predictor
from seqtool.families.forecasting.runner import Prediction
from seqtool.report.plots import continuation, fan, figure, save

WINDOWS = 5


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
