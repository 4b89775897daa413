"""Pictures of many series that a model forecasts each alone: some of them, below each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqtool.data.series import Series, rows
from seqtool.families.forecasting.many import Many
from seqtool.families.forecasting.pictures import LONGEST, MOST_STEPS, axis_of, future_of, one_step, one_window
from seqtool.families.forecasting.pooled_scores import by_series, units
from seqtool.families.forecasting.windows import Forecasts, Predictor, Windows
from seqtool.report.plots import continuation, fan, figure, legend, save
from seqtool.report.tables import cut_middle
from seqtool.say import counted
from seqtool.types import Floats, Ids

MOST = 6  # series of a forecast
HEIGHT = 2.0  # inches of one of them


class Ranked(NamedTuple):
    """A series by its number, and how it stands among the others."""

    member: int
    text: str


def many_picture(series: Series, many: Many, path: Path, title: str) -> Path:
    """Draw the first series that were continued: history, forecast with its intervals, and the truth if known."""
    chosen = np.flatnonzero(np.isfinite(many.forecast).all(axis=1))[:MOST].tolist()
    drawn, axes = figure(len(chosen), height=HEIGHT)
    x, label = axis_of(series)
    steps = many.forecast.shape[1]
    for number, (axis, place) in enumerate(zip(axes, chosen, strict=True)):
        origin = int(many.last[place]) + 1
        seen, after = slice(max(0, origin - 3 * steps), origin), slice(origin, origin + steps)
        ahead = future_of(rows(series, slice(0, origin)), steps)
        values = series.values[:, place]
        truth = (x[after], values[after]) if np.isfinite(values[after]).any() else (x[:0], values[:0])
        continuation(axis, (x[seen], values[seen]), truth, (ahead, many.forecast[place]), first=number == 0)
        if many.levels:
            fan(axis, ahead, many.quantiles[place], many.levels, first=number == 0)
        axis.set_title(cut_middle(many.names[place], LONGEST), fontsize=9, loc="left")
        axis.tick_params(labelsize=8)
    total = len(many.names)
    whole = f"{title}, {len(chosen)} of {counted(total, 'series', 'series')}"
    drawn.suptitle(whole, fontsize=10).set_parse_math(False)
    legend(drawn)
    axes[-1].set_xlabel(label, fontsize=8)
    return save(drawn, path)


def ranked_picture(
    predict: Predictor, part: Windows, train: Floats, season: int, path: Path, title: str, levels: Sequence[float] = ()
) -> Path:  # fmt: skip
    """Draw the newest window of the worst, the median and the best series of a part by MASE; train [T,F] is its unit.

    Forecasts of one step are drawn over the whole part: windows would show nothing but points.
    """
    forecasts = predict(part)
    chosen = _ranked(part, forecasts, units(train, season)[1])
    drawn, axes = figure(len(chosen), height=HEIGHT)
    x, label = axis_of(part.series)
    for number, (axis, one) in enumerate(zip(axes, chosen, strict=True)):
        own = np.flatnonzero(part.members == one.member)
        if part.horizon == 1:
            newest = own[-MOST_STEPS:]
            one_step(axis, x, part.some(newest), _some(forecasts, newest), levels)
        else:
            one_window(axis, x, part.some(own[-1:]), _some(forecasts, own[-1:]), levels, first=number == 0)
        axis.set_title(f"{one.text}: {cut_middle(part.series.columns[one.member], LONGEST)}", fontsize=9, loc="left")
        axis.tick_params(labelsize=8)
    ahead = ", one step ahead" if part.horizon == 1 else ""
    drawn.suptitle(f"{title}{ahead}", fontsize=10).set_parse_math(False)  # a file may be called a$b$
    legend(drawn)
    axes[-1].set_xlabel(label, fontsize=8)
    return save(drawn, path)


def _some(forecasts: Forecasts, chosen: Ids) -> Forecasts:
    quantiles = None if forecasts.quantiles is None else forecasts.quantiles[chosen]
    return Forecasts(forecasts.values[chosen], quantiles)


def _ranked(part: Windows, forecasts: Forecasts, unit: Floats) -> list[Ranked]:
    """Return the worst, the median and the best series of a part by MASE; without a unit the first that it has."""
    assert part.members is not None
    members = np.unique(part.members)
    errors = by_series(np.abs(forecasts.values - part.truth()) / unit[part.members][:, None, None], part.members)
    known = np.flatnonzero(np.isfinite(errors))
    order = known[np.argsort(-errors[known], kind="stable")].tolist()
    if len(order) < 2:
        return [Ranked(int(members[place]), "the series") for place in order or [0]]
    places = {(len(order) - 1) // 2: "median", len(order) - 1: "best", 0: "worst"}  # of two there is no median
    return [
        Ranked(int(members[order[place]]), f"{places[place]} of {len(order)} by MASE, {errors[order[place]]:.3g}")
        for place in sorted(places)
    ]
