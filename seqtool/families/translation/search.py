"""Requests, and hypotheses and scores from a translator's graph: ids in, ids out; numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.data.kept_spans import JOIN
from seqtool.errors import ModelError
from seqtool.families.rules import Ruled, Rules
from seqtool.runtime.noise import Key, gumbel

if TYPE_CHECKING:
    from seqtool.data.encoders.letter_case import Case
    from seqtool.data.encoders.sides import SideEncoder
    from seqtool.runtime.model import Model
    from seqtool.types import Array, Floats, Ids, Singles

LIMIT_FACTOR, LIMIT_EXTRA = 2, 10  # a translation has at most twice the tokens of its own source, and 10 more
NOISE = 1 << 24  # random numbers of a call at most: 64 MB


@dataclass(frozen=True)
class Request(Rules):
    """How to translate, and what an answer holds.

    beam: hypotheses side by side. length_penalty: the power of the length by which log p is divided. max_length:
    tokens of a translation at most; 0: by the length of its source. sample: draw at a temperature (0: the likeliest)
    from a seed, among top_k (0: all), then top_p (1: all), do not search. n_best: translations, or samples, to list; 0:
    no list. attention: add tokens and where in the source each looked. replace_unknown: write the source's word, or
    characters, for what the model does not know. prefix: what every translation begins with. split: translate the
    sentences of a line apart where the model was trained on single ones; language: theirs, "" for the model's.
    """

    beam: int = 5
    length_penalty: float = 1.0
    max_length: int = 0
    temperature: float = 1.0
    seed: int = 0
    top_k: int = 0
    top_p: float = 1.0
    sample: bool = False
    n_best: int = 0
    attention: bool = False
    replace_unknown: bool = False
    split: bool = True
    language: str = ""
    prefix: str = ""

    @property
    def asked(self) -> list[str]:
        """The options that are on and need a graph with rules."""
        values = {"--min-length": self.min_length, "--prefix": self.prefix}
        return [*super().asked, *(name for name, value in values.items() if value)]

    @property
    def width(self) -> int:
        """Number of translations of a sentence that are computed at the same time."""
        return max(1, self.n_best) if self.sample else self.beam


NO_PREFIX: Ids = np.zeros(0, np.int64)
NO_SPANS: Mapping[str, str] = MappingProxyType({})


class Source(NamedTuple):
    """A text as ids [T] with EOS; its number, from 1, and its part of that line choose the noise of its samples.

    case: how it is written, where that was undone in `read`, the text of the ids. spans: what its slots stand for.
    as_is: it has spans and no words, and is its own translation.
    prefix: the first tokens [P] of its translation.
    """

    text: str
    number: int
    ids: Ids
    part: int = 0
    read: str = ""
    case: Case = ""
    spans: Mapping[str, str] = NO_SPANS
    as_is: bool = False
    prefix: Ids = NO_PREFIX


class Pair(NamedTuple):
    """A source as ids [T] with EOS, its translation as ids [U], and the characters of the translation.

    unknown: those of them that the vocabulary cannot say.
    """

    source: Ids
    target: Ids
    characters: int
    unknown: int = 0

    @property
    def longest(self) -> int:
        """Number of tokens of the longer side, EOS counted."""
        return max(len(self.source), len(self.target) + 1)


class Translation(NamedTuple):
    """The translation of a text.

    score: log p / length^penalty. With `Request.attention`: tokens [U], source_tokens [T], the weights attention [U,T]
    of each token over the source, and alignment [U], the place of the largest. With `Request.n_best`: translations,
    the best first. steps: tokens that the score is of, EOS counted. lost: numbers, codes, addresses and unknown
    characters of the source that it lacks.
    """

    source: str
    translation: str
    score: float
    tokens: list[str] | None = None
    source_tokens: list[str] | None = None
    alignment: list[int] | None = None
    attention: Singles | None = None
    translations: tuple[Translation, ...] = ()
    steps: int = 0
    lost: tuple[str, ...] = ()


class Hypothesis(NamedTuple):
    """A translation as ids [U] without EOS, its score, attention [U,T] where the file has it, and steps with EOS."""

    ids: Ids
    score: float
    attention: Singles | None = None
    steps: int = 0


class Graph:
    """The graph of a translator. target: the encoder, of V tokens. generated: tokens of a translation at most.

    samples, attends: whether the file was exported with `--sampling`, `--attention`; cuts: whether its draws know top_k
    and top_p, which those of earlier versions do not.
    """

    def __init__(self, model: Model, target: SideEncoder, generated: int) -> None:
        self._model, self._vocabulary, self.generated = model, target.size, generated
        names = {spec.name for spec in model.file.inputs}
        self.samples, self.cuts = "noise" in names, "top_k" in names
        self.rules = Ruled(names, target.size, target.spelled, (PAD, BOS), JOIN)
        self.attends = "attention" in {spec.name for spec in model.file.outputs}

    def search(self, sources: Sequence[Ids], request: Request, prefixes: Sequence[Ids] = ()) -> list[list[Hypothesis]]:
        """Translate B sources in one call; return the hypotheses of each, the best first, `request.beam` at most.

        prefixes [B], or none: the first tokens of each translation.
        """
        return self._answered(sources, self._call(sources, self.limits(sources, request), request, prefixes))

    def beam(self, source: Ids, prefix: Ids, request: Request) -> tuple[Ids, Singles]:
        """Return the last beam of one source, the best first: ids [K,U] with EOS, then PAD, and scores [K]."""
        outputs = self._call([source], self.limits([source], request), request, [prefix])
        self._answered([source], outputs)
        return outputs["ids"][0], outputs["scores"][0]

    def draw(
        self, sources: Sequence[Ids], keys: Sequence[Key], request: Request, prefixes: Sequence[Ids] = ()
    ) -> list[Hypothesis]:
        """Draw a translation of each of B sources, by the noise of `keys` [B]; needs a file with --sampling."""
        drawn: list[Hypothesis] = []
        limits = self.limits(sources, request)
        # in parts, because the noise of a step is as wide as the vocabulary; it depends on the keys, not on the part
        rows = max(1, NOISE // (int(limits.max()) * self._vocabulary))
        for start in range(0, len(sources), rows):
            part = slice(start, start + rows)
            noise = gumbel(request.seed, keys[part], 0, int(limits[part].max()), self._vocabulary)
            outputs = self._call(sources[part], limits[part], request, prefixes[part], noise=noise)
            drawn += [hypotheses[0] for hypotheses in self._answered(sources[part], outputs)]
        return drawn

    def log_probabilities(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[Floats]:
        """Return log p of each token of B targets, and of the EOS after them: [U + 1] each."""
        batch = Padded.of([np.append(ids, EOS) for ids in targets], fill=PAD)
        limits = np.zeros(len(sources), np.int64)  # the graph scores, and writes nothing
        outputs = self._call(sources, limits, Request(beam=1), target=batch.values)
        rows = outputs["target_log_probabilities"].astype(np.float64)
        return [row[:length] for row, length in zip(rows, batch.lengths, strict=True)]

    def limits(self, sources: Sequence[Ids], request: Request) -> Ids:
        """Return the largest number of tokens [B] of each translation, EOS counted."""
        lengths = np.array([len(ids) for ids in sources], np.int64)
        # never by the longest of the batch: a translation must not depend on its neighbours
        limits = np.maximum(LIMIT_FACTOR * lengths + LIMIT_EXTRA, request.min_length + 1)
        if request.max_length:
            limits[:] = request.max_length
        return np.minimum(limits, self.generated)

    def _call(
        self, sources: Sequence[Ids], limits: Ids, request: Request, prefixes: Sequence[Ids] = (), *,
        noise: Singles | None = None, target: Ids | None = None,
    ) -> dict[str, Array]:  # fmt: skip
        batch = Padded.of(sources)
        feeds: dict[str, Array] = {
            "source": batch.values,
            "lengths": batch.lengths,
            "max_length": limits,
            "beam_size": np.array(request.beam, np.int64),
            "length_penalty": np.array(request.length_penalty, np.float32),
            "target": np.zeros((len(sources), 0), np.int64) if target is None else target,
        }
        if self.rules.known:
            feeds |= self.rules.feeds(request)
            feeds["min_length"] = np.array(request.min_length, np.int64)
            feeds["prefix"] = _beside(prefixes or [NO_PREFIX] * len(sources))
        if self.samples:  # with no steps of noise such a file searches
            feeds["noise"] = np.zeros((0, len(sources), self._vocabulary), np.float32) if noise is None else noise
            feeds["temperature"] = np.array(request.temperature, np.float32)
        if self.cuts:
            feeds |= {"top_k": np.array(request.top_k, np.int64), "top_p": np.array(request.top_p, np.float32)}
        return self._model.run(feeds)

    def _answered(self, sources: Sequence[Ids], outputs: dict[str, Array]) -> list[list[Hypothesis]]:
        ids, scores, attention = outputs["ids"], outputs["scores"], outputs.get("attention")
        # a stranger's file may write any numbers, and the ids are looked up in the vocabulary
        if ids.size and not (ids.min() >= 0 and ids.max() < self._vocabulary):
            raise ModelError("the file writes tokens that it has no names for", cure="export the model again")
        rows = []
        for row, source in enumerate(sources):
            hypotheses = []
            for beam in range(ids.shape[1]):
                # a translation that reached its limit has no EOS, only padding
                ends = np.flatnonzero(np.isin(ids[row, beam], (EOS, PAD)))
                written = ids[row, beam, : ends[0]] if len(ends) else ids[row, beam]
                weights = None if attention is None else attention[row, beam, : len(written), : len(source)]
                steps = len(written) + (len(ends) > 0 and ids[row, beam, ends[0]] == EOS)
                hypotheses.append(Hypothesis(written, float(scores[row, beam]), weights, int(steps)))
            # rules may leave fewer sequences than beams: the others have a score of -inf
            hypotheses = [one for one in hypotheses if np.isfinite(one.score)] or hypotheses[:1]
            rows.append(hypotheses)
        return rows


def _beside(prefixes: Sequence[Ids]) -> Ids:
    """Return prefixes [P] as one array [B,P], no symbol behind the shorter ones."""
    beside = np.full((len(prefixes), max(map(len, prefixes))), -1, np.int64)
    for row, prefix in zip(beside, prefixes, strict=True):
        row[: len(prefix)] = prefix
    return beside
