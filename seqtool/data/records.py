"""Records in three parts: the parts that the files give, the rest cut at random. All copies of a record go together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from seqtool.errors import DataError, UsageError, did_you_mean, foreign
from seqtool.reads import DataFile, Finding, Read
from seqtool.say import printable
from seqtool.task import WHOLE, Share, Task
from seqtool.task_config import RecordConfig

R = TypeVar("R")
Key = Callable[[R], Hashable]
FileReader = Callable[[Path], Read[R]]
# The cut has a seed of its own: trainings of several seeds are scored on the same test part.
SEED = 0
HOW_READ = ("format", "columns")
"""Notes that say how records were read."""
PARTS = ("train", "validation", "test")
PART_WORDS = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "development": "validation", "test": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Parts(Generic[R]):
    """The records of each part, () for a part that no file gives, and the findings of reading them."""

    train: tuple[R, ...]
    validation: tuple[R, ...] = ()
    test: tuple[R, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def by_name(self) -> dict[str, tuple[R, ...]]:
        """The three parts by the names that messages use."""
        return {"training": self.train, "validation": self.validation, "test": self.test}

    def sizes(self, noun: str) -> str:
        """Return how many records there are in all and in each part; `noun` says what they are."""
        sizes = ", ".join(f"{name} {len(part):,}" for name, part in self.by_name.items())
        return f"{sum(map(len, self.by_name.values())):,} {noun} ({sizes})"


def find_parts(files: Sequence[DataFile]) -> tuple[dict[str, list[DataFile]], list[Finding]]:
    """Return the files of each part, training first, and what was taken from their names.

    Labels (`train=a.txt`) decide. Without any, words in the names do (`a-dev.tsv`, `en-ud-test.conllu`) where every
    file has one and one of them is the training part; else all files are one part, to be cut. Raises `UsageError`
    for an unknown label, and where only some files have one.
    """
    labels = [_labelled(file) if file.label else "" for file in files]
    findings = []
    if not any(labels):
        labels = [part_by_name(file) for file in files]
        if not all(labels) or "train" not in labels:
            labels = ["train"] * len(files)
        elif len(files) > 1:
            names = ", ".join(f"{file.path.name} is {label}" for file, label in zip(files, labels, strict=True))
            findings.append(Finding("note", "parts-by-name", f"parts by the names of the files: {names}"))
    if not all(labels) or "train" not in labels:
        cure = "write --data train=FILE --data validation=FILE --data test=FILE"
        raise UsageError("some files have no part, or none is the training part", cure=cure)
    parts: dict[str, list[DataFile]] = {}
    for part in PARTS:
        if part in labels:
            parts[part] = [file for file, label in zip(files, labels, strict=True) if label == part]
    return parts, findings


def _labelled(file: DataFile) -> str:
    if file.label not in PART_WORDS:
        cure = did_you_mean(file.label, PARTS)
        raise UsageError(f"{file.label!r} is no part of the data", where=str(file.path), cure=cure)
    return PART_WORDS[file.label]


def classes_of(files: Sequence[DataFile]) -> bool:
    """Tell whether every file is named by a class (`good=a.txt`), none by a part; `valid` and `invalid` are classes.

    Raises `UsageError` for a word that is nearly the name of a part where the training part may be meant by it.
    """
    words = [file.label for file in files]
    parts = {word for word in words if word in PART_WORDS} - ({"valid"} if "invalid" in words else set())
    if not words or not all(words) or parts:
        return False
    if "valid" in words:
        return True
    close = [_misspelt(word) for word in words]
    # Parts need a training part: where that is not meant, and another is a class, all are. Slips keep the first letter.
    training = any(
        PART_WORDS.get(part) == "train" and word[0] == part[0] for word, part in zip(words, close, strict=True)
    )
    if not any(close) or not (all(close) or training):
        return True
    word, part = next(pair for pair in zip(words, close, strict=True) if pair[1])
    what = f"'{printable(word)}' may be a class, or the part '{part}' misspelt"
    raise UsageError(what, cure=f"--data {part}=FILE for the part; for the class lines of label<TAB>text")


def _misspelt(word: str) -> str:
    """Return the name of a part that a word nearly is, "" for none."""
    return next(iter(difflib.get_close_matches(word, PART_WORDS, n=1, cutoff=0.75)), "")


def part_by_name(file: DataFile) -> str:
    """Return the part that the file's name says, "" where it says none or several."""
    parts = {PART_WORDS[word] for word in re.split(r"[^a-z]+", file.path.name.lower()) if word in PART_WORDS}
    return parts.pop() if len(parts) == 1 else ""


