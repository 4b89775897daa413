"""The one decoding loop: forecasts, sampling and beams all run inside it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, integers

Step = Callable[[Var, Sequence[Var]], tuple[Sequence[Var], Var]]
"""(step number [], carried values) -> (carried values, this step's output)."""


def loop(count: Var, carried: Sequence[Var], step: Step) -> Var:
    """Run `step` `count` [1] times; return its outputs stacked along a new first axis [N,...].

    Weights that the step reads from outside are stored once.
    """

    def body(number: Var, go_on: Var, *values: Var) -> list[Var]:
        after, output = step(op.reshape(number, integers([])), values)
        return [op.const(np.array([True])), *after, output]

    with warnings.catch_warnings():
        # spox cannot infer the rank of carried values; the outputs used here are scans, which keep theirs.
        warnings.simplefilter("ignore")
        return op.loop(count, op.const(np.array([True])), v_initial=list(carried), body=body)[-1]
