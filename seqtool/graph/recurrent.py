"""The ONNX twin of `nn.recurrent` and `nn.peephole`: the LSTM, GRU and RNN operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool import cells
from seqtool.graph.basic import END, Var, integers, size, weight
from seqtool.graph.loop import fold
from seqtool.graph.quantize import numpy_of
from seqtool.types import Singles

if TYPE_CHECKING:
    from seqtool.nn.recurrent import Recurrent as Module

PEEPHOLES = [0, 2, 1]  # PyTorch's order here is i,f,o, ONNX's i,o,f
BLOCK = 1 << 19  # gates of one call in `last`: 2 MB, which stay in the cache

Weights = dict[str, Singles]
State = tuple[Var, ...]
Call = Callable[[Var, Sequence[Var], Sequence[Var], dict[str, object]], Sequence[Var]]
"""(x, packed weights, states before ([]: zeros), attributes of all operators) -> outputs [T,D,B,H] and states after."""


@dataclass(frozen=True)
class Form:
    """How an operator takes a cell's weights, and how it is called.

    gates: where ONNX finds its gates in PyTorch's order. states: the number of tensors carried from step to step.
    """

    gates: tuple[int, ...]
    states: int
    call: Call


def lstm(module: Module) -> Recurrent:
    """Make the LSTM operators of an `nn.Recurrent`, with peepholes where the weights have some: i,f,g,o -> i,o,f,c."""

    def call(x: Var, packed: Sequence[Var], before: Sequence[Var], common: dict[str, object]) -> Sequence[Var]:
        w, r, b, *p = packed
        initial_c = before[1] if before else None
        outputs: Sequence[Var] = op.lstm(x, w, r, b, initial_c=initial_c, P=p[0] if p else None, **common)
        return outputs

    return Recurrent(module, Form((0, 3, 1, 2), 2, call))


peephole = lstm


def gru(module: Module) -> Recurrent:
    """Make the GRU operators of an `nn.Recurrent`: r,z,n -> z,r,h."""
    # PyTorch applies the reset gate after the recurrent product
    form = Form((1, 0, 2), 1, lambda x, packed, _, common: op.gru(x, *packed, linear_before_reset=1, **common))
    return Recurrent(module, form)


def rnn(module: Module) -> Recurrent:
    """Make the RNN operators of an `nn.Recurrent`."""
    tanh = ["Tanh"] * module.directions
    form = Form((0,), 1, lambda x, packed, _, common: op.rnn(x, *packed, activations=tanh, **common))
    return Recurrent(module, form)


def weights_of(module: Module) -> Weights:
    """Return the weights of an `nn.Recurrent` by PyTorch's names."""
    return {name: numpy_of(tensor) for name, tensor in module.rnn.named_parameters()}


class Operators(Protocol):
    """What runs the layers of an `nn.Recurrent` over whole sequences."""

    layers: int
    directions: int
    hidden: int

    def __call__(self, x: Var, state: State | None = None, lengths: Var = None) -> tuple[Var, State]:
        """Run x [T,B,F]; return outputs [T,B,D*H] and the state, each tensor [L*D,B,H]."""

    def last(self, x: Var, state: State | None = None, lengths: Var = None) -> State:
        """Run x [T,B,F]; return the state alone."""


def operators(module: Module) -> Operators:
    """Make the ONNX twin of an `nn.Recurrent`, whatever its cell."""
    twin: Operators = cells.find(module.cell).load("operators")(module)
    return twin


