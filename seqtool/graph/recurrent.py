"""The ONNX twin of `nn.recurrent` and `nn.peephole`: the LSTM, GRU and RNN operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import NDArray

from seqtool.graph.basic import Var, integers, size, weight
from seqtool.graph.loop import fold
from seqtool.nn.recurrent import state_tensors

GATES = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,), "peephole": (0, 3, 1, 2)}
"""Where ONNX finds its gates in PyTorch's order: i,f,g,o -> i,o,f,c and r,z,n -> z,r,h."""
PEEPHOLES = (0, 2, 1)
"""And its peepholes: i,f,o -> i,o,f."""

BLOCK = 1 << 19
"""Gates that one call of an operator computes at most where only the last state is wanted: 2 MB, what a cache holds."""

Weights = dict[str, NDArray[np.float32]]
State = tuple[Any, ...]


class Recurrent:
    """Operators with the weights of an `nn.Recurrent`; called as often as needed, each weight is stored once."""

    def __init__(self, cell: str, hidden: int, layers: int, directions: int, weights: Weights) -> None:
        self.cell, self.hidden, self.layers, self.directions = cell, hidden, layers, directions
        self._layers = [self._pack(weights, layer) for layer in range(layers)]

    @classmethod
    def of(cls, module: Any) -> Recurrent:
        """Take the weights of an `nn.Recurrent`."""
        weights = {name: tensor.detach().cpu().numpy() for name, tensor in module.rnn.named_parameters()}
        return cls(module.cell, module.hidden, module.layers, module.directions, weights)

    def _pack(self, weights: Weights, layer: int) -> tuple[Var, ...]:
        """Return W [D,G*H,F], R [D,G*H,H], B [D,2*G*H] and, with peepholes, P [D,3*H] in ONNX's order of gates."""
        suffixes = [f"_l{layer}", f"_l{layer}_reverse"][: self.directions]
        inputs, states, biases, peepholes = [], [], [], []
        for suffix in suffixes:
            inputs.append(self._reorder(weights["weight_ih" + suffix]))
            states.append(self._reorder(weights["weight_hh" + suffix]))
            biases.append(np.concatenate([self._reorder(weights[name + suffix]) for name in ("bias_ih", "bias_hh")]))
            if self.cell == "peephole":
                peepholes.append(weights["weight_peephole" + suffix][list(PEEPHOLES)].reshape(-1))
        return tuple(weight(np.stack(arrays)) for arrays in (inputs, states, biases, peepholes) if arrays)

    def _reorder(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        blocks = np.split(array, len(GATES[self.cell]))
        return np.concatenate([blocks[gate] for gate in GATES[self.cell]])

    def __call__(self, x: Var, state: State | None = None, lengths: Var = None) -> tuple[Var, State]:
        """Run x [T,B,F]; return outputs [T,B,D*H] and the state, each tensor [L*D,B,H].

        lengths [B], int32: the steps that are no padding, which may be none where a `state` is given: such a row
        keeps it (ONNX Runtime gives zeros there).
        """
        tensors = [split_layers(tensor, self.layers) for tensor in state or ()]
        finals: list[tuple[Var, ...]] = []
        for layer, packed in enumerate(self._layers):
            x, final = self._layer(x, packed, [tensor[layer] for tensor in tensors], lengths)
            finals.append(final)
        after = tuple(join_layers(parts) for parts in zip(*finals, strict=True))
        return x, after if lengths is None or state is None else kept(after, state, lengths)

    def last(self, x: Var, state: State | None = None, lengths: Var = None) -> State:
        """Run x [T,B,F]; return the state alone, each tensor [L*D,B,H]. lengths [B], int32, as in a call.

        An operator first writes the gates of all its steps into memory. In one direction it is therefore given
        blocks of steps, as many as fit the cache; the bits are those of one call.
        """
        if self.directions == 2:
            return self(x, state, lengths)[1]
        rows = size(x, 1)
        zeros = op.constant_of_shape(op.concat([integers([self.layers]), rows, integers([self.hidden])], axis=0))
        first = state or (zeros,) * state_tensors(self.cell)
        fit = BLOCK // (len(GATES[self.cell]) * self.hidden)
        block = op.max([op.div(integers([fit]), rows), integers([1])])
        count = op.div(op.sub(op.add(size(x, 0), block), integers([1])), block)

        def step(number: Var, carried: Sequence[Var]) -> State:
            start = op.mul(op.reshape(number, integers([1])), block)
            part = op.slice(x, start, op.add(start, block), integers([0]))
            return self(part, tuple(carried), None if lengths is None else _within(lengths, start, part))[1]

        return tuple(fold(count, first, step))

    def _layer(
        self, x: Var, packed: tuple[Var, ...], initial: Sequence[Var], lengths: Var
    ) -> tuple[Var, tuple[Var, ...]]:
        common = {
            "sequence_lens": lengths,
            "hidden_size": self.hidden,
            "direction": "bidirectional" if self.directions == 2 else "forward",
            "initial_h": initial[0] if initial else None,
        }
        w, r, b, *p = packed
        if self.cell in ("lstm", "peephole"):
            initial_c = initial[1] if initial else None
            y, *final = op.lstm(x, w, r, b, initial_c=initial_c, P=p[0] if p else None, **common)
        elif self.cell == "gru":  # PyTorch applies the reset gate after the recurrent product
            y, *final = op.gru(x, w, r, b, linear_before_reset=1, **common)
        else:
            y, *final = op.rnn(x, w, r, b, activations=["Tanh"] * self.directions, **common)
        return self._flat(y), tuple(final)

    def _flat(self, y: Var) -> Var:
        """[T,D,B,H] -> [T,B,D*H]."""
        if self.directions == 1:
            return op.squeeze(y, integers([1]))
        return op.reshape(op.transpose(y, perm=[0, 2, 1, 3]), integers([0, 0, self.directions * self.hidden]))


def _within(lengths: Var, start: Var, part: Var) -> Var:
    """Return how many steps of a part [T,B,F] that begins at `start` [1] are within the lengths [B], int32."""
    left = op.sub(op.cast(lengths, to=np.int64), start)
    return op.cast(op.min([op.max([left, integers([0])]), size(part, 0)]), to=np.int32)


def kept(after: State, before: State, lengths: Var) -> State:
    """Put the state before, each tensor [L*D,B,H], where a row had no step."""
    read = op.reshape(op.cast(lengths, to=np.bool_), integers([1, -1, 1]))
    return tuple(op.where(read, new, old) for new, old in zip(after, before, strict=True))


def split_layers(tensor: Var, layers: int) -> Sequence[Var]:
    """[L*D,B,H] -> L times [D,B,H]."""
    return [tensor] if layers == 1 else op.split(tensor, num_outputs=layers, axis=0)


def join_layers(parts: Sequence[Var]) -> Var:
    """L times [D,B,H] -> [L*D,B,H]."""
    return parts[0] if len(parts) == 1 else op.concat(parts, axis=0)


def top(state: State, directions: int, hidden: int) -> Var:
    """Return the last layer's h, its directions side by side: [B, D*H]."""
    last = op.slice(state[0], integers([-directions]), integers([np.iinfo(np.int64).max]), integers([0]))
    return op.reshape(op.transpose(last, perm=[1, 0, 2]), integers([0, directions * hidden]))
