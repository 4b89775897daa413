"""Attention: how well each step of a memory fits each query, for all queries at once."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["dot", "luong", "scaled_luong", "bahdanau", "normed_bahdanau"]


class Attention(nn.Module):
    """Scores of a query q [H] and a step m [M] of the memory.

    `dot`: q m; `luong`: q W m (Luong 2015, "general"); `scaled_luong`: g q W m; `bahdanau`: v tanh(Q q + W m)
    (Bahdanau 2015, additive); `normed_bahdanau`: g v/|v| tanh(Q q + W m + b). There are as many units as the query has.
    """

    def __init__(self, kind: Kind, query: int, memory: int) -> None:
        """Take the widths H of the query and M of the memory; raises `ValueError` for a `dot` of different ones."""
        super().__init__()
        if kind == "dot" and query != memory:
            raise ValueError(f"a dot product needs one width, not {query} and {memory}")
        self.kind = kind
        self.additive = kind in ("bahdanau", "normed_bahdanau")
        self.memory = None if kind == "dot" else nn.Linear(memory, query, bias=False)
        self.query = nn.Linear(query, query, bias=False) if self.additive else None
        self.v = nn.Parameter(torch.empty(query).uniform_(-(query**-0.5), query**-0.5)) if self.additive else None
        # the scalar g begins as tensorflow/nmt's does
        first = {"scaled_luong": 1.0, "normed_bahdanau": query**-0.5}.get(kind)
        self.g = None if first is None else nn.Parameter(torch.tensor(first))
        self.b = nn.Parameter(torch.zeros(query)) if kind == "normed_bahdanau" else None

    def keys(self, memory: Tensor) -> Tensor:
        """Map memory [B,T,M] to keys [B,T,A]."""
        keys: Tensor = memory if self.memory is None else self.memory(memory)
        return keys if self.b is None else keys + self.b

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the scores [B,U,T] of queries [B,U,H] and keys [B,T,A]."""
        if self.query is None or self.v is None:
            products = torch.bmm(query, keys.transpose(1, 2))
            return products if self.g is None else self.g * products
        v = self.v if self.g is None else self.g * self.v / self.v.norm()
        return torch.tanh(self.query(query)[:, :, None] + keys[:, None]) @ v

    def forward(self, query: Tensor, keys: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return contexts [B,U,M] and weights [B,U,T] of queries [B,U,H]; mask [B,T] is true where a step is real."""
        scores = self.scores(query, keys).masked_fill(~mask[:, None], -torch.inf)
        weights = torch.softmax(scores, dim=-1, dtype=torch.float32)  # under bf16 too
        return torch.bmm(weights.to(memory.dtype), memory), weights
