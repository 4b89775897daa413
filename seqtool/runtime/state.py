"""State files: the position of a stream, so that the next call goes on from there.

NumPy's `.npz` without pickle: `format`, the `model` it belongs to (sha256), the `last` time stamp read, and the
state's tensors by their names in the model file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqtool.data.files import refuse_endless
from seqtool.errors import DataError, NotFound, SeqtoolError, UsageError, reading
from seqtool.paths import write_bytes
from seqtool.types import Array, Singles

FORMAT = 1
LARGEST = 1 << 28  # bytes of the unpacked contents: a small file may unpack to more than the memory


@dataclass(frozen=True)
class Stream:
    """The position of a stream: its tensors by name, each [L*D,B,H], and the last time stamp read, "" without any."""

    tensors: Mapping[str, Singles]
    last: str = ""


def write_stream(path: Path, stream: Stream, model: str) -> None:
    """Write a state file for the model of that sha256, whole or not at all."""
    # Any, since numpy types every name as its option `allow_pickle`
    facts: dict[str, Any] = {"format": np.array(FORMAT), "model": np.array(model), "last": np.array(stream.last)}
    packed = io.BytesIO()
    np.savez(packed, **{**facts, **stream.tensors})
    write_bytes(path, packed.getvalue())


def read_stream(path: Path, zeros: Mapping[str, Singles], model: str) -> Stream:
    """Read a state file; `zeros`, the model's first state, gives names and shapes.

    Raises `NotFound`, `DataError` for a damaged file, and `UsageError` for the state of another model.
    """
    arrays = _arrays(path)
    if "format" not in arrays or arrays["format"].tolist() != FORMAT:
        raise DataError("no state file of this seqtool", where=str(path), cure="begin a new one")
    if str(arrays.get("model")) != model:
        raise UsageError("the state belongs to another model", where=str(path), cure="give its model, or begin anew")
    if not all(name in arrays and _fits(arrays[name], zero) for name, zero in zeros.items()):
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one")
    return Stream({name: arrays[name] for name in zeros}, str(arrays.get("last", "")))


def _fits(array: Array, zero: Singles) -> bool:
    return array.shape == zero.shape and array.dtype == zero.dtype and bool(np.isfinite(array).all())


def _arrays(path: Path) -> dict[str, Array]:
    cure = "begin a new one"
    try:
        refuse_endless(path, cure)
        # zipfile and numpy have many words for damage
        with reading(str(path), cure, "state file"):
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > LARGEST:
                    raise DataError("the state file is too large to be one", where=str(path), cure=cure)
            with np.load(path, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
    except FileNotFoundError as error:
        raise NotFound("no such state file", where=str(path), cure="check the path") from error
    except OSError as error:
        raise SeqtoolError(f"cannot read the state: {error.strerror}", where=str(path), cure="check it") from error
