"""A line in, its number out."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Verb
from seqtool_toy.runner import Runner


def verb(runner: Runner, *, json: bool) -> Verb:
    def answer(records: Sequence[Record]) -> list[Answer]:
        numbers = runner.count([record.text for record in records])
        return [{"number": number} if json else f"{number:.3f}" for number in numbers]

    return Verb(answer, runner.longest, lambda record: 1, 64)
