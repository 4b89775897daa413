"""LSTM, GRU and RNN layers over padded rows, which on a processor are faster than packed ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from seqtool.nn.ragged import real_steps, reverse_rows

State = tuple[Tensor, ...]
Layer = Callable[[Tensor, Tensor, State, list[Tensor], bool], tuple[Tensor, State]]
"""(x [B,T,F], padding [B,T,1], the state before, weights in the order of PARAMETERS, in training) -> outputs [B,T,H],
and the tensors [1,B,H] of the state after T that are not outputs."""
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

# PyTorch runs a packed batch step by step on a processor. A padded LSTM takes less than half the time, since oneDNN
# runs it whole; a GRU a fifth less where rows are of similar length, and as much where they differ.
DEVICES = ("cpu",)
CLOSED = 1e4  # shuts a gate for good, or opens it: its sigmoid is 0, or 1


def run(
    rnn: nn.RNNBase, weights: Mapping[str, Tensor], x: Tensor, state: State | None, lengths: Tensor
) -> tuple[Tensor, State]:
    """Run the layers of `rnn`, whose parameters are `weights`, over x [B,T,F] from a state, zeros when None.

    lengths [B]: the steps that are not padding, 1 to T. Outputs [B,T,D*H] are zero in padding; the state, each tensor
    [L*D,B,H], is the one after each row's last step; a second direction begins there.
    """
    real = real_steps(lengths, x.shape[1], x.device)[:, :, None]
    ends = torch.arange(len(x), device=x.device), lengths.to(x.device) - 1
    places = rnn.num_layers * (1 + rnn.bidirectional)
    before = state if state is not None else (x.new_zeros(places, len(x), rnn.hidden_size),) * 2
    finals: list[State] = []
    for layer in range(rnn.num_layers):
        outputs = []
        for direction in ("", "_reverse")[: 1 + rnn.bidirectional]:
            inputs = reverse_rows(x, lengths) if direction else x
            parameters = [weights[f"{name}_l{layer}{direction}"] for name in PARAMETERS]
            first = tuple(tensor[len(finals)][None] for tensor in before)
            y, cells = LAYERS[rnn.mode](inputs, ~real, first, parameters, rnn.training)
            finals.append((y[ends][None], *cells))
            outputs.append(reverse_rows(y * real, lengths) if direction else y * real)
        x = torch.cat(outputs, dim=-1)
        if rnn.dropout and layer < rnn.num_layers - 1:
            x = dropout(x, rnn.dropout, rnn.training)
    return x, tuple(torch.cat(parts) for parts in zip(*finals, strict=True))


def _lstm(x: Tensor, padding: Tensor, first: State, weights: list[Tensor], training: bool) -> tuple[Tensor, State]:
    # in padding one more input shuts the input gates and opens the forget gates: the cells stay what they are
    w, *recurrent = weights
    gates = torch.tensor([-CLOSED, CLOSED, 0.0, 0.0], dtype=w.dtype, device=w.device)
    w = torch.cat((w, gates.repeat_interleave(len(w) // 4)[:, None]), dim=1)
    x = torch.cat((x, padding.to(x.dtype)), dim=-1)
    y, _, c = torch.lstm(x, first, [w, *recurrent], True, 1, 0.0, training, False, True)
    return y, (c,)


def _gru(x: Tensor, padding: Tensor, first: State, weights: list[Tensor], training: bool) -> tuple[Tensor, State]:
    return torch.gru(x, first[0], weights, True, 1, 0.0, training, False, True)[0], ()


def _rnn(x: Tensor, padding: Tensor, first: State, weights: list[Tensor], training: bool) -> tuple[Tensor, State]:
    return torch.rnn_tanh(x, first[0], weights, True, 1, 0.0, training, False, True)[0], ()


LAYERS: dict[str, Layer] = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn}
