"""Recurrent layers one upon another, with residual connections where they are wanted."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from seqtool.nn.recurrent import Recurrent, State


class Stack(nn.Module):
    """L one-layer `Recurrent`s; dropout acts between them.

    A residual layer returns y + x (He 2016; Wu 2016 in translation) where its outputs are as wide as its inputs.
    """

    def __init__(
        self, cell: str, inputs: int, hidden: int, layers: int, *,
        bidirectional: bool = False, dropout: float = 0.0, residual: bool = False,
    ) -> None:  # fmt: skip
        """Take `hidden` units of a layer, each way."""
        super().__init__()
        self.directions = 2 if bidirectional else 1
        self.outputs = self.directions * hidden  # the last axis of the outputs, as in `Recurrent`
        self.residual, self.dropout = residual, dropout
        widths = [inputs] + [self.outputs] * (layers - 1)
        self.layers = nn.ModuleList(Recurrent(cell, width, hidden, 1, bidirectional=bidirectional) for width in widths)

    def forward(self, x: Tensor, state: State | None = None, lengths: Tensor | None = None) -> tuple[Tensor, State]:
        """Run x [B,T,F] from `state` (zeros when None); return outputs [B,T,D*H] and the state after, each [L*D,B,H].

        lengths [B], on the host, each 1 to T: the steps that are not padding; outputs are zero in padding.
        """
        finals: list[State] = []
        for number, layer in enumerate(self.layers):
            inputs = dropout(x, self.dropout, self.training) if number else x
            y, after = layer(inputs, self._of(state, number), lengths)
            finals.append(after)
            # the x before dropout: the way around the layer stays whole
            x = y + x if self.residual and y.shape[2] == x.shape[2] else y
        return x, tuple(torch.cat(parts) for parts in zip(*finals, strict=True))

    def _of(self, state: State | None, number: int) -> State | None:
        if state is None:
            return None
        first = number * self.directions
        return tuple(tensor[first : first + self.directions] for tensor in state)

    def recurrents(self) -> list[Recurrent]:
        """Return the layers, the first one first."""
        return [cast(Recurrent, layer) for layer in self.layers]
