"""The contract between a family and the training loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, TypeVar

from torch import Tensor, nn

N = TypeVar("N", bound=nn.Module)
E = TypeVar("E")
SAMPLES = "samples.txt"
"""The file of a run for what `Objective.show` writes."""


class Objective(ABC, Generic[N, E]):
    """The data on the device and the loss of `network` over it. The loop knows no more of a task."""

    network: N

    @abstractmethod
    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss [] of the training records `indices` [B]."""

    @abstractmethod
    def evaluate(self) -> dict[str, float]:
        """Return the validation figures: `loss`, and `error` where that decides on the best weights instead."""

    def measures(self) -> tuple[str, ...]:
        """Return the figures that `--metric` may name; those that `evaluate` does not give are had from `measure`.

        Less of one is better, unless `seqtool.runs.HIGHER` has its name.
        """
        return ("loss",)

    def measure(self, name: str) -> float:
        """Return one more of the `measures`, for what `evaluate` has just read: it is asked for only where it decides.

        NaN where the data do not give it.
        """
        raise NotImplementedError

    def tokens(self, indices: Tensor) -> int:
        """Return the tokens, padding left out, that `loss` reads for `indices` [B]; 0 where nobody counts them."""
        return 0

    def state_dict(self) -> dict[str, Tensor]:
        """Return the tensors that the objective keeps between steps; most keep none."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""

    def prepare(self, first: N | None) -> None:
        """Set weights that have a closed form, before the first step of a training; a resumed one does not call it.

        first: in a refit the trained network of the first fit, whose choices are kept.
        """

    def show(self, run: Path, step: int) -> str:
        """Write samples into the run folder after the evaluation at `step`; return a line for the terminal, or ""."""
        return ""

    def calibrated(self, encoders: E) -> E:
        """Return the encoders with what the trained network's validation errors add, such as quantile offsets."""
        return encoders
