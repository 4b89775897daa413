"""The few words that every graph is written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import ArrayLike, NDArray

# Not public in spox yet: `op.const` would make a Constant node of every weight.
from spox._future import initializer

Var = Any
"""A typed value of a graph under construction (spox has no stubs for checkers)."""


def weight(array: NDArray[Any]) -> Var:
    """Store a trained weight in the file, once."""
    return initializer(np.ascontiguousarray(array, dtype=np.float32))


def constant(value: ArrayLike) -> Var:
    """Make a float32 constant."""
    return op.const(np.asarray(value, dtype=np.float32))


def integers(values: ArrayLike) -> Var:
    """Make an int64 constant."""
    return op.const(np.asarray(values, dtype=np.int64))


class Linear:
    """An `nn.Linear`, applied to the last axis as often as needed: its weights are stored once.

    matrix: its weights transposed, where another layer has stored them already.
    """

    def __init__(self, module: Any, matrix: Var = None) -> None:
        self._matrix = weight(module.weight.detach().cpu().numpy().T) if matrix is None else matrix
        self._bias = weight(module.bias.detach().cpu().numpy())

    def __call__(self, x: Var) -> Var:
        """Map [...,F] to [...,H]."""
        return op.add(op.matmul(x, self._matrix), self._bias)


def linear(x: Var, module: Any) -> Var:
    """Apply an `nn.Linear` to the last axis of x."""
    return Linear(module)(x)


def size(x: Var, axis: int) -> Var:
    """Return the length of one axis, shape [1]."""
    return op.shape(x, start=axis, end=axis + 1)


def steps(x: Var, start: int, stop: int) -> Var:
    """Cut time steps start:stop out of x [B,T,...], as Python slices do."""
    return op.slice(x, integers([start]), integers([stop]), integers([1]))


END = int(np.iinfo(np.int64).max)
"""As `stop` of `steps`: up to the end."""


def nan_to_zero(x: Var) -> Var:
    """Put 0 where x is missing."""
    flat = op.reshape(x, integers([-1]))
    return op.reshape(op.where(op.isnan(flat), constant(0.0), flat), op.shape(x))


def each(features: int, function: Callable[..., Var], *arrays: Var) -> Var:
    """Apply a function that works value by value to arrays [B,T,F], any of T = 1.

    A single series goes in as [B,T]: beside a last axis of 1 ONNX Runtime broadcasts one value at a time, 20 times
    slower.
    """
    if features > 1:
        return function(*arrays)
    last = integers([-1])
    return op.unsqueeze(function(*(op.squeeze(array, last) for array in arrays)), last)


def pad_single_row(x: Var, axis: int = 0) -> Var:
    """Repeat the row of [1,...], leave [B,...] alone; B is the first axis, or another.

    ONNX Runtime multiplies a single row by another path, with other last bits; two rows take
    the path of many, so a line's answer does not depend on its neighbours.
    """
    alone = op.cast(op.equal(size(x, axis), integers([1])), to=np.int64)
    return op.concat([x, op.slice(x, integers([0]), alone, integers([axis]))], axis=axis)


def first_rows(x: Var, like: Var, axis: int = 0) -> Var:
    """Undo `pad_single_row`: keep as many rows along `axis` as `like` [B,...] has."""
    return op.slice(x, integers([0]), size(like, 0), integers([axis]))
