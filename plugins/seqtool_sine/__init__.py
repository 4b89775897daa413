"""Forecast a sine wave: the smallest check that a network recurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqtool import ForecastingConfig, ForecastingTask, Opt, hookimpl
from seqtool_sine.sample import generated_sine


@dataclass(frozen=True)
class SineConfig(ForecastingConfig):
    """A wave goes below zero: it has no logarithm."""

    scaling: Annotated[
        Literal["standard", "min-max", "window", "seasonal-difference"],
        Opt("standard scores or range of the training part; of each window; differences from a season ago"),
    ] = "standard"


class Sine(ForecastingTask):
    """A sine in, its continuation out."""

    name = "sine"
    summary = "forecast a sine wave: the smallest check that a network recurs"
    config = SineConfig
    columns_hint = ("y",)
    examples = (
        "seqtool train sine",
        "seqtool train sine --preset lstm2x30",
        "seqtool forecast sine",
    )

    def sample(self) -> bytes:
        """Return a generated sine: nothing was measured."""
        return generated_sine()


@hookimpl
def register_task() -> Sine:
    """Give the task to seqtool."""
    return Sine()
