"""The ONNX twin of `nn.local_scale`."""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import END, Var, constant, integers, nan_to_zero, size, steps, weight
from seqtool.nn.local_scale import FLOOR, LocalScale


def local_scale(module: LocalScale, z: Var) -> Var:
    """Map scaled history [B,T,F] (NaN = missing) to [B,1,F]."""
    usual, power = module.usual.cpu().numpy(), module.power.cpu().numpy()
    changes = z if module.changes else op.sub(steps(z, 1, END), steps(z, 0, -1))
    weights = op.cast(op.not_(op.isnan(changes)), to=np.float32)
    if not np.isinf(module.half_life):
        weights = op.mul(weights, _by_age(changes, module.half_life))
    total = _sum(weights)
    unknown = op.equal(total, constant(0.0))
    moved = op.div(_sum(op.mul(op.abs(nan_to_zero(changes)), weights)), op.where(unknown, constant(1.0), total))
    moved = op.where(unknown, weight(usual), moved)
    ratio = op.div(op.add(moved, weight(FLOOR * usual)), weight((1 + FLOOR) * usual))
    return op.pow(ratio, weight(power))


def _by_age(x: Var, half_life: float) -> Var:
    """Return the weights [T,1] of the steps of x [B,T,F]: 1 for the last one, half of it a half-life before."""
    length = op.reshape(size(x, 1), integers([]))
    ages = op.cast(op.range(op.sub(length, integers(1)), integers(-1), integers(-1)), to=np.float32)
    return op.unsqueeze(op.pow(constant(0.5), op.div(ages, constant(half_life))), integers([1]))


def _sum(x: Var) -> Var:
    return op.reduce_sum(x, integers([1]), keepdims=1)
