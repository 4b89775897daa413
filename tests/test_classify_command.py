"""`seqtool classify`: a line in, its label out, the same whatever its neighbours; what it refuses."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from seqtool.errors import DataError, ModelError, UsageError
from seqtool.families.classification.pipe import Classify, verb
from seqtool.families.classification.runner import Runner
from seqtool.families.load import runner_of
from seqtool.runtime.first_line import doubt_of
from seqtool.runtime.model import open_model
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Output, answer_all

MODEL = Path(__file__).parent / "models" / "tiny-sentiment.onnx"
LINES = ("the plot was good", "not good", "never bad !", "zzz", "The Plot was NOT good.")


@pytest.fixture(scope="module")
def runner():
    return runner_of(open_model(MODEL, device="cpu"), "classification")


def classified(*args: str, stdin: bytes) -> subprocess.CompletedProcess:
    command = [sys.executable, "-P", "-m", "seqtool", "classify", "-m", str(MODEL), *args]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False)


def chances(runner, line: str) -> np.ndarray:
    return runner.call([runner.reader.read(line)])[0]


def answered(runner, lines, **settings):
    classify = Classify(runner, runner.rule(), **{"top": 0, "json": False, **settings}).verb()
    records = [Record(number, line) for number, line in enumerate(lines, start=1)]
    for record in records:
        classify.cost(record)
    return classify.answer(records)


def test_a_line_gets_its_label_and_the_probability_of_that(runner):
    done = classified(stdin="\n".join(LINES).encode())
    assert done.returncode == 0, done.stderr
    for line, answer in zip(LINES, done.stdout.decode().splitlines(), strict=True):
        negative, positive = chances(runner, line)
        label, chance = ("positive", positive) if positive > negative else ("negative", negative)
        assert answer == f"{label}\t{chance:.4f}"


def test_all_classes_and_objects(runner):
    negative, positive = map(float, chances(runner, LINES[2]))
    assert positive > negative
    said = classified("--all", stdin=b"never bad !\n").stdout.decode()
    assert said == f"positive\t{positive:.4f}\tnegative\t{negative:.4f}\n"
    done = classified("--json", stdin=b"never bad !\n\n")
    first, empty = map(json.loads, done.stdout.splitlines())
    assert first == {"label": "positive", "probability": round(positive, 4), "unknown": 0.0}
    assert empty == {}
    (all_of_them,) = answered(runner, [LINES[2]], json=True, top=2)
    assert list(all_of_them["probabilities"].items()) == [
        ("positive", round(positive, 4)), ("negative", round(negative, 4)),
    ]  # fmt: skip


def test_the_second_of_two_classes_is_the_answer_above_the_threshold_only(runner):
    positive = float(chances(runner, "the plot was good")[1])
    assert positive > 0.5
    for threshold, label in ((positive - 0.01, "positive"), (positive + 0.01, "negative"), (0.0, "positive")):
        done = classified("--threshold", f"{threshold}", stdin=b"the plot was good\n")
        assert done.stdout.decode().startswith(f"{label}\t"), done.stderr
    for wrong in ("1", "-0.1", "nan"):
        done = classified("--threshold", wrong, stdin=b"")
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"is not a probability" in done.stderr


def test_an_answer_does_not_depend_on_neighbours_or_order(runner):
    lines = [*LINES, "a " * 300, *LINES, "x"]
    alone = [answered(runner, [line])[0] for line in lines]
    assert answered(runner, lines) == alone
    assert answered(runner, lines[::-1]) == alone[::-1]


def test_batches_side_by_side_give_the_same_answers_in_order(runner, monkeypatch):
    """6,000 lines are several batches of two windows; with two workers they are answered by two threads."""
    dice = np.random.default_rng(0)
    words = np.array(["the", "plot", "was", "not", "good", "bad", "zzz", "!"])
    lines = [" ".join(dice.choice(words, dice.integers(1, 12))) for _ in range(6000)]
    found = {}
    for workers in (1, 2):
        monkeypatch.setattr(runner.model, "workers", workers)
        classify = verb(runner, json=False)
        assert classify.workers == workers
        answers: list[str] = []
        records = (Record(number, line) for number, line in enumerate(lines, start=1))
        answer_all(classify, records, Output(write=answers.append, flush=list, say=print))
        found[workers] = answers
    assert found[1] == found[2]
    assert len(found[1]) == 6000
    assert found[2][77] == answered(runner, [lines[77]])[0]


@pytest.mark.parametrize(
    ("line", "same_as"),
    [
        ("not\tgood", "not good"),  # a tab is white space of the text
        ("not good\x01\x1b", "not good"),  # control characters are left out
        ("NOT  GOOD ", "not good"),
        ("\x01\x02", "zzz"),  # no token at all: an unknown one
        ("z" * 100_000, "zzz"),
    ],
)
def test_odd_lines_are_answered(runner, line, same_as):
    assert answered(runner, [line]) == answered(runner, [same_as])


def test_a_megabyte_in_one_token_is_cut_and_answered_and_the_others_too():
    done = classified(stdin=b"not good\n" + b"z" * 1_000_000 + b"\n\nzzz\n")
    first, long, empty, last = done.stdout.decode().split("\n")[:4]
    assert (long, empty) == (last, "")
    assert first.startswith(("negative", "positive"))
    assert b"1 record was longer than 200,000 characters" in done.stderr


def test_forty_thousand_tokens_are_read_at_once_and_more_than_the_limit_in_pieces():
    lines = b"good " * 40_000 + b"\n" + b"a " * 60_000 + b"\nnot good\n"
    done = classified("--json", stdin=lines)
    long, longer, short = map(json.loads, done.stdout.splitlines())
    assert {*long} == {*short} == {"label", "probability", "unknown"}
    assert longer["pieces"] == 2
    assert done.stderr == b""
    done = classified(stdin=lines)
    assert b"note: 1 line was longer than 50,000 tokens (the first: line 2): read in pieces" in done.stderr
    half = classified(stdin=b"a " * 30_000)  # both pieces are the same, and so is their mean
    assert done.stdout.splitlines()[1] == half.stdout.strip()


def test_lines_that_are_there_twice_are_computed_once(runner, monkeypatch):
    rows = []
    original = runner.call
    monkeypatch.setattr(runner, "call", lambda texts: rows.append(len(texts)) or original(texts))
    found = answered(runner, ["a plot", "A  plot", "bad", "a plot"])
    assert rows == [2]
    assert found[0] == found[1] == found[3]


def test_a_file_that_does_not_fit_its_manifest_is_refused(runner):
    class Broken:
        def __init__(self, **changes):
            self.file, self.reads_texts = runner.model.file, runner.model.reads_texts
            self.manifest = dataclasses.replace(runner.model.manifest, **changes)

    assert Runner(Broken()).labels == ("negative", "positive")
    encoders = runner.model.manifest.encoders
    for changes in (
        {"limits": {}}, {"config": {}}, {"encoders": {}}, {"limits": {"characters": 0, "tokens": 5}},
        {"config": {"lower": True, "threshold": "high"}},
        {"encoders": {**encoders, "labels": {"kind": "labels", "names": ["a", "b", "c"]}}},
    ):  # fmt: skip
        with pytest.raises(ModelError):
            Runner(Broken(**changes))


def test_the_method_of_python_answers_as_the_pipe_does(runner):
    lines = [*LINES, "a " * 300, "\x01\x02", *LINES]
    answers = runner.classify(lines)
    assert [f"{one.label}\t{one.probability:.4f}" for one in answers] == answered(runner, lines)
    for one, described in zip(answers, answered(runner, lines, json=True, top=2), strict=True):
        assert (one.label, round(one.probability, 4)) == (described["label"], described["probability"])
        rounded = {name: round(chance, 4) for name, chance in one.probabilities.items()}
        assert list(rounded.items()) == list(described["probabilities"].items())
        assert one.probability == one.probabilities[one.label]
    assert answers == [runner.classify([line])[0] for line in lines]
    assert answers[0].probabilities is not answers[-len(LINES)].probabilities  # equal texts share no dictionary
    assert runner.classify([]) == []
    assert runner.labels == ("negative", "positive")
    assert runner.classify(iter(["not good"])) == runner.classify(("not good",))


def test_the_method_of_python_takes_a_threshold(runner):
    text = "the plot was good"
    positive = runner.classify([text])[0].probabilities["positive"]
    assert runner.classify([text], threshold=positive + 0.01)[0].label == "negative"
    assert runner.classify([text], threshold=positive - 0.01)[0].label == "positive"
    for threshold in (1.5, "0.5", float("nan")):
        with pytest.raises(UsageError, match="not a probability"):
            runner.classify([text], threshold=threshold)


def test_threads_that_call_at_the_same_time_get_their_own_answers(runner):
    lines = [f"{line} {'plot ' * count}" for count in range(40) for line in LINES]
    expected = [runner.classify([line]) for line in lines]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda line: runner.classify([line]), lines)) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (None, "is a NoneType, not a text"),
        ("a\ud800", "is not a text"),
        ("a" * 200_001, "has 200,001 characters, more than 200,000"),
    ],
)
def test_a_text_that_cannot_be_answered_is_named_by_its_place(runner, text, what):
    with pytest.raises(DataError, match=rf"^texts\[1\] {what}"):
        runner.classify(["good", text])


def test_a_single_text_is_not_taken_for_a_list_of_characters(runner):
    with pytest.raises(UsageError, match="one text was given"):
        runner.classify("good")


@pytest.mark.parametrize(
    "first", ["id,review", '"id";"review text"', "review\tstars", ",text,label", "Text", '{"text": "so good"}']
)
def test_a_table_in_the_place_of_texts_is_warned_of_and_answered_line_by_line(first):
    done = classified(stdin=f"{first}\n1,so good\n2,not good\n".encode())
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 3  # n lines stay n lines
    assert b"looks like the beginning of a table" in done.stderr
    assert b"give the texts alone" in done.stderr


@pytest.mark.parametrize(
    ("first", "cure"),
    [
        ("word\ttag", "cut -f 1 takes the column 'word'"),
        ("Betrag;Text;Kategorie", "cut -d ';' -f 2 takes the column 'text'"),
        ("stars,review", "cut -d ',' -f 2 takes the column 'review'"),
        ("stars|opinion", "cut -d '|' -f N takes column N"),
    ],
)
def test_the_cure_for_a_table_takes_the_column_of_texts(first, cure):
    assert cure in doubt_of(first)


@pytest.mark.parametrize("lines", [["ok,thanks"], ["ok,thanks", "yes,please"], ["so|so", "not good", "good|bad"]])
def test_words_between_marks_are_no_names_of_columns(lines):
    assert doubt_of(*lines) == ""
    assert "looks like the beginning" in doubt_of("ware,meinung", "1,gut", "2,nicht gut")


def test_the_cure_for_other_cells_takes_the_texts_without_the_name_of_their_column():
    table = "stars\treview\n3\tso good\n1\tnot good\n"
    cure = doubt_of(*table.split("\n")[:3]).partition("one a line: ")[2].partition(" takes ")[0]
    done = subprocess.run(cure, shell=True, input=table.encode(), capture_output=True, timeout=60, check=True)
    assert done.stdout.decode().splitlines() == ["so good", "not good"]


def test_the_cure_for_cells_in_quotes_reads_them(tmp_path):
    table = 'stars,review\n3,"so good, and\nmore"\n1,not good\n'
    cure = doubt_of(*table.split("\n")[:3]).partition(": python3 ")[2].partition(" takes ")[0]
    done = subprocess.run(
        f"{sys.executable} {cure}", shell=True, input=table.encode(), capture_output=True, timeout=60, check=True
    )
    assert done.stdout.decode().splitlines() == ["so good, and more", "not good"]


def test_packed_files_are_named_with_what_unpacks_them():
    import gzip

    for data, cure in ((gzip.compress(b"so good\n"), b"gunzip -c"), (b"PK\x03\x04\x14\0\n", b"unzip -p")):
        assert cure in classified(stdin=data).stderr


WITH_LABELS = {
    "sed 's/__label__": ("__label__positive so good\n", "__label__negative,__label__x not good\n"),
    "cut -f 2- takes": ("positive\tso good\n", "negative\tnot good\n"),
    "cut -f -1 takes": ("so good\tpositive\n", "not good\tnegative\n"),
}


@pytest.mark.parametrize("cure", WITH_LABELS)
def test_lines_with_their_labels_are_warned_of_once_and_answered(cure):
    lines = [line for _ in range(3) for line in WITH_LABELS[cure]]
    done = classified(stdin="".join(lines).encode())
    assert done.stdout.count(b"\n") == 6
    assert done.stderr.decode().count(cure) == 1 == done.stderr.count(b"warning")


def test_texts_that_hold_tabs_are_not_warned_of():
    assert classified(stdin=b"so it was\tgood!\nnot\tgood\npositive\n").stderr == b""


def test_a_text_of_carriage_returns_alone_is_warned_of():
    done = classified(stdin=b"so good\rnot good\r")
    assert done.stdout.count(b"\n") == 1
    assert b"tr '\\r' '\\n'" in done.stderr


def test_byte_order_marks_of_files_put_together_are_no_part_of_the_texts():
    plain, marked = (classified(stdin=text) for text in (b"good\ngood\n", b"\xef\xbb\xbfgood\n\xef\xbb\xbfgood\n"))
    assert plain.stdout == marked.stdout


@pytest.mark.parametrize("first", ["Well, good", "good", "yes, and no", "3,5", "so (good)", "{good}", "a|b test"])
def test_a_first_text_that_is_no_row_of_names_is_not_warned_of(first):
    done = classified(stdin=f"{first}\nid,review\n".encode())
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_utf_16_is_warned_of_with_the_command_that_reads_it(encoding):
    text = "so good\nnot good\n"
    done = classified(stdin=text.encode(encoding))
    assert b"iconv -f utf-16 -t utf-8" in done.stderr
    assert done.stdout.count(b"\n") >= 2
    assert b"NUL" not in classified(stdin=text.encode()).stderr
