"""The reader of a task's own format: what it gives is held against what the family can train on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from seqtool.data import records
from seqtool.data.labelled import Labelled
from seqtool.data.pairs import Pair
from seqtool.data.tagged import Sentence
from seqtool.entries import TASKS, origin_of
from seqtool.errors import SeqtoolError
from seqtool.reads import Read
from seqtool.run_check import is_count
from seqtool.task import Task

if TYPE_CHECKING:
    from seqtool.data.records import FileReader

R = TypeVar("R", Labelled, Pair, Sentence)


def reader_of(task: Task, own: FileReader[R], kind: type[R]) -> FileReader[R]:
    """Return the task's reader of records of `kind`, else its family's `own`.

    Where a plugin's reader fails, or gives what cannot be trained on, the reader that is returned raises
    `SeqtoolError` with the number of the record and the plugin. Records without a number get that of their place.
    """
    given = records.reader_of(task, own, kind)
    return given if task.read is None else _held(task, given, _FAULTS[kind])


def _held(task: Task, given: FileReader[R], fault_of: Callable[[Any], str]) -> FileReader[R]:
    def reader(path: Path) -> Read[R]:
        try:
            read = given(path)
            for place, record in enumerate(read.records, start=1):
                number = "" if is_count(record.number) else "its number is no whole number"
                if fault := number or fault_of(record):
                    what = f"the reader of the task {task.name!r} fails: record {place:,}: {fault}"
                    raise SeqtoolError(what, cure="update that plugin")
        except SeqtoolError as error:
            error.where = f"{error.where or path}, read by {origin_of(TASKS, task.name) or task.name}"
            raise
        return Read(
            tuple(_numbered(record, place) for place, record in enumerate(read.records, start=1)), read.findings
        )

    return reader


def _numbered(record: R, place: int) -> R:
    if record.number:
        return record
    if isinstance(record, Sentence):
        return replace(record, number=place)
    return record._replace(number=place)


def _sentence_fault(sentence: Sentence) -> str:
    if not sentence.words:
        return "it has no words"
    kinds = (sentence.tags, *sentence.more.values())
    for tags in kinds:
        if len(sentence.words) != len(tags):
            return f"it has {len(sentence.words):,} words and {len(tags):,} tags"
    words = next((fault for word in sentence.words if (fault := _line_fault("a word", word))), "")
    # of a text in place of a tuple of words each character is a word, its blanks too
    return words or next((fault for tags in kinds for tag in tags if (fault := _line_fault("a tag", tag))), "")


def _labelled_fault(record: Labelled) -> str:
    labels = (record.label,) if record.labels is None else record.labels
    return next((fault for label in labels if (fault := _line_fault("a label", label))), "")


def _pair_fault(pair: Pair) -> str:
    return _line_fault("the source", pair.source) or _line_fault("the target", pair.target)


def _line_fault(what: str, text: str) -> str:
    """Return what is wrong with a text that stands in a line of answers, or ""."""
    if not text.strip():
        return f"{what} is empty"
    return f"{what} has a line end" if "\n" in text or "\r" in text else ""


_FAULTS: Mapping[type, Callable[[Any], str]] = {
    Labelled: _labelled_fault, Pair: _pair_fault, Sentence: _sentence_fault,
}  # fmt: skip
