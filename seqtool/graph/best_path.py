"""The ONNX twin of `nn.best_path`: two loops over the steps, there and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers, size
from seqtool.graph.loop import run
from seqtool.graph.quantize import numpy_of

if TYPE_CHECKING:
    from seqtool.nn.best_path import BestPath as Module


class BestPath:
    """An `nn.BestPath` over logits."""

    def __init__(self, module: Module) -> None:
        costs = numpy_of(module.costs)
        self._first, self._steps, self._last = costs[-1, :-1], costs[:-1, :-1], costs[:-1, -1]

    def __call__(self, logits: Var, lengths: Var) -> Var:
        """Return the ids [T,B] of the path through logits [T,B,K] of `lengths` [B], int32; any in padding."""
        steps, labels = constant(self._steps), integers(range(len(self._last)))
        start = op.add(op.gather(logits, integers(0)), constant(self._first))
        stay = op.expand(labels, op.shape(start))
        count = op.sub(size(logits, 0), integers([1]))

        def there(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
            """(best [B,K]) -> best one step on, and the label before each [B,K]."""
            best, step = carried[0], op.add(number, integers(1))
            ways = op.add(op.unsqueeze(best, integers([2])), steps)
            reached = op.add(op.reduce_max(ways, integers([1]), keepdims=False), op.gather(logits, step))
            real = op.unsqueeze(op.less(op.cast(step, to=int), op.cast(lengths, to=int)), integers([1]))
            before = op.where(real, op.arg_max(ways, axis=1, keepdims=False), stay)
            return [op.where(real, _shifted(reached), best)], before

        (best,), back = run(count, [_shifted(start)], there)
        last = op.arg_max(op.add(best, constant(self._last)), axis=1, keepdims=True)

        def again(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
            """(label [B,1]) -> the label before it, and that label."""
            place = op.sub(op.squeeze(count), op.add(number, integers(1)))
            label = op.gather_elements(op.gather(back, place), carried[0], axis=1)
            return [label], label

        _, backwards = run(count, [last], again)
        order = op.sub(op.squeeze(count), op.range(integers(0), op.add(op.squeeze(count), integers(1)), integers(1)))
        path = op.concat([op.unsqueeze(last, integers([0])), backwards], axis=0)
        return op.squeeze(op.gather(path, order), integers([2]))


def _shifted(best: Var) -> Var:
    return op.sub(best, op.reduce_max(best, integers([1]), keepdims=True))
