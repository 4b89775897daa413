"""A stack of recurrent layers with one state layout for every cell."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import dropout as drop
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqtool.nn import padded
from seqtool.nn.peephole import PeepholeLSTM
from seqtool.nn.scrn import SCRN

Cell = Literal["lstm", "gru", "rnn", "peephole", "scrn"]
State = tuple[Tensor, ...]
"""(h,); for LSTM with or without peepholes (h, c), each [L*D,B,H]; for SCRN (h, s), s [L,B,S]."""

_KINDS: dict[str, type[nn.LSTM] | type[nn.GRU] | type[nn.RNN] | type[PeepholeLSTM]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
    "peephole": PeepholeLSTM,
}


class Recurrent(nn.Module):
    """L layers of LSTM (Hochreiter 1997), GRU (Cho 2014) or tanh RNN (Elman 1990), fused by PyTorch, peephole LSTM
    or SCRN.

    Dropout acts between layers only. Weight-drop (Merity 2018) zeroes a share of the weights from h to h, the same
    ones at all steps of a batch, and leaves the cell fused. `context` and `alpha` are those of SCRN.
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
        weight_drop: float = 0.0,
        context: int = 0,
        alpha: float = 0.0,
    ) -> None:
        super().__init__()
        self.cell, self.hidden, self.layers, self.weight_drop = cell, hidden, layers, weight_drop
        self.directions = 2 if bidirectional else 1
        self.widths = (hidden, context) if cell == "scrn" else (hidden,) * state_tensors(cell)
        """The last axis of each state tensor."""
        self.outputs = hidden + context if cell == "scrn" else self.directions * hidden
        """The last axis of the outputs."""
        between = dropout if layers > 1 else 0.0
        self.rnn = (
            SCRN(features, hidden, layers, context=context, alpha=alpha, dropout=between)
            if cell == "scrn"
            else _KINDS[cell](features, hidden, layers, batch_first=True, dropout=between, bidirectional=bidirectional)
        )

    def forward(self, x: Tensor, state: State | None = None, lengths: Tensor | None = None) -> tuple[Tensor, State]:
        """Run x [B,T,F] from `state` (zeros when None); return outputs [B,T,D*H] (SCRN: H+S) and the state after T.

        lengths [B], on the host, each 1 to T: the steps that are no padding. Outputs are zero in padding, the state
        is that after each row's last step, and a second direction begins there.
        """
        if lengths is None or int(lengths.min()) == x.shape[1]:  # PyTorch is fastest where nothing is padded
            return self._call(x, state)
        if self.cell == "scrn":
            raise ValueError("SCRN reads no padded rows")
        if self.cell == "peephole":
            return self._call(x, state, lengths)
        if x.device.type in padded.DEVICES:
            weights = {**dict(self.rnn.named_parameters()), **self._dropped()}
            return padded.run(self.rnn, weights, x, state, lengths)  # type: ignore[arg-type]  # SCRN is no RNNBase
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, after = self._call(packed, state)
        return pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0], after

    def _call(self, x: Any, state: State | None, *lengths: Tensor) -> tuple[Any, State]:
        """Call the layers, with other recurrent weights where some are dropped."""
        alone = state_tensors(self.cell) == 1
        inputs = (x, state[0] if alone and state is not None else state, *lengths)
        dropped = self._dropped()
        y, after = functional_call(self.rnn, dropped, inputs) if dropped else self.rnn(*inputs)
        return y, (after,) if alone else tuple(after)

    def _dropped(self) -> dict[str, Tensor]:
        """Return the weights from h to h with a share of them zero, in training where any are dropped."""
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
    return 2 if cell in ("lstm", "peephole", "scrn") else 1


def top(state: State, directions: int) -> Tensor:
    """Return the last layer's h, its directions side by side: [B, D*H]."""
    h = state[0]
    return h[-1] if directions == 1 else torch.cat((h[-2], h[-1]), dim=-1)
