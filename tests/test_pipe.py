"""The contract of the pipe, for every verb: real processes, real pipes. A new verb adds a row to `VERBS`."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True)
class Verb:
    """A verb and how to use it: what to type, a line that it answers, and how its answers look.

    first: lines that it must have seen before it answers, each of which gives an empty line.
    reads_text: it answers any text; else text is refused.
    """

    name: str
    command: tuple[str, ...]
    line: bytes
    is_answer: Callable[[str], bool]
    is_object: Callable[[dict], bool]
    first: bytes = b""
    reads_text: bool = True


def is_number(text: str) -> bool:
    return 0 < float(text) < 1000


def is_forecast(answer: dict) -> bool:
    return answer.keys() == {"time", "forecast"} and 0 < answer["forecast"][0][0] < 1000


def is_text(answer: str) -> bool:
    return len(answer.replace("\\\\", "B").replace("\\n", "L")) == 5


def is_continuation(answer: dict) -> bool:
    return answer.keys() == {"prompt", "text"} and len(answer["text"]) == 5


def is_score(text: str) -> bool:
    nats, bits, perplexity = map(float, text.split("\t"))
    return nats > bits > 0 and perplexity > 1


def is_measured(answer: dict) -> bool:
    return list(answer) == ["nats", "bits_per_character", "perplexity"] and answer["nats"] > 0


def is_label(text: str) -> bool:
    label, probability = text.split("\t")
    return label in ("negative", "positive") and 0.5 <= float(probability) <= 1 and len(probability) == 6


def is_classified(answer: dict) -> bool:
    return list(answer) == ["label", "probability", "unknown"] and 0.5 <= answer["probability"] <= 1


def is_tagged(text: str) -> bool:
    return all(item.rpartition("/")[2] in ("ADP", "DET", "NOUN", "PUNCT", "VERB") for item in text.split(" "))


def is_sentence(answer: dict) -> bool:
    lists = [answer.get(key, []) for key in ("words", "starts", "ends", "tags", "scores")]
    return len(answer) == len(lists) and {len(own) for own in lists} == {len(answer["words"])} != {0}


def is_translation(text: str) -> bool:
    return len(text.split()) > 0 and set(text.split()) <= {"the", "cat", "dog", "sleeps", "sees", "a", "."}


def is_translated(answer: dict) -> bool:
    return list(answer) == ["source", "translation", "score"] and answer["score"] < 0


VERBS = [
    Verb(
        "forecast --follow",
        ("forecast", "--follow", "-m", str(MODELS / "tiny-forecast.onnx")),
        line=b"101.5",
        is_answer=is_number,
        is_object=is_forecast,
        first=b"99\n" * 7,  # its window has 8 steps
        reads_text=False,
    ),
    Verb(
        "generate",
        ("generate", "-n", "5", "-m", str(MODELS / "tiny-chargen.onnx")),
        line=b"To be, or not to be",
        is_answer=is_text,
        is_object=is_continuation,
    ),
    Verb(
        "score",
        ("score", "-m", str(MODELS / "tiny-chargen.onnx")),
        line=b"To be, or not to be",
        is_answer=is_score,
        is_object=is_measured,
    ),
    Verb(
        "classify",
        ("classify", "-m", str(MODELS / "tiny-sentiment.onnx")),
        line=b"the plot was never bad !",
        is_answer=is_label,
        is_object=is_classified,
    ),
    Verb(
        "tag",
        ("tag", "-m", str(MODELS / "tiny-pos.onnx")),
        line=b"The cat sat on and/or in a hat .",
        is_answer=is_tagged,
        is_object=is_sentence,
    ),
    Verb(
        "translate",
        ("translate", "-m", str(MODELS / "tiny-nmt.onnx")),
        line="der Hund schläft .".encode(),
        is_answer=is_translation,
        is_object=is_translated,
        reads_text=False,  # it knows seven words
    ),
    Verb(
        "score of pairs",
        ("score", "-m", str(MODELS / "tiny-nmt.onnx")),
        line="der Hund schläft .\tthe dog sleeps .".encode(),
        is_answer=is_score,
        is_object=is_measured,
        reads_text=False,
    ),
]

# name -> what is piped (`first`: see above, `line`: a good one), what comes out (a: an answer, e: an empty line,
# t: the answer to some text), what is said of it
INPUTS = {
    "0 bytes": (lambda first, line: b"", "", ""),
    "a mark and nothing": (lambda first, line: b"\xef\xbb\xbf", "", ""),
    "no last newline": (lambda first, line: first + line, "a", ""),
    "CRLF": (lambda first, line: (first + line + b"\n" + line + b"\n").replace(b"\n", b"\r\n"), "aa", ""),
    "empty lines": (lambda first, line: first + b"\n" + line + b"\n\n", "eae", ""),
    "spaces only": (lambda first, line: first + b"  \t \n" + line + b"\n", "ea", ""),
    "NUL": (lambda first, line: first + line + b"\na\0b\n" + line, "ata", ""),
    "invalid UTF-8": (lambda first, line: first + b"caf\xe9\n" + line, "ta", "1 record was not valid UTF-8"),
    "U+2028 and U+0085": (lambda first, line: first + "a\u2028b\u0085c\n".encode() + line, "ta", ""),
    "BOM": (lambda first, line: b"\xef\xbb\xbf" + first + line, "a", ""),
    "10 MB in a line": (lambda first, line: first + b"x" * 10_000_000 + b"\n" + line, "ta", "1 record was longer than"),
    "emoji": (lambda first, line: first + "🌊 Grüße\n".encode() + line, "ta", ""),
    "10,000 lines": (lambda first, line: first + (line + b"\n") * 10_000, "a" * 10_000, ""),
}
FAULTS = {"invalid UTF-8": b"caf\xe9", "a line too long": b"1" * 1_000_000, "text": b"abc"}

verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)


def start(verb: Verb, *options: str) -> subprocess.Popen:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-P", "-m", "seqtool", *verb.command, *options], **pipes)


def put(process: subprocess.Popen, data: bytes) -> None:
    process.stdin.write(data)
    process.stdin.flush()


def get(process: subprocess.Popen, lines: int = 1) -> list[bytes]:
    """Read lines that must come without any more input."""
    got = b""
    while got.count(b"\n") < lines:
        assert select.select([process.stdout], [], [], 60)[0], f"no answer: the pipe waits; so far {got!r}"
        piece = os.read(process.stdout.fileno(), 1 << 16)
        assert piece, f"the program has ended: {process.stderr.read()!r}"
        got += piece
    return got.splitlines()


def warm(process: subprocess.Popen, verb: Verb) -> None:
    put(process, verb.first)
    assert not any(get(process, verb.first.count(b"\n")))


@verb
@pytest.mark.parametrize("name", INPUTS)
def test_a_line_out_for_each_line_in(verb, name, seqtool_cmd):
    make, shape, said = INPUTS[name]
    data = make(verb.first, verb.line)
    done = seqtool_cmd(*verb.command, stdin=data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n") or not shape
    answers = done.stdout.split("\n")[:-1]
    before = len(answers) - len(shape)
    assert before == (verb.first.count(b"\n") if shape else 0)
    assert not any(answers[:before])
    for kind, answer in zip(shape, answers[before:], strict=True):
        if kind == "a" or (kind == "t" and verb.reads_text):
            assert verb.is_answer(answer)
        else:
            assert answer == ""
    refused = "t" in shape and not verb.reads_text
    assert said in done.stderr
    assert ("record was" in done.stderr) == (bool(said) or refused)


@verb
def test_json_has_an_object_for_every_line(verb, seqtool_cmd):
    data = verb.first + b" \r\n" + verb.line + b"\nabc\n" + verb.line
    done = seqtool_cmd(*verb.command, "--json", stdin=data)
    *before, empty, good, text, last = map(json.loads, done.stdout.splitlines())
    assert before == [{}] * verb.first.count(b"\n")
    assert empty == {}
    assert verb.is_object(good)
    assert verb.is_object(last)
    assert verb.is_object(text) if verb.reads_text else text.keys() == {"error"}
    assert done.returncode == 0


@verb
@pytest.mark.parametrize("fault", FAULTS)
def test_strict_stops_at_the_first_bad_line(verb, fault, seqtool_cmd):
    if fault == "text" and verb.reads_text:
        return  # it answers any text
    data = verb.first + verb.line + b"\n\n" + FAULTS[fault] + b"\n" + verb.line + b"\n"
    done = seqtool_cmd(*verb.command, "--strict", stdin=data)
    before = verb.first.count(b"\n")
    *empty, answer, blank = done.stdout.splitlines()
    assert done.returncode == 2
    assert f"where: line {before + 3}\n" in done.stderr
    assert empty == [""] * before
    assert verb.is_answer(answer)
    assert blank == ""


@verb
def test_the_locale_is_no_matter(verb, seqtool_cmd):
    data = verb.first + verb.line + b"\n" + "🌊\n".encode() + verb.line + b"\n"
    usual = seqtool_cmd(*verb.command, "--json", stdin=data)
    plain = seqtool_cmd(*verb.command, "--json", stdin=data, env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert usual.stdout == plain.stdout
    assert "\\u" not in plain.stdout


@verb
def test_a_pause_is_answered_before_the_next_line_comes(verb):
    with start(verb) as process:
        warm(process, verb)
        for _ in range(5):
            put(process, verb.line + b"\n")
            (answer,) = get(process)
            assert verb.is_answer(answer.decode())
        put(process, verb.line)  # half a line is no record yet
        assert not select.select([process.stdout], [], [], 0.1)[0]
        process.stdin.close()
        (answer,) = get(process)
        assert verb.is_answer(answer.decode())
        assert process.wait(60) == 0  # before its stderr closes: some verbs end with a word


@verb
def test_head_ends_it_quietly_while_it_waits_for_input(verb):
    with start(verb) as process:
        warm(process, verb)
        put(process, verb.line + b"\n")
        get(process)
        process.stdout.close()
        assert process.wait(timeout=60) == -signal.SIGPIPE  # stdin is open still
        assert b"error" not in process.stderr.read()


@verb
def test_head_ends_it_quietly_in_the_middle_of_much(verb, tmp_path):
    (tmp_path / "lines").write_bytes(verb.first + (verb.line + b"\n") * 20_000)
    shell = ["bash", "-c", 'f=$1; shift; "$@" <"$f" | head -1; echo "${PIPESTATUS[0]}" >&2', "bash"]
    command = [sys.executable, "-P", "-m", "seqtool", *verb.command]
    done = subprocess.run([*shell, tmp_path / "lines", *command], capture_output=True, text=True, timeout=60)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.splitlines()[-1] == "141"
    assert "error" not in done.stderr


@verb
def test_ctrl_c_ends_it_by_the_signal_and_says_the_counts(verb):
    with start(verb) as process:
        warm(process, verb)
        put(process, verb.line + b"\ncaf\xe9\n")
        get(process, 2)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == -signal.SIGINT
    assert b"1 record was not valid UTF-8" in said
    assert b"error" not in said


@verb
def test_an_input_that_cannot_be_read_is_said(verb, tmp_path):
    (tmp_path / "file").touch()
    command = [sys.executable, "-P", "-m", "seqtool", *verb.command]
    with (tmp_path / "file").open("wb") as for_writing:
        done = subprocess.run(command, stdin=for_writing, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.endswith("error: Bad file descriptor\n  where: standard input\n")
