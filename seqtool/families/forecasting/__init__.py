"""Forecasting: a series in, its continuation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.families.family import Family

FAMILY = Family(
    name="forecasting",
    verb="forecast",
    summary="a series in, its continuation out",
    package=__name__,
    abilities=frozenset({"backtest"}),
    answers="forecasts",
    records=False,
)

if TYPE_CHECKING:
    from seqtool.families.forecasting import config, data, export, model, pipe, report, runner, scores
    from seqtool.families.phases import hold

    hold(config, data, model, export, runner, report, scores, pipe)