def reader_of(task: Task, own: FileReader[R], kind: type[R]) -> FileReader[R]:
    """Return the task's reader of records of `kind`, else its family's `own`.

    Where a plugin's reader fails, or gives something else, the reader that is returned raises `SeqtoolError`.
    """
    given = task.read
    if given is None:
        return own

    def reader(path: Path) -> Read[R]:
        with foreign(f"the reader of the task {task.name!r} fails", where=str(path)):
            read = given(path)
            if not isinstance(read, Read):
                raise TypeError(f"it returns a {type(read).__name__}, not a Read")
            # tuples: a generator could be read once
            read = Read(tuple(read.records), tuple(read.findings))
            for number, record in enumerate(read.records, start=1):
                _hold_record(record, kind, number)
            if strange := [finding for finding in read.findings if not isinstance(finding, Finding)]:
                raise TypeError(f"it gives a {type(strange[0]).__name__}, not a Finding")
        return read

    return reader


def _hold_record(record: object, kind: type[R], number: int) -> None:
    """Raise `TypeError` or `ValueError` for a record that is no `kind`, or whose fields are not what it says."""
    if not isinstance(record, kind):
        raise TypeError(f"record {number} is a {type(record).__name__}, not a {kind.__name__}")
    # the hints as texts, as they stand in the class: `str` or `tuple[str, ...]`, with or without `None`
    for name, hint in zip(kind.__annotations__, map(str, kind.__annotations__.values()), strict=True):
        value = getattr(record, name)
        if name == "number" or ("None" in hint and value is None):
            continue
        for text in _parts(value, hint):
            if not isinstance(text, str):
                raise TypeError(f"{name} of record {number} has a {type(text).__name__}, not a text")
            text.encode()  # UnicodeEncodeError, a ValueError, for half of a pair of surrogates


def _parts(value: object, hint: str) -> tuple[object, ...]:
    """Return what should be texts in a field of a record."""
    if "Mapping" in hint and isinstance(value, Mapping):
        return (
            *value,
            *(part for inner in value.values() for part in (inner if isinstance(inner, tuple) else (inner,))),
        )
    return value if "tuple" in hint and isinstance(value, tuple) else (value,)


def read_all(files: Sequence[DataFile], reader: FileReader[R]) -> Read[R]:
    """Read every file, in order, into one list; findings name their file where there are several."""
    return _joined(files, reader, named=len(files) > 1)


def _joined(files: Sequence[DataFile], reader: FileReader[R], *, named: bool) -> Read[R]:
    reads = [reader(file.path) for file in files]
    records = tuple(record for read in reads for record in read.records)
    findings = named_findings(files, reads) if named else tuple(found for read in reads for found in read.findings)
    return Read(records, findings)


def named_findings(files: Sequence[DataFile], reads: Sequence[Read[R]]) -> tuple[Finding, ...]:
    """Return what was found in files, with the name of its file before each."""
    return tuple(
        replace(finding, text=f"{file.path.name}: {finding.text}")
        for file, read in zip(files, reads, strict=True)
        for finding in read.findings
    )


