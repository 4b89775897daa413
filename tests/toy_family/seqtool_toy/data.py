"""From `number<TAB>text` to two features of each line: its length, and how many of its letters are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqtool.data.records import cut, read_all, read_parts
from seqtool.data.splits import Sampler, Splits
from seqtool.errors import DataError
from seqtool.reads import DataFile, Finding, Read
from seqtool.task import Data, Task
from seqtool.types import Floats, Json
from seqtool_toy.config import CountingConfig


@dataclass(frozen=True)
class Counts:
    """The encoders: which letters are counted."""

    letters: str

    def to_json(self) -> Json:
        return {"letters": self.letters}

    def features(self, texts: Sequence[str]) -> Floats:
        """Return [B,2]."""
        return np.array([(len(text), sum(letter in self.letters for letter in text)) for text in texts], np.float64)


@dataclass(frozen=True)
class Part:
    texts: tuple[str, ...]
    numbers: tuple[float, ...]

    @classmethod
    def of(cls, records: Sequence[tuple[float, str]]) -> Part:
        return cls(tuple(text for _, text in records), tuple(number for number, _ in records))


def read(path: Path) -> Read[tuple[float, str]]:
    records = []
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        number, tab, text = line.partition("\t")
        if not tab:
            raise DataError(f"line {place} has no tab", where=str(path), cure="write number<TAB>text")
        records.append((float(number), text))
    return Read(tuple(records))


def load(task: Task, config: CountingConfig, data: Data) -> Splits[Part, Counts]:
    parts = cut(read_parts(data.files, task.read or read), lambda record: record, config)
    return Splits(Part.of(parts.train), Part.of(parts.validation), Part.of(parts.test), Counts(config.letters))


def check(task: Task, config: CountingConfig, data: Data) -> list[Finding]:
    return [Finding("note", "sizes", f"{len(load(task, config, data).train.texts)} lines to train on")]


def held_out(
    task: Task, config: CountingConfig, encoders: Counts, files: Sequence[DataFile]
) -> tuple[Part, Sequence[Finding]]:
    found = read_all(files, task.read or read)
    return Part.of(found.records), found.findings


def joined(config: CountingConfig, splits: Splits[Part, Counts]) -> Splits[Part, Counts]:
    first, second = splits.train, splits.validation
    both = Part(first.texts + second.texts, first.numbers + second.numbers)
    return Splits(both, splits.validation, splits.test, splits.encoders)


def sampler(config: CountingConfig, splits: Splits[Part, Counts], seed: int) -> Sampler:
    return Sampler(len(splits.train.texts), config.batch, seed)


def encoders_from_json(stored: Mapping[str, Any]) -> Counts:
    return Counts(stored["letters"])


def limits(config: CountingConfig) -> dict[str, int]:
    return {"characters": 1000}
