"""Broken and hostile model files end in an error of ours: no crash, no hang, no large memory."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from seqtool.errors import ModelError
from seqtool.modelfile.manifest import read_model
from seqtool.modelfile.walk import MAX_DEPTH
from seqtool.runtime.model import open_model

MODELS = Path(__file__).parent / "models"
TINY = MODELS / "tiny-forecast.onnx"
MANIFEST = {entry.key: entry.value for entry in onnx.load(TINY).metadata_props}["seqtool"]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """A file of numbers, and one that reads texts."""
    spec = importlib.util.spec_from_file_location("generate", MODELS / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    text = tmp_path_factory.mktemp("models") / "tiny-text.onnx"
    text.write_bytes(generate.tiny_text())
    return {"numbers": TINY, "texts": text}


def fuzz(mode: str, file: Path, first: int, count: int, timeout: float) -> dict[int, str]:
    """Run fuzz.py, which limits its own memory; return the outcome of each mutation up to where it ended."""
    words = [sys.executable, MODELS / "fuzz.py", mode, file, str(first), str(count)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, check=False)
    outcomes = {int(seed): outcome for seed, _, outcome in (line.partition(" ") for line in done.stdout.splitlines())}
    assert (done.returncode, len(outcomes)) == (0, count), f"died at mutation {max(outcomes, default=None)}"
    return outcomes


@pytest.mark.parametrize(
    ("kind", "first", "count"),
    [
        pytest.param("numbers", 0, 4000, id="some"),
        pytest.param("texts", 0, 2000, id="some texts"),
        pytest.param("numbers", 4000, 500_000, id="many", marks=pytest.mark.long),
        pytest.param("texts", 2000, 200_000, id="many texts", marks=pytest.mark.long),
    ],
)
def test_mutations_end_in_our_errors(files, kind, first, count):
    outcomes = list(fuzz("walk", files[kind], first, count, timeout=600).values())
    assert set(outcomes) <= {"refused", "walked", "same"}
    assert outcomes.count("walked") > 100  # the walk's depths were reached


@pytest.mark.parametrize(
    ("kind", "first", "count"),
    [
        pytest.param("numbers", 0, 300, id="some"),
        pytest.param("texts", 0, 200, id="some texts"),
        pytest.param("numbers", 300, 20_000, id="many", marks=pytest.mark.long),
        pytest.param("texts", 200, 20_000, id="many texts", marks=pytest.mark.long),
    ],
)
def test_mutations_sealed_anew_never_end_the_process(files, kind, first, count):
    """What passes the walk goes to ONNX Runtime and runs."""
    outcomes = list(fuzz("session", files[kind], first, count, timeout=600).values())
    assert set(outcomes) <= {"refused", "runtime", "ran"}
    assert outcomes.count("ran") > 10


def varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def field(number: int, value: bytes | int) -> bytes:
    """Write one protobuf field: a number as varint, bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(key: str, value: str) -> bytes:
    return field(14, field(1, key.encode()) + field(2, value.encode()))


def sealed(model: bytes, manifest: str = MANIFEST, extra: bytes = b"") -> bytes:
    """Seal anything as an attacker would."""
    body = model + extra + entry("seqtool", manifest)
    return body + entry("seqtool.sha256", hashlib.sha256(body).hexdigest())


def changed(change) -> bytes:
    """Return the tiny model, changed through onnx, without metadata."""
    model = onnx.load(TINY)
    del model.metadata_props[:]
    change(model)
    return model.SerializeToString(deterministic=True)


PLAIN = changed(lambda model: None)
OPSET = field(8, field(2, 20))


def graph(content: bytes) -> bytes:
    """A model of nothing but this graph."""
    return field(1, 10) + OPSET + field(7, content)


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = field(1, field(4, b"If") + field(5, field(1, b"then_branch") + field(6, inner) + field(20, 5)))
    return graph(inner)


def tensor(dims: list[int], content: bytes, dtype: int = 1) -> bytes:
    return graph(field(5, b"".join(field(1, dim) for dim in dims) + field(2, dtype) + field(8, b"w") + content))


def external(model):
    weight = model.graph.initializer[0]
    weight.external_data.add(key="location", value="/etc/passwd")
    weight.data_location = TensorProto.EXTERNAL


def custom(model):
    model.opset_import.append(helper.make_opsetid("evil", 1))
    model.graph.node[0].domain = "evil"


def rename(model):
    model.graph.input[0].name = "story"


def loop(model):
    return next(node for node in model.graph.node if node.op_type == "Loop")


def nameless(model):
    loop(model).output[1] = ""


def endless(model):
    loop(model).input[0] = ""


def manifest(**fields) -> str:
    return json.dumps(json.loads(MANIFEST) | fields)


