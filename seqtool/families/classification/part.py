"""A part of the labelled texts, encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from seqtool.data.encoders.labels import Labels
from seqtool.data.labelled import Labelled
from seqtool.data.splits import Splits, evenly
from seqtool.families.classification.encoders import ClassificationEncoders, Reader
from seqtool.types import Array, Flags, Ids


@dataclass(frozen=True)
class TextPart:
    """N labelled texts: for each the ids [T] of its tokens.

    gold: the id of each text's label [N]; where texts may have several, which labels each has, flags [N,C].
    """

    texts: tuple[str, ...]
    # left out of ==, and of the sum by which a run knows its data: they follow from the texts
    ids: tuple[Ids, ...] = field(compare=False)
    gold: Array
    reader: Reader = field(compare=False)
    labels: Labels = field(compare=False)

    @classmethod
    def of(cls, records: Sequence[Labelled], reader: Reader, labels: Labels, *, multi: bool = False) -> TextPart:
        """Encode records of one label each, or with `multi` of any number of them.

        Raises `DataError` for a label that is none of `labels`.
        """
        texts = tuple(record.text for record in records)
        gold = several_of(records, labels) if multi else labels.encode([record.label for record in records])
        return cls(texts, tuple(map(reader.read, texts)), gold, reader, labels)

    @property
    def multi(self) -> bool:
        """Whether a text may have several labels."""
        return self.gold.ndim == 2

    @property
    def unknown(self) -> float:
        """The share of tokens that the vocabulary lacks."""
        if self.reader.unknown is None:
            return 0.0
        return float((np.concatenate(self.ids) == self.reader.unknown).mean())

    def few(self, share: float) -> TextPart:
        """Return about a share of the texts, spread evenly."""
        chosen = evenly(len(self.texts), share)
        return TextPart(self.texts[chosen], self.ids[chosen], self.gold[chosen], self.reader, self.labels)

    def __add__(self, part: TextPart) -> TextPart:
        """Return the texts of both parts, of the other one those whose labels this one has."""
        known = np.arange(len(part.gold)) if self.multi else np.flatnonzero(part.gold < self.labels.size)
        texts = (*self.texts, *(part.texts[place] for place in known))
        ids = (*self.ids, *(part.ids[place] for place in known))
        more = part.gold[:, : self.labels.size] if self.multi else part.gold[known]
        return TextPart(texts, ids, np.concatenate([self.gold, more]), self.reader, self.labels)


def several_of(records: Sequence[Labelled], labels: Labels) -> Flags:
    """Return which of C labels each of N records has, [N,C]; raises `DataError` for one that is none of them."""
    gold = np.zeros((len(records), labels.size), dtype=np.bool_)
    for row, record in enumerate(records):
        gold[row, labels.encode(record.all_labels)] = True
    return gold


TextSplits = Splits[TextPart, ClassificationEncoders]


def plain(text: str) -> str:
    """Return a text without differences of white space and case: copies have the same."""
    # else a copy in another case could stand on both sides of the cut, and be scored as if it were new
    return " ".join(text.lower().split())


def seen(part: TextPart, train: TextPart) -> float:
    """Return the share of a part's texts that are copies of training texts: a model may know those by heart."""
    copies = set(map(plain, train.texts))
    return sum(plain(text) in copies for text in part.texts) / len(part.texts)
