"""Lines of a pipe answered by their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.families.classification.decision import answers
from seqtool.families.classification.reading import Ids
from seqtool.families.classification.runner import TOKENS, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

WINDOW = 4096
DIGITS = 4
"""Of a probability, behind the point."""


class Classify:
    """Answers each line by its label and the probability of that, or with `every` by those of all classes."""

    def __init__(self, runner: Runner, *, threshold: float, every: bool, json: bool) -> None:
        self._runner, self._threshold, self._every, self._json = runner, threshold, every, json
        self._read: dict[int, Ids] = {}
        self._too_long = Refusal(f"more than {runner.most:,} tokens", f"longer than {runner.most:,} tokens")

    def verb(self) -> Verb:
        """Return the verb."""
        runner = self._runner
        return Verb(self, runner.longest, self.cost, TOKENS, window=WINDOW, workers=runner.model.workers)

    def cost(self, record: Record) -> int:
        """Return the tokens of a line, which is read here, once."""
        ids = self._runner.reader.read(record.text)
        self._read[record.number] = ids
        return len(ids)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Classify a batch of lines; what is in it several times is computed once."""
        read = [self._read.pop(record.number) for record in records]
        different = {ids.tobytes(): ids for ids in read if len(ids) <= self._runner.most}
        said = self._said(self._runner.call(list(different.values()))) if different else ()
        found = dict(zip(different, said, strict=True))
        return [found.get(ids.tobytes(), self._too_long) for ids in read]

    def _said(self, chances: NDArray[np.float32]) -> list[Answer]:
        """Return what is said of probabilities [B,C]."""
        chosen, names = answers(chances, self._threshold), self._runner.labels.names
        own = chances[np.arange(len(chosen)), chosen].tolist()
        if self._json:
            return [self._described(*row) for row in zip(chosen, own, chances, strict=True)]
        if self._every:
            return [self._listed(row) for row in chances]
        return [f"{names[label]}\t{chance:.{DIGITS}f}" for label, chance in zip(chosen.tolist(), own, strict=True)]

    def _listed(self, chances: NDArray[np.float32]) -> str:
        """Return all classes with their probabilities [C], the most likely first."""
        return "\t".join(f"{name}\t{chance:.{DIGITS}f}" for name, chance in self._ordered(chances))

    def _described(self, label: int, chance: float, chances: NDArray[np.float32]) -> dict[str, Any]:
        said: dict[str, Any] = {"label": self._runner.labels.names[label], "probability": round(chance, DIGITS)}
        if self._every:
            said["probabilities"] = {name: round(one, DIGITS) for name, one in self._ordered(chances)}
        return said

    def _ordered(self, chances: NDArray[np.float32]) -> list[tuple[str, float]]:
        order = np.argsort(-chances, kind="stable").tolist()
        return [(self._runner.labels.names[place], float(chances[place])) for place in order]
