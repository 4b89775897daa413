"""What the training loop minimises: the loss of windows chosen by index."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from seqtool.families.forecasting.cores import Seq2Seq
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.network import Forecaster
from seqtool.nn.highway import Highway

AT_ONCE = 1024
KEPT = 1 << 26
"""Numbers of scaled windows that are made once and kept; beyond that each batch is scaled as it comes."""


class Scaled:
    """The scaled windows of a part, on the device."""

    def __init__(self, network: Forecaster, part: Windows, device: torch.device) -> None:
        self.network, self.window = network, part.window
        self.values = torch.as_tensor(np.ascontiguousarray(part.values), dtype=torch.float32, device=device)
        self.calendar = None if part.calendar is None else torch.as_tensor(part.calendar, device=device)
        self.starts = torch.as_tensor(part.starts, device=device)
        self.steps = torch.arange(part.window + part.horizon, device=device)
        self.kept: tuple[Tensor, Tensor] | None = None
        if len(part) * len(self.steps) * self.values.shape[1] <= KEPT:
            self.kept = self._make(torch.arange(len(part), device=device))

    def __len__(self) -> int:
        return len(self.starts)

    def __call__(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return history [B,T,F] and target [B,U,F] in network units, NaN = missing, and their covariates [B,T+U,C]."""
        if self.kept is None:
            z, target = self._make(indices)
        else:
            z, target = (part.index_select(0, indices) for part in self.kept)
        return z, target, self._covariates(indices, z.shape[1])

    @torch.no_grad()
    def _make(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        both = self.values[self.starts[indices][:, None] + self.steps]
        return self.network.scale(both[:, : self.window], both[:, self.window :])

    def _covariates(self, indices: Tensor, length: int) -> Tensor | None:
        if self.calendar is None:
            return None
        return self.calendar[self.starts[indices][:, None] + self.steps[self.window - length :]]


class Objective:
    """Scaled windows on the device, chosen by index."""

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, device: torch.device, seed: int
    ) -> None:
        self.network, self.device = network, device
        self.train, self.validation = Scaled(network, train, device), Scaled(network, validation, device)
        self.complete = bool(np.isfinite(train.values).all())
        config = network.config
        self.teacher_forcing = 0.0 if config.network == "direct" else config.teacher_forcing
        self.coin = torch.Generator().manual_seed(seed)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss of the training windows [B]; one coin a batch decides on teacher forcing."""
        share = self.teacher_forcing
        forced = share > 0 and torch.rand((), generator=self.coin).item() < share
        return self.network.loss(*self.train(indices), forced=forced, complete=self.complete)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the free-running loss over the validation windows."""
        count = len(self.validation)
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for first in range(0, count, AT_ONCE):
            indices = torch.arange(first, min(first + AT_ONCE, count), device=self.device)
            total += self.network.loss(*self.validation(indices), forced=False).double() * len(indices)
        return {"loss": total.item() / count}

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state of the teacher-forcing coin."""
        return {"coin": self.coin.get_state()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.coin.set_state(state["coin"].cpu())


def prepare(network: Forecaster, objective: Objective, first: Forecaster | None = None) -> None:
    """Set what has a closed form before training starts: the highway, with the network beside it silent at first.

    Its penalty is chosen on validation, or that of the network `first`, which is fitted again.
    """
    core, highway = network.core, _highway(network)
    if highway is None:
        return
    parts = (objective.train, objective.validation)
    train, validation = (part(torch.arange(len(part), device=objective.device))[:2] for part in parts)
    chosen = None if first is None else _highway(first)
    highway.fit(train, validation, None if chosen is None else chosen.penalty.item())
    nn.init.zeros_(core.output.weight)
    nn.init.zeros_(core.output.bias)


def _highway(network: Forecaster) -> Highway | None:
    return None if isinstance(network.core, Seq2Seq) else network.core.highway
