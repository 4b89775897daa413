"""Opening a model file and running it: the guard before ONNX Runtime, devices, threads."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqtool
from seqtool.errors import DeviceError, ModelError, NotFound, SeqtoolError, UsageError
from seqtool.modelfile.manifest import read_file
from seqtool.runtime import session, threads
from seqtool.runtime.model import open_model

TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"


@pytest.fixture(scope="module")
def model():
    return open_model(TINY, device="cpu")


def feeds(rows=2, steps=8, horizon=4, seed=0):
    history = np.random.default_rng(seed).normal(100, 10, (rows, steps, 1)).astype(np.float32)
    return {"history": history, "horizon": np.array(horizon, dtype=np.int64)}


def test_the_committed_file_answers_as_one_made_now():
    """It is older, and takes float32. Weights of a seed may differ between versions of PyTorch, and so last digits."""
    made, kept = onnx.load_from_string(load_generator().tiny_forecast()), onnx.load(TINY)
    assert [value.name for value in made.graph.input] == [value.name for value in kept.graph.input]
    assert [value.name for value in made.graph.output] == [value.name for value in kept.graph.output]
    now, then = (json.loads(model.metadata_props[0].value) for model in (made, kept))
    grown = {name: now["config"][name] for name in ("time_column", "id_column")}  # one name then, several now
    assert {**now, "config": {**now["config"], **then["config"], **grown}} == now
    of_graph = {"config": {}, "signature": {}}
    assert {**now, **of_graph} == {**then, **of_graph}
    assert {spec["dtype"] for spec in now["signature"]["outputs"]} == {"float64"}
    assert TINY.stat().st_size < 20_000
    run = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"]).run
    in_float64 = {**feeds(), "history": feeds()["history"].astype(np.float64)}
    np.testing.assert_allclose(run(None, in_float64)[0], open_model(TINY).run(feeds())["forecast"], rtol=1e-5)


def load_generator():
    spec = importlib.util.spec_from_file_location("generate", TINY.with_name("generate.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_hand(history, steps):
    """The network in numpy, from the weights in the file: gates in ONNX's order i, o, f, c."""
    graph = onnx.load(TINY).graph
    reader, body = (node.attribute[0].g for node in graph.node if node.op_type == "Loop")

    def weights(graph, kind):
        arrays = {tensor.name: onnx.numpy_helper.to_array(tensor).astype(float) for tensor in graph.initializer}
        node = next(node for node in graph.node if node.op_type == kind)
        return [arrays[name] for name in node.input if name in arrays]

    encoder, decoder = weights(reader, "LSTM"), weights(body, "LSTM")
    (matrix,), (bias,) = weights(body, "MatMul"), weights(body, "Add")

    def lstm(x, h, c, arrays):
        w, r, b = (array[0] for array in arrays)
        i, o, f, g = np.split(x @ w.T + h @ r.T + b[: len(b) // 2] + b[len(b) // 2 :], 4, axis=1)
        i, o, f = (1 / (1 + np.exp(-gate)) for gate in (i, o, f))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    z = (history - 100.0) / 10.0  # the scaler of the generator
    h = c = np.zeros((len(z), 4))
    for step in range(z.shape[1]):
        h, c = lstm(z[:, step], h, c, encoder)
    value, out = np.zeros((len(z), 1)), []  # the GO token is zero before any training
    for _ in range(steps):
        h, c = lstm(value, h, c, decoder)
        value = h @ matrix + bias
        out.append(value)
    return np.stack(out, axis=1) * 10.0 + 100.0


def test_the_file_computes_the_network_by_hand(model):
    given = feeds(3, 11, 5)
    answer = model.run(given)["forecast"]
    assert answer.shape == (3, 5, 1)
    np.testing.assert_allclose(answer, by_hand(given["history"].astype(float), 5), rtol=1e-5)


@settings(max_examples=10, deadline=None)
@given(rows=st.integers(1, 9), steps=st.integers(1, 20), horizon=st.integers(1, 12), seed=st.integers(0, 99))
def test_a_row_has_the_same_answer_alone_and_on_two_threads(rows, steps, horizon, seed):
    one, two = (open_model(TINY, device="cpu", threads=number) for number in (1, 2))
    whole = feeds(rows, steps, horizon, seed)
    together = one.run(whole)["forecast"]
    np.testing.assert_array_equal(together, two.run(whole)["forecast"])
    for row in range(rows):
        alone = one.run(whole | {"history": whole["history"][row : row + 1]})["forecast"]
        np.testing.assert_array_equal(alone[0], together[row])


FITTING, FOUR = np.zeros((2, 8, 1), np.float32), np.array(4)
BAD = {
    "B=0": ({"history": FITTING[:0], "horizon": FOUR}, "empty along B"),
    "T=0": ({"history": FITTING[:, :0], "horizon": FOUR}, "empty along T"),
    "F=0": ({"history": FITTING[:, :, :0], "horizon": FOUR}, "empty along 1"),
    "float64": ({"history": FITTING.astype(float), "horizon": FOUR}, "float64, not float32"),
    "int32": ({"history": FITTING, "horizon": np.array(4, np.int32)}, "int32, not int64"),
    "byte order": ({"history": FITTING.astype(">f4"), "horizon": FOUR}, ">f4, not float32"),
    "objects": ({"history": FITTING.astype(object), "horizon": FOUR}, "object, not float32"),
    "rank": ({"history": FITTING[0], "horizon": FOUR}, "2 axes, not 3"),
    "scalar": ({"history": FITTING, "horizon": np.array([4])}, "1 axes, not 0"),
    "fixed axis": ({"history": np.zeros((2, 8, 3), np.float32), "horizon": FOUR}, "3 along 1, not 1"),
    "missing": ({"history": FITTING}, "missing or unknown inputs: horizon"),
    "unknown": ({"history": FITTING, "horizon": FOUR, "beam": FOUR}, "missing or unknown inputs: beam"),
}


@pytest.mark.parametrize("case", BAD)
def test_inputs_that_do_not_fit_never_reach_onnx_runtime(model, monkeypatch, case):
    given, said = BAD[case]
    monkeypatch.setattr(model, "_session", None)  # a call would be an AttributeError, not ours
    with pytest.raises(UsageError) as caught:
        model.run(given)
    assert said in caught.value.what
    assert caught.value.cure


def test_a_number_and_any_layout_in_memory_will_do(model):
    given = feeds(3, 8, 2)
    wanted = model.run(given)["forecast"]
    history = given["history"]
    for same in (np.asfortranarray(history), np.repeat(history, 2, axis=1)[:, ::2], history[::-1].copy()[::-1]):
        np.testing.assert_array_equal(model.run({"history": same, "horizon": np.int64(2)})["forecast"], wanted)


def test_a_failure_inside_onnx_runtime_is_ours(model, monkeypatch):
    class Failing:
        def run(self, names, feeds):
            raise RuntimeError("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT\nsecond line")

    monkeypatch.setattr(model, "_session", Failing())
    with pytest.raises(ModelError) as caught:
        model.run(feeds())
    assert caught.value.what == "ONNX Runtime failed: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop", "missing", "empty", "text", "too long a name"])
