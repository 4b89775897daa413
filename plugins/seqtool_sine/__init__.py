"""Forecast a sine wave: the smallest check that a network recurs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from seqtool import ForecastingConfig, Opt, Task, hookimpl
from seqtool_sine.sample import generated_sine


@dataclass(frozen=True)
class SineConfig(ForecastingConfig):
    """A wave goes below zero: it has no logarithm."""

    scaling: Annotated[
        Literal["standard", "min-max", "window", "seasonal-difference"],
        Opt("standard scores or range of the training part; of each window; differences from a season ago"),
    ] = "standard"


SINE = Task(
    name="sine",
    summary="forecast a sine wave: the smallest check that a network recurs",
    family="forecasting",
    sample=generated_sine,
    config=SineConfig,
    columns=("y",),
    examples=(
        "seqtool train sine",
        "seqtool train sine --preset lstm2x30",
        "seqtool forecast sine",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return SINE
