"""The ONNX twin of `nn.wide`; a row's answer does not depend on how far the batch is padded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import spox.opset.ai.onnx.v20 as op

from seqtool.data.grams import FACTOR, LEAST, PRIME
from seqtool.graph.basic import END, Var, constant, integers, rows, size, weight
from seqtool.graph.pooling import real_steps, running_total
from seqtool.graph.quantize import numpy_of

if TYPE_CHECKING:
    from seqtool.nn.wide import Wide as Module


class Wide:
    """An `nn.Wide` over tokens."""

    def __init__(self, module: Module) -> None:
        self.sizes = module.sizes
        self._tokens, self._grams = rows(numpy_of(module.tokens)), rows(numpy_of(module.grams))
        self._characters = None if module.characters is None else rows(numpy_of(module.characters))
        self._bias = weight(numpy_of(module.bias))

    def __call__(self, tokens: Var, lengths: Var) -> Var:
        """Return the logits [B,C] for tokens [T,B] of `lengths` [B], int32."""
        steps, found = op.range(integers(0), op.squeeze(size(tokens, 0)), integers(1)), self._tokens(tokens)
        for count, code in enumerate(self._codes(tokens), start=2):
            whole = op.unsqueeze(op.greater_or_equal(steps, integers(count - 1)), integers([1, 2]))
            run = self._grams(op.mod(code, integers(self.sizes.buckets)))
            found = op.add(found, op.where(whole, run, constant(0.0)))
        parts = [found] if self._characters is None else [found, self._characters(tokens)]
        real = op.unsqueeze(op.transpose(real_steps(lengths, size(tokens, 0)), perm=[1, 0]), integers([2]))
        logits = self._bias
        for part in parts:
            logits = op.add(logits, self._scaled(op.where(real, part, constant(0.0))))
        return op.mul(logits, constant([0.0, 1.0])) if self.sizes.columns == 1 else logits

    def _codes(self, tokens: Var) -> list[Var]:
        """Return the numbers [T,B] of the runs of 2, 3, ... tokens up to each step, those of the first are none."""
        codes = [tokens]
        for _ in range(2, self.sizes.most + 1):
            before = op.concat([_cut(codes[-1], 0, 1), _cut(codes[-1], 0, -1)], axis=0)
            codes.append(op.mod(op.add(op.mul(before, integers(FACTOR)), tokens), integers(PRIME)))
        return codes[1:]

    def _scaled(self, rows: Var) -> Var:
        """Sum rows [T,B,K+1] and divide by the length of each text: [B,K]."""
        total, columns = running_total(rows), self.sizes.columns
        squares = op.max([_cut(total, columns, END, 1), constant(LEAST)])
        return op.div(_cut(total, 0, columns, 1), op.sqrt(squares))


def _cut(x: Var, start: int, stop: int, axis: int = 0) -> Var:
    return op.slice(x, integers([start]), integers([stop]), integers([axis]))
