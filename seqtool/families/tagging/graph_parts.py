"""From tokens to vectors in a graph: of words alone, or of words and their spelling, which is mostly looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import FIRST
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.graph.affixes import Affixes as AffixVectors
from seqtool.graph.basic import Var, integers, pad_single_row, weight
from seqtool.graph.best_path import BestPath
from seqtool.graph.model import plain_bytes
from seqtool.graph.quantize import linear, numpy_of, table
from seqtool.graph.recurrent import operators, top
from seqtool.runtime.session import session
from seqtool.types import Singles

if TYPE_CHECKING:
    from seqtool.families.tagging import network as layers
    from seqtool.families.tagging.network import Tagger

Layer = Callable[[Var, Var], Var]
"""(characters [W,M], lengths [W]) -> vectors [W,D]."""
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


class Answers(NamedTuple):
    """Of T words of B sentences: the ids of their tags [T,B], the probabilities of these [T,B] and of all [T,B,C]."""

    ids: Var
    scores: Var
    chances: Var


class Output:
    """The twin of `network.Output`."""

    def __init__(self, module: layers.Output, *, int8: bool) -> None:
        self._linear = linear(module, int8)
        self._path = None if module.path is None else BestPath(module.path)

    def __call__(self, y: Var, lengths: Var) -> Answers:
        """Return the answers to y [T,B,D*H] of `lengths` [B], int32."""
        logits = self._linear(y)
        chances = op.softmax(logits, axis=-1)
        if self._path is None:
            scores = op.reduce_max(chances, integers([-1]), keepdims=False)
            return Answers(op.arg_max(logits, axis=-1, keepdims=False), scores, chances)
        ids = self._path(logits, lengths)
        scores = op.gather_elements(chances, op.unsqueeze(ids, integers([2])), axis=2)
        return Answers(ids, op.squeeze(scores, integers([2])), chances)


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
    made = [words(numbers), spelled]
    if network.affixes is not None:
        cut = AffixVectors(network.affixes)
        stored_affixes = table(_computed(cut, ["", "", *forms.tokens], encoders, network.affixes.size), int8)
        own = op.gather(cut(inputs["characters"], inputs["character_lengths"]), new)
        made.append(op.where(op.unsqueeze(stored, integers([2])), stored_affixes(old), own))
    return op.concat(made, axis=-1)


def spellings(module: layers.Spelling, words: Sequence[str], encoders: TaggingEncoders) -> Singles:
    """Return the vectors [F,2C] of the spelling of words."""
    return _computed(Spelling(module), words, encoders, 2 * module.recurrent.hidden)


def _computed(layer: Layer, words: Sequence[str], encoders: TaggingEncoders, size: int) -> Singles:
    """Return the vectors [F,D] of words by their characters, computed by ONNX Runtime."""
    spelled = argument(Tensor(np.int64, ("W", "M")))
    lengths = argument(Tensor(np.int32, ("W",)))
    graph = build({"characters": spelled, "lengths": lengths}, {"vectors": layer(spelled, lengths)})
    opened = session(plain_bytes(graph), "cpu", 1)
    ids = [encoders.spell(word) for word in words]
    vectors = np.zeros((len(words), size), np.float32)
    # words of one length together: padding would cost more than the spelling
    order = np.argsort([len(letters) for letters in ids], kind="stable")
    for places in np.split(order, range(AT_ONCE, len(order), AT_ONCE)):
        batch = Padded.of([ids[place] for place in places])
        vectors[places] = opened.run(None, {"characters": batch.values, "lengths": batch.lengths})[0][: len(places)]
    return vectors
