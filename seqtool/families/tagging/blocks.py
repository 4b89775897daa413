"""CoNLL-U in a pipe: a block in, the same block out with its tags replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seqtool.data.conllu import Sentence, parse, write
from seqtool.errors import DataError
from seqtool.families.tagging.answers import WINDOW, Tagged, least, tagged
from seqtool.families.tagging.runner import BUDGET, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

LIMIT = 4_000_000
"""Characters kept of a block: its ten columns hold more than its words."""


def blocks(lines: Iterable[Record | None], limit: int = LIMIT) -> Iterator[Record | None]:
    """Join lines to blocks at empty ones, each with the number of its first line; what is beyond `limit` is cut.

    A pause (None) is passed on.
    """
    block: list[Record] = []
    room, cut = limit, False
    for line in lines:
        if line is None:
            yield None
        elif not line.empty:
            room -= len(line.text) + 1
            cut = cut or room < 0
            if not cut:
                block.append(line)
        elif block:
            yield _joined(block, cut)
            block, room, cut = [], limit, False
    if block:
        yield _joined(block, cut)


def _joined(block: Sequence[Record], cut: bool) -> Record:
    text = "\n".join(line.text for line in block)
    return Record(block[0].number, text, any(line.invalid for line in block), cut or any(line.cut for line in block))


def blocks_verb(runner: Runner) -> Verb:
    """Return the verb that answers a block by itself, with the column of the model's field replaced.

    Comments, ranges and empty nodes stay as they are, and so does a block of comments alone.
    """

    def answer(records: Sequence[Record]) -> list[Answer]:
        read = [_read(record) for record in records]
        made = iter(tagged(runner, [one.words for one in read if isinstance(one, Sentence)]))
        return [_replaced(one, next(made)) if isinstance(one, Sentence) else one for one in read]

    def _replaced(sentence: Sentence, given: Tagged | Refusal) -> Answer:
        return given if isinstance(given, Refusal) else write(sentence, runner.field, given.tags) + "\n"

    def cost(record: Record) -> int:
        return least(record.text.count("\n") + 1)

    return Verb(answer, LIMIT, cost, BUDGET, WINDOW, workers=runner.model.workers)


def _read(record: Record) -> Sentence | str | Refusal:
    """Return the sentence of a block, the block itself where it has no words."""
    lines = record.text.split("\n")
    try:
        sentence = parse(lines, 1, record.number)
    except DataError as error:
        return Refusal(error.what, "not CoNLL-U")
    return sentence if sentence.words else record.text + "\n"
