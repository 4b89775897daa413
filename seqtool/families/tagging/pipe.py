"""Answers of a tagger in a pipe: to lines, a sentence each, or to blocks of CoNLL-U."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqtool.families.tagging.runner import BUDGET, ROWS, Runner, Tagged, Tags, Words, between_blanks
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb
from seqtool.say import printable

if TYPE_CHECKING:
    from seqtool.data.conllu import Block
    from seqtool.types import Json

WINDOW = 2048
BLOCK_LIMIT = 4_000_000
"""Most characters of a block of CoNLL-U; ten columns hold far more than the words."""
NO_WORDS = Refusal("no words in it", "without words")


class Wanted(NamedTuple):
    """What is told beside the tags, in JSON: as `Runner.tag` has it."""

    top: int = 0
    sets: float | None = None


NOTHING = Wanted()


def verb(runner: Runner, *, json: bool) -> Verb:
    """Return the verb that tags each line: words between blanks."""
    return Lines(runner, json=json).verb()


class Lines:
    """Answers each line with `word/TAG word/TAG`, or as JSON with `words`, their places, `tags` and `scores`.

    field: whose tags they are, "" for the main one; the JSON of several fields has all of them under `fields`. Raises
    `UsageError` where tags do not fit into the first.
    """

    def __init__(self, runner: Runner, *, json: bool = False, field: str = "", wanted: Wanted = NOTHING) -> None:
        self._field = field or runner.field
        if wanted != NOTHING:
            runner.candidates(*wanted)  # it refuses what the file cannot tell
        self._wanted = wanted
        if not json:
            refuse_unparsed(runner.fields[self._field])
        self._runner, self._json = runner, json
        self._read: dict[int, list[str]] = {}

    def verb(self) -> Verb:
        """Return the verb."""
        return Verb(self, self._runner.longest, self.cost, BUDGET, WINDOW, workers=self._runner.model.workers)

    def cost(self, record: Record) -> int:
        """Return the cost of a line, in words."""
        # cutting a line into words takes time: it is done once, here, and kept for the call
        words = self._read[record.number] = between_blanks(record.text)
        return cost_of(len(words))

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Tag a batch of lines."""
        # several threads call this: each takes the lines of its own batch out of what is kept
        answers = tagged(self._runner, [self._read.pop(record.number) for record in records], self._wanted)
        if not self._json:
            return list(map(self._shown, answers))
        from seqtool.data.places import places  # plain lines need none of it

        texts = (record.text for record in records)
        return [
            answer if isinstance(answer, Refusal) else self._shown(answer, places(text, answer.words))
            for text, answer in zip(texts, answers, strict=True)
        ]

    def _shown(self, answer: Tagged | Refusal, places: tuple[list[int], list[int]] = ([], [])) -> Answer:
        """Return the answer to a line; places: where its words begin and end, for JSON."""
        if isinstance(answer, Refusal):
            return answer
        if self._json:
            fields = {name: _described(tags) for name, tags in self._runner.by_field(answer).items()}
            every = {"fields": fields} if len(fields) > 1 else {}
            words = {"words": answer.words, "starts": places[0], "ends": places[1]}
            return {**words, **fields[self._field], **every}
        tags = answer.more[self._field].tags if self._field in answer.more else answer.tags
        return " ".join(map("/".join, zip(answer.words, tags, strict=True)))


def _described(tags: Tags) -> Json:
    shown: Json = {"tags": tags.tags, "scores": np.round(tags.scores, 4).tolist()}
    if tags.top is not None:
        shown["top"] = [{tag: round(score, 4) for tag, score in word.items()} for word in tags.top]
    return shown if tags.sets is None else {**shown, "sets": tags.sets}


