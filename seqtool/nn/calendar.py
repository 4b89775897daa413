"""Calendar codes as inputs of a network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class OneHot(nn.Module):
    """Codes [B,T,C] -> indicators [B,T,sum of sizes]; a code outside 0..size-1 sets none."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.sizes = tuple(sizes)

    def forward(self, codes: Tensor) -> Tensor:
        """Map whole numbers of any dtype to float32 indicators, the codes' groups side by side."""
        groups = zip(codes.unbind(dim=-1), self.sizes, strict=True)
        return torch.cat([_indicators(code, size) for code, size in groups], dim=-1)


def _indicators(code: Tensor, size: int) -> Tensor:
    return (code[..., None] == torch.arange(size, device=code.device)).float()
