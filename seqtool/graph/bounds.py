"""The ONNX twin of `nn.bounds`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, doubles


def within(raw: Var, floor: Sequence[float], ceiling: Sequence[float], *, quantiles: bool) -> Var:
    """Cut raw values [B,N,F], or quantiles [B,N,F,Q], at bounds, one for all series or one for each; () for none."""
    # not Clip: it knows one bound for all series, and leaves open what becomes of NaN, an unknown quantile
    for bounds, beyond in ((floor, op.less), (ceiling, op.greater)):
        if bounds:
            bound = doubles(np.array(bounds).reshape(-1, *[1] * quantiles))
            raw = op.where(beyond(raw, bound), bound, raw)
    return raw
