"""The ONNX twin of `nn.highway`."""

from __future__ import annotations

from typing import Any

import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import END, Var, linear, steps


def highway(z: Var, module: Any) -> Var:
    """Map scaled history [B,T,F], nothing missing, to scaled forecast [B,U,F]."""
    series = op.transpose(steps(z, -module.lags, END), perm=[0, 2, 1])
    return op.transpose(linear(series, module.linear), perm=[0, 2, 1])
