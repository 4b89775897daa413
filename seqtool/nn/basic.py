"""Small parts that several networks share: inputs, dropout of units, first weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, embedding


class OneHot(nn.Module):
    """Calendar codes [B,T,C] -> indicators [B,T,sum of sizes]; a code outside 0..size-1 sets none."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.sizes = tuple(sizes)

    def forward(self, codes: Tensor) -> Tensor:
        """Map whole numbers of any dtype to float32 indicators, the codes' groups side by side."""
        # not torch's `one_hot`: it takes int64 alone, and raises for a code outside
        groups = zip(codes.unbind(dim=-1), self.sizes, strict=True)
        indicators = [code[..., None] == torch.arange(size, device=code.device) for code, size in groups]
        return torch.cat(indicators, dim=-1).float()


class OneHotEmbedding(nn.Module):
    """Symbols [...] to their unit vectors [...,V]: as `nn.Embedding` whose `weight` [V,V] is the identity."""

    weight: Tensor

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding_dim = vocabulary
        self.register_buffer("weight", torch.eye(vocabulary), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Look up ids [...]: [...,V]."""
        return embedding(ids, self.weight)


class SpatialDropout(nn.Module):
    """Zeroes units of x [B,T,F] for a whole row, each with a probability `share` (Tompson 2015, Gal 2016)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """In training drop units of x [B,T,F] and scale the others by 1 / (1 - share)."""
        if not (self.training and self.share):
            return x
        return x * dropout(x.new_ones(len(x), 1, x.shape[2]), self.share)


def truncated_normal(module: nn.Module, deviation: float) -> None:
    """Draw weight matrices from N(0, deviation) cut at two deviations; biases start at zero."""
    _draw(module, lambda weights: nn.init.trunc_normal_(weights, std=deviation, a=-2 * deviation, b=2 * deviation))


def uniform(module: nn.Module, bound: float) -> None:
    """Draw weight matrices from -bound to bound; biases start at zero."""
    _draw(module, lambda weights: nn.init.uniform_(weights, -bound, bound))


def _draw(module: nn.Module, draw: Callable[[Tensor], Tensor]) -> None:
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            draw(parameter)
        elif "bias" in name:  # learnt scalars and vectors, such as those of attention, keep their first values
            nn.init.zeros_(parameter)
