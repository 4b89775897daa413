"""The tagger as a graph, the ONNX twin of `model.py`; the inputs that check an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument
from spox import build as build_model

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import FIRST, UNK
from seqtool.errors import UsageError
from seqtool.families.family import ExportOptions
from seqtool.families.tagging.encoders import LETTERS, TaggingEncoders, outputs
from seqtool.families.tagging.graph_parts import Answers, Output, vectors
from seqtool.graph.basic import Var, constant, first_rows, integers, pad_single_row, size
from seqtool.graph.check import Case, Probe
from seqtool.graph.model import name_axes
from seqtool.graph.pooling import real_steps
from seqtool.graph.recurrent import operators, top
from seqtool.graph.strings import names_of, read_texts
from seqtool.types import Array, Floats, Ids

if TYPE_CHECKING:
    import onnx

    from seqtool.families.tagging.network import Tagger

NO_TAG = -1
"""Stands in padding."""
# a single row, ragged rows, rows of one word, a larger batch: ONNX Runtime takes other paths for them
SHAPES = ((1, 7, 1), (4, 12, 3), (3, 1, 2), (6, 25, 9))
"""Sentences, words of the longest, different words that the file does not store."""
CLOSE = 1e-3
"""Two tags whose logits differ by less may change places in the last bits: their order is not checked."""
TRIES = 100


def build(network: Tagger, encoders: TaggingEncoders, options: ExportOptions) -> onnx.ModelProto:
    """Build the model of a tagger; raises `UsageError` for text input where words are spelled."""
    if options.text_input:
        return text_graph(network, encoders)
    return graph(network, encoders, int8=options.int8)


def probe(network: Tagger, encoders: TaggingEncoders, options: ExportOptions) -> Probe:
    """Return sentences of four shapes, as ids or as texts, and the network's own answers."""
    return _text_cases(network, encoders) if options.text_input else _cases(network, encoders)


def graph(network: Tagger, encoders: TaggingEncoders, *, int8: bool = False) -> onnx.ModelProto:
    """Build the graph that reads token ids; `int8`: tables and output in int8.

    tokens [B,T], lengths [B] (at least 1) -> tags [B,T] (-1 in padding), scores [B,T] (the tag's probability),
    probabilities [B,T,C] (of all tags); tags_2, scores_2 and so on are those of the other fields. Where tags mark
    entities, those of a sentence are the likeliest that may follow one another.

    A token is the id of a word. Where words are spelled, a token below F is one of the F forms that the file stores.
    The others are W words of the call: characters [W,M], character_lengths [W] (at least 1), words [W] (their ids as
    words, 1: unknown).
    """
    inputs = {"tokens": argument(Tensor(np.int64, ("B", "T"))), "lengths": argument(Tensor(np.int32, ("B",)))}
    if network.spelling is not None:
        inputs |= {
            "characters": argument(Tensor(np.int64, ("W", "M"))),
            "character_lengths": argument(Tensor(np.int32, ("W",))),
            "words": argument(Tensor(np.int64, ("W",))),
        }
    return _built(inputs, tagged(network, encoders, inputs, int8=int8), _classes(encoders))


def text_graph(network: Tagger, encoders: TaggingEncoders) -> onnx.ModelProto:
    """Build the graph that holds the vocabulary: text [B], words between blanks -> names of tags [B,T], and as `graph`.

    Raises `UsageError` where words are spelled.
    """
    if network.spelling is not None:
        raise UsageError(
            "a file that reads texts cannot spell words: no standard operator cuts a word into characters",
            cure="train with --characters 0, or leave --text-input out",
        )
    text = argument(Tensor(np.str_, ("B",)))
    tokens, lengths = read_texts(text, encoders.words)
    fields = tagged(network, encoders, {"tokens": tokens, "lengths": lengths}, int8=False)
    named = [
        told._replace(ids=names_of(told.ids, labels.names))
        for told, labels in zip(fields, encoders.fields, strict=True)
    ]
    return _built({"text": text}, named, _classes(encoders))


def _classes(encoders: TaggingEncoders) -> list[int]:
    return [labels.size for labels in encoders.fields]


def _built(inputs: Mapping[str, Var], fields: Sequence[Answers], classes: Sequence[int]) -> onnx.ModelProto:
    """Build the model of the answers of each field, batch first, each of so many `classes`."""
    given = {name: var for n, told in enumerate(fields) for name, var in zip(outputs(n), told, strict=True)}
    axes: dict[str, tuple[int | str, ...]] = dict.fromkeys(given, ("B", "T"))
    axes |= {outputs(field).chances: ("B", "T", count) for field, count in enumerate(classes)}
    return name_axes(build_model(dict(inputs), given), axes)


