"""The ONNX twin of `nn.attention`; a row's weights do not depend on how far the memory is padded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers, weight
from seqtool.graph.cells import dense
from seqtool.graph.quantize import numpy_of

if TYPE_CHECKING:
    from torch import Tensor, nn

    from seqtool.nn.attention import Attention as Module

BLOCK = 128  # ONNX Runtime cuts longer sums where it likes, by the other axes and the threads: last bits would differ


class Attention:
    """An `nn.Attention`; each weight is stored once. The scalar g and the norm of v are multiplied into the weights."""

    def __init__(self, module: Module, width: int) -> None:
        """Take the width H of the queries."""
        g = 1.0 if module.g is None else float(numpy_of(module.g))
        self._query, self._v, self._memory = None, None, None
        parts = math.ceil(width / BLOCK)
        self._block = math.ceil(width / parts)
        self._filling = parts * self._block - width
        if module.v is not None and module.query is not None and module.memory is not None:
            v = numpy_of(module.v)
            self._v = weight((v if module.g is None else g * v / np.linalg.norm(v))[:, None])
            self._query = _map(module.query)
            self._memory = _map(module.memory, bias=module.b)
        elif module.memory is not None:
            self._memory = _map(module.memory, g)

    def keys(self, memory: Var) -> Var:
        """Map memory [B,T,M] to keys: blocks of [B,A,T] for products, [B,1,T,A] for the additive forms."""
        keys = memory if self._memory is None else self._memory(memory)
        if self._query is not None:
            return op.unsqueeze(keys, integers([1]))
        return blocks(op.transpose(self._filled(keys), perm=[0, 2, 1]), self._block)

    def weights(self, query: Var, keys: Var, real: Var) -> Var:
        """Return the weights [B,U,T] of queries [B,U,H]; real [B,T] is true where the memory is not padding."""
        scores = op.where(op.unsqueeze(real, integers([1])), self._scores(query, keys), constant(-np.inf))
        likely = op.exp(op.sub(scores, op.reduce_max(scores, integers([2]))))
        # not Softmax, which may add in any order: the order of CumSum does not change with the padding
        total = op.gather(op.cumsum(likely, integers(2)), integers([-1]), axis=2)
        return op.div(likely, total)

    def _scores(self, query: Var, keys: Var) -> Var:
        if self._query is None:
            return product(self._filled(query), keys, self._block)
        summed = op.tanh(op.add(op.unsqueeze(self._query(query), integers([2])), keys))
        return op.squeeze(op.matmul(summed, self._v), integers([3]))

    def _filled(self, x: Var) -> Var:
        """Add zeros to [B,T,A], so that blocks are of one size."""
        return op.pad(x, integers([0, 0, 0, 0, 0, self._filling]), constant(0.0)) if self._filling else x


def _map(module: nn.Linear, scale: float = 1.0, bias: Tensor | None = None) -> Callable[[Var], Var]:
    matrix = np.float32(scale) * numpy_of(module.weight).T
    return dense(matrix, np.zeros(matrix.shape[1], np.float32) if bias is None else numpy_of(bias))


def blocks(x: Var, size: int) -> Var:
    """Cut [B,N,O] into blocks of `size` rows: [B,N/size,size,O]."""
    rest = op.shape(x, start=2)
    return op.reshape(x, op.concat([op.shape(x, end=1), integers([-1, size]), rest], axis=0))


def product(x: Var, y: Var, size: int) -> Var:
    """Multiply x [B,U,N] by [B,N,O] that was cut into `blocks` of `size`, N a multiple of it: [B,U,O]."""
    # the products of the blocks are added one by one: the last bits depend on neither the other axes nor the threads
    cut = op.transpose(op.reshape(x, integers([0, 0, -1, size])), perm=[0, 2, 1, 3])
    return op.gather(op.cumsum(op.matmul(cut, y), integers(1)), integers(-1), axis=1)