class Recurrent:
    """Operators with the weights of an `nn.Recurrent`; called as often as needed, each weight is stored once."""

    def __init__(self, module: Module, form: Form, weights: Weights | None = None) -> None:
        """Take the weights of an `nn.Recurrent`; or `weights`, made of them for an operator of another cell."""
        self._form, self.hidden, self.layers, self.directions = form, module.hidden, module.layers, module.directions
        weights = weights_of(module) if weights is None else weights
        self._layers = [self._pack(weights, layer) for layer in range(self.layers)]

    def _pack(self, weights: Weights, layer: int) -> tuple[Var, ...]:
        """Return W [D,G*H,F], R [D,G*H,H], B [D,2*G*H] and, with peepholes, P [D,3*H] in ONNX's order of gates."""
        inputs, states, biases, peepholes = [], [], [], []
        for suffix in [f"_l{layer}", f"_l{layer}_reverse"][: self.directions]:
            inputs.append(self._reorder(weights["weight_ih" + suffix]))
            states.append(self._reorder(weights["weight_hh" + suffix]))
            biases.append(np.concatenate([self._reorder(weights[name + suffix]) for name in ("bias_ih", "bias_hh")]))
            if (name := "weight_peephole" + suffix) in weights:
                peepholes.append(weights[name][PEEPHOLES].reshape(-1))
        return tuple(weight(np.stack(arrays)) for arrays in (inputs, states, biases, peepholes) if arrays)

    def _reorder(self, array: Singles) -> Singles:
        blocks = np.split(array, len(self._form.gates))
        return np.concatenate([blocks[gate] for gate in self._form.gates])

    def __call__(self, x: Var, state: State | None = None, lengths: Var = None) -> tuple[Var, State]:
        """Run x [T,B,F]; return outputs [T,B,D*H] and the state, each tensor [L*D,B,H].

        lengths [B], int32: the steps that are not padding. With a `state` they may be 0: such a row keeps its state.
        """
        tensors = [split_layers(tensor, self.layers) for tensor in state or ()]
        finals: list[State] = []
        for layer, packed in enumerate(self._layers):
            x, final = self._layer(x, packed, [tensor[layer] for tensor in tensors], lengths)
            finals.append(final)
        after = tuple(join_layers(parts) for parts in zip(*finals, strict=True))
        return x, after if lengths is None or state is None else kept(after, state, lengths)

    def last(self, x: Var, state: State | None = None, lengths: Var = None) -> State:
        """Run x [T,B,F]; return the state alone, each tensor [L*D,B,H]. lengths [B], int32, as in a call."""
        if self.directions == 2:
            return self(x, state, lengths)[1]
        # An operator first writes the gates of all its steps into memory: 172 MB for 1,000 series of 336 steps and 32
        # units. Blocks of steps that fit the cache take a quarter less time there, and give the same bits.
        rows = size(x, 1)
        zeros = op.constant_of_shape(op.concat([integers([self.layers]), rows, integers([self.hidden])], axis=0))
        first = state or (zeros,) * self._form.states
        fit = BLOCK // (len(self._form.gates) * self.hidden)
        block = op.max([op.div(integers([fit]), rows), integers([1])])
        count = op.div(op.sub(op.add(size(x, 0), block), integers([1])), block)

        def step(number: Var, carried: Sequence[Var]) -> State:
            start = op.mul(op.reshape(number, integers([1])), block)
            part = op.slice(x, start, op.add(start, block), integers([0]))
            return self(part, tuple(carried), None if lengths is None else _within(lengths, start, part))[1]

        return tuple(fold(count, first, step))

    def _layer(self, x: Var, packed: Sequence[Var], before: Sequence[Var], lengths: Var) -> tuple[Var, State]:
        common: dict[str, object] = {
            "sequence_lens": lengths,
            "hidden_size": self.hidden,
            "direction": "bidirectional" if self.directions == 2 else "forward",
            "initial_h": before[0] if before else None,
        }
        y, *after = self._form.call(x, packed, before, common)
        if self.directions == 1:
            return op.squeeze(y, integers([1])), tuple(after)
        beside = op.transpose(y, perm=[0, 2, 1, 3])
        return op.reshape(beside, integers([0, 0, self.directions * self.hidden])), tuple(after)


def _within(lengths: Var, start: Var, part: Var) -> Var:
    """Return how many steps of a part [T,B,F] that begins at `start` [1] are within the lengths [B], int32."""
    left = op.sub(op.cast(lengths, to=np.int64), start)
    return op.cast(op.min([op.max([left, integers([0])]), size(part, 0)]), to=np.int32)


def kept(after: State, before: State, lengths: Var) -> State:
    """Put the state before, each tensor [L*D,B,H], where a row had no step: ONNX Runtime gives zeros there."""
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
    last = op.slice(state[0], integers([-directions]), integers([END]), integers([0]))
    return op.reshape(op.transpose(last, perm=[1, 0, 2]), integers([0, directions * hidden]))
