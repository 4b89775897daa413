"""The classifier as a graph, the ONNX twin of `model.py`; the inputs that check an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument
from spox import build as build_model

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.families.classification.answers import answered, decided
from seqtool.families.classification.encoders import UNKNOWN, ClassificationEncoders, Mix
from seqtool.families.classification.runner import NETWORK, WHOLE, WIDE, Predict
from seqtool.families.family import ExportOptions
from seqtool.graph.basic import Var, constant, first_rows, integers, pad_single_row
from seqtool.graph.check import Case, Probe
from seqtool.graph.model import name_axes
from seqtool.graph.pooling import Pooling
from seqtool.graph.quantize import linear, numpy_of, table
from seqtool.graph.recurrent import operators
from seqtool.graph.strings import names_of, read_texts
from seqtool.graph.wide import Wide
from seqtool.types import Array, Ids

if TYPE_CHECKING:
    import onnx

    from seqtool.families.classification.model import Classifier

# a single row, ragged rows, rows of one step, a long row: ONNX Runtime takes other paths for them
SHAPES = ((1, 7, 0), (4, 9, 2), (3, 1, 0), (5, 40, 1))
"""Batch, length of the longest text, columns of padding after it."""


def build(network: Classifier, encoders: ClassificationEncoders, options: ExportOptions) -> onnx.ModelProto:
    """Build the model of a classifier; raises `UsageError` for text input where tokens are not words."""
    if options.text_input:
        words = encoders.words(lower=network.config.lower)
        above = encoders.thresholds.get(WHOLE, ())
        return text_graph(network, words, encoders.labels, network.config.threshold, above)
    return graph(network, int8=options.int8)


def probe(network: Classifier, encoders: ClassificationEncoders, options: ExportOptions) -> Probe:
    """Return inputs of four shapes, as ids or as texts, and the network's answers."""
    from seqtool.families.classification.model import predictor

    rng = np.random.default_rng(0)
    network.eval()
    predict = predictor(network, encoders, whole=True)
    if options.text_input:
        return [_text_case(network, encoders, predict, rng, batch, longest) for batch, longest, _ in SHAPES]
    return [case(predict, rng, network.vocabulary, shape) for shape in SHAPES]


def graph(network: Classifier, *, int8: bool = False) -> onnx.ModelProto:
    """Build the graph that reads token ids; `int8`: embedding and output in int8.

    tokens [B,T], lengths [B] (at least 1) -> probabilities [B,C]; with a linear part also `wide` and `network` [B,C],
    the probabilities of each part alone.
    """
    given = inputs()
    # a single row is computed as two: at B = 1 ONNX Runtime multiplies by another path, with other last bits
    tokens, lengths = (pad_single_row(column) for column in given.values())
    return model_of(given, chances_of(network, tokens, lengths, int8=int8), given["lengths"], network.classes)


def inputs() -> dict[str, Var]:
    """Return the inputs of a graph that reads token ids."""
    return {"tokens": argument(Tensor(np.int64, ("B", "T"))), "lengths": argument(Tensor(np.int32, ("B",)))}


def text_graph(
    network: Classifier, words: Vocabulary, labels: Labels, threshold: float, thresholds: Sequence[float] = ()
) -> onnx.ModelProto:
    """Build the graph that reads texts, words between blanks; `words.lower`: it lower-cases A to Z.

    text [B] -> label [B] (as `answers.decided` chooses), probabilities [B,C]; of several labels not a label but
    `chosen` [B,C], 1 for each label whose probability is above its own of `thresholds` [C].
    """
    text = argument(Tensor(np.str_, ("B",)))
    chances = chances_of(network, *read_texts(pad_single_row(text), words))
    if network.config.multi:
        answer = {"chosen": op.cast(op.greater(chances[WHOLE], constant(list(thresholds))), to=np.int64)}
    else:
        answer = {"label": names_of(_decided(chances[WHOLE], labels.size, threshold), labels.names)}
    return model_of({"text": text}, {**answer, **chances}, text, labels.size)


def model_of(given: Mapping[str, Var], outputs: Mapping[str, Var], like: Var, classes: int) -> onnx.ModelProto:
    """Build a model whose outputs have as many rows as `like`."""
    kept = {name: first_rows(value, like) for name, value in outputs.items()}
    axes = {name: ("B",) if name == "label" else ("B", classes) for name in kept}
    return name_axes(build_model(dict(given), kept), axes)


