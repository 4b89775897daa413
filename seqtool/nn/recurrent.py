"""A stack of recurrent layers with one state layout for every cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import dropout as drop
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from seqtool import cells
from seqtool.errors import UsageError
from seqtool.nn import padded

Batch = TypeVar("Batch", Tensor, PackedSequence)
Layers = TypeVar("Layers", bound=nn.RNNBase)
State = tuple[Tensor, ...]
"""(h,); for LSTM with or without peepholes (h, c), each [L*D,B,H]; for SCRN (h, s), s [L,B,S]."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of a cell's layers; SCRN alone reads context and alpha.

    A `layer` function makes a module of them. It is called with x [B,T,F], a state (None: zeros) and, where a batch is
    ragged, lengths [B]; PyTorch's own layers (`nn.RNNBase`) without lengths. It returns outputs [B,T,D*H], zero in
    padding, and the state after each row's last step. Where the last axes of states and outputs are not H and D*H, it
    has the attributes `widths` and `outputs`.
    """

    features: int
    hidden: int
    layers: int
    dropout: float = 0.0
    bidirectional: bool = False
    context: int = 0
    alpha: float = 0.0


def lstm(sizes: Sizes) -> nn.LSTM:
    """Hochreiter and Schmidhuber 1997."""
    return fused(nn.LSTM, sizes)


def gru(sizes: Sizes) -> nn.GRU:
    """Cho 2014, the reset gate after the recurrent product."""
    return fused(nn.GRU, sizes)


def rnn(sizes: Sizes) -> nn.RNN:
    """Elman 1990, with tanh."""
    return fused(nn.RNN, sizes)


def fused(layers: Callable[..., Layers], sizes: Sizes) -> Layers:
    """Make layers whose constructor is PyTorch's."""
    options = {"dropout": sizes.dropout, "bidirectional": sizes.bidirectional}
    return layers(sizes.features, sizes.hidden, sizes.layers, batch_first=True, **options)


class Recurrent(nn.Module):
    """L layers of any cell of `seqtool.cells`, with one layout of the state.

    Dropout acts between layers only. Weight-drop (Merity 2018) zeroes a share of the weights from h to h, the same
    ones at all steps of a batch. `widths`, `outputs`: the last axes of each state tensor and of the outputs.
    """

    def __init__(
        self,
        cell: str,
        features: int,
        hidden: int,
        layers: int,
        *,
        dropout: float = 0.0,
        bidirectional: bool = False,
        weight_drop: float = 0.0,
        context: int = 0,
        alpha: float = 0.0,
    ) -> None:
        super().__init__()
        row = cells.find(cell)
        if weight_drop and not row.weight_drop:
            cure = "leave --weight-drop out, or take another --cell"
            raise UsageError(f"the cell {cell} has no weights from state to state to drop", cure=cure)
        self.cell, self.features, self.hidden, self.layers = cell, features, hidden, layers
        self.row = row  # kept: to look for a cell from outside asks all entry points, 16 ms a time
        self.weight_drop = weight_drop
        self.directions = 2 if bidirectional else 1
        between = dropout if layers > 1 else 0.0  # PyTorch warns of dropout that has no effect
        self.rnn: nn.Module = row.load("layer")(Sizes(features, hidden, layers, between, bidirectional, context, alpha))
        self.widths: tuple[int, ...] = getattr(self.rnn, "widths", (hidden,) * len(row.states))
        self.outputs: int = getattr(self.rnn, "outputs", self.directions * hidden)

    def forward(self, x: Tensor, state: State | None = None, lengths: Tensor | None = None) -> tuple[Tensor, State]:
        """Run x [B,T,F] from `state` (zeros when None); return outputs [B,T,D*H] (SCRN: H+S) and the state after T.

        lengths [B], on the host, each 1 to T: the steps that are not padding. Outputs are zero in padding, the state
        is the one after each row's last step, and a second direction begins there.
        """
        if lengths is None or int(lengths.min()) == x.shape[1]:  # PyTorch is fastest where nothing is padded
            return self._call(x, state)
        if not self.row.everywhere:
            raise ValueError(f"the cell {self.cell} reads no padded rows")
        if not isinstance(self.rnn, (nn.LSTM, nn.GRU, nn.RNN)):  # a layer of ours or from outside reads ragged rows
            return self._call(x, state, lengths)
        if x.device.type in padded.DEVICES:
            weights = {**dict(self.rnn.named_parameters()), **self._dropped()}
            return padded.run(self.rnn, weights, x, state, lengths)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, after = self._call(packed, state)
        return pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0], after

    def _call(self, x: Batch, state: State | None, *lengths: Tensor) -> tuple[Batch, State]:
        # `functional_call` keeps the cell fused and the names of the parameters, with other weights for one batch
        alone = len(self.row.states) == 1
        inputs = (x, state[0] if alone and state is not None else state, *lengths)
        dropped = self._dropped()
        y, after = functional_call(self.rnn, dropped, inputs) if dropped else self.rnn(*inputs)
        return y, (after,) if alone else tuple(after)

    def _dropped(self) -> dict[str, Tensor]:
        if not (self.training and self.weight_drop):
            return {}
        named = self.rnn.named_parameters()
        return {name: drop(weights, self.weight_drop) for name, weights in named if "weight_hh" in name}

    def zeros(self, rows: int, device: torch.device) -> State:
        """Return the first state of B rows: each tensor [L*D,B,H], zero."""
        layers = self.layers * self.directions
        return tuple(torch.zeros(layers, rows, width, device=device) for width in self.widths)


def state_tensors(cell: str) -> int:
    """Return how many tensors a cell carries from step to step: 2 (h, and c or s) or 1 (h)."""
    return len(cells.find(cell).states)


def top(state: State, directions: int) -> Tensor:
    """Return the last layer's h, its directions side by side: [B, D*H]."""
    h = state[0]
    return h[-1] if directions == 1 else torch.cat((h[-2], h[-1]), dim=-1)
