"""Pictures of forecasts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqtool.data.series import Series, rows
from seqtool.errors import ModelError
from seqtool.families.forecasting.windows import Forecasts, Predictor, Windows
from seqtool.report.plots import FORECAST, RUNS, TRUTH, continuation, fan, figure, legend, save
from seqtool.report.report import MODEL
from seqtool.report.tables import cut_middle
from seqtool.types import Array, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqtool.families.forecasting.report import Report
    from seqtool.families.forecasting.runner import Prediction

WINDOWS = 5
MOST_STEPS = 400  # more run into each other on nine inches
LONGEST = 40  # characters of the names in a title
# Colours and lines of the baselines; with more baselines they begin again.
RIVALS = tuple(zip((RUNS[0], RUNS[2], RUNS[3], RUNS[6]), ("-", "-", "--", "-."), strict=True))
FAR = 5  # a baseline's error of this many times the model's makes the axis logarithmic


def windows_picture(predict: Predictor, part: Windows, path: Path, title: str, levels: Sequence[float] = ()) -> Path:
    """Draw five windows, evenly spread over a part: past, true and predicted, with bands between `levels`.

    Forecasts of one step are drawn over the whole part: windows would show nothing but points.
    """
    title = f"{cut_middle(' / '.join(part.series.columns), LONGEST)}: {title}"
    if part.horizon == 1:
        return _one_step_picture(predict, part, path, title, levels)
    chosen = np.unique(np.linspace(0, len(part) - 1, WINDOWS).round().astype(np.int64))
    predicted = predict(part.some(chosen))
    drawn, axes = figure(len(chosen), height=2.0)
    x, steps = axis_of(part.series)
    for number, axis in enumerate(axes):
        quantiles = None if predicted.quantiles is None else predicted.quantiles[number : number + 1]
        forecast = Forecasts(predicted.values[number : number + 1], quantiles)
        one_window(axis, x, part.some(chosen[number : number + 1]), forecast, levels, first=number == 0)
        axis.tick_params(labelsize=8)
    axes[0].set_title(title, fontsize=10)
    legend(drawn)
    axes[-1].set_xlabel(steps, fontsize=8)
    return save(drawn, path)


def one_window(
    axis: Axes, x: Array, window: Windows, predicted: Forecasts, levels: Sequence[float], *, first: bool
) -> None:
    """Draw a single window and its forecast [1,N,F]; x [T]: where the rows stand; first: whether it is labelled."""
    history, future = window.batch(np.array([0]))
    start, origin = int(window.starts[0]), int(window.origins[0])
    seen, ahead = x[start:origin], x[origin : origin + window.horizon]
    for column in range(future.shape[2]):
        labelled = first and column == 0
        continuation(
            axis,
            (seen, history[0, :, column]),
            (ahead, future[0, :, column]),
            (ahead, predicted.values[0, :, column]),
            first=labelled,
        )
        if predicted.quantiles is not None:
            fan(axis, ahead, predicted.quantiles[0, :, column], levels, first=labelled)


def _one_step_picture(predict: Predictor, part: Windows, path: Path, title: str, levels: Sequence[float]) -> Path:
    """Draw truth and forecast of every step of a part, the newest `MOST_STEPS` at most."""
    newest = part.some(np.arange(len(part))[-MOST_STEPS:])
    predicted = predict(newest)
    drawn, axes = figure(part.features)
    x, steps = axis_of(part.series)
    for column, axis in enumerate(axes):
        one_step(axis, x, newest, predicted, levels, column)
        if len(axes) > 1:
            axis.set_ylabel(part.series.columns[column])
    axes[0].set_title(f"{title}, one step ahead", fontsize=10)
    axes[0].legend(frameon=False, fontsize=8, ncols=3)
    axes[-1].set_xlabel(steps, fontsize=8)
    return save(drawn, path)


def one_step(
    axis: Axes, x: Array, part: Windows, predicted: Forecasts, levels: Sequence[float], column: int = 0
) -> None:
    """Draw the truth and the forecast [W,1,F] of each window of a part; x [T]: where the rows stand."""
    ahead = x[part.origins]
    axis.plot(ahead, part.truth()[:, 0, column], color=TRUTH, linewidth=1.2, label="true")
    axis.plot(ahead, predicted.values[:, 0, column], color=FORECAST, linewidth=1.2, linestyle="--", label="forecast")
    if predicted.quantiles is not None:
        fan(axis, ahead, predicted.quantiles[:, 0, column], levels)


def forecast_picture(
    series: Series, origin: int, prediction: Prediction, levels: Sequence[float], path: Path, title: str
) -> Path:  # fmt: skip
    """Draw the first forecast of a prediction after the first `origin` rows of a series, and the truth if known.

    Bands are drawn between the `levels` of its quantiles.
    """
    forecast = prediction.forecast[0]
    horizon, begin = len(forecast), max(0, origin - 3 * len(forecast))
    drawn, axes = figure(len(series.columns))
    x, label = axis_of(series)
    ahead = future_of(rows(series, slice(0, origin)), horizon)
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
    axes[0].set_title(title)
    legend(drawn)
    axes[-1].set_xlabel(label)
    return save(drawn, path)


def axis_of(series: Series) -> tuple[Array, str]:
    """Return where the rows of a series stand [T], and what that is called."""
    if series.times is None:
        return np.arange(1, len(series.values) + 1), "step"
    return series.grid.local(series.times) if series.grid else series.times, "time"


def future_of(series: Series, horizon: int) -> Array:
    """Return where the steps after the last row of a series stand [N]."""
    if series.times is None or series.grid is None:
        return len(series.values) + np.arange(1, horizon + 1)
    return series.grid.local(series.grid.after(series.times[-1], horizon))


def steps_picture(report: Report, path: Path) -> Path:
    """Draw the RMSE of each step, and below it the coverage of each interval.

    Raises `ModelError` where the scores are from a version that did not measure each step.
    """
    errors, covered = report.by_step, report.coverage or {}
    if MODEL not in errors:
        raise ModelError("the stored scores have no error of each step", cure="measure them again: --backtest")
    drawn, axes = figure(2 if covered else 1)
    error, share = axes[0], axes[-1]
    model = _by_step(error, errors[MODEL], label=MODEL, color=FORECAST, linewidth=2.4, zorder=3)
    rivals = ((name, row) for name, row in errors.items() if name != MODEL)
    lines = [
        _by_step(error, row, label=name, color=color, linestyle=line, linewidth=1.3)
        for (name, row), (color, line) in zip(rivals, itertools.cycle(RIVALS), strict=False)
    ]
    if max(map(np.nanmax, lines)) > FAR * np.nanmax(model):  # or a baseline far off would flatten all curves
        error.set_yscale("log")
    error.set(title=f"{report.split} split of {report.data}, {report.origins} origins", ylabel="RMSE")
    for (nominal, shares), color in zip(covered.items(), itertools.cycle(RUNS), strict=False):
        _by_step(share, shares["by_step"], label=f"{100 * float(nominal):g} % interval", color=color)
        share.axhline(float(nominal), color=color, linestyle="--", linewidth=0.8)
    if covered:
        share.set(ylabel="share covered (dashed: nominal)", ylim=(0, 1))
    for axis in axes:
        axis.legend(frameon=False, fontsize=8, ncols=3)
    share.set_xlabel("step")
    return save(drawn, path)


def _by_step(axis: Axes, row: Sequence[float | None], **look: Any) -> Floats:
    """Draw the values of the steps 1..N, None where unknown; return them."""
    values = np.array(row, dtype=np.float64)  # None becomes NaN
    axis.plot(range(1, len(values) + 1), values, marker="o" if len(values) == 1 else "", **look)
    return values
