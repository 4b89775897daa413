"""The model file: one `.onnx` with a manifest inside, checked before anything else reads it.

A file is a serialised ModelProto whose metadata `seqtool` holds the manifest, closed by a seal: the metadata
`seqtool.sha256`, always the last 84 bytes, over all bytes before it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.errors import ModelError, NotFound
from seqtool.modelfile import protobuf, schema
from seqtool.modelfile.messages import MAX_METADATA
from seqtool.modelfile.tensors import TensorSpec
from seqtool.modelfile.walk import Walk

if TYPE_CHECKING:
    from seqtool.types import Json

KEY, SEAL_KEY = "seqtool", "seqtool.sha256"
_SEAL_SIZE = 84
_FIRST = b"\x08"  # of each ModelProto: its first field is the version
_CURE = "export the model again, or take a fresh copy of the file"


@dataclass(frozen=True)
class Manifest:
    """The metadata of a model file. It must not hold paths, user names or host names."""

    task: str
    family: str
    config: Json
    encoders: Json
    signature: dict[str, list[Json]]
    """`{"inputs": [{"name", "dtype", "shape"}], "outputs": [...]}`; `signature_of` makes it."""
    limits: dict[str, int]
    data: Json
    """At least `source`, `sample` (True: simulated) and `files` (each a relative `name`, a `label` and a `sha256`)."""
    scores: Json
    versions: dict[str, str]
    created: str  # ISO 8601
    format: int = schema.FORMAT

    def to_json(self) -> str:
        """Return the manifest as JSON; raises `ModelError` for what `from_json` would refuse."""
        try:
            text = json.dumps(dataclasses.asdict(self), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except ValueError as error:
            raise ModelError("the manifest holds a number that is not finite") from error
        Manifest.from_json(text)  # a file that nobody could open would show its fault too late
        return text

    def limit(self, name: str) -> int:
        """Return a limit of the file; raises `KeyError` where it is missing, `ValueError` where it is below 1."""
        value: object = self.limits[name]
        if type(value) is not int or value < 1:
            raise ValueError(f"{value!r:.40} is no whole number of at least 1")  # the schema lets 0 pass
        return value

    @staticmethod
    def from_json(text: str) -> Manifest:
        """Read a manifest; raises `ModelError` on unknown or missing keys, wrong types, a newer format."""
        if len(text) > MAX_METADATA:
            raise ModelError("the manifest of the file is too large")
        return Manifest(**schema.parse(text))


@dataclass(frozen=True)
class ModelFile:
    """The contents of a model file, counted without reading the weights; operators include nested graphs."""

    ir_version: int
    opsets: dict[str, int]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    operators: dict[str, int]
    parameters: int
    multiplied: int  # without tables, which are only looked up: they make a file larger, but no call slower
    weight_bytes: int
    manifest: Manifest
    tables: frozenset[int] = frozenset()  # how many rows the tables have that are only looked up


def signature_of(model: bytes) -> dict[str, list[Json]]:
    """Return the inputs and outputs of a serialised ModelProto as its manifest must give them."""
    return _signature(Walk(memoryview(model)))


def _signature(walk: Walk) -> dict[str, list[Json]]:
    def side(specs: list[TensorSpec]) -> list[Json]:
        return [{"name": spec.name, "dtype": spec.dtype, "shape": list(spec.shape)} for spec in specs]

    return {"inputs": side(walk.inputs), "outputs": side(walk.outputs)}


def after_of(name: str) -> str:
    """Return the name of the output that holds the state `name` after a call."""
    return f"{name}_out"  # a graph cannot give the name of an input twice


def seal(model: bytes, manifest: Manifest) -> bytes:
    """Return the bytes of the file of a ModelProto without metadata; raises `ModelError` as `read_model` does."""
    # The seal shows damage, not malice: anyone can compute it. Against malice stands the walk, which bounds what is
    # read and what reaches ONNX Runtime. It cannot say how every well-formed graph would run.
    body = model + _entry(KEY, manifest.to_json())
    data = body + _entry(SEAL_KEY, hashlib.sha256(body).hexdigest())
    read_model(data)
    return data


def _entry(key: str, value: str) -> bytes:
    """Return `metadata_props { key value }` in protobuf's wire format."""
    # appending a field to a serialised message adds it
    return protobuf.write_bytes(14, protobuf.write_bytes(1, key.encode()) + protobuf.write_bytes(2, value.encode()))


def read_model(data: bytes) -> ModelFile:
    """Check a model file from its first byte to its last; raises `ModelError` where anything is out of order."""
    body, end = memoryview(data)[:-_SEAL_SIZE], data[-_SEAL_SIZE:]
    if data and not data.startswith(_FIRST):
        raise ModelError(
            "no model file of seqtool", cure="name a file that seqtool export made, such as RUN/model.onnx"
        )
    if end[:-64] != _entry(SEAL_KEY, "0" * 64)[:-64]:
        raise ModelError("no model file of seqtool, or one cut short", cure=_CURE)
    if end != _entry(SEAL_KEY, hashlib.sha256(body).hexdigest()):
        raise ModelError("the file is damaged: its bytes do not match its seal", cure=_CURE)
    walk = Walk(memoryview(data))
    if walk.metadata.keys() != {KEY, SEAL_KEY}:
        raise ModelError(f"the metadata of the file is not exactly {KEY} and {SEAL_KEY}", cure=_CURE)
    manifest = Manifest.from_json(walk.metadata[KEY])
    if _signature(walk) != manifest.signature:
        raise ModelError("inputs and outputs of the graph are not those of the manifest", cure=_CURE)
    inputs, outputs, operators = tuple(walk.inputs), tuple(walk.outputs), dict(walk.operators)
    counts = walk.parameters, walk.multiplied, walk.weight_bytes
    return ModelFile(walk.ir_version, walk.opsets, inputs, outputs, operators, *counts, manifest, walk.tables)


def read_file(path: Path, limit: int = 2**31) -> tuple[bytes, ModelFile]:
    """Read a model file and check it; raises `NotFound`, or `ModelError` for anything but a regular file of at most
    `limit` bytes that `read_model` accepts.
    """
    # read once: between two readings the file could become another
    data = _read(path, limit)
    try:
        return data, read_model(data)
    except ModelError as error:
        error.where, error.cure = str(path), error.cure or _CURE
        raise


def _read(path: Path, limit: int) -> bytes:
    try:  # O_NONBLOCK, because opening a pipe would wait for a writer
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise NotFound("no such model file", where=str(path), cure="check the path, or seqtool export") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"cannot read the model: {reason}", where=str(path), cure="check the path") from error
    try:  # before `open`, which refuses a folder in words of its own
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ModelError("a model is a regular file, this is not", where=str(path), cure="name a .onnx file")
        if status.st_size > limit:
            raise ModelError(f"the file is larger than {limit:,} bytes", where=str(path), cure="name a .onnx file")
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit)
    finally:
        os.close(descriptor)
