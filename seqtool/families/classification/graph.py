"""The classifier as a graph: the ONNX twin of `network.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.families.classification.decision import HALF
from seqtool.graph.basic import Var, constant, first_rows, integers, pad_single_row
from seqtool.graph.model import name_axes
from seqtool.graph.pooling import Pooling
from seqtool.graph.quantize import linear, numpy_of, table
from seqtool.graph.recurrent import Recurrent
from seqtool.graph.strings import names_of, read_texts


def graph(network: Any, *, int8: bool = False) -> Any:
    """Build the ModelProto of a `Classifier`, its embedding and output in float or in int8.

    tokens [B,T], lengths [B] (at least 1) -> probabilities [B,C].
    """
    inputs = {
        "tokens": argument(Tensor(np.int64, ("B", "T"))),
        "lengths": argument(Tensor(np.int32, ("B",))),
    }
    tokens, lengths = (pad_single_row(one) for one in inputs.values())
    made = first_rows(probabilities(network, tokens, lengths, int8=int8), inputs["lengths"])
    return name_axes(build(inputs, {"probabilities": made}), {"probabilities": ("B", network.classes)})


def text_graph(network: Any, words: Vocabulary, labels: Labels, threshold: float = HALF) -> Any:
    """Build the ModelProto that reads texts [B], words between blanks; `words` says whether it lower-cases A to Z.

    text [B] -> label [B] (as `decision.answers` chooses), probabilities [B,C].
    """
    text = argument(Tensor(np.str_, ("B",)))
    found = first_rows(probabilities(network, *read_texts(pad_single_row(text), words)), text)
    outputs = {"label": names_of(_chosen(found, labels.size, threshold), labels.names), "probabilities": found}
    return name_axes(build({"text": text}, outputs), {"label": ("B",), "probabilities": ("B", labels.size)})


def probabilities(network: Any, tokens: Var, lengths: Var, *, int8: bool = False) -> Var:
    """Return the probabilities of the classes [B,C] of tokens [B,T] of `lengths` [B], int32; at least two rows."""
    x = table(numpy_of(network.embedding.weight), int8)(op.transpose(tokens, perm=[1, 0]))
    pooled = Pooling(network.pooling)(Recurrent.of(network.recurrent), x, lengths)
    return op.softmax(linear(network.output, int8)(pooled), axis=-1)


def _chosen(found: Var, classes: int, threshold: float) -> Var:
    """Return the class [B] of each row of probabilities [B,C]."""
    if classes != 2:
        return op.arg_max(found, axis=1, keepdims=0)
    second = op.squeeze(op.slice(found, integers([1]), integers([2]), integers([1])), integers([1]))
    return op.cast(op.greater(second, constant(threshold)), to=np.int64)
