"""The ONNX twin of `nn.pooling`; a row's answer does not depend on how far the batch is padded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers, size, weight
from seqtool.graph.quantize import numpy_of
from seqtool.graph.recurrent import Operators, top

if TYPE_CHECKING:
    from seqtool.nn.pooling import Pooling as Module


class Pooling:
    """An `nn.Pooling` over the outputs of an `nn.Recurrent`."""

    def __init__(self, module: Module) -> None:
        self.kind = module.kind
        self._query = None if module.query is None else weight(numpy_of(module.query.weight).T)

    def __call__(self, recurrent: Operators, x: Var, lengths: Var) -> Var:
        """Run x [T,B,F] of `lengths` [B], int32; return the pooled outputs [B,D*H]."""
        if self.kind == "last":
            return top(recurrent.last(x, lengths=lengths), recurrent.directions, recurrent.hidden)
        return self.pool(recurrent(x, lengths=lengths)[0], lengths)

    def pool(self, y: Var, lengths: Var) -> Var:
        """Pool outputs y [T,B,W] by `max` or `attention`: [B,W]."""
        real = op.unsqueeze(op.transpose(real_steps(lengths, size(y, 0)), perm=[1, 0]), integers([2]))
        if self.kind == "max":
            return op.reduce_max(op.where(real, y, constant(-np.inf)), integers([0]), keepdims=False)
        scores = op.where(real, op.matmul(y, self._query), constant(-np.inf))
        weights = op.exp(op.sub(scores, op.reduce_max(scores, integers([0]))))
        return op.div(running_total(op.mul(weights, y)), running_total(weights))


def running_total(x: Var) -> Var:
    """Sum x [T,B,W] over its steps one by one: [B,W]."""
    # ReduceSum and Softmax may add in any order, and one that depends on T would change last bits with the padding.
    # CumSum adds step by step by definition, so zeros behind change no bit, and it is as fast.
    return op.gather(op.cumsum(x, integers(0)), integers(-1), axis=0)


def real_steps(lengths: Var, count: Var) -> Var:
    """Return which of `count` [1] steps of rows of `lengths` [B] are not padding: [B,T]."""
    numbers = op.range(integers(0), op.squeeze(count), integers(1))
    return op.less(numbers, op.unsqueeze(op.cast(lengths, to=np.int64), integers([1])))
