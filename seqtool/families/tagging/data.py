"""From tagged sentences to three parts, and what is fitted on the first."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.conllu import Sentence
from seqtool.data.encoders.alphabet import MOST_CHARACTERS
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.record_check import check_records
from seqtool.data.records import Parts, cut, read_parts, refuse_one_label
from seqtool.data.splits import Splits
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.task import DataFile

MOST_FORMS = 100_000
"""Words, as they are written, that a file knows the spelling of: the most frequent ones."""
RARE_CHARACTER = 2
"""Times that a character occurs to be told from others: what is seen once teaches what an unknown one is."""


@dataclass(frozen=True)
class TagPart:
    """The sentences of a part: words [T] of each, and a tag for each word."""

    words: tuple[tuple[str, ...], ...]
    tags: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, sentences: Iterable[Sentence], field: str) -> TagPart:
        """Take one field of sentences; raises `DataError` where a sentence has not as many tags as words."""
        pairs = [(one.words, _tags(one, field)) for one in sentences]
        return cls(tuple(words for words, _ in pairs), tuple(tags for _, tags in pairs))

    @property
    def size(self) -> int:
        """Words in all."""
        return sum(map(len, self.words))

    def __add__(self, other: TagPart) -> TagPart:
        return TagPart(self.words + other.words, self.tags + other.tags)


def _tags(sentence: Sentence, field: str) -> tuple[str, ...]:
    tags = sentence.tags.get(field, ())
    if len(tags) != len(sentence.words):
        raise DataError(
            f"sentence {sentence.number:,} has {len(sentence.words):,} words and {len(tags):,} tags ({field})",
            where=" ".join(sentence.words[:8]),
            cure="give each word a tag",
        )
    return tags


def tag_ids(tags: Sequence[str], labels: Labels) -> NDArray[np.int64]:
    """Return the ids [T] of tags, -1 for one that the training part never had: nothing can be right there."""
    known = {name: number for number, name in enumerate(labels.names)}
    return np.array([known.get(tag, -1) for tag in tags], dtype=np.int64)


def read(files: Sequence[DataFile], config: TaggingConfig) -> Parts[Sentence]:
    """Read files and cut their sentences into three parts; raises `DataError`, `NotFound` or `UsageError`."""
    given = read_parts(files, functools.partial(read_tagged, field=config.field))
    return cut(given, lambda sentence: sentence.words, config)


def split(parts: Parts[Sentence], config: TaggingConfig) -> Splits[TagPart]:
    """Take the field of the configuration; fit words, characters and tags on the training part.

    Raises `DataError` where tags are missing or all the same.
    """
    train, validation, test = (TagPart.of(part, config.field) for part in (parts.train, parts.validation, parts.test))
    refuse_one_label([tag for tags in train.tags for tag in tags])
    encoders: dict[str, Any] = {
        "words": Vocabulary.fit(train.words, config.vocabulary, config.at_least, config.lower),
        "forms": Vocabulary.fit(train.words, MOST_FORMS),
        "tags": Labels.fit(tag for tags in train.tags for tag in tags),
    }
    if config.characters:
        letters = (word for words in train.words for word in words)
        encoders["characters"] = Vocabulary.fit(letters, MOST_CHARACTERS, RARE_CHARACTER)
    return Splits(train, validation, test, encoders)


def joined(splits: Splits[TagPart]) -> Splits[TagPart]:
    """Take training and validation part for training; the encoders stay."""
    return Splits(splits.train + splits.validation, splits.validation, splits.test, splits.encoders)


def unseen(part: TagPart, encoders: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Return which words of a part [N], all sentences one after another, the training part never had."""
    known = set(encoders["forms"].tokens)
    return np.array([word not in known for words in part.words for word in words], dtype=np.bool_)


def check(parts: Parts[Sentence], config: TaggingConfig) -> list[Finding]:
    """Say what a person should know: copies, sentences tagged in two ways, unseen tags, unknown words, sizes."""
    return check_records(
        parts,
        key=lambda sentence: sentence.words,
        words=lambda sentence: sentence.words,
        labels=lambda sentence: sentence.tags[config.field],
    )