def chances_of(network: Classifier, tokens: Var, lengths: Var, *, int8: bool = False) -> dict[str, Var]:
    """Return the probabilities [B,C], of each part too, for tokens [B,T] and `lengths` [B], int32; B is at least 2."""
    tokens = op.transpose(tokens, perm=[1, 0])  # the recurrent operators read time first
    x = table(numpy_of(network.embedding.weight), int8)(tokens)
    own = linear(network.output, int8)(Pooling(network.pooling)(operators(network.recurrent), x, lengths))
    logits = {WHOLE: own}
    if network.wide is not None:
        wide = Wide(network.wide)(tokens, lengths)
        logits = {WHOLE: own if network.mix is None else _mixed(network.mix, wide, own), WIDE: wide, NETWORK: own}
    return {name: chances_from(network, value) for name, value in logits.items()}


def chances_from(network: Classifier, logits: Var) -> Var:
    """Return the probabilities [B,C] of logits: of all classes together, or of each of several labels."""
    return op.sigmoid(logits) if network.config.multi else op.softmax(logits, axis=-1)


def _mixed(mix: Mix, wide: Var, own: Var) -> Var:
    """Join the logits [B,C] of both parts."""
    return op.add(op.mul(wide, constant(mix.scale * (1 - mix.share))), op.mul(own, constant(mix.scale * mix.share)))


def _decided(chances: Var, classes: int, threshold: float) -> Var:
    """Return the class [B] of each row of probabilities [B,C]."""
    if classes != 2:
        return op.arg_max(chances, axis=1, keepdims=0)
    second = op.squeeze(op.slice(chances, integers([1]), integers([2]), integers([1])), integers([1]))
    return op.cast(op.greater(second, constant(threshold)), to=np.int64)


def case(predict: Predict, rng: np.random.Generator, vocabulary: int, shape: tuple[int, int, int]) -> Case:
    """Return ragged rows of random tokens, with columns of padding, and the network's answers."""
    batch, longest, padding = shape
    tokens = rng.integers(0, vocabulary, (batch, longest + padding))
    lengths = rng.integers(1, longest + 1, batch)
    lengths[0] = longest
    # each row alone: what stands in padding, or beside it, must change nothing
    answers = _each(predict, [row[:length] for row, length in zip(tokens, lengths, strict=True)])
    feeds: dict[str, Array] = {"tokens": tokens, "lengths": lengths.astype(np.int32)}
    return Case(feeds, answers, dict.fromkeys(answers, np.ones(1)))


def _each(predict: Predict, rows: Sequence[Ids]) -> dict[str, Array]:
    """Return the network's answers to rows, each asked for alone."""
    alone = [predict.outputs([row]) for row in rows]
    return {name: np.concatenate([answer[name] for answer in alone]) for name in alone[0]}


def _text_case(
    network: Classifier, encoders: ClassificationEncoders, predict: Predict, rng: np.random.Generator,
    batch: int, longest: int,
) -> Case:  # fmt: skip
    """Return texts of known words, of unknown ones, and without words, and the network's answers to each alone."""
    words = encoders.words(lower=network.config.lower)
    choice = (*words.tokens, UNKNOWN)
    texts = [
        [choice[place] for place in rng.integers(0, len(choice), rng.integers(1, longest + 1))] for _ in range(batch)
    ]
    if batch > 1:
        texts[-1] = []  # a text without words must be answered too
    answers = _each(predict, [words.encode(text or [UNKNOWN]) for text in texts])
    feeds = {"text": np.array([" ".join(text) for text in texts], dtype=object)}
    units = dict.fromkeys(answers, np.ones(1))
    if network.config.multi:
        chosen = answered(answers[WHOLE], np.array(encoders.thresholds[WHOLE]))
        return Case(feeds, {**answers, "chosen": chosen.astype(np.int64)}, {**units, "chosen": np.ones(1)})
    names = encoders.labels.decode(decided(answers[WHOLE], network.config.threshold))
    return Case(feeds, {**answers, "label": np.array(names, dtype=object)}, units)
