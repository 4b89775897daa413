"""How much a window moves, as a scale of the errors to expect after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from seqtool.types import Floats

FLOOR = 0.1  # shares of the usual movement that are added: a window that stands still does not make errors impossible

T = TypeVar("T", Tensor, Floats)


def movement(z: Tensor) -> Tensor:
    """Return the mean absolute step of z [B,T,F] (NaN = missing): [B,1,F], NaN where no two neighbours are known."""
    return torch.nanmean((z[:, 1:] - z[:, :-1]).abs(), dim=1, keepdim=True)


def followed(moved: T, usual: T | float) -> T:
    """Return a movement as a multiple of the usual one, FLOOR added to both."""
    return (moved + FLOOR * usual) / ((1 + FLOOR) * usual)


class LocalScale(nn.Module):
    """The movement of a window as a multiple of the usual one [F], to a power [F]; 1 where it is unknown."""

    usual: Tensor
    power: Tensor

    def __init__(self, usual: Sequence[float], power: Sequence[float]) -> None:
        super().__init__()
        # The encoders keep both: checkpoints are the same before and after they are measured.
        self.register_buffer("usual", torch.tensor(usual, dtype=torch.float32), persistent=False)
        self.register_buffer("power", torch.tensor(power, dtype=torch.float32), persistent=False)

    def forward(self, z: Tensor) -> Tensor:
        """Map scaled history [B,T,F] (NaN = missing) to [B,1,F]."""
        moved = movement(z)
        return followed(torch.where(moved.isnan(), self.usual, moved), self.usual) ** self.power
