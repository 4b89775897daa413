"""Small parts that many graphs share: constants, weights, slices, and the twins of layers of a few operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import ArrayLike, DTypeLike
from spox._future import initializer  # not public in spox yet: `op.const` would make a Constant node of every weight

if TYPE_CHECKING:
    from torch import nn

    from seqtool.nn.highway import Highway
    from seqtool.nn.own_maps import OwnMaps

Var = Any  # a typed value of a graph under construction; spox has no stubs for checkers
END = int(np.iinfo(np.int64).max)  # as `stop` of `steps`: ONNX has no open end, it cuts a stop that lies beyond


def weight(array: ArrayLike) -> Var:
    """Store a trained weight in the file, once."""
    return initializer(np.ascontiguousarray(array, dtype=np.float32))


def doubles(array: ArrayLike) -> Var:
    """Store numbers in raw units in the file, once: float32 would lose a small change at a high level."""
    return initializer(np.ascontiguousarray(array, dtype=np.float64))


def constant(value: ArrayLike, dtype: DTypeLike = np.float32) -> Var:
    """Make a constant, float32 where nothing else is asked for."""
    return op.const(np.asarray(value, dtype=dtype))


def integers(values: ArrayLike) -> Var:
    """Make an int64 constant."""
    return op.const(np.asarray(values, dtype=np.int64))


class Linear:
    """An `nn.Linear` for the last axis, its weights stored once; matrix: the transposed weights, if stored already."""

    def __init__(self, module: nn.Module, matrix: Var = None) -> None:
        module = cast("nn.Linear", module)  # an `nn.ModuleList` has lost the type
        self._matrix = weight(module.weight.detach().cpu().numpy().T) if matrix is None else matrix
        self._bias = weight(module.bias.detach().cpu().numpy())

    def __call__(self, x: Var) -> Var:
        """Map [...,F] to [...,H]."""
        return op.add(op.matmul(x, self._matrix), self._bias)


def highway(z: Var, module: Highway) -> Var:
    """Map scaled history [B,T,F], nothing missing, to scaled forecast [B,U,F]: the twin of `nn.highway`."""
    series = op.transpose(steps(z, -module.lags, END), perm=[0, 2, 1])
    return op.transpose(Linear(module.linear)(series), perm=[0, 2, 1])


def own_maps(z: Var, ids: Var, module: OwnMaps) -> Var:
    """Map scaled history [B,T,1] of the series `ids` [B] to what they add to a forecast [B,U,1]: `nn.own_maps`."""
    lags, (_, rank, horizon) = module.lags, module.basis.shape
    seen = op.squeeze(steps(z, -lags, END), integers([2]))  # [B,L]
    basis = module.basis.detach().cpu().numpy().reshape(lags + 1, rank * horizon)
    mapped = op.add(op.matmul(seen, weight(basis[:-1])), weight(basis[-1]))
    by_map = op.reshape(mapped, integers([-1, rank, horizon]))
    shares = op.gather(weight(module.mixture.detach().cpu().numpy()), ids, axis=0)
    summed = op.reduce_sum(op.mul(by_map, op.unsqueeze(shares, integers([2]))), integers([1]), keepdims=0)
    return op.unsqueeze(summed, integers([2]))


def one_hot(codes: Var, sizes: Sequence[int]) -> Var:
    """Map codes [B,T,C] to indicators [B,T,sum of sizes]: the twin of `nn.basic.OneHot`."""
    groups = [
        # not the operator OneHot: it counts a negative code from the end, and here such a code sets nothing
        op.equal(op.slice(codes, integers([i]), integers([i + 1]), integers([2])), constant(np.arange(size)))
        for i, size in enumerate(sizes)
    ]
    return op.cast(op.concat(groups, axis=2), to=np.float32)


def rows(table: ArrayLike) -> Callable[[Var], Var]:
    """Make ids [...] -> rows [...,O] of a table [V,O], stored once."""
    stored = weight(table)
    return lambda ids: op.gather(stored, ids)


def size(x: Var, axis: int) -> Var:
    """Return the length of one axis, shape [1]."""
    return op.shape(x, start=axis, end=axis + 1)


def steps(x: Var, start: int, stop: int) -> Var:
    """Cut time steps start:stop out of x [B,T,...], as Python slices do."""
    return op.slice(x, integers([start]), integers([stop]), integers([1]))


def nan_to_zero(x: Var) -> Var:
    """Put 0 where x is missing."""
    flat = op.reshape(x, integers([-1]))
    zero = constant(0.0, x.unwrap_tensor().dtype)
    return op.reshape(op.where(op.isnan(flat), zero, flat), op.shape(x))


def softplus(x: Var) -> Var:
    """Return log(1 + exp(x)), value by value."""
    # Not Softplus: ONNX Runtime's has other last bits at other places of a tensor. log(1 + a) = 2 atanh(a / (a + 2)).
    small = op.pow(constant(np.e), op.neg(op.abs(x)))
    return op.add(op.relu(x), op.mul(constant(2.0), op.atanh(op.div(small, op.add(small, constant(2.0))))))


def each(features: int, function: Callable[..., Var], *arrays: Var) -> Var:
    """Apply a function that works value by value to arrays [B,T,F], any of T = 1."""
    if features > 1:
        return function(*arrays)
    # beside a last axis of 1 ONNX Runtime broadcasts one value at a time, 20 times slower than along [B,T]
    last = integers([-1])
    return op.unsqueeze(function(*(op.squeeze(array, last) for array in arrays)), last)


def pad_single_row(x: Var, axis: int = 0) -> Var:
    """Repeat the row of [1,...], leave [B,...] alone; B is the first axis, or `axis`."""
    # ONNX Runtime multiplies a single row by another path, with other last bits; two rows take the path of many
    alone = op.cast(op.equal(size(x, axis), integers([1])), to=np.int64)
    return op.concat([x, op.slice(x, integers([0]), alone, integers([axis]))], axis=axis)


def first_rows(x: Var, like: Var, axis: int = 0) -> Var:
    """Undo `pad_single_row`: keep as many rows along `axis` as `like` [B,...] has."""
    return op.slice(x, integers([0]), size(like, 0), integers([axis]))
