"""One step of each recurrent cell as matrix products, for a decoding loop."""

# An operator would allocate and unpack at each step, and it takes no int8. Its last bits differ from those of products,
# so each is used at the same places for any chunks.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool import cells
from seqtool.graph.basic import END, Var, constant, integers, rows, weight
from seqtool.graph.recurrent import join_layers, split_layers, weights_of
from seqtool.graph.scrn import cells_of, layer_weights
from seqtool.types import Singles as Array

if TYPE_CHECKING:
    from seqtool.nn.recurrent import Recurrent as Module

Affine = Callable[[Array, Array], Callable[[Var], Var]]
"""(matrix [I,O], bias [O]) -> function of x [B,I]: x @ matrix + bias [B,O]."""
Lookup = Callable[[Array], Callable[[Var], Var]]
"""table [V,O] -> function of symbols [B]: its rows [B,O]."""
Table = Callable[[Array, Array | float], Callable[[Var], Var]]
"""(matrix [E,O], bias [O]) -> function of symbols [B]: their vectors @ matrix + bias [B,O], looked up."""
Layer = Callable[[Var, Sequence[Var]], tuple[Var, ...]]
"""(x [B,F] or symbols [B], state before) -> the output [B,H] and the state after."""


def dense(matrix: Array, bias: Array) -> Callable[[Var], Var]:
    """Make the product of a matrix, stored once."""
    stored, shift = weight(matrix), weight(bias)
    return lambda x: op.add(op.matmul(x, stored), shift)


class Cells:
    """The layers of an `nn.Recurrent` in one direction, one step at a time; each weight is stored once.

    Inside a loop the state is a flat list of [B,H]: h of every layer, then c (SCRN: s [B,S]) of every layer.
    """

    def __init__(
        self, module: Module, affine: Affine = dense, vectors: Array | None = None, lookup: Lookup = rows
    ) -> None:
        """Take the weights of an `nn.Recurrent`.

        With the `vectors` [V,E] of all symbols a step takes symbols: the first layer looks the product of its input up
        in a table [V,G*H].
        """
        table = None if vectors is None else _product_table(vectors, lookup)
        make = cells.find(module.cell).load("step")
        tables = [table] + [None] * (module.layers - 1)  # the layers above read vectors
        self._layers: list[Layer] = [make(module, number, affine, table) for number, table in enumerate(tables)]

    def step(self, x: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read x [B,E], or symbols [B] with a table; return y [B,H] (SCRN: [h; s] [B,H+S]) and the flat state after."""
        count, after = len(self._layers), []
        for number, layer in enumerate(self._layers):
            x, *now = layer(x, state[number::count])
            after.append(now)
        return x, [tensor for tensors in zip(*after, strict=True) for tensor in tensors]

    def split(self, state: Sequence[Var]) -> list[Var]:
        """Turn tensors [L,B,H] into the flat state."""
        count = len(self._layers)
        return [op.squeeze(part, integers([0])) for tensor in state for part in split_layers(tensor, count)]

    def join(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Turn the flat state into tensors [L,B,H]."""
        count = len(self._layers)
        parts = [op.unsqueeze(part, integers([0])) for part in state]
        return tuple(join_layers(parts[start : start + count]) for start in range(0, len(parts), count))


def _product_table(vectors: Array, lookup: Lookup) -> Table:
    return lambda matrix, bias: lookup(vectors @ matrix + bias)


def _gates(weights: dict[str, Array], suffix: str, affine: Affine, table: Table | None) -> Callable[[Var, Var], Var]:
    """Return x, h -> W x + R h + b [B,G*H]: one product, or a row of a table and one product."""
    w, r = weights["weight_ih" + suffix].T, weights["weight_hh" + suffix].T
    bias = weights["bias_ih" + suffix] + weights["bias_hh" + suffix]
    if table is None:
        product = affine(np.concatenate([w, r]), bias)
        return lambda x, h: product(op.concat([x, h], axis=1))
    inputs, recurrent = table(w, 0.0), affine(r, bias)
    return lambda x, h: op.add(inputs(x), recurrent(h))


def rnn(module: Module, number: int, affine: Affine, table: Table | None) -> Layer:
    """Make layer `number` of an RNN."""
    gates = _gates(weights_of(module), f"_l{number}", affine, table)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        h = op.tanh(gates(x, state[0]))
        return h, h

    return layer


def lstm(module: Module, number: int, affine: Affine, table: Table | None) -> Layer:
    """Make layer `number` of an LSTM, with peepholes (rows i, f, o) where the weights have some."""
    weights, suffix = weights_of(module), f"_l{number}"
    gates = _gates(weights, suffix, affine, table)
    peepholes = [weight(row) for row in weights.get("weight_peephole" + suffix, ())]

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        i, f, g, o = op.split(gates(x, state[0]), num_outputs=4, axis=1)
        if peepholes:
            i, f = op.add(i, op.mul(peepholes[0], state[1])), op.add(f, op.mul(peepholes[1], state[1]))
        c = op.add(op.mul(op.sigmoid(f), state[1]), op.mul(op.sigmoid(i), op.tanh(g)))
        if peepholes:
            o = op.add(o, op.mul(peepholes[2], c))  # the output gate alone sees the new cell
        h = op.mul(op.sigmoid(o), op.tanh(c))
        return h, h, c

    return layer


peephole = lstm


def gru(module: Module, number: int, affine: Affine, table: Table | None) -> Layer:
    """Make layer `number` of a GRU."""
    # two products, since the reset gate comes after the recurrent one
    weights, suffix = weights_of(module), f"_l{number}"
    w, bias = weights["weight_ih" + suffix].T, weights["bias_ih" + suffix]
    recurrent = affine(weights["weight_hh" + suffix].T, weights["bias_hh" + suffix])
    inputs = affine(w, bias) if table is None else table(w, bias)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        from_x, from_h = (op.split(gates, num_outputs=3, axis=1) for gates in (inputs(x), recurrent(state[0])))
        r, z = (op.sigmoid(op.add(from_x[gate], from_h[gate])) for gate in (0, 1))
        n = op.tanh(op.add(from_x[2], op.mul(r, from_h[2])))
        h = op.add(n, op.mul(z, op.sub(state[0], n)))
        return h, h

    return layer


def scrn(module: Module, number: int, affine: Affine, table: Table | None) -> Layer:
    """Make layer `number` of an SCRN."""
    # one product of x for the inputs of s and h, by (1 - alpha) B and A; one of [s_t; h_(t-1)] by P and R
    rnn = cells_of(module)
    b, w, r, bias = layer_weights(rnn)[number]
    context = len(b)
    from_x = np.concatenate([b, w[:, context:]]).T
    shift = np.concatenate([np.zeros(context, np.float32), bias])
    product = affine(from_x, shift) if table is None else table(from_x, shift)
    recurrent = affine(np.concatenate([w[:, :context], r], axis=1).T, np.zeros_like(bias))
    parts = [(integers([0]), integers([context])), (integers([context]), integers([END]))]

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        inputs = product(x)
        for_s, for_h = (op.slice(inputs, start, stop, integers([1])) for start, stop in parts)
        s = op.add(for_s, op.mul(constant(rnn.alpha), state[1]))
        h = op.tanh(op.add(for_h, recurrent(op.concat([s, state[0]], axis=1))))
        return op.concat([h, s], axis=1), h, s

    return layer
