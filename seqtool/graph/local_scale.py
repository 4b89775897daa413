"""The ONNX twin of `nn.local_scale`."""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import END, Var, constant, integers, nan_to_zero, steps, weight
from seqtool.nn.local_scale import FLOOR, LocalScale


def local_scale(module: LocalScale, z: Var) -> Var:
    """Map scaled history [B,T,F] (NaN = missing) to [B,1,F]."""
    usual, power = module.usual.cpu().numpy(), module.power.cpu().numpy()
    changes = op.sub(steps(z, 1, END), steps(z, 0, -1))
    count = _sum(op.cast(op.not_(op.isnan(changes)), to=np.float32))
    moved = op.div(_sum(op.abs(nan_to_zero(changes))), op.max([count, constant(1.0)]))
    moved = op.where(op.equal(count, constant(0.0)), weight(usual), moved)
    ratio = op.div(op.add(moved, weight(FLOOR * usual)), weight((1 + FLOOR) * usual))
    return op.pow(ratio, weight(power))


def _sum(x: Var) -> Var:
    return op.reduce_sum(x, integers([1]), keepdims=1)
