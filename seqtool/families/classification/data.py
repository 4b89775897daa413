"""From labelled texts to three parts of token ids and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.labelled import Labelled, read_labelled
from seqtool.data.record_check import check_records
from seqtool.data.records import FileReader, Parts, cut, read_all, read_parts, reader_of, refuse_one_label
from seqtool.data.splits import LengthSampler, Sampler, Splits
from seqtool.families.classification.config import ClassificationConfig, refuse
from seqtool.families.classification.encoders import LIMITS, ClassificationEncoders, Reader
from seqtool.task import Data, DataFile, Finding, Task
from seqtool.types import Ids


@dataclass(frozen=True)
class TextPart:
    """N labelled texts: for each the ids [T] of its tokens; `gold` [N] are the ids of the labels."""

    texts: tuple[str, ...]
    ids: tuple[Ids, ...]
    gold: Ids
    reader: Reader
    labels: Labels

    @classmethod
    def of(cls, records: Sequence[Labelled], reader: Reader, labels: Labels) -> TextPart:
        """Encode records; raises `DataError` for an unknown label."""
        texts = tuple(record.text for record in records)
        gold = labels.encode([record.label for record in records])
        return cls(texts, tuple(map(reader.read, texts)), gold, reader, labels)

    @property
    def unknown(self) -> float:
        """The share of tokens that the vocabulary lacks."""
        if self.reader.unknown is None:
            return 0.0
        return float((np.concatenate(self.ids) == self.reader.unknown).mean())

    def __add__(self, part: TextPart) -> TextPart:
        gold = np.concatenate([self.gold, part.gold])
        return TextPart(self.texts + part.texts, self.ids + part.ids, gold, self.reader, self.labels)


TextSplits = Splits[TextPart, ClassificationEncoders]


def load(task: Task, config: ClassificationConfig, data: Data) -> TextSplits:
    """Read the files and cut three parts; fit the encoder on the first, the labels on all three.

    Raises `DataError` where the training part has only one label, and `UsageError` for settings that contradict.
    """
    return split(read(task, config, data), config)


def read(task: Task, config: ClassificationConfig, data: Data) -> Parts[Labelled]:
    """Read files and cut their texts into three parts; all copies of a text go to one of them."""
    return cut(read_parts(data.files, _reader(task, config)), lambda record: plain(record.text), config)


def _reader(task: Task, config: ClassificationConfig) -> FileReader[Labelled]:
    return reader_of(task, partial(read_labelled, separator=config.separator), Labelled)


def plain(text: str) -> str:
    """Return a text without differences of white space and case: copies have the same."""
    # else a copy in another case could stand on both sides of the cut, and be scored as if it were new
    return " ".join(text.lower().split())


def split(parts: Parts[Labelled], config: ClassificationConfig) -> TextSplits:
    """Encode the parts; raises as `load` does."""
    refuse_one_label([record.label for record in parts.train])
    # a label that training never had is never answered, but its texts are scored: the model is wrong on them
    labels = Labels.fit(record.label for record in (*parts.train, *parts.validation, *parts.test))
    refuse(config, labels.size)
    reader = Reader.fit([record.text for record in parts.train], config)
    train, validation, test = (
        TextPart.of(part, reader, labels) for part in (parts.train, parts.validation, parts.test)
    )
    return Splits(train, validation, test, ClassificationEncoders(reader.encoder, labels))


def joined(config: ClassificationConfig, splits: TextSplits) -> TextSplits:
    """Train on the training and validation part together; the encoders stay."""
    return replace(splits, train=splits.train + splits.validation)


def sampler(config: ClassificationConfig, splits: TextSplits, seed: int) -> Sampler:
    """Batch texts of similar length: the longest decides how much padding the others get."""
    lengths = [len(ids) for ids in splits.train.ids]
    return LengthSampler(lengths, records=config.batch, tokens=config.tokens, seed=seed)


def held_out(
    task: Task, config: ClassificationConfig, encoders: ClassificationEncoders, files: Sequence[DataFile]
) -> tuple[TextPart, Sequence[Finding]]:
    """Read all texts of files as one part; raises `DataError` for a label that training never had."""
    content = read_all(files, _reader(task, config))
    return TextPart.of(content.records, encoders.reader(lower=config.lower), encoders.labels), content.findings


encoders_from_json = ClassificationEncoders.from_json


def limits(config: ClassificationConfig) -> dict[str, int]:
    """Return the most characters and tokens of a text that a file takes."""
    return dict(LIMITS)


def check(task: Task, config: ClassificationConfig, data: Data) -> list[Finding]:
    """Return the reader's findings, then copies, conflicting labels, unseen labels, unknown words and sizes."""
    parts = read(task, config, data)
    # the vocabulary of the training, not all its words: `at_least` and `vocabulary` decide what is unknown
    reader = split(parts, config).train.reader
    vocabulary = frozenset(reader.encoder.tokens) if isinstance(reader.encoder, Vocabulary) else None
    return check_records(
        parts,
        key=lambda record: plain(record.text),
        words=lambda record: reader.words(record.text),
        labels=lambda record: (record.label,),
        vocabulary=vocabulary,
    )
