"""The pipe's parts: splitting and decoding, reading ahead, batches, counts, strictness."""

from __future__ import annotations

import contextlib
import os
import select
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.errors import DataError
from seqtool.runtime import records as reading
from seqtool.runtime import stream
from seqtool.runtime.records import Record, read_records
from seqtool.runtime.stream import Output, Refusal, Verb, answer_all, batches


def piped(data: bytes, limit: int = 100) -> list[Record]:
    """Read records of a real pipe, closed after `data`."""
    out, into = os.pipe()
    try:
        os.write(into, data)  # fits
        os.close(into)
        return [record for record in read_records(out, limit) if record is not None]
    finally:
        os.close(out)


def split(blocks: list[bytes], limit: int) -> list[Record]:
    splitter = reading._Splitter(limit)
    return [record for block in blocks for record in splitter.feed(block)] + [*splitter.end()]


class Answers:
    """An output that remembers."""

    def __init__(self, *, json: bool = False) -> None:
        self.lines, self.said, self.flushed = [], [], 0
        self.output = Output(write=self.lines.append, flush=self.flush, say=self.said.append, json=json)

    def flush(self) -> None:
        self.flushed = len(self.lines)


def shout(batch: list[Record]) -> list[str | Refusal]:
    """A verb: upper case; numbers are refused."""
    assert not any(record.empty for record in batch)
    return [Refusal("a number", "numbers") if one.text.isdigit() else one.text.upper() for one in batch]


def verb(answer=shout, *, limit=100, budget=20, window=8, in_order=False) -> Verb:
    return Verb(answer, limit, cost=lambda one: len(one.text), budget=budget, window=window, in_order=in_order)


def numbered(*texts: str) -> list[Record]:
    return [Record(number, text) for number, text in enumerate(texts, start=1)]


# --- records ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"a", "é🌊".encode(), b"\xff", b"\xe2\x82"])),
    st.data(),
)
def test_lines_are_those_of_the_whole_text_wherever_the_blocks_end(pieces, data):
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    blocks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    wanted = [line.removeprefix(b"\xef\xbb\xbf") for line in whole.split(b"\n")]
    if not wanted[-1]:
        del wanted[-1]
    texts = [line.removesuffix(b"\r").decode(errors="replace") for line in wanted]
    records = split(blocks, limit=3)
    assert [record.text for record in records] == [text[:3] for text in texts]
    assert [record.cut for record in records] == [len(text) > 3 for text in texts]
    assert [record.number for record in records] == [*range(1, len(texts) + 1)]


def test_what_was_done_to_a_record_is_noted():
    assert piped("é\r\nabcdef\n\ufffd\n".encode() + b"\xe9\nabcde\xff", limit=5) == [
        Record(1, "é"),
        Record(2, "abcde", cut=True),
        Record(3, "\ufffd"),  # there was one: nothing was replaced
        Record(4, "\ufffd", invalid=True),
        Record(5, "abcde", cut=True),  # the bad byte is behind the cut
    ]


@pytest.mark.parametrize("end", ["", "\r\n"])
@pytest.mark.parametrize("character", ["a", "é", "€", "🌊"])
def test_a_record_of_just_the_limit_is_whole(character, end):
    (whole,) = split([("\ufeff" + 7 * character + end).encode()], 7)
    (cut,) = split([("\ufeff" + 8 * character + end).encode()], 7)
    assert (whole.text, whole.cut, whole.invalid) == (7 * character, False, False)
    assert (cut.text, cut.cut, cut.invalid) == (7 * character, True, False)


def test_a_long_line_takes_little_memory():
    splitter = reading._Splitter(1000)
    block = b"x" * 100_000
    tracemalloc.start()
    for _ in range(1000):  # 100 MB
        assert not [*splitter.feed(block)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert [record.text for record in splitter.end()] == ["x" * 1000]


def test_lines_that_are_not_utf_8_are_in_the_encoding_that_is_known():
    lines = "Wärme\n".encode("cp1252") + "Kälte\n".encode() + b"\x81\n"
    known = [*reading._Splitter(100, "cp1252").feed(lines)]
    assert [(record.text, record.invalid) for record in known] == [("Wärme", False), ("Kälte", False), ("\ufffd", True)]
    assert [record.invalid for record in reading._Splitter(100).feed(lines)] == [True, False, True]


def test_a_slow_verb_slows_the_writer_down():
    out, into = os.pipe()
    os.set_blocking(into, False)
    records = read_records(out, 100)
    os.write(into, b"first\n")
    assert next(records) == Record(1, "first")
    written = 0
    while select.select([], [into], [], 0.5)[1]:  # until nobody takes any more
        with contextlib.suppress(BlockingIOError):
            written += os.write(into, b"x\n" * 1000)
    room = (reading.AHEAD + 1) * reading.BLOCK  # in the queue, and in the thread's hand
    assert reading.BLOCK < written <= room + 2 * reading.BLOCK  # and in the pipe
    os.close(into)
    assert sum(record is not None for record in records) == written // 2
    os.close(out)


def test_a_pause_shows_as_none_once():
    out, into = os.pipe()
    os.write(into, b"one\ntwo\nhal")
    records = read_records(out, 100)
    assert [next(records) for _ in range(3)] == [Record(1, "one"), Record(2, "two"), None]
    os.write(into, b"f\n")
    assert [next(records) for _ in range(2)] == [Record(3, "half"), None]
    os.close(into)
    assert [*records] == []
    os.close(out)


def test_what_the_reading_thread_meets_is_raised_here():
    with pytest.raises(OSError, match="standard input"):
        next(read_records(-1, 100))


def test_a_lost_reader_of_the_output_is_noticed_while_waiting():
    out, into = os.pipe()
    theirs, ours = os.pipe()
    os.write(into, b"one\n")
    records = read_records(out, 100, reader_of_output=ours)
    assert next(records) == Record(1, "one")
    os.close(theirs)
    with pytest.raises(BrokenPipeError):
        list(records)
    for descriptor in (out, into, ours):
        os.close(descriptor)


# --- batches and answers ----------------------------------------------------------------------------------------------

TEXTS = st.lists(st.text("ab1 ", max_size=12), max_size=40)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 60), st.integers(1, 50), st.booleans())
def test_each_answer_stands_in_its_place_whatever_the_batch(texts, budget, window, in_order):
    answers = Answers()
    answer_all(verb(budget=budget, window=window, in_order=in_order), numbered(*texts), answers.output)
    assert answers.lines == ["" if text.isdigit() or not text.strip() else text.upper() for text in texts]
    assert answers.flushed == len(texts)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 60), st.booleans())
