"""Which file is which part: by its label, or by a word in its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data.check import Finding
from seqtool.errors import UsageError, did_you_mean
from seqtool.task import DataFile

PARTS = ("train", "validation", "test")
_WORDS = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "development": "validation", "test": "test",
}  # fmt: skip


def find_parts(files: Sequence[DataFile]) -> tuple[dict[str, list[DataFile]], list[Finding]]:
    """Return the files of each part, training first, and what was taken from their names.

    Labels (`train=a.txt`) decide. Without any, words in the names do (`a-dev.tsv`, `en-ud-test.conllu`) where every
    file has one and one of them is the training part; else all files are one part, to be cut. Raises `UsageError`
    for a label that is no part, and for files with and without one.
    """
    labels = [_labelled(file) if file.label else "" for file in files]
    findings = []
    if not any(labels):
        labels = [_by_name(file) for file in files]
        if not all(labels) or "train" not in labels:
            labels = ["train"] * len(files)
        elif len(files) > 1:
            said = ", ".join(f"{file.path.name} is {label}" for file, label in zip(files, labels, strict=True))
            findings.append(Finding("note", "parts-by-name", f"parts by the names of the files: {said}"))
    if not all(labels) or "train" not in labels:
        raise UsageError("some files have no part, or none is the training part", cure=_CURE)
    named = {part: [file for file, label in zip(files, labels, strict=True) if label == part] for part in PARTS}
    return {part: some for part, some in named.items() if some}, findings


_CURE = "write --data train=FILE --data validation=FILE --data test=FILE"


def _labelled(file: DataFile) -> str:
    if file.label not in _WORDS:
        raise UsageError(
            f"{file.label!r} is no part of the data", where=str(file.path), cure=did_you_mean(file.label, PARTS)
        )
    return _WORDS[file.label]


def _by_name(file: DataFile) -> str:
    """Return the part that the file's name says, "" where it says none or several."""
    said = {_WORDS[word] for word in re.split(r"[^a-z]+", file.path.name.lower()) if word in _WORDS}
    return said.pop() if len(said) == 1 else ""
