"""Translations and scores of pairs from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.data.batches import Padded
from seqtool.data.encoders.sides import sides_from_json
from seqtool.data.encoders.vocabulary import EOS, PAD
from seqtool.errors import ModelError, UsageError
from seqtool.families.generation.noise import Key, gumbel
from seqtool.families.translation.limits import LIMIT_EXTRA, LIMIT_FACTOR

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

ROWS, BUDGET = 32, 1024
"""Sentences, and tokens with their padding, of a call, at the usual beam."""
NOISE = 1 << 24
"""Random numbers of a call at most: 64 MB."""
SEEN = 1 << 25
"""Weights of attention that a sentence has at most, over its hypotheses: the graph holds a dozen times as much, 1.6 GB.
"""
MOST = 1_000_000
"""What a file may promise at most: its outputs are allocated on its word."""


@dataclass(frozen=True)
class Request:
    """How to translate: hypotheses beside each other, what length costs, tokens at most (0: by the source)."""

    beam: int = 5
    length_penalty: float = 1.0
    longest: int = 0
    temperature: float = 1.0
    """Of sampling."""
    seed: int = 0


class Hypothesis(NamedTuple):
    """A translation: its ids [U] without EOS, log p / length^penalty, and, where the file tells, attention [U,T]."""

    ids: Ids
    score: float
    attention: Floats | None = None


class Runner:
    """A translator's file with its contract.

    source, target: encoders; longest: characters of a line; most: tokens of a source with its EOS; generated: of a
    translation; beam: hypotheses at most. samples, attends: whether the file was exported with `--sampling`,
    `--attention`. Raises `ModelError` where the manifest does not give what a translator needs.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.longest: int
        self.most: int
        manifest = model.manifest
        try:
            self.encoders = sides_from_json(manifest.encoders)
            limits = (manifest.limit(name) for name in ("characters", "tokens", "generated", "beam"))
            self.longest, self.most, self.generated, self.beam = (min(limit, MOST) for limit in limits)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"the manifest does not say what a translator needs ({error})", cure="export the model again"
            ) from error
        self.source, self.target = self.encoders["source"], self.encoders["target"]
        self.samples = "noise" in {spec.name for spec in model.file.inputs}
        self.attends = "attention" in {spec.name for spec in model.file.outputs}

    def check(self, request: Request) -> None:
        """Raise `UsageError` for what the file cannot do."""
        if not 1 <= request.beam <= self.beam:
            raise UsageError(f"a beam of {request.beam:,} cannot be", cure=f"--beam 1 (greedy) to {self.beam:,}")
        if not (0 <= request.length_penalty < np.inf):
            raise UsageError(f"a length penalty of {request.length_penalty:g} cannot be", cure="0 (none) or more")
        if not 0 <= request.longest <= self.generated:
            raise UsageError(
                f"translations of {request.longest:,} tokens cannot be",
                cure=f"--max-length 1 to {self.generated:,}, or 0: twice the source and {LIMIT_EXTRA}",
            )
        if not 0 < request.temperature < np.inf:
            raise UsageError(f"a temperature of {request.temperature:g} cannot be", cure="--temperature above 0")

    def room(self, request: Request) -> int:
        """Return the tokens of a source, EOS counted, at most: a file that tells attention takes memory for all of it.

        They are the T for which the hypotheses, the tokens of each and T are `SEEN` weights.
        """
        if not self.attends:
            return self.most
        each = SEEN // request.beam
        root = math.isqrt(LIMIT_EXTRA**2 + 4 * LIMIT_FACTOR * each)
        room = each // request.longest if request.longest else (root - LIMIT_EXTRA) // (2 * LIMIT_FACTOR)
        return min(self.most, max(room, 1))

    def read(self, text: str) -> Ids:
        """Return the ids [T] of a source, EOS at the end."""
        return np.append(self.source.encode(text), EOS)

    def translate(self, sources: Sequence[Ids], request: Request) -> list[list[Hypothesis]]:
        """Translate B sources in one call; return the hypotheses of each, the best first, `request.beam` at most."""
        return self._answered(sources, self._call(sources, self.limits(sources, request), request))

    def sample(self, sources: Sequence[Ids], keys: Sequence[Key], request: Request) -> list[Hypothesis]:
        """Draw a translation of each of B sources; keys [B]: whose noise. Needs a file exported with --sampling."""
        found: list[Hypothesis] = []
        limits = self.limits(sources, request)
        rows = max(1, NOISE // (int(limits.max()) * self.target.size))
        for start in range(0, len(sources), rows):
            some = slice(start, start + rows)
            steps = int(limits[some].max())
            noise = gumbel(request.seed, keys[some], 0, steps, self.target.size)
            outputs = self._call(sources[some], limits[some], request, noise)
            found += [one[0] for one in self._answered(sources[some], outputs)]
        return found

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float64]]:
        """Return log p of each token of B targets, and of the EOS after them: [U + 1] each."""
        given = Padded.of([np.append(ids, EOS) for ids in targets], fill=PAD)
        nothing = np.zeros(len(sources), np.int64)
        outputs = self._call(sources, nothing, Request(beam=1), target=given.values)
        told = outputs["target_log_probabilities"].astype(np.float64)
        return [row[:length] for row, length in zip(told, given.lengths, strict=True)]

    def translate_all(self, texts: Sequence[str], request: Request | None = None) -> list[str]:
        """Translate any number of texts, those of a length together; one that is too long is cut."""
        asked = request or Request()
        room = self.room(asked)
        sources = [np.append(self.read(text)[:-1][: room - 1], EOS) for text in texts]
        found = [""] * len(texts)
        for some in batches([len(ids) for ids in sources]):
            made = self.translate([sources[place] for place in some], asked)
            for place, hypotheses in zip(some, made, strict=True):
                found[place] = self.target.decode(hypotheses[0].ids)
        return found

    def limits(self, sources: Sequence[Ids], request: Request) -> Ids:
        """Return how many tokens [B] each translation has at most, EOS counted: by its own source alone."""
        lengths = np.array([len(ids) for ids in sources], np.int64)
        asked = np.full_like(lengths, request.longest) if request.longest else LIMIT_FACTOR * lengths + LIMIT_EXTRA
        limits: Ids = np.minimum(asked, self.generated)
        return limits

    def _call(
        self, sources: Sequence[Ids], limits: Ids, request: Request, noise: Floats | None = None,
        target: Ids | None = None,
    ) -> dict[str, NDArray[Any]]:  # fmt: skip
        batch = Padded.of(sources)
        feeds: dict[str, Any] = {
            "source": batch.values,
            "lengths": batch.lengths,
            "max_length": limits,
            "beam_size": np.array(request.beam, np.int64),
            "length_penalty": np.array(request.length_penalty, np.float32),
            "target": np.zeros((len(sources), 0), np.int64) if target is None else target,
        }
        if self.samples:
            feeds["noise"] = np.zeros((0, len(sources), self.target.size), np.float32) if noise is None else noise
            feeds["temperature"] = np.array(request.temperature, np.float32)
        return dict(self.model.run(feeds))

    def _answered(self, sources: Sequence[Ids], outputs: dict[str, NDArray[Any]]) -> list[list[Hypothesis]]:
        """Take each row's hypotheses out of the outputs; raises `ModelError` for ids that no vocabulary has."""
        ids, scores, attention = outputs["ids"], outputs["scores"], outputs.get("attention")
        if ids.size and not (ids.min() >= 0 and ids.max() < self.target.size):
            raise ModelError("the file writes tokens that it has no names for", cure="export the model again")
        found = []
        for row, source in enumerate(sources):
            hypotheses = []
            for beam in range(ids.shape[1]):
                written = _written(ids[row, beam])
                seen = None if attention is None else attention[row, beam, : len(written), : len(source)]
                hypotheses.append(Hypothesis(written, float(scores[row, beam]), seen))
            found.append(hypotheses)
        return found


def _written(ids: Ids) -> Ids:
    """Return the ids [U] before EOS, or before the padding of one that reached its limit."""
    ends = np.flatnonzero((ids == EOS) | (ids == PAD))
    return ids[: ends[0]] if len(ends) else ids


def batches(lengths: Sequence[int], records: int = ROWS, tokens: int = BUDGET) -> list[Ids]:
    """Put places of sources of similar length together."""
    from seqtool.data.splits import LengthSampler  # no line of a pipe needs it

    sampler = LengthSampler(lengths, records=records, tokens=tokens, seed=0)
    return [sampler.order()[sampler.next()] for _ in range(sampler.steps)]
