"""Lines of a pipe answered by their translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqtool.families.generation.noise import Key
from seqtool.families.translation.runner import BUDGET, ROWS, Hypothesis, Ids, Request, Runner
from seqtool.families.translation.texts import Sources, with_words
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

WINDOW = 1024
USUAL_BEAM = 5
"""Hypotheses of a sentence that `BUDGET` is for."""


@dataclass(frozen=True)
class Wanted:
    """What an answer holds beside the translation.

    scores: its score; best: so many in an object (0: one); alignment: where each token looked; replaced: unknown words
    are those of the source; sampled: drawn, not searched for; pictured: the first line is kept; json: an object.
    """

    scores: bool = False
    best: int = 0
    alignment: bool = False
    replaced: bool = False
    sampled: bool = False
    pictured: bool = False
    json: bool = False


@dataclass(frozen=True)
class Seen:
    """A line, its translation, and the attention [U,T] between their tokens."""

    source: list[str]
    target: list[str]
    attention: Any


class Lines:
    """Answers each line by its translation; `first`: number and attention of the first, where it is to be pictured."""

    def __init__(self, runner: Runner, sources: Sources, request: Request, wanted: Wanted) -> None:
        self._runner, self._sources, self._request, self._wanted = runner, sources, request, wanted
        self._read: dict[int, Ids | Refusal] = {}
        self.first: tuple[int, Seen] | None = None

    def verb(self) -> Verb:
        """Return the verb."""
        each = max(1, self._wanted.best) if self._wanted.sampled else self._request.beam
        budget = max(1, BUDGET * USUAL_BEAM // max(USUAL_BEAM, each))
        workers = 1 if self._wanted.pictured else self._runner.model.workers  # which is the first is remembered
        return Verb(self, self._runner.longest, self.cost, budget, WINDOW, workers=workers)

    def cost(self, record: Record) -> int:
        """Return the tokens of a line, which is read here, once."""
        ids = self._read[record.number] = self._sources.read(record.text)
        return max(BUDGET // ROWS, 1 if isinstance(ids, Refusal) else len(ids))

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Translate a batch of lines."""
        read = [self._read.pop(record.number) for record in records]
        good = [(record, ids) for record, ids in zip(records, read, strict=True) if not isinstance(ids, Refusal)]
        made = dict(zip((record.number for record, _ in good), self._translated(good), strict=True))
        return [
            ids if isinstance(ids, Refusal) else self._shown(record, made[record.number])
            for record, ids in zip(records, read, strict=True)
        ]

    def _translated(self, lines: Sequence[tuple[Record, Ids]]) -> list[list[Hypothesis]]:
        if not lines:
            return []
        if not self._wanted.sampled:
            return self._runner.translate([ids for _, ids in lines], self._request)
        each = max(1, self._wanted.best)
        keys = [Key(record.number, sample) for record, _ in lines for sample in range(each)]
        drawn = self._runner.sample([ids for _, ids in lines for _ in range(each)], keys, self._request)
        return [drawn[start : start + each] for start in range(0, len(drawn), each)]

    def _shown(self, record: Record, hypotheses: list[Hypothesis]) -> Answer:
        if self._wanted.pictured and (self.first is None or record.number < self.first[0]):
            self.first = record.number, self._seen(record.text, hypotheses[0])
        if self._wanted.best:
            made = [self._described(record, one) for one in hypotheses[: self._wanted.best]]
            return {"source": record.text, "translations": made}
        if self._wanted.json:
            return {"source": record.text, **self._described(record, hypotheses[0])}
        text = self._text(record, hypotheses[0])
        return f"{text}\t{hypotheses[0].score:.4f}" if self._wanted.scores else text

    def _text(self, record: Record, hypothesis: Hypothesis) -> str:
        if self._wanted.replaced:
            return with_words(self._runner, record.text, hypothesis)
        return str(self._runner.target.decode(hypothesis.ids))

    def _described(self, record: Record, hypothesis: Hypothesis) -> Mapping[str, Any]:
        made = {"translation": self._text(record, hypothesis), "score": round(hypothesis.score, 4)}
        if not self._wanted.alignment:
            return made
        seen = self._seen(record.text, hypothesis)
        return {**made, "tokens": seen.target, "source_tokens": seen.source, "alignment": _looked_at(seen)}

    def _seen(self, text: str, hypothesis: Hypothesis) -> Seen:
        source = [*self._runner.source.tokens(text), "</s>"]
        return Seen(source, self._runner.target.pieces(hypothesis.ids), hypothesis.attention)


def _looked_at(seen: Seen) -> list[int]:
    """Return the place in the source that each token of the translation looked at most: [U]."""
    return [int(place) for place in np.argmax(seen.attention, axis=1)] if len(seen.target) else []
