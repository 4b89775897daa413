"""Answers to the lines of a pipe: their labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.families.classification.answers import Classified, One, Rule
from seqtool.families.classification.pieces import count
from seqtool.families.classification.runner import TOKENS, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Verb
from seqtool.types import Ids, Json

WINDOW = 4096
DIGITS = 4
"""Decimal places of a probability."""


def verb(runner: Runner, *, json: bool) -> Verb:
    """Return the verb that classifies each line."""
    return Classify(runner, runner.rule(), top=0, json=json).verb()


class Classify:
    """Answers each line with its labels and their probabilities; with `top` lists as many of the likeliest labels."""

    def __init__(self, runner: Runner, rule: Rule, *, top: int, json: bool) -> None:
        self._runner, self._rule, self._top, self._json = runner, rule, top, json
        self._one = isinstance(rule, One)
        self._read: dict[int, Ids] = {}
        self._long: list[int] = []
        self._highest: list[float] = []  # of the rejected texts of a batch; threads append to it, but cannot add
        self._accepted = False

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
        answers = self._runner.answer(read, self._rule, max(1, self._top))
        self._count(answers)
        return [self._shown(answer, ids) for answer, ids in zip(answers, read, strict=True)]

    def _count(self, answers: Sequence[Classified]) -> None:
        rejected = [answer.probability for answer in answers if not answer.labels]
        self._accepted |= len(rejected) < len(answers)
        self._highest += [max(rejected)] if rejected else []

    @property
    def all_rejected(self) -> float | None:
        """The highest probability of all texts, where none of them has a label; None where one has."""
        return None if self._accepted else max(self._highest, default=None)

    @property
    def said_of_long(self) -> str:
        """What to say of the lines that were read in pieces; "" where there were none."""
        if not self._long:
            return ""
        lines = "1 line was" if len(self._long) == 1 else f"{len(self._long):,} lines were"
        what = f"{lines} longer than {self._runner.most:,} tokens (the first: line {min(self._long)})"
        return f"{what}: read in pieces, and each answer pooled from theirs"

    def _shown(self, answer: Classified, ids: Ids) -> str | Json:
        if self._json:
            return self._object(answer, ids)
        if self._one and not self._top:
            return f"{answer.label}\t{answer.probability:.{DIGITS}f}"
        # of a rejected text no label is listed
        listed = [*answer.probabilities][: self._top] if self._top and not self._rejected(answer) else answer.labels
        return "\t".join(f"{name}\t{answer.probabilities[name]:.{DIGITS}f}" for name in listed)

    def _rejected(self, answer: Classified) -> bool:
        return self._one and not answer.labels

    def _object(self, answer: Classified, ids: Ids) -> Json:
        """Return an answer as JSON: a label, null where it is rejected, or a list of labels."""
        shown: Json = {"labels": list(answer.labels)}
        if self._one:
            shown = {"label": answer.label or None, "probability": round(answer.probability, DIGITS)}
        if self._top or not self._one:
            listed = [*answer.probabilities][: self._top] if self._top else answer.labels
            shown["probabilities"] = {name: round(answer.probabilities[name], DIGITS) for name in listed}
        if (unknown := self._runner.reader.unknown) is not None:
            shown["unknown"] = round(float(np.mean(ids == unknown)), DIGITS)
        if (pieces := count(len(ids), self._runner.most)) > 1:
            shown["pieces"] = pieces
        return shown