def tagged(network: Tagger, encoders: TaggingEncoders, inputs: Mapping[str, Var], *, int8: bool) -> list[Answers]:
    """Return the answers of each field to the `tokens` and `lengths` of `inputs`, batch first."""
    # a single row is computed as two: at B = 1 ONNX Runtime multiplies by another path, with other last bits
    lengths = pad_single_row(inputs["lengths"])
    tokens = op.transpose(pad_single_row(inputs["tokens"]), perm=[1, 0])
    x = vectors(network, encoders, tokens, inputs, int8=int8)
    y = _steps(network, x, lengths)
    real = real_steps(lengths, size(tokens, 0))

    def rows(x: Var, padding: Var) -> Var:
        """[T,B] -> [B,T]."""
        return first_rows(op.where(real, op.transpose(x, perm=[1, 0]), padding), inputs["lengths"])

    def batch_first(told: Answers) -> Answers:
        chances = op.where(op.unsqueeze(real, integers([2])), op.transpose(told.chances, perm=[1, 0, 2]), constant(0.0))
        ids, scores = rows(told.ids, integers(NO_TAG)), rows(told.scores, constant(0.0))
        return Answers(ids, scores, first_rows(chances, inputs["lengths"]))

    return [batch_first(Output(output, int8=int8)(y, lengths)) for output in network.outputs]


def _steps(network: Tagger, x: Var, lengths: Var) -> Var:
    """Return the outputs [T,B,D*H] of the recurrent layers over x [T,B,F]."""
    recurrent = operators(network.recurrent)
    if network.decoder is None:
        return recurrent(x, lengths=lengths)[0]
    whole = top(recurrent.last(x, lengths=lengths), recurrent.directions, recurrent.hidden)
    shape = op.concat([size(x, 0), op.shape(whole)], axis=0)
    return operators(network.decoder)(op.expand(whole, shape), lengths=lengths)[0]


def _cases(network: Tagger, encoders: TaggingEncoders) -> list[Case]:
    rng = np.random.default_rng(0)
    cases: list[Case] = []
    for batch, length, unknown in SHAPES:
        feeds: dict[str, Array] = {}
        # where words are not spelled they may all be unknown
        tokens = np.arange(UNK, network.vocabulary)
        if network.spelling is not None:
            feeds, tokens = _unknown(network, rng, unknown), np.arange(FIRST, encoders.forms.size + unknown)
        cases.append(_case(network, encoders, _drawn(rng, batch, length, tokens), feeds))
    return cases


def _text_cases(network: Tagger, encoders: TaggingEncoders) -> list[Case]:
    """Return texts, words between blanks, in the vocabulary or not, and the names of their tags."""
    rng = np.random.default_rng(0)
    words = np.array(["", encoders.words.absent, *encoders.words.tokens], dtype=object)
    # a word with a blank in it would be read as two
    allowed = np.array([number for number, word in enumerate(words) if number and " " not in word])
    # the last: of -1, padding
    named = [np.append(np.array(labels.names, dtype=object), "") for labels in encoders.fields]
    cases: list[Case] = []
    for batch, length, _ in SHAPES:
        # texts have no tolerance: sentences are drawn until no two tags are close
        for _try in range(TRIES):
            case = _case(network, encoders, _drawn(rng, batch, length, allowed), {})
            if all(np.isfinite(units).all() for units in case.units.values()):
                break
        rows = zip(case.feeds["tokens"], case.feeds["lengths"], strict=True)
        texts = np.array([" ".join(words[row[:end]]) for row, end in rows], dtype=object)
        keys = [outputs(n) for n in range(len(named))]
        read = {key.tags: names[case.answers[key.tags]] for key, names in zip(keys, named, strict=True)}
        units = {name: case.units[name] for key in keys for name in (key.scores, key.chances)}
        cases.append(Case({"text": texts}, {**case.answers, **read}, units))
    return cases


def _drawn(rng: np.random.Generator, batch: int, length: int, tokens: Ids) -> Padded:
    """Draw sentences of `tokens`, the last of the full length."""
    lengths = np.append(rng.integers(1, length + 1, batch - 1), length)
    return Padded.of([rng.choice(tokens, length) for length in lengths])


