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

from seqtool.graph.basic import Var, integers, weight
from seqtool.nn.recurrent import state_tensors

Array = NDArray[np.float32]
Affine = Callable[[Array, Array], Callable[[Var], Var]]
"""(matrix [I,O], bias [O]) -> function of x [B,I]: x @ matrix + bias [B,O]."""


def dense(matrix: Array, bias: Array) -> Callable[[Var], Var]:
    """Make the product of a matrix, stored once."""
    stored, shift = weight(matrix), weight(bias)
    return lambda x: op.add(op.matmul(x, stored), shift)


class Cells:
    """The layers of an `nn.Recurrent` in one direction, one step at a time; each weight is stored once.

    Inside a loop the state is a flat list of [B,H]: h of every layer, then c of every layer.
    """

    def __init__(self, cell: str, layers: Sequence[Callable[[Var, Sequence[Var]], tuple[Var, ...]]]) -> None:
        self.cell, self.layers = cell, layers

    @classmethod
    def of(cls, module: Any, affine: Affine = dense, vectors: Array | None = None) -> Cells:
        """Take the weights of an `nn.Recurrent`.

        Where the `vectors` [V,E] of all symbols are given, the first layer looks the product of its input up in a
        table [V,G*H], and a step takes symbols.
        """
        weights = {name: tensor.detach().cpu().numpy() for name, tensor in module.rnn.named_parameters()}
        first = [LAYERS[module.cell](weights, "_l0", affine, vectors)]
        rest = [LAYERS[module.cell](weights, f"_l{layer}", affine, None) for layer in range(1, module.layers)]
        return cls(module.cell, first + rest)

    def step(self, x: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read x [B,E], or symbols [B] where a table was made; return y [B,H] and the flat state after it."""
        count, after = len(self.layers), []
        for number, layer in enumerate(self.layers):
            now = layer(x, state[number::count])
            after.append(now)
            x = now[0]
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
        assert len(groups) == state_tensors(self.cell)
        return tuple(group[0] if count == 1 else op.concat(group, axis=0) for group in groups)


Layer = Callable[[Var, Sequence[Var]], tuple[Var, ...]]


def _gates(weights: dict[str, Array], suffix: str, affine: Affine, vectors: Array | None) -> Callable[[Var, Var], Var]:
    """Return x, h -> W x + R h + b [B,G*H]: one product, or a row of a table and one product."""
    w, r = weights["weight_ih" + suffix].T, weights["weight_hh" + suffix].T
    bias = weights["bias_ih" + suffix] + weights["bias_hh" + suffix]
    if vectors is None:
        both = affine(np.concatenate([w, r]), bias)
        return lambda x, h: both(op.concat([x, h], axis=1))
    table, product = weight(vectors @ w), affine(r, bias)
    return lambda x, h: op.add(op.gather(table, x), product(h))


def _rnn(weights: dict[str, Array], suffix: str, affine: Affine, vectors: Array | None) -> Layer:
    gates = _gates(weights, suffix, affine, vectors)
    return lambda x, state: (op.tanh(gates(x, state[0])),)


def _lstm(weights: dict[str, Array], suffix: str, affine: Affine, vectors: Array | None) -> Layer:
    gates = _gates(weights, suffix, affine, vectors)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        i, f, g, o = op.split(gates(x, state[0]), num_outputs=4, axis=1)
        c = op.add(op.mul(op.sigmoid(f), state[1]), op.mul(op.sigmoid(i), op.tanh(g)))
        return op.mul(op.sigmoid(o), op.tanh(c)), c

    return layer


def _peephole(weights: dict[str, Array], suffix: str, affine: Affine, vectors: Array | None) -> Layer:
    gates = _gates(weights, suffix, affine, vectors)
    to_i, to_f, to_o = (weight(row) for row in weights["weight_peephole" + suffix])

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        i, f, g, o = op.split(gates(x, state[0]), num_outputs=4, axis=1)
        i, f = (op.sigmoid(op.add(gate, op.mul(p, state[1]))) for gate, p in ((i, to_i), (f, to_f)))
        c = op.add(op.mul(f, state[1]), op.mul(i, op.tanh(g)))
        return op.mul(op.sigmoid(op.add(o, op.mul(to_o, c))), op.tanh(c)), c

    return layer


def _gru(weights: dict[str, Array], suffix: str, affine: Affine, vectors: Array | None) -> Layer:
    """The reset gate comes after the recurrent product, as in PyTorch, so there are two products."""
    w, bias = weights["weight_ih" + suffix].T, weights["bias_ih" + suffix]
    recurrent = affine(weights["weight_hh" + suffix].T, weights["bias_hh" + suffix])
    table = None if vectors is None else weight(vectors @ w + bias)
    inputs = affine(w, bias) if table is None else lambda x: op.gather(table, x)

    def layer(x: Var, state: Sequence[Var]) -> tuple[Var, ...]:
        given, carried = (op.split(gates, num_outputs=3, axis=1) for gates in (inputs(x), recurrent(state[0])))
        r, z = (op.sigmoid(op.add(given[gate], carried[gate])) for gate in (0, 1))
        n = op.tanh(op.add(given[2], op.mul(r, carried[2])))
        return (op.add(n, op.mul(z, op.sub(state[0], n))),)

    return layer


LAYERS: dict[str, Callable[[dict[str, Array], str, Affine, Array | None], Layer]] = {
    "lstm": _lstm, "gru": _gru, "rnn": _rnn, "peephole": _peephole,
}  # fmt: skip
