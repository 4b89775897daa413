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

    return run(count, carried, step)[1]


def run(count: Var, carried: Sequence[Var], step: Step) -> tuple[list[Var], Var]:
    """Run `step` `count` [1] times, which may be none; return the carried values after it, their shapes unchanged,
    and its outputs stacked along a new first axis [N,...]."""

    def body(number: Var, values: Sequence[Var]) -> list[Var]:
        after, output = step(number, values)
        return [*after, output]

    *after, outputs = _run(count, carried, body)
    return _shaped(after, carried), outputs


def fold(count: Var, carried: Sequence[Var], step: Callable[[Var, Sequence[Var]], Sequence[Var]]) -> list[Var]:
    """Run `step` `count` [1] times, which may be none; return the carried values after it, their shapes unchanged."""
    return _shaped(_run(count, carried, step), carried)


def _shaped(after: Sequence[Var], carried: Sequence[Var]) -> list[Var]:
    return [op.reshape(value, op.shape(first)) for value, first in zip(after, carried, strict=True)]


def _run(count: Var, carried: Sequence[Var], step: Callable[[Var, Sequence[Var]], Sequence[Var]]) -> Sequence[Var]:
    def body(number: Var, go_on: Var, *values: Var) -> list[Var]:
        return [op.const(np.array([True])), *step(op.reshape(number, integers([])), values)]

    with warnings.catch_warnings():
        # spox cannot infer the rank of carried values: scans keep theirs, `fold` gives the others theirs again
        warnings.simplefilter("ignore")
        made: Sequence[Var] = op.loop(count, op.const(np.array([True])), v_initial=list(carried), body=body)
    return made