def _case(network: Tagger, encoders: TaggingEncoders, tokens: Padded, feeds: Mapping[str, Array]) -> Case:
    """Return sentences of tokens and the network's answers."""
    # each sentence alone: what stands in padding, or beside it, must change nothing
    shape = tokens.values.shape
    answers: dict[str, Array] = {}
    units: dict[str, Array] = {}
    for n, classes in enumerate(_classes(encoders)):
        tags, scores, chances = outputs(n)
        answers |= {tags: np.full(shape, NO_TAG), scores: np.zeros(shape), chances: np.zeros((*shape, classes))}
        units |= {tags: np.ones(shape), scores: np.ones(shape), chances: np.ones(1)}
    for row, length in enumerate(tokens.lengths):
        for n, told in enumerate(_answer(network, encoders, tokens.values[row, :length], feeds)):
            tags, scores, chances = outputs(n)
            answers[tags][row, :length] = told.ids
            answers[scores][row, :length] = told.chances[np.arange(length), told.ids]
            answers[chances][row, :length] = told.chances
            for name in (tags, scores):
                units[name][row, :length] = np.where(told.margins < CLOSE, np.inf, 1)
    return Case({"tokens": tokens.values, "lengths": tokens.lengths, **feeds}, answers, units)


def _unknown(network: Tagger, rng: np.random.Generator, count: int) -> dict[str, Array]:
    """Return inputs for `count` words of random characters, the last of the most letters."""
    lengths = np.append(rng.integers(1, 12, count - 1), LETTERS)
    spelled = Padded.of([rng.integers(1, network.alphabet, length) for length in lengths])
    return {
        "characters": spelled.values,
        "character_lengths": spelled.lengths,
        "words": rng.integers(1, network.vocabulary, count),
    }


class Expected(NamedTuple):
    """The network's answer to a sentence: ids [T], probabilities [T,C], and by how much the next best is worse [T]."""

    ids: Ids
    chances: Floats
    margins: Floats


def _answer(network: Tagger, encoders: TaggingEncoders, tokens: Ids, feeds: Mapping[str, Array]) -> list[Expected]:
    """Return the network's answer to one sentence, of each field."""
    import torch

    from seqtool.families.tagging.network import Spelled

    device = next(network.parameters()).device
    words, spelled = tokens, None
    if network.spelling is not None:
        words, letters = _looked_up(encoders, tokens, feeds)
        which = torch.arange(len(tokens), device=device)[None]
        spelled = Spelled(torch.tensor(letters.values, device=device), torch.tensor(letters.lengths).long(), which)
    network.eval()
    lengths = torch.tensor([len(words)])
    expected = []
    with torch.no_grad():
        y = network.read(torch.tensor(words, device=device)[None], lengths, spelled)
        for output in network.outputs:
            logits = output(y)[0].double()
            costs = (
                np.zeros((len(logits[0]) + 1,) * 2) if output.path is None else output.path.costs.double().cpu().numpy()
            )
            ids = output.answers(y, lengths)[0][0].cpu().numpy()
            chances = torch.softmax(logits, dim=-1).cpu().numpy()
            expected.append(Expected(ids, chances, margins(logits.cpu().numpy(), costs)))
    return expected


def margins(logits: Floats, costs: Floats) -> Floats:
    """Return by how much the best path through logits [T,C] beats the best one with another label at each step [T].

    costs: those of the steps, as `BestPath` has them [C+1,C+1].
    """
    before, after, steps = np.zeros_like(logits), np.zeros_like(logits), costs[:-1, :-1]
    before[0], after[-1] = costs[-1, :-1], costs[:-1, -1]
    for step in range(1, len(logits)):
        before[step] = (before[step - 1] + logits[step - 1] + steps.T).max(axis=1)
        after[-step - 1] = (after[-step] + logits[-step] + steps).max(axis=1)
    second, first = np.sort(before + logits + after, axis=1)[:, -2:].T
    return np.asarray(first - second)


def _looked_up(encoders: TaggingEncoders, tokens: Ids, feeds: Mapping[str, Array]) -> tuple[Ids, Padded]:
    """Return the ids [T] of tokens as words, and the characters of each."""
    forms, words, letters = encoders.forms, [], []
    for token in tokens:
        if token < forms.size:
            form = forms.tokens[token - FIRST]
            words.append(encoders.words.encode([form])[0])
            letters.append(encoders.spell(form))
        else:
            place = token - forms.size
            words.append(feeds["words"][place])
            letters.append(feeds["characters"][place, : feeds["character_lengths"][place]])
    return np.array(words), Padded.of(letters)