def test_what_is_no_model_is_said(kind, tmp_path):
    path = tmp_path / "model.onnx"
    make = {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "loop": lambda: path.symlink_to(path),
        "missing": lambda: None,
        "empty": path.touch,
        "text": lambda: path.write_text("a,b\n1,2\n" * 99),
        "too long a name": lambda: None,
    }
    make[kind]()
    path = tmp_path / ("x" * 5000) if kind == "too long a name" else path
    with pytest.raises(NotFound if kind == "missing" else ModelError) as caught:
        open_model(path)
    assert caught.value.where == str(path)
    assert caught.value.cure


def test_a_file_above_the_limit_is_not_read(tmp_path):
    size = TINY.stat().st_size
    assert len(read_file(TINY, size)[0]) == size
    with pytest.raises(ModelError, match=f"larger than {size - 1:,} bytes"):
        read_file(TINY, size - 1)
    huge = tmp_path / "huge.onnx"
    with huge.open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: takes no room
    with pytest.raises(ModelError, match="larger than"):
        open_model(huge)


def test_cuda_is_a_demand(cli, monkeypatch):
    monkeypatch.setattr(session, "driver", lambda: False)
    with pytest.raises(DeviceError, match="no NVIDIA driver"):
        open_model(TINY, device="cuda")
    assert open_model(TINY, device="auto").device == "cpu"
    answer = cli("evaluate", TINY, "--device", "cuda")
    assert (answer.returncode, answer.stdout) == (4, "")
    assert "cure: --device cpu" in answer.stderr


