"""From tokens to vectors in a graph: of words alone, or of words and their spelling, which is mostly looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import FIRST
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.graph.basic import Var, integers, pad_single_row, weight
from seqtool.graph.model import plain_bytes
from seqtool.graph.quantize import linear, numpy_of, table
from seqtool.graph.recurrent import operators, top
from seqtool.runtime.session import session
from seqtool.types import Singles

if TYPE_CHECKING:
    from seqtool.families.tagging import network as layers
    from seqtool.families.tagging.network import Tagger

AT_ONCE = 256
"""Words of a call when the table of spellings is computed."""


class Spelling:
    """The twin of `network.Spelling`."""

    def __init__(self, module: layers.Spelling) -> None:
        self._embedding = weight(numpy_of(module.embedding.weight))
        self._recurrent = operators(module.recurrent)

    def __call__(self, characters: Var, lengths: Var) -> Var:
        """Return the vectors [W,2C] of characters [W,M] with `lengths` [W]; one more row where W is 1."""
        letters = op.transpose(pad_single_row(characters), perm=[1, 0])
        _, state = self._recurrent(op.gather(self._embedding, letters), lengths=pad_single_row(lengths))
        return top(state, 2, self._recurrent.hidden)


class Output:
    """The twin of `network.Output`."""

    def __init__(self, module: layers.Output, *, int8: bool) -> None:
        self._linear = linear(module, int8)

    def __call__(self, y: Var) -> tuple[Var, Var]:
        """Return the ids [T,B] of the most likely tags for y [T,B,D*H], and their probabilities [T,B]."""
        logits = self._linear(y)
        chances = op.reduce_max(op.softmax(logits, axis=-1), integers([-1]), keepdims=False)
        return op.arg_max(logits, axis=-1, keepdims=False), chances


def vectors(network: Tagger, encoders: TaggingEncoders, tokens: Var, inputs: Mapping[str, Var], *, int8: bool) -> Var:
    """Return the vectors [T,B,F] of tokens [T,B]; `inputs` are those of `export.graph`."""
    words = table(numpy_of(network.embedding.weight), int8)
    if network.spelling is None:
        return words(tokens)
    forms = encoders.forms
    ids = op.const(np.concatenate([np.zeros(FIRST, np.int64), encoders.words.encode(forms.tokens)]))
    # ONNX Runtime computes the table by the operators that spell new words: a vector has the same bits either way
    stored_spellings = table(spellings(network.spelling, ["", "", *forms.tokens], encoders), int8)
    count = integers(forms.size)
    stored = op.less(tokens, count)
    # every token is looked up in both tables, at a place that exists, and the right vector is taken afterwards
    old = op.min([tokens, integers(forms.size - 1)])
    new = op.max([op.sub(tokens, count), integers(0)])
    numbers = op.where(stored, op.gather(ids, old), op.gather(inputs["words"], new))
    spelled = op.gather(Spelling(network.spelling)(inputs["characters"], inputs["character_lengths"]), new)
    spelled = op.where(op.unsqueeze(stored, integers([2])), stored_spellings(old), spelled)
    return op.concat([words(numbers), spelled], axis=-1)


def spellings(module: layers.Spelling, words: Sequence[str], encoders: TaggingEncoders) -> Singles:
    """Return the vectors [F,2C] of the spelling of words, computed by ONNX Runtime."""
    spelled = argument(Tensor(np.int64, ("W", "M")))
    lengths = argument(Tensor(np.int32, ("W",)))
    graph = build({"characters": spelled, "lengths": lengths}, {"vectors": Spelling(module)(spelled, lengths)})
    opened = session(plain_bytes(graph), "cpu", 1)
    ids = [encoders.spell(word) for word in words]
    vectors = np.zeros((len(words), 2 * module.recurrent.hidden), np.float32)
    # words of one length together: padding would cost more than the spelling
    order = np.argsort([len(letters) for letters in ids], kind="stable")
    for places in np.split(order, range(AT_ONCE, len(order), AT_ONCE)):
        batch = Padded.of([ids[place] for place in places])
        vectors[places] = opened.run(None, {"characters": batch.values, "lengths": batch.lengths})[0][: len(places)]
    return vectors
