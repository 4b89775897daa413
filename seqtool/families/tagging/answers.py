"""Lines of a pipe, each a sentence, answered by its tags."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.families.tagging.runner import BUDGET, ROWS, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

Words = Sequence[str]
WINDOW = 2048
BETWEEN_BLANKS = re.compile(r"[^ \t\v\f\r]+")
"""A word of a tokenised line; other blanks, such as U+00A0, are part of it."""


def between_blanks(text: str) -> list[str]:
    """Return the words of a tokenised line."""
    return BETWEEN_BLANKS.findall(text)


class Lines:
    """Answers each line by `word/TAG word/TAG`, as JSON by `words`, `tags` and `scores`."""

    def __init__(
        self, runner: Runner, words_of: Callable[[str], list[str]] = between_blanks, *, json: bool = False
    ) -> None:
        self._runner, self._words_of, self._json = runner, words_of, json
        self._read: dict[int, list[str]] = {}

    def verb(self) -> Verb:
        """Return the verb."""
        return Verb(self, self._runner.longest, self.cost, BUDGET, WINDOW, workers=self._runner.model.workers)

    def cost(self, record: Record) -> int:
        """Return the words of a line, which is read here, once."""
        words = self._read[record.number] = self._words_of(record.text)
        return least(len(words))

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Tag a batch of lines."""
        made = tagged(self._runner, [self._read.pop(record.number) for record in records])
        if self._json:
            return [one if isinstance(one, Refusal) else one.described() for one in made]
        return [one if isinstance(one, Refusal) else one.written() for one in made]


def least(words: int) -> int:
    """Return what a sentence of so many words costs: few go into one call, however short."""
    return max(BUDGET // ROWS, words)


class Tagged(NamedTuple):
    """The words [T] of a sentence, their tags [T], and the tags' probabilities [T]."""

    words: Words
    tags: Words
    scores: NDArray[np.float32]

    def written(self) -> str:
        """Return `word/TAG word/TAG`: the last slash of a word is ours."""
        return " ".join(map("/".join, zip(self.words, self.tags, strict=True)))

    def described(self) -> dict[str, Any]:
        """Return the object of the sentence."""
        scores = np.round(self.scores.astype(np.float64), 4).tolist()
        return {"words": self.words, "tags": self.tags, "scores": scores}


def tagged(runner: Runner, sentences: Sequence[Words]) -> list[Tagged | Refusal]:
    """Tag B sentences in one call; one without words, or of too many, is refused."""
    usable = [words for words in sentences if 0 < len(words) <= runner.most]
    if not usable:
        return [_refused(words, runner.most) for words in sentences]
    ids, scores = runner.tag(list(itertools.chain.from_iterable(usable)), [len(words) for words in usable])
    tags = runner.tags[ids].tolist()
    answers: list[Tagged | Refusal] = []
    start = 0
    for words in sentences:
        if not 0 < len(words) <= runner.most:
            answers.append(_refused(words, runner.most))
            continue
        end = start + len(words)
        answers.append(Tagged(words, tags[start:end], scores[start:end]))
        start = end
    return answers


def _refused(words: Words, most: int) -> Refusal:
    if not words:
        return Refusal("no words in it", "without words")
    return Refusal(f"{len(words):,} words, more than {most:,}", f"longer than {most:,} words")
