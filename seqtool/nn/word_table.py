"""The table of the vectors of tokens, which may begin with vectors from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from seqtool.data.token_vectors import TokenVectors


class WordTable(nn.Embedding):
    """Vectors [V,E] of tokens. frozen: those that come from outside are not trained, the others are."""

    fixed: Tensor
    """Which rows are not trained [V]; it is kept in checkpoints."""

    def __init__(self, tokens: int, size: int, *, padding_idx: int | None = None, frozen: bool = False) -> None:
        super().__init__(tokens, size, padding_idx=padding_idx)
        self.frozen = frozen
        if frozen:
            self.register_buffer("fixed", torch.zeros(tokens, dtype=torch.bool))

    def forward(self, input: Tensor) -> Tensor:
        """Return the vectors [...,E] of tokens [...]."""
        vectors = super().forward(input)
        if not self.frozen:
            return vectors
        # no gradient: no optimiser moves a weight whose gradients were all zero
        return torch.where(self.fixed[input][..., None], vectors.detach(), vectors)

    @torch.no_grad()
    def begin(self, vectors: TokenVectors) -> None:
        """Begin with vectors from outside; the random ones of the other tokens get their spread."""
        ids, values = (torch.from_numpy(array.copy()).to(self.weight.device) for array in (vectors.ids, vectors.values))
        spread, own = (table.double().square().mean().sqrt().item() for table in (values, self._random()))
        if spread > 0:
            self.weight.mul_(spread / own)
        self.weight[ids] = values
        if self.frozen:
            self.fixed[ids] = True

    def _random(self) -> Tensor:
        """Return the rows that were drawn: all but that of padding, which is zero."""
        if self.padding_idx is None:
            return self.weight
        return torch.cat((self.weight[: self.padding_idx], self.weight[self.padding_idx + 1 :]))
