"""The one decoding loop: forecasts, sampling and beams all run inside it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, integers

Step = Callable[[Var, Sequence[Var]], tuple[Sequence[Var], Var]]
"""(step number [], carried values) -> (carried values, this step's output)."""
Search = Callable[[Var, Sequence[Var]], tuple[Var, Sequence[Var], Sequence[Var]]]
"""(step number [], carried values) -> (whether that was the last step [1], carried values, this step's outputs)."""
Fold = Callable[[Var, Sequence[Var]], Sequence[Var]]
"""(step number [], carried values) -> carried values."""


def run(count: Var, carried: Sequence[Var], step: Step, fixed: Sequence[Var] = ()) -> tuple[list[Var], Var]:
    """Run `step` `count` [1] times, which may be 0; return the carried values after it, their shapes unchanged, and
    its outputs stacked along a new first axis [N,...]. fixed: as in `search`."""

    def body(number: Var, values: Sequence[Var]) -> list[Var]:
        after, output = step(number, values)
        return [*after, output]

    *after, outputs = _run(_after(fixed, count), carried, body)
    return _shaped(after, carried), outputs


def fold(count: Var, carried: Sequence[Var], step: Fold) -> list[Var]:
    """Run `step` `count` [1] times, which may be 0; return the carried values after it, their shapes unchanged."""
    return _shaped(_run(count, carried, step), carried)


def search(count: Var, carried: Sequence[Var], step: Search, fixed: Sequence[Var] = ()) -> tuple[list[Var], list[Var]]:
    """Run `step` until it is done, `count` [1] times at most; return the carried values and outputs, each [N,...].

    The shapes of the carried values may have changed: their rank is unknown, so reshape them. fixed: what the step
    reads and is to be computed once, before the loop.
    """

    def body(number: Var, values: Sequence[Var]) -> tuple[Var, list[Var]]:
        done, after, outputs = step(number, values)
        return op.not_(done), [*after, *outputs]

    values = list(_loop(_after(fixed, count), carried, body))
    return values[: len(carried)], values[len(carried) :]


def _after(fixed: Sequence[Var], count: Var) -> Var:
    """Let a number of rounds [1] wait for values."""
    # spox puts what the step alone reads into the loop, to be computed at each step; the number of rounds reads it too
    for value in fixed:
        count = op.add(count, op.mul(op.size(value), integers([0])))
    return count


def _shaped(after: Sequence[Var], carried: Sequence[Var]) -> list[Var]:
    return [op.reshape(value, op.shape(first)) for value, first in zip(after, carried, strict=True)]


def _run(count: Var, carried: Sequence[Var], step: Fold) -> Sequence[Var]:
    return _loop(count, carried, lambda number, values: (op.const(np.array([True])), step(number, values)))


def _loop(
    count: Var, carried: Sequence[Var], step: Callable[[Var, Sequence[Var]], tuple[Var, Sequence[Var]]]
) -> Sequence[Var]:
    """Run `step` as long as its first result [1] is true, `count` [1] times at most."""

    def body(number: Var, go_on: Var, *values: Var) -> list[Var]:
        more, after = step(op.reshape(number, integers([])), values)
        return [more, *after]

    with warnings.catch_warnings():
        # spox cannot infer the rank of carried values: scans keep theirs, `fold` gives the others theirs again
        warnings.simplefilter("ignore")
        values: Sequence[Var] = op.loop(count, op.const(np.array([True])), v_initial=list(carried), body=body)
    return values
