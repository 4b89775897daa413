"""The tagger as a graph: the ONNX twin of `network.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.errors import UsageError
from seqtool.families.tagging.graph_cores import Unspelled, Vectors, WithSpelling
from seqtool.graph.basic import Var, constant, first_rows, integers, pad_single_row, size
from seqtool.graph.model import name_axes
from seqtool.graph.pooling import real_steps
from seqtool.graph.quantize import linear
from seqtool.graph.recurrent import Recurrent, top
from seqtool.graph.strings import names_of, read_texts

NO_TAG = -1
"""In the place of padding."""
AXES = {"tags": ("B", "T"), "scores": ("B", "T")}


def graph(network: Any, encoders: Mapping[str, Any], *, int8: bool = False) -> Any:
    """Build the ModelProto of a `Tagger`, its tables and its output in float or in int8.

    tokens [B,T], lengths [B] (at least 1) -> tags [B,T] (-1 in padding), scores [B,T] (the tag's probability). A token
    is the number of a word; where words are spelled that of a form that the file knows, and from the number of those
    on it is one of W others, told by characters [W,M], character_lengths [W] (at least 1) and words [W], their
    numbers as words (1: unknown).
    """
    inputs = {
        "tokens": argument(Tensor(np.int64, ("B", "T"))),
        "lengths": argument(Tensor(np.int32, ("B",))),
    }
    vectors: Vectors = Unspelled(network, int8)
    if network.spelling is not None:
        vectors = WithSpelling(network, encoders, int8)
        inputs |= {
            "characters": argument(Tensor(np.int64, ("W", "M"))),
            "character_lengths": argument(Tensor(np.int32, ("W",))),
            "words": argument(Tensor(np.int64, ("W",))),
        }
    tags, scores = tagged(network, vectors, inputs, int8)
    return name_axes(build(inputs, {"tags": tags, "scores": scores}), AXES)


def text_graph(network: Any, encoders: Mapping[str, Any]) -> Any:
    """Build the ModelProto that reads text [B], words between blanks, and gives the names of tags [B,T], scores [B,T].

    The vocabulary is inside. Raises `UsageError` where words are spelled: no standard operator takes a text apart.
    """
    if network.spelling is not None:
        raise UsageError(
            "a file that reads texts cannot spell words: no standard operator cuts a word into characters",
            cure="train with --characters 0, or leave --text-input out",
        )
    text = argument(Tensor(np.str_, ("B",)))
    tokens, lengths = read_texts(text, encoders["words"])
    tags, scores = tagged(network, Unspelled(network, False), {"tokens": tokens, "lengths": lengths}, False)
    names = names_of(tags, encoders["tags"].names)
    return name_axes(build({"text": text}, {"tags": names, "scores": scores}), AXES)


def tagged(network: Any, vectors: Vectors, inputs: Mapping[str, Var], int8: bool) -> tuple[Var, Var]:
    """Return the numbers of tags and their scores, each [B,T], for `tokens` and `lengths`."""
    like = inputs["lengths"]
    lengths = pad_single_row(like)
    tokens = op.transpose(pad_single_row(inputs["tokens"]), perm=[1, 0])
    logits = linear(network.output, int8)(_steps(network, vectors(tokens, inputs), lengths))
    chances = op.reduce_max(op.softmax(logits, axis=-1), integers([-1]), keepdims=False)
    best = op.arg_max(logits, axis=-1, keepdims=False)
    real = real_steps(lengths, size(tokens, 0))

    def rows(x: Var, nothing: Var) -> Var:
        """[T,B] -> [B,T], without padding."""
        return first_rows(op.where(real, op.transpose(x, perm=[1, 0]), nothing), like)

    return rows(best, integers(NO_TAG)), rows(chances, constant(0.0))


def _steps(network: Any, x: Var, lengths: Var) -> Var:
    """Run the recurrent layers over x [T,B,F]; return outputs [T,B,D*H]."""
    recurrent = Recurrent.of(network.recurrent)
    if network.decoder is None:
        return recurrent(x, lengths=lengths)[0]
    whole = top(recurrent.last(x, lengths=lengths), recurrent.directions, recurrent.hidden)
    shape = op.concat([size(x, 0), op.shape(whole)], axis=0)
    return Recurrent.of(network.decoder)(op.expand(whole, shape), lengths=lengths)[0]
