"""One-hot input: the embedding that is not learned."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


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
