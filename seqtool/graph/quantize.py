"""int8 weights: a linear layer and a table in standard operators, whose answers do not depend on neighbours.

Weights have one scale a column, 127 steps to each side. Inputs have one scale a ROW, in 7 bits: 63 steps to each side
of 64 in uint8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import NDArray
from spox._future import initializer  # not public in spox yet, as in `basic`

from seqtool.graph.basic import Linear, Var, constant, integers, rows, weight
from seqtool.types import Singles

if TYPE_CHECKING:
    from torch import Tensor, nn

STEPS = 127
ROW_STEPS = 63  # 7 bits, not 8: processors without VNNI add pairs of products in 16 bits, and 2 * 127 * 127 fits
ZERO = 64
TINY = 1e-9  # the least scale of a row: one of zeros would be divided by 0


def in_steps(matrix: Singles, axis: int) -> tuple[NDArray[np.int8], Singles]:
    """Return whole numbers and the scale of each column (axis 0) or row (axis 1): numbers * scale is the matrix."""
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    scale = np.maximum(largest, TINY).astype(np.float32) / np.float32(STEPS)
    return np.round(matrix / scale).astype(np.int8), scale


def affine(matrix: Singles, bias: Singles) -> Callable[[Var], Var]:
    """Make x [...,I] -> x @ matrix [I,O] + bias [O]; the matrix is stored once."""
    numbers, scale = in_steps(matrix, 0)
    return product(initializer(numbers), weight(scale[0]), weight(bias))


def product(numbers: Var, scale: Var, bias: Var) -> Callable[[Var], Var]:
    """Make x [...,I] -> x @ (numbers [I,O], int8, * scale [O]) + bias [O]."""
    # ONNX Runtime's own dynamic quantisation takes one scale for all rows: a row's answer would depend on its batch
    zero = op.const(np.array(ZERO, dtype=np.uint8))

    def apply(x: Var) -> Var:
        largest = op.reduce_max(op.abs(x), integers([-1]), keepdims=True)
        step = op.mul(op.max([largest, constant(TINY)]), constant(1 / ROW_STEPS))
        shifted = op.add(op.round(op.div(x, step)), constant(ZERO))
        sums = op.matmul_integer(op.cast(shifted, to=np.uint8), numbers, zero)
        return op.add(op.mul(op.mul(op.cast(sums, to=np.float32), step), scale), bias)

    return apply


class Rows:
    """A table [V,E] in int8, one scale a row."""

    def __init__(self, matrix: Singles) -> None:
        numbers, scale = in_steps(matrix, 1)
        self._numbers, self._scale = initializer(numbers), weight(scale)

    def __call__(self, ids: Var) -> Var:
        """Look up ids [...]: [...,E]."""
        return op.mul(op.cast(op.gather(self._numbers, ids), to=np.float32), op.gather(self._scale, ids))

    def as_output(self, bias: Singles) -> Callable[[Var], Var]:
        """Make x [...,E] -> x @ table transposed + bias [V]: tied weights are stored once."""
        return product(op.transpose(self._numbers), op.reshape(self._scale, integers([-1])), weight(bias))


def table(matrix: Singles, int8: bool) -> Callable[[Var], Var]:
    """Make ids [...] -> rows [...,E] of a matrix [V,E], in float or in int8."""
    return Rows(matrix) if int8 else rows(matrix)


def linear(module: nn.Linear, int8: bool) -> Callable[[Var], Var]:
    """Make x [...,I] -> [...,O] of an `nn.Linear`, in float or in int8."""
    return affine(numpy_of(module.weight).T, numpy_of(module.bias)) if int8 else Linear(module)


def numpy_of(tensor: Tensor) -> Singles:
    """Return a weight of a network."""
    array: Singles = tensor.detach().cpu().numpy()
    return array
