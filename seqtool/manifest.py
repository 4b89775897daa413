"""What a model file says of itself, and the door that its bytes pass before ONNX Runtime sees them.

The manifest is JSON in the metadata of the .onnx file. Standard library only.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqtool.errors import ModelError, NotFound
from seqtool.onnx_walk import TensorSpec, Walk

FORMAT = 1
KEY, SEAL_KEY = "seqtool", "seqtool.sha256"
FILE_LIMIT = 1 << 31
"""Protobuf's own limit."""
_TYPES: Mapping[str, type] = {
    "format": int, "task": str, "family": str, "runner": str, "config": dict, "encoders": dict, "signature": dict,
    "limits": dict, "data": dict, "scores": dict, "versions": dict, "created": str,
}  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """Everything that a verb needs to run a model, and that a person needs to trust it. No paths, users or hosts."""

    format: int
    task: str
    family: str
    runner: str
    """Empty for the family's own runner, else the task whose plugin gives one."""
    config: Mapping[str, Any]
    encoders: Mapping[str, Any]
    signature: Mapping[str, list[dict[str, Any]]]
    """{"inputs": [{"name", "dtype", "shape"}], "outputs": [...]}; an axis is a size or a name."""
    limits: Mapping[str, int]
    data: Mapping[str, Any]
    scores: Mapping[str, Any]
    versions: Mapping[str, str]
    created: str

    def to_json(self) -> str:
        """Return the manifest as JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read and check a manifest; raises `ModelError`."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ModelError("the manifest is no JSON") from error
        if not isinstance(value, dict):
            raise ModelError("the manifest is no JSON object")
        newer = value.get("format")
        if isinstance(newer, int) and newer > FORMAT:
            raise ModelError(f"the file has format {newer}, made by a newer seqtool", cure="update seqtool")
        if value.keys() != _TYPES.keys():
            odd = ", ".join(sorted(value.keys() ^ _TYPES.keys()))
            raise ModelError(f"the manifest has missing or unknown keys: {odd[:200]}")
        for key, kind in _TYPES.items():
            if not isinstance(value[key], kind) or isinstance(value[key], bool):
                raise ModelError(f"the manifest's {key} is no {kind.__name__}")
        if any(
            not isinstance(limit, int) or isinstance(limit, bool) or limit < 0 for limit in value["limits"].values()
        ):
            raise ModelError("the manifest's limits are not whole numbers")
        return cls(**value)


@dataclass(frozen=True)
class ModelFile:
    """What the walk over a model file has found."""

    ir_version: int
    opsets: Mapping[str, int]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    operators: Mapping[str, int]
    parameters: int
    weight_bytes: int
    manifest: Manifest


def seal(graph: bytes | memoryview, manifest: str) -> str:
    """Return the sum over the graph's bytes and the manifest: it detects damage, not malice.

    Against malice stands the walk, which assumes nothing of the sum.
    """
    digest = hashlib.sha256(graph)
    digest.update(manifest.encode("utf-8"))
    return digest.hexdigest()


def read_model(data: bytes) -> ModelFile:
    """Walk the bytes of a model file within bounds; raises `ModelError` where anything is not as it should be."""
    walk = Walk(memoryview(data))
    text = walk.metadata.get(KEY)
    if text is None:
        raise ModelError("the file is an ONNX model, but not of seqtool", cure="seqtool export makes one")
    if walk.metadata.get(SEAL_KEY) != seal(walk.graph, text):
        raise ModelError("the file is damaged: its sum does not fit", cure="copy or export it again")
    manifest = Manifest.from_json(text)
    _same("inputs", walk.inputs, manifest)
    _same("outputs", walk.outputs, manifest)
    return ModelFile(
        walk.ir_version, walk.opsets, tuple(walk.inputs), tuple(walk.outputs), walk.operators, walk.parameters,
        walk.weight_bytes, manifest,
    )  # fmt: skip


def _same(side: str, specs: list[TensorSpec], manifest: Manifest) -> None:
    found = [{"name": spec.name, "dtype": spec.dtype, "shape": list(spec.shape)} for spec in specs]
    if manifest.signature.get(side) != found:
        raise ModelError(f"the {side} of the graph are not those of its manifest")


def read_file(path: Path, limit: int = FILE_LIMIT) -> tuple[bytes, ModelFile]:
    """Read a regular file once and walk it; raises `NotFound` or `ModelError` with its path."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise NotFound("no such model file", where=str(path), cure="seqtool export makes one") from error
    except OSError as error:
        raise NotFound(f"cannot read: {error.strerror}", where=str(path), cure="check the path") from error
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ModelError("this is no regular file", where=str(path), cure="give a .onnx file or a run folder")
        if status.st_size > limit:
            raise ModelError(f"the file has {status.st_size:,} bytes, at most {limit:,} are read", where=str(path))
        data = stream.read(limit + 1)
    try:
        return data, read_model(data)
    except ModelError as error:
        error.where = error.where or str(path)
        error.cure = error.cure or "give a file that seqtool export made"
        raise
