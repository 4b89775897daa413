"""Answers to the lines of a pipe: their labels."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.families.classification.pieces import count
from seqtool.families.classification.runner import TOKENS, Classified, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Verb
from seqtool.types import Ids, Json

WINDOW = 4096
DIGITS = 4
"""Decimal places of a probability."""


def verb(runner: Runner, *, json: bool) -> Verb:
    """Return the verb that classifies each line."""
    return Classify(runner, threshold=runner.threshold, every=False, json=json).verb()


class Classify:
    """Answers each line with its label and probability; with `every`, with all labels and their probabilities."""

    def __init__(self, runner: Runner, *, threshold: float, every: bool, json: bool) -> None:
        self._runner, self._threshold, self._every, self._json = runner, threshold, every, json
        self._read: dict[int, Ids] = {}
        self._long: list[int] = []

    def verb(self) -> Verb:
        """Return the verb."""
        runner = self._runner
        return Verb(self, runner.longest, self.cost, TOKENS, window=WINDOW, workers=runner.model.workers)

    def cost(self, record: Record) -> int:
        """Return the tokens of a line."""
        # cutting a line into tokens takes as long as a small model does: it is done once, here, and kept
        ids = self._read[record.number] = self._runner.reader.read(record.text)
        if len(ids) > self._runner.most:
            self._long.append(record.number)
        return len(ids)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Classify a batch of lines."""
        # several threads call this: each takes the lines of its own batch out of what is kept
        read = [self._read.pop(record.number) for record in records]
        answers = self._runner.answer(read, self._threshold)
        return [self._shown(one, count(len(ids), self._runner.most)) for one, ids in zip(answers, read, strict=True)]

    @property
    def said_of_long(self) -> str:
        """What to say of the lines that were read in pieces; "" where there were none."""
        if not self._long:
            return ""
        lines = "1 line was" if len(self._long) == 1 else f"{len(self._long):,} lines were"
        what = f"{lines} longer than {self._runner.most:,} tokens (the first: line {min(self._long)})"
        return f"{what}: read in pieces, and each answer pooled from theirs"

    def _shown(self, answer: Classified, pieces: int) -> str | Json:
        if self._json:
            shown: Json = {"label": answer.label, "probability": round(answer.probability, DIGITS)}
            shown |= {"pieces": pieces} if pieces > 1 else {}
            if self._every:
                shown["probabilities"] = {name: round(chance, DIGITS) for name, chance in answer.probabilities.items()}
            return shown
        if self._every:
            return "\t".join(f"{name}\t{chance:.{DIGITS}f}" for name, chance in answer.probabilities.items())
        return f"{answer.label}\t{answer.probability:.{DIGITS}f}"