def cost_of(words: int) -> int:
    """Return the cost of a sentence, in words."""
    # at least this much, so that a call has no more than `ROWS` sentences
    return max(BUDGET // ROWS, words)


def tagged(runner: Runner, sentences: Sequence[Words], wanted: Wanted = NOTHING) -> list[Tagged | Refusal]:
    """Tag the sentences of a batch; one without words, or of too many, is refused."""
    usable = [words for words in sentences if 0 < len(words) <= runner.most]
    answers = iter(runner.tag(usable, top=wanted.top, sets=wanted.sets))
    return [next(answers) if 0 < len(words) <= runner.most else _refusal(words, runner.most) for words in sentences]


def _refusal(words: Words, most: int) -> Refusal:
    if not words:
        return NO_WORDS
    return Refusal(f"{len(words):,} words, more than {most:,}", f"longer than {most:,} words")


def blocks(lines: Iterable[Record | None], limit: int = BLOCK_LIMIT) -> Iterator[Record | None]:
    """Join lines to blocks, which end at empty lines, each with the number of its first line.

    Lines beyond `limit` characters of a block are dropped. A pause (None) is passed on.
    """
    block: list[Record] = []
    room, cut = limit, False
    for line in lines:
        if line is None:
            yield None  # the block may not have ended, but answers that are ready must not wait
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


def blocks_verb(runner: Runner, columns: Mapping[str, str]) -> Verb:
    """Return the verb that answers each block with itself, some columns replaced by fields of the model.

    columns: column -> field. Comments, ranges, empty nodes, and blocks without words stay as they are.
    """
    from seqtool.data.conllu import Block, write  # plain lines need none of it

    def answer(records: Sequence[Record]) -> list[Answer]:
        read = [_read(record) for record in records]
        answers = iter(tagged(runner, [block.words for block in read if isinstance(block, Block)]))
        return [replaced(block, next(answers)) if isinstance(block, Block) else block for block in read]

    def replaced(block: Block, tags: Tagged | Refusal) -> Answer:
        if isinstance(tags, Refusal):
            return tags
        fields = runner.by_field(tags)
        return write(block, {column: fields[name].tags for column, name in columns.items()}) + "\n"

    def cost(record: Record) -> int:
        return cost_of(record.text.count("\n") + 1)  # lines instead of words: close, and no block is parsed twice

    return Verb(answer, BLOCK_LIMIT, cost, BUDGET, WINDOW, workers=runner.model.workers)


def refuse_unparsed(labels: Sequence[str]) -> None:
    """Raise `UsageError` where tags hold a slash or a blank: nobody could part them from the words."""
    from seqtool.data.answer_names import listed, unparsed
    from seqtool.errors import UsageError

    if found := unparsed(labels):
        what = f"lines of word/tag do not hold tags with a slash or a blank: {listed(found)}"
        raise UsageError(what, cure="--json writes words and tags apart")


def columns_of(fields: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return which column of CoNLL-U takes which of some fields of a model: column -> field.

    A field of another name than a column's has the universal tags in upos. Raises `UsageError` where no field has a
    column, and where the field upos has none of the universal tags, such as that of a model of entities.
    """
    from seqtool.data.conllu import FIELDS
    from seqtool.data.known_tags import UNIVERSAL
    from seqtool.errors import UsageError

    columns = {name: name for name in fields if name in FIELDS}
    universal = [name for name, labels in fields.items() if UNIVERSAL.issuperset(labels)]
    if not columns and universal:
        columns = {"upos": universal[0]}
    if not columns:
        cure = "leave --conllu out, or train again with --field xpos if they belong in that column"
        raise UsageError(f"CoNLL-U has no column for {' and '.join(map(printable, fields))}", cure=cure)
    labels = fields.get("upos")
    if labels is not None and UNIVERSAL.isdisjoint(labels):
        what = f"the tags of this model are not those of the column upos, but {', '.join(map(repr, labels[:3]))}"
        cure = "leave --conllu out, or train again with --field xpos if they belong in that column"
        raise UsageError(what, cure=cure)
    return columns


def _read(record: Record) -> Block | str | Refusal:
    """Return the sentence of a block, or the text of a block without words."""
    from seqtool.data.conllu import parse
    from seqtool.errors import DataError

    try:
        block = parse(record.text.split("\n"), 1, record.number)
    except DataError as error:
        return Refusal(error.what, "not CoNLL-U")
    return block if block.words else record.text + "\n"
