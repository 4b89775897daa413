"""The ONNX twin of `nn.calendar`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers


def one_hot(codes: Var, sizes: Sequence[int]) -> Var:
    """Map codes [B,T,C] to indicators [B,T,sum of sizes]."""
    groups = [
        op.equal(op.slice(codes, integers([i]), integers([i + 1]), integers([2])), constant(np.arange(size)))
        for i, size in enumerate(sizes)
    ]
    return op.cast(op.concat(groups, axis=2), to=np.float32)
