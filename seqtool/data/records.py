"""Records in three parts: those that the files are, the rest cut at random, all copies of a record on one side."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from seqtool.data.check import Finding
from seqtool.data.parts import find_parts
from seqtool.errors import DataError, UsageError
from seqtool.task import DataFile
from seqtool.task_config import RecordConfig

R = TypeVar("R")
Key = Callable[[R], Hashable]
SEED = 0
"""Of the cut: the parts are the same whatever the seed of the training."""


@dataclass(frozen=True)
class Read(Generic[R]):
    """What a reader makes of a file: the records that can be used, and findings."""

    records: tuple[R, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Parts(Generic[R]):
    """Records of each part, () for a part that no file is; and the findings of reading them."""

    train: tuple[R, ...]
    validation: tuple[R, ...] = ()
    test: tuple[R, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_all(files: Sequence[DataFile], reader: Callable[[Path], Read[R]]) -> Read[R]:
    """Read every file, in order, into one list; findings name their file where there are several."""
    return _joined(files, reader, named=len(files) > 1)


def _joined(files: Sequence[DataFile], reader: Callable[[Path], Read[R]], *, named: bool) -> Read[R]:
    records: list[R] = []
    findings: list[Finding] = []
    for file in files:
        one = reader(file.path)
        records += one.records
        name = f"{file.path.name}: " if named else ""
        findings += [Finding(found.level, found.code, name + found.text) for found in one.findings]
    return Read(tuple(records), tuple(findings))


def read_parts(files: Sequence[DataFile], reader: Callable[[Path], Read[R]]) -> Parts[R]:
    """Read files into the parts that their labels or names say (`find_parts`).

    Raises what the reader raises, and `UsageError` for a label that is no part.
    """
    places, findings = find_parts(files)
    read = {part: _joined(some, reader, named=len(files) > 1) for part, some in places.items()}
    findings += [found for one in read.values() for found in one.findings]
    return Parts(**{part: one.records for part, one in read.items()}, findings=tuple(findings))


def cut(given: Parts[R], key: Key[R], config: RecordConfig) -> Parts[R]:
    """Cut the parts that no file is out of the training part, at random.

    `distinct`: all records of one key go to one side, and the shares are shares of the keys. The permutation is fixed
    and `fold` rotates it: no two folds share a test record, and five of a share of 0.2 are the whole. A part keeps the
    order of the files. Raises `DataError` where a part stays empty, `UsageError` for a fold that is not there.
    """
    keys = [key(record) if config.split == "distinct" else n for n, record in enumerate(given.train)]
    places = {one: n for n, one in enumerate(dict.fromkeys(keys))}
    shares = (0.0 if given.test else config.test, 0.0 if given.validation else config.validation)
    sides = _sides(len(places), *shares, config.fold)
    chosen: dict[str, list[R]] = {"train": [], "validation": [], "test": []}
    for record, one in zip(given.train, keys, strict=True):
        chosen[sides[places[one]]].append(record)
    parts = Parts(
        tuple(chosen["train"]),
        given.validation or tuple(chosen["validation"]),
        given.test or tuple(chosen["test"]),
        given.findings,
    )
    _refuse_empty(parts, len(places))
    return parts


def _sides(count: int, test: float, validation: float, fold: int) -> list[str]:
    """Return the part of each of `count` keys."""
    folds = int(1 / test + 1e-9) if test else 1
    if fold >= folds:
        what = f"{folds} parts of {test:g}" if test else "the test part is a file of its own"
        raise UsageError(f"there is no fold {fold}: {what}", cure=f"--fold {folds - 1} or less")
    start, stop = (round(n * test * count) for n in (fold, fold + 1))
    order = np.roll(np.random.default_rng(SEED).permutation(count), -start)
    sides = ["train"] * count
    for place in order[: stop - start]:
        sides[place] = "test"
    for place in order[stop - start :][: round(validation * count)]:
        sides[place] = "validation"
    return sides


def _refuse_empty(parts: Parts[R], count: int) -> None:
    for name, part in (("training", parts.train), ("validation", parts.validation), ("test", parts.test)):
        if not part:
            raise DataError(
                f"{count:,} different records are too few: none is left for the {name} part",
                cure="give more of them, or other shares with --validation and --test",
            )


def refuse_one_label(labels: Sequence[str]) -> None:
    """Raise `DataError` where the labels of the training part are not at least two."""
    if len(different := set(labels)) < 2:
        raise DataError(
            f"every record of the training part has the label {', '.join(different)!r}: there is nothing to tell apart",
            cure="give records of two labels or more",
        )
