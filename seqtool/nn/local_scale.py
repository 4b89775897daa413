"""How much a window moves, as a scale of the errors to expect after it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from seqtool.types import Floats

FLOOR = 0.1  # shares of the usual movement that are added: a window that stands still does not make errors impossible

T = TypeVar("T", Tensor, Floats)


def movement(z: Tensor, *, half_life: float, changes: bool) -> Tensor:
    """Return the mean absolute step of z [B,T,F] (NaN = missing): [B,1,F], NaN where no two neighbours are known.

    half_life: steps after which a step weighs half (exponential smoothing: RiskMetrics, 4th edition 1996, table 5.1);
    infinite where all weigh the same. changes: z are steps already, as log-returns are.
    """
    steps = (z if changes else z[:, 1:] - z[:, :-1]).abs()
    ages = torch.arange(steps.shape[1] - 1, -1, -1, device=z.device, dtype=z.dtype)
    weights = torch.where(steps.isnan(), 0.0, 0.5 ** (ages / half_life)[:, None])
    return (torch.nan_to_num(steps, nan=0.0) * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True)


def followed(moved: T, usual: T | float) -> T:
    """Return a movement as a multiple of the usual one, FLOOR added to both."""
    return (moved + FLOOR * usual) / ((1 + FLOOR) * usual)


class LocalScale(nn.Module):
    """The movement of a window as a multiple of the usual one [F], to a power [F]; 1 where it is unknown."""

    usual: Tensor
    power: Tensor

    def __init__(
        self, usual: Sequence[float], power: Sequence[float], half_life: float = math.inf, changes: bool = False
    ) -> None:
        super().__init__()
        self.half_life, self.changes = half_life, changes
        # The encoders keep both: checkpoints are the same before and after they are measured.
        self.register_buffer("usual", torch.tensor(usual, dtype=torch.float32), persistent=False)
        self.register_buffer("power", torch.tensor(power, dtype=torch.float32), persistent=False)

    def forward(self, z: Tensor) -> Tensor:
        """Map scaled history [B,T,F] (NaN = missing) to [B,1,F]."""
        moved = movement(z, half_life=self.half_life, changes=self.changes)
        return followed(torch.where(moved.isnan(), self.usual, moved), self.usual) ** self.power