ATTACKS = {
    "graphs nested too deep": (sealed(nested(MAX_DEPTH)), "nested deeper"),
    "graphs nested 10,000 deep": (sealed(nested(10_000)), "nested deeper"),
    "a length of 2^63": (sealed(PLAIN, extra=varint(7 << 3 | 2) + varint(1 << 63)), "twice|beyond"),
    "a node's length of 2^63": (sealed(graph(varint(1 << 3 | 2) + varint(1 << 63))), "beyond"),
    "a varint of 11 bytes": (sealed(field(1, 10) + b"\x28" + b"\xff" * 10 + b"\x01" + OPSET), "cut short or too long"),
    "dims whose product is 2^64": (sealed(tensor([1 << 32, 1 << 32], b"")), "declares"),
    "dims whose product overflows to what is there": (sealed(tensor([1 << 39, 1 << 25, 1 << 2], b"")), "declares"),
    "dims of 2^63": (sealed(tensor([1 << 63], b"")), "impossible shape"),
    "negative dims": (sealed(tensor([(1 << 64) - 1], b"")), "impossible shape"),
    "a hundred axes": (sealed(tensor([1] * 100, field(9, b"\0" * 4))), "impossible shape"),
    "more elements than held": (sealed(tensor([1_000_000_000], field(9, b"\0" * 4))), "declares"),
    "texts that are fewer than declared": (sealed(tensor([3], field(6, b"a") * 2, dtype=8)), "declares"),
    "texts in place of numbers": (sealed(tensor([4], field(6, b"a"))), "keeps float32 in string_data"),
    "texts as raw bytes": (sealed(tensor([1], field(9, b"a"), dtype=8)), "keeps string in raw_data"),
    "a text of 2 MB": (sealed(tensor([1], field(6, b"a" * (2 << 20)), dtype=8)), "at most"),
    "two million texts": (sealed(tensor([2_000_000], field(6, b"") * 2_000_000, dtype=8)), "too many"),
    "elements in two places": (sealed(tensor([1], field(9, b"\0" * 4) + field(4, b"\0" * 4))), "declares|keeps"),
    "an unknown element type": (sealed(tensor([1], field(9, b"\0"), dtype=99)), "element type 99"),
    "a million empty nodes": (sealed(graph(field(1, b"") * 1_000_000)), "without a type"),
    "a million nodes": (sealed(graph(field(1, field(4, b"Neg")) * 1_000_000)), "more than 2,000 operators"),
    "two million weights of one": (
        sealed(graph(field(5, field(2, 1) + field(9, b"\0" * 4)) * 500_000)),
        "4,000 constants",
    ),
    "weights in another file": (sealed(changed(external)), "another file"),
    "an operator that is not standard": (sealed(changed(custom)), "'evil'"),
    "an output without a name, which crashes ONNX Runtime": (sealed(changed(nameless)), "Loop has an output"),
    "a loop without end": (sealed(changed(endless)), "no number of rounds"),
    "two graphs": (sealed(PLAIN, extra=field(7, b"")), "graph twice"),
    "no graph": (sealed(field(1, 10) + OPSET), "no graph"),
    "functions": (sealed(PLAIN, extra=field(25, b"")), "field 25"),
    "training": (sealed(PLAIN, extra=field(20, b"")), "field 20"),
    "sparse weights": (sealed(graph(field(15, b""))), "field 15"),
    "a group": (sealed(PLAIN, extra=b"\x0b\x0c"), "twice|wire type"),
    "two manifests": (sealed(PLAIN, extra=entry("seqtool", MANIFEST)), "twice|more metadata"),
    "other metadata": (sealed(PLAIN, extra=entry("other", "x")), "more metadata"),
    "a manifest of 17 MB": (sealed(PLAIN, manifest(config={"x": "y" * (17 << 20)})), "at most"),
    "a manifest nested 100,000 deep": (sealed(PLAIN, '{"x":' * 100_000), "no valid JSON"),
    "a manifest that is no JSON": (sealed(PLAIN, "hello"), "no valid JSON"),
    "a newer format": (sealed(PLAIN, manifest(format=2)), "newer seqtool"),
    "an input of another name": (sealed(changed(rename)), "not those of the manifest"),
    "an old IR": (sealed(changed(lambda model: setattr(model, "ir_version", 3))), "IR version 3"),
    "a new operator set": (sealed(changed(lambda model: setattr(model.opset_import[0], "version", 99))), "ai.onnx 99"),
    "bytes after the seal": (TINY.read_bytes() + b"\0", "cut short"),
    "two files in one": (TINY.read_bytes() * 2, "does not match|do not match|twice"),
    "not ours": (PLAIN, "no model file of seqtool"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_crafted_file_is_refused(attack):
    data, said = ATTACKS[attack]
    with pytest.raises(ModelError, match=said) as caught:
        read_model(data)
    assert len(str(caught.value)) < 1000


def test_the_attacker_s_seal_is_that_of_a_good_file():
    """Else the tests above would fail on the seal alone."""
    assert sealed(PLAIN) == TINY.read_bytes()


def test_what_onnx_runtime_refuses_is_said_and_stdout_stays_empty(tmp_path, capfd):
    file = tmp_path / "bad.onnx"
    file.write_bytes(sealed(PLAIN.replace(b"Sub_0_C", b"Sub_0\xff\xfe", 1)))
    with pytest.raises(ModelError, match="ONNX Runtime refuses"):
        open_model(file)
    file.write_bytes(sealed(changed(lambda model: setattr(model.graph.node[0], "op_type", "NoSuch"))))
    with pytest.raises(ModelError, match="ONNX Runtime refuses"):
        open_model(file)
    assert capfd.readouterr() == ("", "")
