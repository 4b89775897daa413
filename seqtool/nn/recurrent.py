"""A stack of recurrent layers with one state layout for every cell."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from seqtool.nn.peephole import PeepholeLSTM

Cell = Literal["lstm", "gru", "rnn", "peephole"]
State = tuple[Tensor, ...]
"""(h,) or, for LSTM with or without peepholes, (h, c); each [L*D, B, H]."""

_KINDS: dict[str, type[nn.LSTM] | type[nn.GRU] | type[nn.RNN] | type[PeepholeLSTM]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
    "peephole": PeepholeLSTM,
}


class Recurrent(nn.Module):
    """L layers of LSTM (Hochreiter 1997), GRU (Cho 2014) or tanh RNN (Elman 1990), fused by PyTorch, or peephole LSTM.

    Dropout acts between layers only.
    """

    def __init__(
        self,
        cell: Cell,
        features: int,
        hidden: int,
        layers: int,
        *,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.cell, self.hidden, self.layers = cell, hidden, layers
        self.directions = 2 if bidirectional else 1
        between = dropout if layers > 1 else 0.0
        self.rnn = _KINDS[cell](
            features, hidden, layers, batch_first=True, dropout=between, bidirectional=bidirectional
        )

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Run x [B,T,F] from `state` (zeros when None); return outputs [B,T,D*H] and the state after T."""
        if state_tensors(self.cell) == 2:
            y, (h, c) = self.rnn(x, state)
            return y, (h, c)
        y, h = self.rnn(x, state[0] if state is not None else None)
        return y, (h,)


def state_tensors(cell: str) -> int:
    """Return how many tensors a cell carries from step to step: 2 (h, c) or 1 (h)."""
    return 2 if cell in ("lstm", "peephole") else 1


def top(state: State, directions: int) -> Tensor:
    """Return the last layer's h, its directions side by side: [B, D*H]."""
    h = state[0]
    return h[-1] if directions == 1 else torch.cat((h[-2], h[-1]), dim=-1)
