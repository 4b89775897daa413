"""State files: where a stream stands, so that the next call goes on from there.

NumPy's `.npz` without pickle: `format`, the `model` it belongs to (sha256), the `last` time stamp read, and the
state's tensors by their names in the model file.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError, NotFound, SeqtoolError, UsageError
from seqtool.paths import write_bytes

FORMAT = 1
LARGEST = 1 << 28
"""Bytes of a state file's contents at most."""


@dataclass(frozen=True)
class Stream:
    """Where a stream stands: its tensors by name, each [L*D,B,H], and the last time stamp read, "" without any."""

    tensors: Mapping[str, NDArray[np.float32]]
    last: str = ""


def write_stream(path: Path, stream: Stream, model: str) -> None:
    """Write a state file for the model of that sha256, whole or not at all."""
    facts: dict[str, Any] = {"format": np.array(FORMAT), "model": np.array(model), "last": np.array(stream.last)}
    packed = io.BytesIO()
    np.savez(packed, **{**facts, **stream.tensors})
    write_bytes(path, packed.getvalue())


def read_stream(path: Path, zeros: Mapping[str, NDArray[np.float32]], model: str) -> Stream:
    """Read a state file; `zeros` are the model's first state, which says the names and shapes.

    Raises `NotFound` where there is none, `DataError` where it is damaged, `UsageError` where it belongs to another
    model.
    """
    found = _arrays(path)
    if "format" not in found or found["format"].tolist() != FORMAT:
        raise DataError("no state file of this seqtool", where=str(path), cure="begin a new one")
    if str(found.get("model")) != model:
        raise UsageError(
            "the state belongs to another model", where=str(path), cure="give the model it was made with, or begin anew"
        )
    tensors = {name: found[name] for name in zeros if name in found}
    fits = all(
        tensors[name].shape == wanted.shape and tensors[name].dtype == wanted.dtype and np.isfinite(tensors[name]).all()
        for name, wanted in zeros.items()
        if name in tensors
    )
    if len(tensors) < len(zeros) or not fits:
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one")
    return Stream(tensors, str(found.get("last", "")))


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise DataError("the state file is too large to be one", where=str(path), cure="begin a new one")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError as error:
        raise NotFound("no such state file", where=str(path), cure="check the path") from error
    # zipfile and numpy each have their own words for damage; NotImplementedError is a compression that zipfile lacks
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, KeyError, NotImplementedError) as error:
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one") from error
    except OSError as error:
        raise SeqtoolError(
            f"cannot read the state: {error.strerror}", where=str(path), cure="check the file"
        ) from error
