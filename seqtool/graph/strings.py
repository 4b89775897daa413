"""Texts in the graph: split at blanks, looked up, and ids told as names again; standard operators only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import spox.opset.ai.onnx.ml.v4 as ml
import spox.opset.ai.onnx.v20 as op

from seqtool.data.encoders.vocabulary import FIRST, PAD, UNK, Vocabulary
from seqtool.graph.basic import Var, integers, size

GUARD = " \uffff"
"""A word that no text has, put behind each: ONNX Runtime ends the process on a batch of no word at all."""


def read_texts(texts: Var, vocabulary: Vocabulary) -> tuple[Var, Var]:
    """Turn texts [B] into ids [B,T], int64, and lengths [B], int32; words stand between blanks, nothing else.

    A text without a word is read as one unknown word. Where the vocabulary is of lower-cased words, A to Z are
    lower-cased here; letters beyond them have to come in lower case (`str.lower`): only the locale `C` is everywhere.
    """
    if vocabulary.lower:
        texts = op.string_normalizer(texts, case_change_action="LOWER", locale="C")
    words, counts = op.string_split(op.string_concat(texts, op.const(np.array(GUARD, dtype=np.str_))))
    one = integers([1])
    words = op.slice(words, integers([0]), op.max([op.sub(size(words, 1), one), one]), one)
    lengths = op.max([op.sub(counts, one), one])
    return look_up(words, vocabulary), op.cast(lengths, to=np.int32)


def look_up(words: Var, vocabulary: Vocabulary) -> Var:
    """Turn words [...] into ids [...]; "", which stands in padding, is PAD."""
    ids = [PAD, *range(FIRST, vocabulary.size)]
    return ml.label_encoder(words, keys_strings=["", *vocabulary.tokens], values_int64s=ids, default_int64=UNK)


def names_of(ids: Var, names: Sequence[str]) -> Var:
    """Turn ids [...] into names [...]; any other id, such as -1 in padding, into ""."""
    return ml.label_encoder(ids, keys_int64s=range(len(names)), values_strings=names, default_string="")