@pytest.mark.parametrize(
    ("device", "driver", "cuda", "asked"),
    [
        ("cpu", True, True, ["CPU"]),
        ("cpu", False, False, ["CPU"]),
        ("auto", False, True, ["CPU"]),
        ("auto", True, False, ["CPU"]),
        ("auto", True, True, ["CUDA", "CPU"]),
        ("cuda", True, True, ["CUDA", "CPU"]),
        ("cuda", True, False, None),
        ("cuda", False, True, None),
    ],
)
def test_which_providers_are_asked_for(monkeypatch, device, driver, cuda, asked):
    known = [session.CUDA] * cuda + [session.CPU]
    monkeypatch.setattr(session, "driver", lambda: driver)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: known)
    if asked is None:
        with pytest.raises(DeviceError):
            session.providers(device)
    else:
        assert session.providers(device) == [f"{name}ExecutionProvider" for name in asked]


def test_a_driver_without_cuda_libraries_is_one_line_on_stderr(monkeypatch, capfd):
    """ONNX Runtime's loader prints to stdout, where only records may stand."""

    def preload_dlls():
        print("Failed to load libcublasLt.so")

    monkeypatch.setattr(session, "driver", lambda: True)
    monkeypatch.setattr(onnxruntime, "preload_dlls", preload_dlls)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [session.CUDA, session.CPU])
    made = session._made
    monkeypatch.setattr(session, "_made", lambda data, options, asked: made(data, options, [session.CPU]))
    assert open_model(TINY, device="auto").device == "cpu"
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["an NVIDIA driver is there, but CUDA did not load: running on the processor"]
    with pytest.raises(DeviceError, match="CUDA did not load"):
        open_model(TINY, device="cuda")


def test_an_unknown_device_is_a_usage_error():
    with pytest.raises(UsageError, match="'tpu'"):
        open_model(TINY, device="tpu")


@pytest.mark.parametrize(("name", "given", "asked", "most"), [
    ("tiny-forecast", "horizon", np.array(10_001), "10,000"),
    ("tiny-nmt", "max_length", np.array([3, 8013]), "8,012"),
    ("tiny-nmt", "beam_size", np.array(101), "100"),
    ("tiny-chargen", "noise", np.zeros((10_001, 2, 97), np.float32), "10,000"),
])  # fmt: skip
def test_a_call_asks_for_no_more_than_the_manifest_allows(name, given, asked, most):
    opened = open_model(TINY.with_name(f"{name}.onnx"), device="cpu")
    feeds = {spec.name: np.ones([2 if isinstance(axis, str) else axis for axis in spec.shape], spec.dtype)
             for spec in opened.file.inputs}  # fmt: skip
    with pytest.raises(UsageError, match=f"{given} asks for .*, the file allows {most}"):
        opened.run({**feeds, given: asked})
    assert opened.run(feeds)


@pytest.mark.parametrize(
    ("written", "cores"),
    [
        ("max 100000\n", 0),
        ("150000 100000\n", 1),
        ("400000 100000\n", 4),
        ("5000 100000\n", 1),
        ("nonsense\n", 0),
        ("", 0),
    ],
)
def test_a_control_group_limits_the_cores(tmp_path, written, cores):
    file = tmp_path / "cpu.max"
    file.write_text(written)
    assert threads._limit(file) == cores
    assert threads._limit(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("member", "cores"),
    [
        ("0::/\n", 0),
        ("9:cpu:/other\n0::/user.slice/job.scope\n", 2),
        ("0::/user.slice\n", 3),
        ("0::/free\n", 0),
        ("0::/../outside\n", 0),
        ("1:cpu:/user.slice\n", 0),
    ],
)
def test_the_tightest_control_group_above_the_process_counts(tmp_path, member, cores):
    limits = {"user.slice/cpu.max": "300000 100000", "user.slice/job.scope/cpu.max": "250000 100000"}
    for name, limit in limits.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(limit)
    own = tmp_path / "own"
    own.write_text(member)
    assert threads._quota(own, tmp_path) == cores
    assert threads._quota(tmp_path / "none", tmp_path) == 0


