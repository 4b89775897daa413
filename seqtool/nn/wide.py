"""A linear classifier on tokens, runs of them and their characters (Cheng 2016), as sums of looked-up rows."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from seqtool.data.grams import FACTOR, LEAST, PRIME, Sizes
from seqtool.nn.ragged import real_steps
from seqtool.types import Floats


class Wide(nn.Module):
    """Logits as a weighted TF-IDF sum.

    A row of each table holds K weights, each times its inverse document frequency, and what it adds to the squared
    length by which the sum of a text is divided. Buffers, not parameters: `fit` of the family sets them.
    """

    tokens: Tensor
    grams: Tensor
    characters: Tensor | None
    bias: Tensor
    chosen: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes, width = sizes, sizes.columns + 1
        self.register_buffer("tokens", torch.zeros(sizes.vocabulary, width))
        self.register_buffer("grams", torch.zeros(sizes.buckets, width))
        self.register_buffer("characters", torch.zeros(sizes.vocabulary, width) if sizes.characters else None)
        self.register_buffer("bias", torch.zeros(sizes.columns))
        self.register_buffer("chosen", torch.full((2,), torch.nan, dtype=torch.float64))  # nothing before a fit

    def set(self, tables: Mapping[str, Floats]) -> None:
        """Take tables by their names."""
        for name, table in tables.items():
            getattr(self, name).copy_(torch.as_tensor(table))

    def grown(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the tables from those of fewer tokens and classes: what is new weighs nothing."""
        known, columns = len(weights["bias"]), self.sizes.columns
        # of two classes the one column is that of the second
        first = 1 if known == 1 < columns else 0
        bias = torch.zeros(columns)
        bias[first : first + known] = weights["bias"]
        tables = {"bias": bias, "chosen": weights["chosen"]}
        for name in ("tokens", "grams", "characters"):
            if (own := getattr(self, name)) is not None:
                old, table = weights[name], torch.zeros(own.shape)
                table[: len(old), first : first + known] = old[:, :-1]
                table[: len(old), -1] = old[:, -1]  # what a row adds to the squared length
                tables[name] = table
        return tables

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits [B,C] for tokens [B,T] and `lengths` [B], on the host."""
        steps = torch.arange(tokens.shape[1], device=tokens.device)
        real = real_steps(lengths, tokens.shape[1], tokens.device)
        rows, code = embedding(tokens, self.tokens), tokens
        for count in range(2, self.sizes.most + 1):
            code = (torch.cat((code[:, :1], code[:, :-1]), dim=1) * FACTOR + tokens) % PRIME
            found = embedding(code % self.sizes.buckets, self.grams)
            rows = rows + found.masked_fill((steps < count - 1)[:, None], 0)
        logits = self._scaled(rows, real) + self.bias
        if self.characters is not None:
            logits = logits + self._scaled(embedding(tokens, self.characters), real)
        return logits * logits.new_tensor([0.0, 1.0]) if self.sizes.columns == 1 else logits

    def _scaled(self, rows: Tensor, real: Tensor) -> Tensor:
        """Sum the real rows [B,T,K+1] of each text, and divide by its length: [B,K]."""
        total = rows.masked_fill(~real[:, :, None], 0).sum(dim=1)
        return total[:, :-1] / total[:, -1:].clamp(min=LEAST).sqrt()
