"""Forecast electricity demand, or any load with a daily and a weekly pattern."""

from __future__ import annotations

from seqtool import ForecastingTask, hookimpl
from seqtool_electricity.sample import simulated_load
from seqtool_electricity.sources import SOURCES


class Electricity(ForecastingTask):
    """A load in, the load of the next day out."""

    name = "electricity"
    summary = "forecast electricity demand, or any load with daily and weekly seasons"
    columns_hint = ("load", "demand", "value", "y")
    sources = SOURCES
    examples = (
        "seqtool train electricity",
        "seqtool train electricity --preset stateful",
        "seqtool forecast electricity --horizon 48",
    )

    def sample(self) -> bytes:
        """Return a simulated load: no real meter is in it."""
        return simulated_load()


@hookimpl
def register_task() -> Electricity:
    """Give the task to seqtool."""
    return Electricity()
