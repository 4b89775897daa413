"""Answers to the lines of a pipe: their labels."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.families.classification.runner import TOKENS, Classified, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb
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
        self._too_long = Refusal(f"more than {runner.most:,} tokens", f"longer than {runner.most:,} tokens")

    def verb(self) -> Verb:
        """Return the verb."""
        runner = self._runner
        return Verb(self, runner.longest, self.cost, TOKENS, window=WINDOW, workers=runner.model.workers)

    def cost(self, record: Record) -> int:
        """Return the tokens of a line."""
        # cutting a line into tokens takes as long as a small model does: it is done once, here, and kept
        ids = self._read[record.number] = self._runner.reader.read(record.text)
        return len(ids)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Classify a batch of lines."""
        # several threads call this: each takes the lines of its own batch out of what is kept
        read = [self._read.pop(record.number) for record in records]
        usable = [ids for ids in read if len(ids) <= self._runner.most]
        answers = iter(self._runner.answer(usable, self._threshold))
        return [self._shown(next(answers)) if len(ids) <= self._runner.most else self._too_long for ids in read]

    def _shown(self, answer: Classified) -> str | Json:
        if self._json:
            shown: Json = {"label": answer.label, "probability": round(answer.probability, DIGITS)}
            if self._every:
                shown["probabilities"] = {name: round(chance, DIGITS) for name, chance in answer.probabilities.items()}
            return shown
        if self._every:
            return "\t".join(f"{name}\t{chance:.{DIGITS}f}" for name, chance in answer.probabilities.items())
        return f"{answer.label}\t{answer.probability:.{DIGITS}f}"
