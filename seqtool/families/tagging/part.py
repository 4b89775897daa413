"""A part of tagged sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqtool.data.encoders.labels import Labels
from seqtool.data.series import LATER
from seqtool.data.splits import Splits, evenly
from seqtool.data.tagged import Sentence
from seqtool.errors import DataError
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.say import printable
from seqtool.types import Flags, Ids

Texts = tuple[tuple[str, ...], ...]
"""The words [T] of sentences, or their tags [T]."""


@dataclass(frozen=True)
class TagPart:
    """The sentences of a part: words [T] of each, and a tag for each word.

    more: the tags of each field behind the first.
    """

    words: Texts
    tags: Texts
    more: tuple[Texts, ...] = field(default=(), metadata={LATER: True})

    @classmethod
    def of(cls, sentences: Iterable[Sentence], fields: Sequence[str] = ("",)) -> TagPart:
        """Collect sentences with the tags of `fields`, the main one first.

        Raises `DataError` where a sentence has more or fewer tags than words, or none of a field.
        """
        whole = list(sentences)
        tags, *more = (tuple(tags_of(sentence, field, n == 0) for sentence in whole) for n, field in enumerate(fields))
        return cls(tuple(sentence.words for sentence in whole), tags, tuple(more))

    @property
    def fields(self) -> tuple[Texts, ...]:
        """The tags of each field, the main one first."""
        return (self.tags, *self.more)

    def few(self, share: float) -> TagPart:
        """Return about a share of the sentences, spread evenly."""
        chosen = evenly(len(self.words), share)
        return TagPart(self.words[chosen], self.tags[chosen], tuple(texts[chosen] for texts in self.more))

    def __add__(self, part: TagPart) -> TagPart:
        more = (own + others for own, others in zip(self.more, part.more, strict=True))
        return TagPart(self.words + part.words, self.tags + part.tags, tuple(more))


def tags_of(sentence: Sentence, field: str, main: bool) -> tuple[str, ...]:
    """Return the tags [T] of a field of a sentence, of the main one or another.

    Raises `DataError` where the sentence lacks them, or has more or fewer than words.
    """
    tags = sentence.tags if main else sentence.more.get(field)
    words, where = len(sentence.words), " ".join(sentence.words[:8])
    if tags is None:
        what = f"sentence {sentence.number:,} has no tags '{printable(field)}'"
        raise DataError(what, where=where, cure="take those that it has with --tag-column")
    if len(tags) != words:
        what = f"sentence {sentence.number:,} has {words:,} words and {len(tags):,} tags"
        raise DataError(what, where=where, cure="give each word a tag")
    return tags


TagSplits = Splits[TagPart, TaggingEncoders]


def tag_ids(tags: Sequence[str], labels: Labels) -> Ids:
    """Return the ids [T] of tags; -1, which no answer equals, for a tag that the training part lacks."""
    numbers = {name: number for number, name in enumerate(labels.names)}
    return np.array([numbers.get(tag, -1) for tag in tags], dtype=np.int64)


def unseen(part: TagPart, encoders: TaggingEncoders) -> Flags:
    """Return flags [N] of the words of a part, in order: whether the training part lacks the word."""
    # by the forms, which a file stores: `evaluate` has no training part
    forms = set(encoders.forms.tokens)
    return np.array([word not in forms for words in part.words for word in words], dtype=np.bool_)
