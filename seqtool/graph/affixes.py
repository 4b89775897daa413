"""The ONNX twin of `nn.affixes`, in whole-number arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.data.affixes import LONGEST, RUN_FACTORS, RUNS
from seqtool.data.grams import FACTOR, PRIME
from seqtool.graph.basic import END, Var, first_rows, integers, pad_single_row, size
from seqtool.graph.quantize import numpy_of, table

if TYPE_CHECKING:
    from seqtool.nn.affixes import Affixes as Module


class Affixes:
    """An `nn.Affixes` over characters."""

    def __init__(self, module: Module, *, int8: bool = False) -> None:
        self._buckets = module.buckets
        self._folded, self._kinds = (integers(ids.cpu().numpy()) for ids in (module.folded, module.kinds))
        self._table: Callable[[Var], Var] = table(numpy_of(module.table.weight), int8)

    def __call__(self, characters: Var, lengths: Var) -> Var:
        """Return the vectors [W,D] of characters [W,M], PAD behind each word, with `lengths` [W]."""
        # a single word is computed as two: at W = 1 ONNX Runtime sums in another order, with other last bits
        rows = pad_single_row(self._features(characters, lengths))
        vectors = op.reduce_sum(self._table(rows), integers([1]), keepdims=False)
        return first_rows(vectors, lengths)

    def _features(self, characters: Var, lengths: Var) -> Var:
        plain = op.pad(op.gather(self._folded, characters), integers([0, 0, 0, LONGEST]))
        places = op.sub(op.unsqueeze(op.cast(lengths, to=np.int64), integers([1])), integers(np.arange(1, LONGEST + 1)))
        endings = op.gather_elements(plain, op.max([places, integers(0)]), axis=1)
        endings = op.where(op.less(places, integers(0)), integers(0), endings)
        codes = [*_codes(plain), *_codes(endings), self._shape(characters)]
        salted = [
            op.mod(op.mod(op.add(op.mul(code, integers(FACTOR)), integers(salt)), integers(PRIME)),
                   integers(self._buckets))
            for salt, code in enumerate(codes, start=1)
        ]  # fmt: skip
        return op.concat([op.unsqueeze(code, integers([1])) for code in salted], axis=1)

    def _shape(self, characters: Var) -> Var:
        kinds = op.gather(self._kinds, characters)
        before = op.slice(kinds, integers([0]), op.sub(size(kinds, 1), integers([1])), integers([1]))
        after = op.slice(kinds, integers([1]), integers([END]), integers([1]))
        changes = op.cast(op.not_(op.equal(before, after)), to=np.int64)
        new = op.pad(changes, integers([0, 1, 0, 0]), integers(1))
        run = op.sub(op.cumsum(new, integers(1)), integers(1))
        counted = op.and_(op.greater(new, integers(0)), op.less(run, integers(RUNS)))
        factors = op.gather(integers(RUN_FACTORS), op.min([run, integers(RUNS - 1)]))
        numbers = op.where(counted, op.mul(kinds, factors), integers(0))
        return op.mod(op.reduce_sum(numbers, integers([1]), keepdims=False), integers(PRIME))


def _codes(characters: Var) -> list[Var]:
    code, codes = integers(0), []
    for place in range(LONGEST):
        code = op.mod(op.add(op.mul(code, integers(FACTOR)), op.gather(characters, integers(place), axis=1)),
                      integers(PRIME))  # fmt: skip
        codes.append(code)
    return codes
