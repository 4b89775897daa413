"""The one pipe of every verb: a line in, a line out, in order, in batches.

A verb is a `Verb`: a function from records to answers, with what it costs. `answer_all` feeds it:

    verb = Verb(answer=classify, limit=4096, cost=lambda record: len(record.text), budget=8192)
    answer_all(verb, read_records(0, verb.limit), Output(write=emit, flush=..., say=warn))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqtool.errors import DataError
from seqtool.runtime.records import Record
from seqtool.runtime.workers import Workers

FIRST = 32
"""Records of the first window, each next one having twice as many: a slow model's first answers come soon."""
PATIENCE = 0.1
"""Seconds that a line waits for neighbours at most while input trickles in."""


@dataclass(frozen=True)
class Refusal:
    """The answer to a record that cannot be used: why this one, and what is counted ("not numbers")."""

    reason: str
    kind: str


Answer = str | Mapping[str, Any] | Refusal | None
"""A line of text, or an object for JSON; None: nothing to say, and no fault of the record's."""


@dataclass(frozen=True)
class Verb:
    """What answers records, and how many it gets at once.

    answer: one answer for each record of a batch, none of which is empty; an answer must not depend on the batch.
    limit: characters kept of a record. cost: tokens of a record; a batch costs its longest times their number,
    at most `budget` unless it is one record. window: records collected, at most, before they are cut into batches.
    in_order: the verb remembers; else each window is sorted by cost, so that little is padded. workers: batches of a
    window answered at the same time, at most; above 1 `answer` is called from as many threads, and must not remember.
    """

    answer: Callable[[Sequence[Record]], Sequence[Answer]]
    limit: int
    cost: Callable[[Record], int]
    budget: int
    window: int = 1024
    in_order: bool = False
    workers: int = 1


@dataclass(frozen=True)
class Output:
    """Where answers go: `write` one (a text, or with `json` an object), `flush` them, `say` a warning."""

    write: Callable[[Any], None]
    flush: Callable[[], None]
    say: Callable[[str], None]
    json: bool = False


def answer_all(verb: Verb, records: Iterable[Record | None], output: Output, *, strict: bool = False) -> None:
    """Answer each record by one line, in order; None among the records is a pause: those who wait are answered.

    An empty record, and one with nothing to say, is answered by an empty line, as JSON by `{}`; a refused one by an
    empty line, as JSON by `{"error": reason}`. What was refused, cut or no UTF-8 is counted and said at the end.
    With `strict` the first of them raises `DataError` once all before it are answered.
    """
    tally = _Tally(verb, output, strict)
    try:
        with Workers(verb.workers) as workers:
            for window in _windows(records, verb.window):
                answers = _answers(verb, window, workers)
                for record in window:
                    answer = answers.get(record.number)
                    tally.count(record, answer)
                    output.write(_shown(answer, output.json))
                output.flush()
    finally:
        tally.say()


def _windows(records: Iterable[Record | None], size: int) -> Iterator[list[Record]]:
    """Collect up to `size` records, fewer at first, and when the input pauses or the first has waited long enough."""
    window: list[Record] = []
    patience, most = 0.0, min(FIRST, size)
    for record in records:
        if record is not None:
            if not window:
                patience = time.monotonic() + PATIENCE
            window.append(record)
            if len(window) < most and time.monotonic() < patience:
                continue
        if window:
            yield window
            window, most = [], min(2 * most, size)
    if window:
        yield window


def _answers(verb: Verb, window: Sequence[Record], workers: Workers) -> dict[int, Answer]:
    """Return the answers by number of the record; the verb never sees an empty one."""
    answers: dict[int, Answer] = {}
    cut = [*batches(verb, [record for record in window if not record.empty])]
    for batch, given in zip(cut, workers.map(verb.answer, cut), strict=True):
        answers.update(zip((record.number for record in batch), given, strict=True))
    return answers


def batches(verb: Verb, records: Sequence[Record]) -> Iterator[list[Record]]:
    """Cut records into batches within the verb's budget, sorted by cost unless the verb wants them in order."""
    costs = [(verb.cost(record), record) for record in records]
    if not verb.in_order:
        costs.sort(key=lambda pair: pair[0])
    batch: list[Record] = []
    longest = 0
    for cost, record in costs:
        longest = max(longest, cost)
        if batch and longest * (len(batch) + 1) > verb.budget:
            yield batch
            batch, longest = [], cost
        batch.append(record)
    if batch:
        yield batch


def _shown(answer: Answer, json: bool) -> str | Mapping[str, Any]:
    if isinstance(answer, Refusal):
        return {"error": answer.reason} if json else ""
    if answer is None:
        return {} if json else ""
    return answer


class _Tally:
    """Counts what was wrong with records, by kind; with `strict` the first is the last."""

    def __init__(self, verb: Verb, output: Output, strict: bool) -> None:
        self._output, self._strict = output, strict
        self._long = f"longer than {verb.limit:,} characters"
        self._refused = 'answered by {"error": ...}' if output.json else "answered by an empty line"
        self._seen: dict[tuple[str, str], list[int]] = {}  # (kind, what was done) -> [how many, the first's number]

    def count(self, record: Record, answer: Answer) -> None:
        if record.invalid:
            self._add(record, "not valid UTF-8", "U+FFFD stands for what could not be read", "not valid UTF-8")
        if record.cut:
            self._add(record, self._long, "cut there", self._long)
        if isinstance(answer, Refusal):
            self._add(record, answer.kind, self._refused, answer.reason)

    def _add(self, record: Record, kind: str, done: str, reason: str) -> None:
        if self._strict:
            self._output.flush()
            raise DataError(reason, where=f"line {record.number}", cure="mend that line, or leave out --strict")
        self._seen.setdefault((kind, done), [0, record.number])[0] += 1

    def say(self) -> None:
        for (kind, done), (count, first) in self._seen.items():
            records = "1 record was" if count == 1 else f"{count:,} records were"
            self._output.say(f"{records} {kind} (the first: line {first}): {done}")