def read_parts(
    files: Sequence[DataFile], reader: FileReader[R], later: Callable[[Sequence[R]], FileReader[R]] | None = None
) -> Parts[R]:
    """Read files into the parts that their labels or names say; raises what the reader and `find_parts` raise.

    later: takes the records of the training part and returns what reads the other parts; None: `reader` does.
    """
    places, findings = find_parts(files)
    reads: dict[str, Read[R]] = {}
    for part, members in places.items():  # the training part is the first
        how = later(reads["train"].records) if later and "train" in reads else reader
        reads[part] = _joined(members, how, named=len(files) > 1)
    findings += [finding for read in reads.values() for finding in read.findings]
    return Parts(**{part: read.records for part, read in reads.items()}, findings=tuple(findings))


def cut(parts: Parts[R], key: Key[R], config: RecordConfig, share: Share = WHOLE) -> Parts[R]:
    """Cut the parts that are empty out of the training part, at random; of what is left to train keep a share.

    With the split `distinct` all records of one key go to one side, and the shares are shares of the keys. The
    permutation is fixed and `fold` rotates it: no two folds share a test record, and five of a share of 0.2 are the
    whole. A part keeps the order of the files. Raises `DataError` where a part stays empty, `UsageError` for a fold
    that does not exist.
    """
    keys = [key(record) if config.split == "distinct" else n for n, record in enumerate(parts.train)]
    places = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    shares = (0.0 if parts.test else config.test, 0.0 if parts.validation else config.validation)
    sides = _sides(len(places), *shares, config.fold)
    chosen: dict[str, list[R]] = {part: [] for part in PARTS}
    for record, record_key in zip(parts.train, keys, strict=True):
        chosen[sides[places[record_key]]].append(record)
    validation, test = parts.validation or tuple(chosen["validation"]), parts.test or tuple(chosen["test"])
    train = chosen["train"]
    if share.size < 1:
        order = np.random.default_rng([SEED, share.draw]).permutation(len(train))
        train = [train[place] for place in sorted(order[: round(share.size * len(train))])]
    whole = Parts(tuple(train), validation, test, parts.findings)
    for name, part in whole.by_name.items():
        if not part:
            with saying(parts.findings):
                raise _too_few(len(places), len(parts.train), name, config)
    return whole


@contextmanager
def saying(findings: Sequence[Finding]) -> Iterator[None]:
    """Add to a `DataError` how the records were read and what was left out: the check ends before it says so.

    Wrong columns give few different records, and lines without a label leave the others one label.
    """
    try:
        yield
    except DataError as error:
        said = [finding.text for finding in findings if finding.level == "warning" or finding.code in HOW_READ]
        error.where = "; ".join(dict.fromkeys([*filter(None, [error.where]), *said]))
        raise


def _too_few(different: int, count: int, name: str, config: RecordConfig) -> DataError:
    """Return the error for a part that no record is left for, of `count` records of which some may be copies."""
    records = "1 record is" if different == 1 else f"{different:,} records are"
    cure = "give more of them, or other shares with --validation and --test"
    if different == count or config.split == "random":
        return DataError(f"{records} too few: none is left for the {name} part", cure=cure)
    records = records.replace("record", "different record")
    what = f"{records} too few, of {count:,} with all copies: none is left for the {name} part"
    return DataError(what, cure=f"--split random lets copies of a record go to different parts; or {cure}")


def _sides(count: int, test: float, validation: float, fold: int) -> list[str]:
    """Return the part of each of `count` keys."""
    folds = int(1 / test + 1e-9) if test else 1  # 1 / (1 / 93) is a little less than 93
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


def refuse_one_label(labels: Sequence[str]) -> None:
    """Raise `DataError` where the labels of the training part are not at least two."""
    if not labels:
        raise DataError("no record of the training part has a label", cure="give records of two labels or more")
    if len(different := set(labels)) < 2:
        label = ", ".join(different)
        what = f"every record of the training part has the label {label!r}: there is nothing to tell apart"
        raise DataError(what, cure="give records of two labels or more")
