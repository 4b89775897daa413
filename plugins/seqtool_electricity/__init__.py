"""Forecast electricity demand, or any load with a daily and a weekly pattern."""

from __future__ import annotations

from pathlib import Path

from seqtool import Task, hookimpl
from seqtool_electricity.sample import simulated_load
from seqtool_electricity.sources import SOURCES

ELECTRICITY = Task(
    name="electricity",
    summary="forecast electricity demand, or any load with daily and weekly seasons",
    family="forecasting",
    sample=simulated_load,
    columns=("load", "demand", "value", "y"),
    sources=SOURCES,
    examples=(
        "seqtool train electricity",
        "seqtool train electricity --preset stateful",
        "seqtool forecast electricity --horizon 48",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return ELECTRICITY
