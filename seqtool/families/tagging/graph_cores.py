"""From tokens to vectors in a graph: words alone, or words with their spelling, most of it looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import NDArray
from spox import Tensor, argument, build

from seqtool.data.batches import Padded
from seqtool.families.tagging.words import spell
from seqtool.graph.basic import Var, integers, pad_single_row, weight
from seqtool.graph.model import plain_bytes
from seqtool.graph.quantize import numpy_of, table
from seqtool.graph.recurrent import Recurrent, top
from seqtool.runtime.session import session

Array = NDArray[np.float32]
AT_ONCE = 256
"""Words of one call when a file's table is made."""


class Vectors(Protocol):
    """What makes x [T,B,F] of tokens [T,B] and the other inputs."""

    def __call__(self, tokens: Var, inputs: Mapping[str, Var]) -> Var:
        """Return x [T,B,F]."""


class Unspelled:
    """A token is the number of a word."""

    def __init__(self, network: Any, int8: bool) -> None:
        self._words = table(numpy_of(network.embedding.weight), int8)

    def __call__(self, tokens: Var, inputs: Mapping[str, Var]) -> Var:
        """Return x [T,B,E]."""
        return self._words(tokens)


class Spelling:
    """The twin of `network.Spelling`."""

    def __init__(self, module: Any) -> None:
        self._embedding = weight(numpy_of(module.embedding.weight))
        self._recurrent = Recurrent.of(module.recurrent)

    def __call__(self, characters: Var, lengths: Var) -> Var:
        """Read characters [W,M] of `lengths` [W]; return vectors [W,2C], with one more row where W is 1."""
        letters = op.transpose(pad_single_row(characters), perm=[1, 0])
        _, state = self._recurrent(op.gather(self._embedding, letters), lengths=pad_single_row(lengths))
        return top(state, 2, self._recurrent.hidden)


class WithSpelling:
    """A token below F is a form that the file knows: its number as a word and its spelling's vector are looked up.

    From F on it is one of the W words of the call. Both come from the same operators: the bits of a vector do not
    depend on where it is computed.
    """

    def __init__(self, network: Any, encoders: Mapping[str, Any], int8: bool) -> None:
        forms = encoders["forms"]
        self._forms = forms.size
        words = encoders["words"].encode(forms.tokens)
        self._numbers = op.const(np.concatenate([np.zeros(forms.size - len(words), np.int64), words]))
        self._words = table(numpy_of(network.embedding.weight), int8)
        self._spellings = table(spellings(network.spelling, ["", "", *forms.tokens], encoders["characters"]), int8)
        self._spelling = Spelling(network.spelling)

    def __call__(self, tokens: Var, inputs: Mapping[str, Var]) -> Var:
        """Return x [T,B,E+2C]."""
        count = integers(self._forms)
        known = op.less(tokens, count)
        old = op.min([tokens, integers(self._forms - 1)])
        new = op.max([op.sub(tokens, count), integers(0)])
        numbers = op.where(known, op.gather(self._numbers, old), op.gather(inputs["words"], new))
        spelled = op.gather(self._spelling(inputs["characters"], inputs["character_lengths"]), new)
        known_vectors = op.unsqueeze(known, integers([2]))
        return op.concat([self._words(numbers), op.where(known_vectors, self._spellings(old), spelled)], axis=-1)


def spellings(module: Any, words: Sequence[str], characters: Any) -> Array:
    """Return the spelling's vectors [F,2C] of words, as ONNX Runtime computes them."""
    letters = argument(Tensor(np.int64, ("W", "M")))
    lengths = argument(Tensor(np.int32, ("W",)))
    model = build({"characters": letters, "lengths": lengths}, {"vectors": Spelling(module)(letters, lengths)})
    opened = session(plain_bytes(model), "cpu", 1)
    ids = [spell(word, characters) for word in words]
    made = np.zeros((len(words), 2 * module.recurrent.hidden), np.float32)
    order = np.argsort([len(one) for one in ids], kind="stable")
    for some in np.split(order, range(AT_ONCE, len(order), AT_ONCE)):
        batch = Padded.of([ids[place] for place in some])
        made[some] = opened.run(None, {"characters": batch.values, "lengths": batch.lengths})[0][: len(some)]
    return made
