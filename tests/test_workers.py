"""Batches answered side by side: the same lines in the same order, errors and signals as ever."""

import dataclasses
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import spox.opset.ai.onnx.v20 as op
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.errors import DataError
from seqtool.graph.basic import first_rows, pad_single_row
from seqtool.graph.model import name_axes, plain_bytes
from seqtool.graph.recurrent import operators
from seqtool.modelfile.manifest import read_file, seal, signature_of
from seqtool.nn.recurrent import Recurrent
from seqtool.runtime.model import open_model
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Output, Refusal, Verb, answer_all

CHARGEN = Path(__file__).parent / "models" / "tiny-chargen.onnx"


def answered(texts, answer, workers, *, strict=False, window=50, json=False):
    """The lines and warnings of a verb whose batches hold 12 characters."""
    lines, said = [], []
    verb = Verb(answer, 100, cost=lambda one: len(one.text), budget=12, window=window, workers=workers)
    output = Output(write=lines.append, flush=lambda: None, say=said.append, json=json)
    answer_all(verb, [Record(number, text) for number, text in enumerate(texts, 1)], output, strict=strict)
    return lines, said


def shout(batch):
    time.sleep(0.001 * (7 * len(batch[0].text) % 5))  # later batches may well end first
    return [Refusal("a number", "numbers") if one.text.isdigit() else one.text.upper() for one in batch]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("ab1 ", max_size=9), max_size=40), st.sampled_from([3, 50]), st.booleans())
def test_lines_and_counts_are_those_of_one_worker(texts, window, json):
    one, two = (answered(texts, shout, workers, window=window, json=json) for workers in (1, 2))
    assert one == two


def test_two_batches_are_answered_at_the_same_time():
    both = threading.Barrier(2, timeout=20)

    def meet(batch):
        both.wait()  # one alone would wait in vain
        return [one.text for one in batch]

    assert answered(["a" * 12] * 4, meet, 2)[0] == ["a" * 12] * 4


def test_a_few_lines_make_no_thread():
    names = []

    def look(batch):
        names.append(threading.current_thread().name)
        return [one.text for one in batch]

    answered(["a", "b"], look, 2)
    assert names == [threading.current_thread().name]


def test_an_error_is_raised_and_the_rest_is_left():
    calls = []

    def fail(batch):
        calls.append(batch)
        if "x" in batch[0].text:
            raise DataError("broken", cure="none")
        return [one.text for one in batch]

    texts = ["x" * 12] + ["a" * 12] * 45
    with pytest.raises(DataError, match="broken"):
        answered(texts, fail, 2)
    assert len(calls) < 40


def test_strict_stops_at_the_first_bad_line():
    with pytest.raises(DataError, match="a number") as caught:
        answered(["a" * 12, "1" * 12, "b" * 12, "2" * 12], shout, 2, strict=True)
    assert caught.value.where == "line 2"


PROGRAM = """
import sys, time
from seqtool.cli import run, _leave
import seqtool.cli.root as root
from seqtool.cli.verbs import Call
from seqtool.runtime.stream import Verb
def slow(batch):
    sys.stderr.write("begun\\n"); sys.stderr.flush()
    time.sleep(30)
    return [""] * len(batch)
try:
    Call().answer(Verb(slow, 100, cost=lambda one: 1, budget=1, workers=2), hint="")
except KeyboardInterrupt:
    _leave(130)
"""


def test_ctrl_c_waits_for_no_worker():
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(b"a\nb\nc\n")
    process.stdin.close()
    assert process.stderr.readline() == b"begun\n"
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=25) == -signal.SIGINT
    assert time.monotonic() - begun < 25  # a worker sleeps for 30
    process.stdout.close()
    process.stderr.close()


def test_one_model_runs_in_two_threads_as_in_one():
    opened = open_model(CHARGEN, device="cpu")
    rng = np.random.default_rng(0)
    shapes = {spec.name: spec.shape for spec in opened.file.inputs}

    def feeds(rows, steps):
        state = {name: np.zeros((2, rows, 6), np.float32) for name in shapes if name.startswith("state")}
        return {
            "prompt": rng.integers(0, 97, (rows, steps)), "lengths": np.full(rows, steps, np.int32),
            "noise": rng.gumbel(size=(20, rows, 97)).astype(np.float32), "temperature": np.array(1, np.float32),
            "top_k": np.array(0), "top_p": np.array(1, np.float32), **state,
        }  # fmt: skip

    batches = [feeds(1 + number % 5, 3 + number % 7) for number in range(40)]
    alone = [opened.run(one) for one in batches]
    together: list = [None] * len(batches)

    def work(first):
        for number in range(first, len(batches), 2):
            together[number] = opened.run(batches[number])

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        for name, value in one.items():
            np.testing.assert_array_equal(value, other[name])


@pytest.fixture(scope="module")
def rnn(tmp_path_factory):
    """A file of an RNN of 129 units: x [B,T,5], lengths [B] -> y [B,T,129]."""
    torch.manual_seed(0)
    twin = operators(Recurrent("rnn", 5, 129, 1))
    x, lengths = argument(Tensor(np.float32, ("B", "T", 5))), argument(Tensor(np.int32, ("B",)))
    rows = op.transpose(pad_single_row(x), perm=[1, 0, 2])
    y = op.transpose(twin(rows, lengths=pad_single_row(lengths))[0], perm=[1, 0, 2])
    model = build({"x": x, "lengths": lengths}, {"y": first_rows(y, lengths)})
    plain = plain_bytes(name_axes(model, {"y": ("B", "T", 129)}))
    manifest = dataclasses.replace(read_file(CHARGEN)[1].manifest, signature=signature_of(plain))
    file = tmp_path_factory.mktemp("models") / "rnn.onnx"
    file.write_bytes(seal(plain, manifest))
    return file


def test_the_operator_rnn_runs_on_one_thread_a_call_and_so_gives_a_row_the_same_bits(rnn):
    """On two, ONNX Runtime cuts the product of 129 units for many rows and not for two, and its last bits change."""
    opened = open_model(rnn, device="cpu", threads=2)
    assert opened.workers == 2
    known = np.array([3, 5, 13, 20, 5, 3, 1, 40, 7], np.int32)
    x = np.random.default_rng(0).normal(size=(9, 40, 5)).astype(np.float32)
    together = opened.run({"x": x, "lengths": known})["y"]
    for row, length in enumerate(known):
        alone = opened.run({"x": x[row : row + 1, :length], "lengths": known[row : row + 1]})["y"]
        np.testing.assert_array_equal(alone[0], together[row, :length])
