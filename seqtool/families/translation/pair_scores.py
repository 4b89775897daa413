"""Lines of a pipe, each a source, a tab and a translation, answered by how likely the translation is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.vocabulary import UNK
from seqtool.families.likelihood import Totals, written
from seqtool.families.translation.runner import BUDGET, ROWS, Ids, Runner
from seqtool.families.translation.texts import Sources
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

NO_PAIR = Refusal("no source, one tab and a translation", "not a source, one tab and a translation")


class Read(NamedTuple):
    """The ids [T] of a source, those [U] of its translation, and the characters of that."""

    source: Ids
    target: Ids
    characters: int


class PairScores:
    """Answers pairs by their scores, and adds them up."""

    def __init__(self, runner: Runner, sources: Sources, *, json: bool) -> None:
        self._runner, self._sources, self._json = runner, sources, json
        self._read: dict[int, Read | Refusal] = {}
        self.totals = Totals()

    def verb(self) -> Verb:
        """Return the verb; a line holds two texts."""
        return Verb(self, 2 * self._runner.longest, self.cost, BUDGET)

    def cost(self, record: Record) -> int:
        """Return the tokens of a line's longer side; the line is read here, once."""
        pair = self._read[record.number] = self._pair(record.text)
        longest = 1 if isinstance(pair, Refusal) else max(len(pair.source), len(pair.target) + 1)
        return max(BUDGET // ROWS, longest)

    def _pair(self, text: str) -> Read | Refusal:
        source, *rest = text.split("\t")
        if len(rest) != 1 or not source.strip() or not rest[0].strip():
            return NO_PAIR
        ids, target, most = self._sources.read(source), self._runner.target.encode(rest[0]), self._runner.generated
        if isinstance(ids, Refusal):
            return ids
        if len(target) >= most:
            return Refusal(f"a translation of {len(target):,} tokens, {most:,} or more", f"of {most:,} tokens or more")
        if UNK in target:  # its score is that of the mark for all such words
            self._sources.unseen.update(self._runner.target.unknown(rest[0]))
        return Read(ids, target, len(rest[0]))

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Score a batch of pairs."""
        read = [self._read.pop(record.number) for record in records]
        good = [pair for pair in read if not isinstance(pair, Refusal)]
        found = self._runner.score([one.source for one in good], [one.target for one in good]) if good else []
        told = iter(found)
        return [pair if isinstance(pair, Refusal) else self._answer(pair, next(told)) for pair in read]

    def _answer(self, pair: Read, log_probabilities: NDArray[np.float64]) -> Answer:
        told = self.totals.add(-float(log_probabilities.sum()), len(log_probabilities), pair.characters)
        return told if self._json else written(told)