def test_a_batch_costs_no_more_than_the_budget(texts, budget, in_order):
    records = numbered(*texts)
    cut = [*batches(verb(budget=budget, in_order=in_order), records)]
    for batch in cut:
        assert len(batch) == 1 or max(len(one.text) for one in batch) * len(batch) <= budget
    flat = [record for batch in cut for record in batch]
    assert flat == (records if in_order else sorted(records, key=lambda one: len(one.text)))


def test_batches_are_filled():
    sizes = []
    count = verb(lambda batch: [str(len(batch))] * len(batch) if not sizes.append(len(batch)) else [], budget=20)
    answer_all(count, numbered(*["abcd"] * 20), Answers().output)
    assert sizes == [5, 3, 5, 3, 4]  # 20 tokens a batch inside windows of 8 records


def test_a_pause_answers_those_who_wait():
    answers = Answers()

    def pausing():
        yield from numbered("a", "b")
        assert answers.lines == []  # the window is not full
        yield None
        assert answers.flushed == 2
        yield Record(3, "c")

    answer_all(verb(), pausing(), answers.output)
    assert answers.lines == ["A", "B", "C"]


def test_nobody_waits_for_ever_while_input_trickles(monkeypatch):
    monkeypatch.setattr(stream, "PATIENCE", 0.02)
    answers = Answers()

    def trickling():
        for record in numbered(*"abc"):
            yield record
            time.sleep(0.03)
        assert answers.flushed >= 2  # the second came too late to be waited with any longer

    answer_all(verb(), trickling(), answers.output)


def test_each_kind_is_counted_and_said_once():
    answers = Answers()
    records = [
        Record(1, "12"), Record(2, "a\ufffd", invalid=True), Record(3, "7"), Record(4, ""),
        Record(5, "b", cut=True), Record(6, "\ufffd", invalid=True),
    ]  # fmt: skip
    answer_all(verb(), records, answers.output)
    assert answers.lines == ["", "A\ufffd", "", "", "B", "\ufffd"]
    assert answers.said == [
        "2 records were numbers (the first: line 1): answered by an empty line",
        "2 records were not valid UTF-8 (the first: line 2): U+FFFD stands for what could not be read",
        "1 record was longer than 100 characters (the first: line 5): cut there",
    ]


def test_json_answers_every_line_by_an_object():
    answers = Answers(json=True)
    objects = verb(lambda batch: [{"n": 1} if one.text == "a" else Refusal("no", "bad") for one in batch])
    answer_all(objects, numbered("a", " ", "b"), answers.output)
    assert answers.lines == [{"n": 1}, {}, {"error": "no"}]
    assert answers.said == ['1 record was bad (the first: line 3): answered by {"error": ...}']


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Record(3, "7"), "a number"),
        (Record(3, "a\ufffd", invalid=True), "not valid UTF-8"),
        (Record(3, "a", cut=True), "longer than 100 characters"),
    ],
)
def test_strict_answers_what_came_before_and_stops(fault, reason):
    answers = Answers()
    with pytest.raises(DataError, match=reason) as caught:
        answer_all(verb(), [*numbered("abc", ""), fault, Record(4, "c")], answers.output, strict=True)
    assert caught.value.where == "line 3"
    assert answers.lines == ["ABC", ""]
    assert answers.flushed == 2


def test_the_first_of_many_waiting_records_are_answered_soon():
    answers, written_before = Answers(), []

    def slow(batch: list[Record]) -> list[str | Refusal]:
        written_before.append(answers.flushed)
        return shout(batch)

    answer_all(verb(slow, budget=10_000, window=100), numbered(*["text"] * 300), answers.output)
    assert len(answers.lines) == 300
    assert written_before == [0, 32, 96, 196, 296]  # windows of 32, 64 and then 100


@pytest.mark.parametrize("strict", [False, True])
def test_a_mark_inside_of_a_line_is_said_and_the_line_answered(strict):
    answers = Answers()
    answer_all(verb(), numbered("a", "b\ufeffc"), answers.output, strict=strict)
    assert answers.lines == ["A", "B\ufeffC"]
    said = ["1 record was read with U+FEFF inside (the first: line 2): a line end lacks where files were put together"]
    assert answers.said == ([] if strict else said)
