"""Answers of a tagger to lines in which sentences are looked for, or entities told by their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from seqtool.data.entities import Scheme
from seqtool.data.places import Cut, one_sentence
from seqtool.families.tagging.found import entities
from seqtool.families.tagging.pipe import NO_WORDS, NOTHING, Lines, Wanted, cost_of, tagged
from seqtool.families.tagging.runner import Runner, Tagged, Tags, Words, between_blanks
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal

Cutter = Callable[[str], Cut]


def at_blanks(text: str) -> Cut:
    """Return the words of a text between its blanks, as one sentence."""
    return one_sentence(text, between_blanks(text))


class Placed(Lines):
    """Answers each line as `Lines` does, its sentences tagged apart; entities: with its entities as `spans`, in JSON.

    json: all of it, with `sentences` where `cut` looks for them. Raises `UsageError` for `entities` where the tags are
    none, and as `Lines` does.
    """

    def __init__(
        self, runner: Runner, cut: Cutter = at_blanks, *, json: bool = False, entities: bool = False, field: str = "",
        wanted: Wanted = NOTHING,
    ) -> None:  # fmt: skip
        super().__init__(runner, json=json or entities, field=field, wanted=wanted)
        self._scheme = runner.encoders.scheme(list(runner.fields).index(self._field))
        if entities and self._scheme is None:
            refuse_no_entities(runner, self._field)
        self._cut, self._whole, self._entities = cut, json, entities
        self._cuts: dict[int, Cut] = {}

    def cost(self, record: Record) -> int:
        """Return the cost of a line, in words."""
        cut = self._cuts[record.number] = self._cut(record.text)
        return cost_of(len(cut.words))

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Tag a batch of lines."""
        cuts = [self._cuts.pop(record.number) for record in records]
        sentences = [cut.words[first:last] for cut in cuts for first, last in cut.sentences]
        answers = iter(tagged(self._runner, sentences, self._wanted))
        own = [[next(answers) for _ in cut.sentences] for cut in cuts]
        return [self._of_line(*line) for line in zip(records, cuts, own, strict=True)]

    def _of_line(self, record: Record, cut: Cut, answers: Sequence[Tagged | Refusal]) -> Answer:
        """Return the answer to a line by those to its sentences."""
        known = [answer for answer in answers if isinstance(answer, Tagged)]
        if len(known) < len(answers) or not known:
            return next((answer for answer in answers if isinstance(answer, Refusal)), NO_WORDS)
        own = [self._runner.by_field(answer)[self._field] for answer in known] if self._entities else []
        spans = {"spans": [*spans_of(record.text, cut, own, self._scheme)]} if self._entities else {}
        if self._entities and not self._whole:
            return spans
        shown = self._shown(together(cut.words, known), (cut.starts, cut.ends))
        if not isinstance(shown, dict):
            return shown
        sentences = {} if self._cut is at_blanks else {"sentences": cut.sentences}
        return {**shown, **sentences, **spans}


def together(words: Words, answers: Sequence[Tagged]) -> Tagged:
    """Return the answers to the sentences of a text, whose words are given, as one."""
    more = {name: _joined([answer.more[name] for answer in answers]) for name in answers[0].more}
    tags, scores, top, sets = _joined(answers)
    return Tagged(words, tags, scores, more, top, sets)


def _joined(answers: Sequence[Tags] | Sequence[Tagged]) -> Tags:
    tags, scores = (
        [*chain.from_iterable(column)] for column in zip(*((a.tags, a.scores) for a in answers), strict=True)
    )
    top = None if answers[0].top is None else [*chain.from_iterable(answer.top or () for answer in answers)]
    sets = None if answers[0].sets is None else [*chain.from_iterable(answer.sets or () for answer in answers)]
    return Tags(tags, scores, top, sets)


def spans_of(text: str, cut: Cut, answers: Sequence[Tags], scheme: Scheme | None) -> Iterator[dict[str, object]]:
    """Yield the entities in the answers to the sentences of a text: objects for JSON."""
    for (first, _), answer in zip(cut.sentences, answers, strict=True):
        for kind, start, end, score in entities(answer.tags, answer.scores, scheme):
            words = [first + start, first + end]
            begin, stop = cut.starts[words[0]], cut.ends[words[1] - 1]
            place = {"text": text[begin:stop], "start": begin, "end": stop}
            yield {"kind": kind, "words": words, **place, "score": round(score, 4)}


def refuse_no_entities(runner: Runner, field: str) -> None:
    """Raise `UsageError` where the tags of a field are not those of entities."""
    from seqtool.data.entities import are_entities, may_be_kinds, odd_tags
    from seqtool.errors import UsageError

    if not are_entities(labels := runner.fields[field]):
        own = ", ".join(map(repr, odd_tags(labels)[:3] or labels[:3]))
        what = f"the tags of this model are not those of entities, such as B-person, but {own}"
        cure = "leave --spans out: --json has the tag of each word, and where it stands"
        if may_be_kinds(labels) and not odd_tags(labels):
            cure = "train with --scheme io if they are kinds of entities; --json has the tag of each word"
        fields = enumerate(runner.fields.items())
        others = [name for n, (name, tags) in fields if are_entities(tags) or runner.encoders.scheme(n)]
        raise UsageError(what, cure=f"--field {others[0]}, whose tags do" if others else cure)
