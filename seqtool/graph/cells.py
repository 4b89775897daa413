"""One step of each recurrent cell as matrix products: what a decoding loop calls.

An operator of one step would allocate and unpack each time; products and a few element-wise nodes are faster, and
an int8 product may take the place of a float one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import NDArray

from seqtool.graph.basic import END, Var, constant, integers, weight
from seqtool.graph.scrn import layer_weights

Array = NDArray[np.float32]
Affine = Callable[[Array, Array], Callable[[Var], Var]]
"""(matrix [I,O], bias [O]) -> function of x [B,I]: x @ matrix + bias [B,O]."""
Lookup = Callable[[Array], Callable[[Var], Var]]
"""table [V,O] -> function of symbols [B]: its rows [B,O]."""


Layer = Callable[[Var, Sequence[Var]], tuple[Var, ...]]
"""(x [B,F] or symbols [B], state before) -> the output [B,H] and the state after."""


def dense(matrix: Array, bias: Array) -> Callable[[Var], Var]:
    """Make the product of a matrix, stored once."""
    stored, shift = weight(matrix), weight(bias)
    return lambda x: op.add(op.matmul(x, stored), shift)


def rows(table: Array) -> Callable[[Var], Var]:
    """Make the look-up of a table, stored once."""
    stored = weight(table)
    return lambda x: op.gather(stored, x)


class Cells:
    """The layers of an `nn.Recurrent` in one direction, one step at a time; each weight is stored once.

    Inside a loop the state is a flat list of [B,H]: h of every layer, then c (SCRN: s [B,S]) of every layer.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers

    @classmethod
    def of(
        cls, module: Any, affine: Affine = dense, vectors: Array | None = None, lookup: Lookup = rows
    ) -> Cells:  # fmt: skip
        """Take the weights of an `nn.Recurrent`.

        Where the `vectors` [V,E] of all symbols are given, the first layer looks the product of its input up in a
        table [V,G*H], and a step takes symbols.
        """
        tables = [None if vectors is None else Table(vectors, lookup)] + [None] * (module.layers - 1)
        if module.cell == "scrn":
            layers = layer_weights(module.rnn)
            return cls([_scrn(*of, module.rnn.alpha, affine, table) for of, table in zip(layers, tables, strict=True)])
        weights = {name: tensor.detach().cpu().numpy() for name, tensor in module.rnn.named_parameters()}
        make = LAYERS[module.cell]
        return cls([make(weights, f"_l{number}", affine, table) for number, table in enumerate(tables)])

    def step(self, x: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read x [B,E], or symbols [B] where a table was made; return y [B,H] and the flat state after it.

        The y of SCRN is [h; s] [B,H+S].
        """
        count, after = len(self.layers), []
        for number, layer in enumerate(self.layers):
            x, *now = layer(x, state[number::count])
            after.append(now)
        return x, [tensor for tensors in zip(*after, strict=True) for tensor in tensors]

    def split(self, state: Sequence[Var]) -> list[Var]:
        """Turn tensors [L,B,H] into the flat state."""
        count = len(self.layers)
        parts = [[tensor] if count == 1 else op.split(tensor, num_outputs=count, axis=0) for tensor in state]
        return [op.squeeze(part, integers([0])) for layers in parts for part in layers]

    def join(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Turn the flat state into tensors [L,B,H]."""
        count = len(self.layers)
        rows = [op.unsqueeze(part, integers([0])) for part in state]
        groups = [rows[start : start + count] for start in range(0, len(rows), count)]
        return tuple(group[0] if count == 1 else op.concat(group, axis=0) for group in groups)


class Table:
    """The product of each symbol's vector, looked up."""

    def __init__(self, vectors: Array, lookup: Lookup) -> None:
        self._vectors, self._lookup = vectors, lookup

    def __call__(self, matrix: Array, bias: Array | float = 0.0) -> Callable[[Var], Var]:
        """Make symbols [B] -> their vectors @ matrix [E,O] + bias [O]."""
        return self._lookup(self._vectors @ matrix + bias)


def _gates(weights: dict[str, Array], suffix: str, affine: Affine, table: Table | None) -> Callable[[Var, Var], Var]:
    """Return x, h -> W x + R h + b [B,G*H]: one product, or a row of a table and one product."""
    w, r = weights["weight_ih" + suffix].T, weights["weight_hh" + suffix].T
    bias = weights["bias_ih" + suffix] + weights["bias_hh" + suffix]
    if table is None:
        both = affine(np.concatenate([w, r]), bias)
        return lambda x, h: both(op.concat([x, h], axis=1))
    given, product = table(w), affine(r, bias)
    return lambda x, h: op.add(given(x), product(h))


def _rnn(weights: dict[str, Array], suffix: str, affine: Affine, table: Table | None) -> Layer:
    gates = _gates(weights, suffix, affine, table)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        h = op.tanh(gates(x, state[0]))
        return h, h

    return layer


def _lstm(weights: dict[str, Array], suffix: str, affine: Affine, table: Table | None) -> Layer:
    gates = _gates(weights, suffix, affine, table)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        i, f, g, o = op.split(gates(x, state[0]), num_outputs=4, axis=1)
        c = op.add(op.mul(op.sigmoid(f), state[1]), op.mul(op.sigmoid(i), op.tanh(g)))
        h = op.mul(op.sigmoid(o), op.tanh(c))
        return h, h, c

    return layer


def _peephole(weights: dict[str, Array], suffix: str, affine: Affine, table: Table | None) -> Layer:
    gates = _gates(weights, suffix, affine, table)
    to_i, to_f, to_o = (weight(row) for row in weights["weight_peephole" + suffix])

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        i, f, g, o = op.split(gates(x, state[0]), num_outputs=4, axis=1)
        i, f = (op.sigmoid(op.add(gate, op.mul(p, state[1]))) for gate, p in ((i, to_i), (f, to_f)))
        c = op.add(op.mul(f, state[1]), op.mul(i, op.tanh(g)))
        h = op.mul(op.sigmoid(op.add(o, op.mul(to_o, c))), op.tanh(c))
        return h, h, c

    return layer


def _gru(weights: dict[str, Array], suffix: str, affine: Affine, table: Table | None) -> Layer:
    """The reset gate comes after the recurrent product, as in PyTorch, so there are two products."""
    w, bias = weights["weight_ih" + suffix].T, weights["bias_ih" + suffix]
    recurrent = affine(weights["weight_hh" + suffix].T, weights["bias_hh" + suffix])
    inputs = affine(w, bias) if table is None else table(w, bias)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        given, carried = (op.split(gates, num_outputs=3, axis=1) for gates in (inputs(x), recurrent(state[0])))
        r, z = (op.sigmoid(op.add(given[gate], carried[gate])) for gate in (0, 1))
        n = op.tanh(op.add(given[2], op.mul(r, carried[2])))
        h = op.add(n, op.mul(z, op.sub(state[0], n)))
        return h, h

    return layer


def _scrn(
    inputs: Array, w: Array, r: Array, bias: Array, alpha: float, affine: Affine, table: Table | None
) -> Layer:  # fmt: skip
    """One product of x for the context and for h, (1 - alpha) B and A; one of [s_t; h_(t-1)], P and R."""
    context = len(inputs)
    from_x = np.concatenate([inputs, w[:, context:]]).T
    shift = np.concatenate([np.zeros(context, np.float32), bias])
    product = affine(from_x, shift) if table is None else table(from_x, shift)
    recurrent = affine(np.concatenate([w[:, :context], r], axis=1).T, np.zeros_like(bias))

    parts = [(integers([0]), integers([context])), (integers([context]), integers([END]))]

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        both = product(x)
        for_s, for_h = (op.slice(both, start, stop, integers([1])) for start, stop in parts)
        s = op.add(for_s, op.mul(constant(alpha), state[1]))
        h = op.tanh(op.add(for_h, recurrent(op.concat([s, state[0]], axis=1))))
        return op.concat([h, s], axis=1), h, s

    return layer


LAYERS: dict[str, Callable[[dict[str, Array], str, Affine, Table | None], Layer]] = {
    "lstm": _lstm, "gru": _gru, "rnn": _rnn, "peephole": _peephole,
}  # fmt: skip
