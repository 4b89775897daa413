"""The ONNX twin of `nn.attention`; a row's weights do not depend on how far the memory is padded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers, weight
from seqtool.graph.cells import Affine, dense
from seqtool.graph.quantize import numpy_of


class Attention:
    """An `nn.Attention`, its maps as `affine` makes them; each weight is stored once.

    What is learnt beside the maps is multiplied into the weights: g of the scaled forms, the norm of v.
    """

    def __init__(self, module: Any, affine: Affine = dense) -> None:
        g = 1.0 if module.g is None else float(numpy_of(module.g))
        self._query, self._v, self._memory = None, None, None
        if module.additive:
            v = numpy_of(module.v)
            self._v = weight((v if module.g is None else g * v / np.linalg.norm(v))[:, None])
            self._query = _map(module.query, affine)
            self._memory = _map(module.memory, affine, bias=module.b)
        elif module.memory is not None:
            self._memory = _map(module.memory, affine, g)

    def keys(self, memory: Var) -> Var:
        """Return what the queries are held against, of memory [B,T,M]: [B,A,T], [B,1,T,A] where v takes the sum."""
        keys = memory if self._memory is None else self._memory(memory)
        return op.transpose(keys, perm=[0, 2, 1]) if self._query is None else op.unsqueeze(keys, integers([1]))

    def weights(self, query: Var, keys: Var, real: Var) -> Var:
        """Return the weights [B,U,T] of queries [B,U,H]; real [B,T]: which steps of the memory are no padding."""
        return weights(op.where(op.unsqueeze(real, integers([1])), self._scores(query, keys), constant(-np.inf)))

    def _scores(self, query: Var, keys: Var) -> Var:
        if self._query is None:
            return op.matmul(query, keys)
        both = op.tanh(op.add(op.unsqueeze(self._query(query), integers([2])), keys))
        return op.squeeze(op.matmul(both, self._v), integers([3]))


def _map(module: Any, affine: Affine, scale: float = 1.0, bias: Any = None) -> Callable[[Var], Var]:
    matrix = np.float32(scale) * numpy_of(module.weight).T
    return affine(matrix, np.zeros(matrix.shape[1], np.float32) if bias is None else numpy_of(bias))


def weights(scores: Var) -> Var:
    """Return the softmax of scores [B,U,T], summed step by step: -inf behind changes no bit (see `graph.pooling`)."""
    likely = op.exp(op.sub(scores, op.reduce_max(scores, integers([2]))))
    total = op.gather(op.cumsum(likely, integers(2)), integers([-1]), axis=2)
    return op.div(likely, total)
