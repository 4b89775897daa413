"""A model file that was opened: its contract, and running it."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import ModelError, UsageError
from seqtool.manifest import ModelFile, TensorSpec
from seqtool.runtime import session

MAY_BE_EMPTY = {"generation": {"N"}, "translation": {"N", "U"}}
"""The axes along which the inputs of a family may be empty: nothing to generate by noise, no translation to score."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Model:
    """An opened model file; `workers`: calls of `run` that are worth making at the same time, from as many threads."""

    def __init__(self, data: bytes, file: ModelFile, opened: Any, workers: int = 1) -> None:
        self.file, self.manifest = file, file.manifest
        self._data, self._session = data, opened
        self.device = "cuda" if session.CUDA in opened.get_providers() else "cpu"
        self.workers = workers if self.device == "cpu" else 1

    @functools.cached_property
    def sha256(self) -> str:
        """The sum of the whole file."""
        return hashlib.sha256(self._data).hexdigest()

    @property
    def reads_texts(self) -> bool:
        """True for a file exported with --text-input: an input takes strings."""
        return any(spec.dtype == "string" for spec in self.file.inputs)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Run the graph; `feeds` names every input of the signature.

        Raises `UsageError` for inputs that do not fit, empty ones above all (but see `MAY_BE_EMPTY`): ONNX Runtime
        ends the process on them. Raises `ModelError` when ONNX Runtime fails.
        """
        arrays = _checked(self.file.inputs, feeds, MAY_BE_EMPTY.get(self.manifest.family, set()))
        names = [spec.name for spec in self.file.outputs]
        try:
            outputs = self._session.run(names, arrays)
        except Exception as error:  # ONNX Runtime raises a class of its own for each status
            reason = str(error).partition("\n")[0][:300]
            raise ModelError(f"ONNX Runtime failed: {reason}", cure="report it with the file") from error
        return dict(zip(names, outputs, strict=True))


def _checked(
    inputs: tuple[TensorSpec, ...], feeds: Mapping[str, NDArray[Any]], may_be_empty: set[str]
) -> dict[str, NDArray[Any]]:
    """The one guard of every call: names, dtypes, ranks, axes, nothing empty; scalars become arrays of no axes."""
    wanted = {spec.name for spec in inputs}
    if wanted != feeds.keys():
        odd = ", ".join(sorted(wanted ^ feeds.keys()))
        raise UsageError(f"missing or unknown inputs: {odd}", cure=f"feed {', '.join(sorted(wanted))}")
    arrays = {name: np.asarray(feed) for name, feed in feeds.items()}
    sizes: dict[str, int] = {}
    for spec in inputs:
        array = arrays[spec.name]
        place = f"input {spec.name}"
        # the dtype itself, not its name: ONNX Runtime reads bytes in the other order as other numbers
        if array.dtype != np.dtype("object" if spec.dtype == "string" else spec.dtype):
            raise UsageError(f"{place} has dtype {array.dtype}, not {spec.dtype}", cure="convert it")
        if spec.dtype == "string" and not all(map(_is_text, array.flat)):
            raise UsageError(f"{place} holds what is no text in Unicode", cure="feed an array of str, dtype object")
        if array.ndim != len(spec.shape):
            raise UsageError(f"{place} has {array.ndim} axes, not {len(spec.shape)}", cure=f"shape {list(spec.shape)}")
        for axis, size in zip(spec.shape, array.shape, strict=True):
            if size == 0 and axis not in may_be_empty:
                raise UsageError(f"{place} is empty along {axis}", cure="feed at least one record of one step")
            expected = sizes.setdefault(axis, size) if isinstance(axis, str) else axis
            if size != expected:
                raise UsageError(f"{place} has {size} along {axis}, not {expected}", cure=f"shape {list(spec.shape)}")
    return arrays


def _is_text(value: object) -> bool:
    """Tell a text that UTF-8 can say; ONNX Runtime would write `None` for None."""
    return isinstance(value, str) and (value.isascii() or not _SURROGATE.search(value))
