"""Forecasting: a series in, its continuation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.families.forecasting.config import ForecastingConfig
    from seqtool.families.forecasting.task import ForecastingTask

__all__ = ["ForecastingConfig", "ForecastingTask"]


def __getattr__(name: str) -> object:
    """Load at first use: the runner of this family starts without the task."""
    if name == "ForecastingConfig":
        from seqtool.families.forecasting.config import ForecastingConfig

        return ForecastingConfig
    if name == "ForecastingTask":
        from seqtool.families.forecasting.task import ForecastingTask

        return ForecastingTask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