def test_threads_are_those_asked_for_or_fit_the_model(monkeypatch):
    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    monkeypatch.setattr(threads, "_quota", lambda: 4)
    assert threads.cores() == 4
    assert threads.choose(10_000_000) == (4, 1)
    assert threads.choose(1000) == (1, 2)  # two calls of one thread side by side
    assert threads.choose(1000, 3) == threads.choose(10_000_000, 3) == (3, 1)
    assert threads.choose(1000, 1) == (1, 1)
    assert threads.choose(10_000_000, divisible=False) == threads.choose(1000, 3, divisible=False) == (1, 2)
    assert threads.choose(1000, 1, divisible=False) == (1, 1)
    monkeypatch.setattr(threads, "_quota", lambda: 0)
    assert threads.choose(10_000_000) == (6, 1)
    monkeypatch.setattr(threads, "_quota", lambda: 1)
    assert threads.choose(1000) == threads.choose(10_000_000) == (1, 1)


def test_a_model_says_how_many_calls_are_worth_making_at_once(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 4)
    assert open_model(TINY, device="cpu").workers == 2
    assert open_model(TINY, device="cpu", threads=1).workers == 1


def test_tables_that_are_looked_up_are_no_work():
    """The vectors of tiny-chargen: 97 symbols of 4 numbers."""
    file = read_file(TINY.with_name("tiny-chargen.onnx"))[1]
    assert file.parameters - file.multiplied == 97 * 4
    assert read_file(TINY)[1].multiplied == read_file(TINY)[1].parameters


@pytest.mark.parametrize("asked", [-1, 1025, 10**6])
def test_threads_that_no_machine_has_are_refused(asked):
    with pytest.raises(UsageError, match="threads cannot be"):
        open_model(TINY, device="cpu", threads=asked)


def test_the_runtime_needs_neither_torch_nor_onnx():
    program = f"""
import sys
import numpy as np
from seqtool.runtime.model import open_model
print(open_model({str(TINY)!r}).run({{"history": np.full((1, 8, 1), 100, np.float32), "horizon": np.array(2)}}))
print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "forecast" in done.stdout
    assert not set(done.stderr.split()) & {"torch", "onnx", "spox", "polars", "rich", "pluggy"}


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: seqtool.load(3), "is no path"),
        (lambda: seqtool.load(TINY, threads="2"), "threads is a str"),
        (lambda: seqtool.load(TINY, threads=None), "threads is a NoneType"),
        (lambda: seqtool.load(TINY, threads=1.5), "threads is a float"),
        (lambda: opened("sentiment").classify(None), "NoneType was given"),
        (lambda: opened("sentiment").classify("one text"), "instead of a list"),
        (lambda: opened("pos").tag("one text"), "instead of a list"),
        (lambda: opened("chargen").score("one text"), "instead of a list"),
        (lambda: opened("chargen").generate(3), "int was given"),
        (lambda: opened("forecast").check_horizon("3"), "whole number"),
        (lambda: opened("sentiment").classify({"text": ["a film"]}), "dict was given"),
        (lambda: opened("sentiment").classify(pandas.DataFrame({"text": ["a film"]})), "DataFrame was given"),
        (lambda: opened("pos").tag(polars.DataFrame({"text": ["a film"]})), "DataFrame was given"),
        (lambda: opened("nmt").translate({"a film": 1}), "dict was given"),
        (lambda: opened("chargen").generate(pandas.DataFrame({"text": ["The"]})), "DataFrame was given"),
        (lambda: opened("chargen").generate("The", seed=2**64), f"seed of {2**64} cannot be"),
        (lambda: opened("chargen").generate("The", seed=-1), "seed of -1 cannot be"),
        (lambda: opened("nmt").translate(["a"], seed=2**64), f"seed of {2**64} cannot be"),
    ],
)
def test_a_call_with_something_else_is_refused_in_words(call, reason):
    with pytest.raises(UsageError, match=reason):
        call()


@pytest.mark.parametrize("column", [pandas.Series, polars.Series, tuple, iter])
def test_a_column_of_texts_is_answered_as_the_list_is(column):
    texts = ["a fine film", "a dull film"]
    assert opened("sentiment").classify(column(texts)) == opened("sentiment").classify(texts)


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b", ""])
def test_a_path_that_no_system_has_is_refused_in_words(path):
    with pytest.raises(SeqtoolError, match=r"cannot read the model|no such model file"):
        seqtool.load(path)


def opened(name):
    return seqtool.load(TINY.with_name(f"tiny-{name}.onnx"), device="cpu")
