"""Texts in the graph: split at blanks and looked up, and ids turned into names; standard operators only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import spox.opset.ai.onnx.ml.v4 as ml
import spox.opset.ai.onnx.v20 as op

from seqtool.data.encoders.vocabulary import FIRST, PAD, UNK, Vocabulary
from seqtool.graph.basic import Var, integers, size


def read_texts(texts: Var, vocabulary: Vocabulary) -> tuple[Var, Var]:
    """Turn texts [B] into ids [B,T], int64, and lengths [B], int32; words stand between blanks.

    A text without a word is read as one unknown word. For a lower-case vocabulary A to Z are made lower case here;
    other letters have to come in lower case (`str.lower`).
    """
    if vocabulary.lower:  # of the locales only `C` is on every machine, and it knows A to Z alone
        texts = op.string_normalizer(texts, case_change_action="LOWER", locale="C")
    # a word is put behind each text: ONNX Runtime ends the process on a batch without any
    guard = op.const(np.array(f" {vocabulary.absent}", dtype=np.str_))
    words, counts = op.string_split(op.string_concat(texts, guard))
    unit = integers([1])
    # the column of the guard is cut off again
    words = op.slice(words, integers([0]), op.max([op.sub(size(words, 1), unit), unit]), unit)
    lengths = op.max([op.sub(counts, unit), unit])
    return look_up(words, vocabulary), op.cast(lengths, to=np.int32)


def look_up(words: Var, vocabulary: Vocabulary) -> Var:
    """Turn words [...] into ids [...]; "", which stands in padding, is PAD."""
    ids = [PAD, *range(FIRST, vocabulary.size)]
    return ml.label_encoder(words, keys_strings=["", *vocabulary.tokens], values_int64s=ids, default_int64=UNK)


def names_of(ids: Var, names: Sequence[str]) -> Var:
    """Turn ids [...] into names [...]; any other id, such as -1 in padding, into ""."""
    return ml.label_encoder(ids, keys_int64s=range(len(names)), values_strings=names, default_string="")
