"""The pipe of every verb: a line in, a line out, in order, in batches."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqtool.errors import DataError
from seqtool.runtime.records import Record

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

FIRST = 32  # records of the first window, twice as many in each next one: a slow model's first answers come soon
PATIENCE = 0.1  # seconds that a line waits for neighbours at most while input trickles in


@dataclass(frozen=True)
class Refusal:
    """The answer to a record that cannot be used: the reason for this one, and the kind to count ("not numbers")."""

    reason: str
    kind: str


Answer = str | Mapping[str, object] | Refusal | None
"""A line of text, or an object for JSON; None: an empty answer to a record without fault."""


@dataclass(frozen=True)
class Verb:
    """A function from records to answers, and the sizes of its batches.

    answer: one answer for each record of a batch, none of which is empty; an answer must not depend on the batch.
    limit: characters kept of a record. cost: tokens of a record; a batch costs its longest times their number, at most
    `budget` unless it is one record. window: the most records collected before they are cut into batches. in_order: the
    verb keeps a state; else each window is sorted by cost, so that little is padded. workers: the most batches answered
    at the same time; above 1 `answer` is called from as many threads, and must not keep a state.
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

    write: Callable[[str | Mapping[str, object]], None]
    flush: Callable[[], None]
    say: Callable[[str], None]
    json: bool = False


def answer_all(verb: Verb, records: Iterable[Record | None], output: Output, *, strict: bool = False) -> None:
    """Answer each record by one line, in order; after None, a pause of the input, answer the records that wait.

    An empty record, and one whose answer is None, is answered by an empty line, as JSON by `{}`; a refused one by an
    empty line, as JSON by `{"error": reason}`. Records that were refused, cut or not UTF-8 are counted, and the counts
    are said at the end. With `strict` the first such record raises `DataError` once all before it are answered.
    """
    tally = _Tally(verb, output, strict)
    try:
        with contextlib.closing(_Workers(verb.workers)) as workers:
            for window in _windows(records, verb.window):
                answers = workers.answers(verb, window)
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


class _Workers:
    """At most `count` threads, made where there is more than one batch; closing waits for nothing."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ThreadPoolExecutor | None = None

    def answers(self, verb: Verb, window: Sequence[Record]) -> dict[int, Answer]:
        """Return the answers by number of the record; the verb never sees an empty one."""
        cut = [*batches(verb, [record for record in window if not record.empty])]
        answers: dict[int, Answer] = {}
        for batch, lines in zip(cut, self._map(len(cut))(verb.answer, cut), strict=True):
            answers.update(zip((record.number for record in batch), lines, strict=True))
        return answers

    def _map(self, count: int) -> Callable[..., Iterable[Sequence[Answer]]]:
        if self._count == 1 or count < 2:
            return map
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # takes time to load, and few lines need none

            # ONNX Runtime lets go of the interpreter while it runs; a second session would double the memory
            self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="worker")
        return self._pool.map

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


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


def _shown(answer: Answer, json: bool) -> str | Mapping[str, object]:
    if isinstance(answer, Refusal):
        return {"error": answer.reason} if json else ""
    if answer is None:
        return {} if json else ""
    return answer


class _Tally:
    """Counts the faults of records by kind; with `strict` raises at the first."""

    def __init__(self, verb: Verb, output: Output, strict: bool) -> None:
        self._output, self._strict = output, strict
        self._long = f"longer than {verb.limit:,} characters"
        self._refused = 'answered by {"error": ...}' if output.json else "answered by an empty line"
        self._seen: dict[tuple[str, str], list[int]] = {}  # (kind, what was done) -> [count, number of the first]

    def count(self, record: Record, answer: Answer) -> None:
        if record.invalid:
            self._add(record, "not valid UTF-8", "U+FFFD stands for what could not be read", "not valid UTF-8")
        if record.cut:
            self._add(record, self._long, "cut there", self._long)
        if "\ufeff" in record.text and not self._strict:  # no fault of the record: it is answered as it is
            self._add(record, "read with U+FEFF inside", "a line end lacks where files were put together", "")
        if isinstance(answer, Refusal):
            self._add(record, answer.kind, self._refused, answer.reason)

    def _add(self, record: Record, kind: str, done: str, reason: str) -> None:
        if self._strict:
            self._output.flush()  # the lines before it are answered already
            raise DataError(reason, where=f"line {record.number}", cure="mend that line, or leave out --strict")
        self._seen.setdefault((kind, done), [0, record.number])[0] += 1

    def say(self) -> None:
        for (kind, done), (count, first) in self._seen.items():
            records = "1 record was" if count == 1 else f"{count:,} records were"
            self._output.say(f"{records} {kind} (the first: line {first}): {done}")
