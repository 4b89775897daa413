"""From labelled texts to three parts with ids and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.labelled import Labelled, read_labelled
from seqtool.data.record_check import check_records
from seqtool.data.records import Parts, cut, read_parts, refuse_one_label
from seqtool.data.splits import Splits
from seqtool.families.classification.config import ClassificationConfig, refuse
from seqtool.families.classification.reading import Ids, Reader
from seqtool.task import DataFile


@dataclass(frozen=True)
class TextPart:
    """N labelled texts: the ids [T] of each one's tokens, and the labels' ids [N]."""

    texts: tuple[str, ...]
    ids: tuple[Ids, ...]
    gold: NDArray[np.int64]
    reader: Reader
    labels: Labels

    @classmethod
    def of(cls, records: Sequence[Labelled], reader: Reader, labels: Labels) -> TextPart:
        """Encode records; raises `DataError` for a label that is not known."""
        texts = tuple(record.text for record in records)
        return cls(texts, tuple(map(reader.read, texts)), labels.encode([one.label for one in records]), reader, labels)

    @property
    def unknown(self) -> float:
        """The share of tokens that the vocabulary lacks."""
        tokens = np.concatenate(self.ids)
        return float((tokens == self.reader.unknown).mean()) if self.reader.unknown is not None else 0.0


def read(files: Sequence[DataFile], config: ClassificationConfig) -> Parts[Labelled]:
    """Read labelled texts into the three parts, cut where no file is one; raises as `read_labelled` and `cut` do."""
    reader = partial(read_labelled, separator=config.separator)
    return cut(read_parts(files, reader), key, config)


def key(record: Labelled) -> str:
    """Return what copies of a record have in common."""
    return plain(record.text)


def plain(text: str) -> str:
    """Return what copies of a text have in common: white space and case aside."""
    return " ".join(text.lower().split())


def split(parts: Parts[Labelled], config: ClassificationConfig) -> Splits[TextPart]:
    """Encode the parts; the encoder is fitted on the first, the labels are those of all three.

    Raises `DataError` where the training part has one label only, `UsageError` for settings that do not go together.
    """
    refuse_one_label([record.label for record in parts.train])
    labels = Labels.fit(record.label for part in (parts.train, parts.validation, parts.test) for record in part)
    refuse(config, labels.size)
    reader = Reader.fit([record.text for record in parts.train], config)
    train, validation, test = (
        TextPart.of(part, reader, labels) for part in (parts.train, parts.validation, parts.test)
    )
    return Splits(train, validation, test, {"encoder": reader.encoder, "labels": labels})


def joined(splits: Splits[TextPart]) -> Splits[TextPart]:
    """Take training and validation part for training; encoder and labels stay."""
    first, second = splits.train, splits.validation
    whole = TextPart(
        first.texts + second.texts,
        first.ids + second.ids,
        np.concatenate([first.gold, second.gold]),
        first.reader,
        first.labels,
    )
    return Splits(whole, splits.validation, splits.test, splits.encoders)


def check(parts: Parts[Labelled], config: ClassificationConfig) -> list[Finding]:
    """Say what a person should know: what the readers met, copies, conflicts, labels, unknown words, sizes."""
    reader = split(parts, config).train.reader
    known = frozenset(reader.encoder.tokens) if isinstance(reader.encoder, Vocabulary) else None
    return check_records(
        parts, key=key, words=lambda one: reader.words(one.text), labels=lambda one: (one.label,), known=known
    )
