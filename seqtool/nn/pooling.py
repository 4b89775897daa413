"""From the outputs of all steps to one vector a record."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from seqtool.nn.ragged import real_steps

Kind = Literal["last", "max", "attention"]


class Pooling(nn.Module):
    """`last`: each direction's last output; `max`: the largest of each unit (Collobert 2011); `attention`: the mean
    weighted by the softmax of a learned query's products (Yang 2016, Lin 2017, without their hidden layer)."""

    def __init__(self, kind: Kind, width: int, directions: int = 1) -> None:
        """Take the width D*H of the outputs."""
        super().__init__()
        self.kind, self.width, self.directions = kind, width, directions
        self.query = nn.Linear(width, 1, bias=False) if kind == "attention" else None

    def forward(self, y: Tensor, lengths: Tensor) -> Tensor:
        """Pool the real steps of y [B,T,D*H]: [B,D*H]."""
        if self.kind == "last":
            return self._last(y, lengths.to(y.device))
        padding = ~real_steps(lengths, y.shape[1], y.device)[:, :, None]
        if self.query is None:
            return y.masked_fill(padding, -torch.inf).amax(dim=1)
        scores: Tensor = self.query(y)
        weights = torch.softmax(scores.float().masked_fill(padding, -torch.inf), dim=1)
        return (weights * y).sum(dim=1)

    def _last(self, y: Tensor, lengths: Tensor) -> Tensor:
        ends = y[torch.arange(len(y), device=y.device), lengths - 1]
        if self.directions == 1:
            return ends
        half = self.width // 2  # the second direction ends at the first step
        return torch.cat((ends[:, :half], y[:, 0, half:]), dim=1)
