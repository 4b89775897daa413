"""Dropout of the same units at all steps of a record."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SpatialDropout(nn.Module):
    """Zeroes units of x [B,T,F] for a whole row, each with a probability `share` (Tompson 2015, Gal 2016)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B,T,F], in training with units left out and the others as much larger."""
        if not (self.training and self.share):
            return x
        mask = torch.nn.functional.dropout(x.new_ones(len(x), 1, x.shape[2]), self.share)
        return x * mask
