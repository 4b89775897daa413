"""Opening a model file, a security boundary, and running it."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from seqtool.errors import DeviceError, ModelError, UsageError
from seqtool.modelfile.manifest import ModelFile, read_file
from seqtool.modelfile.tensors import TensorSpec

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from seqtool.runtime.isolated import Isolated
    from seqtool.runtime.threads import Threads
    from seqtool.types import Array

# On several threads ONNX Runtime cuts this operator's products by their shape, and a row's last bits depend on the
# batch. LSTM and GRU pack their weights, and have the same bits on any number.
INDIVISIBLE = "RNN"
# axes: no noise where nothing is generated, no target where none is scored, no prefix, nothing written yet
MAY_BE_EMPTY = {"N", "U", "P", "W"}
# input -> limit of the manifest
_LIMITED = {"horizon": "horizon", "max_length": "generated", "beam_size": "beam", "noise": "generated"}
_SURROGATE = "[\ud800-\udfff]"  # a text, not a pattern: few texts are asked


def open_model(
    path: str | Path, *, device: str = "auto", threads: int = 0, time_limit: float | None = None, isolate: bool = False
) -> Model:
    """Open a model file: walk it within bounds, then hand the same bytes to ONNX Runtime.

    `threads` 0 chooses by the model's size. isolate: ONNX Runtime runs in a process of its own with a limit of memory;
    time_limit, in seconds, does so too, and holds for the load and for each call: None takes SEQTOOL_TIME_LIMIT, else
    the usual one of `isolate`. Raises `NotFound`, `ModelError`, `DeviceError` or `UsageError`.
    """
    limit = os.environ.get("SEQTOOL_TIME_LIMIT") or None if time_limit is None else time_limit
    if isolate or limit is not None:
        return _open_isolated(Path(path), device, threads, limit)
    reading = _Reading(Path(path))
    from seqtool.runtime import session

    data, file = reading.result()
    device, chosen = _chosen(file, device, threads, str(path))
    return Model(data, file, session.session(data, device, chosen.call), chosen.calls)


def _open_isolated(path: Path, device: str, threads: int, limit: float | str | None) -> Model:
    from seqtool.runtime.isolated import Isolated, seconds  # ONNX Runtime is not imported here, but there

    allowed = seconds(limit)
    data, file = read_file(path)
    device, chosen = _chosen(file, device, threads, str(path))
    return Model(data, file, Isolated(data, device, chosen.call, allowed, str(path)))


def _chosen(file: ModelFile, device: str, threads: int, path: str) -> tuple[str, Threads]:
    """Return the device and the threads for a file."""
    from seqtool.runtime.threads import choose

    if "MatMulInteger" in file.operators:
        device = _processor(device, path)
    return device, choose(file.multiplied, threads, divisible=INDIVISIBLE not in file.operators)


class _Reading(threading.Thread):
    """Reads and checks a file while the caller imports ONNX Runtime, which takes about as long."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._outcome: tuple[bytes, ModelFile] | BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._outcome = read_file(self._path)
        except BaseException as error:  # a thread's error would be printed, and lost to the caller
            self._outcome = error

    def result(self) -> tuple[bytes, ModelFile]:
        self.join()
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        assert self._outcome is not None
        return self._outcome


def _processor(device: str, path: str) -> str:
    """Return the device of an int8 file; raises `DeviceError` for `cuda`."""
    if device == "cuda":
        raise DeviceError("an int8 file runs on the processor", where=path, cure="--device cpu, or export in float")
    from seqtool.runtime import session

    if device == "auto" and session.driver():
        sys.stderr.write("an int8 file: running on the processor\n")
    return "cpu" if device == "auto" else device


class Model:
    """An opened model file; workers: the number of threads in which it pays to call `run` at the same time."""

    def __init__(self, data: bytes, file: ModelFile, session: InferenceSession | Isolated, workers: int = 1) -> None:
        self.file, self.manifest = file, file.manifest
        self._data, self._session = data, session
        self.device = "cuda" if "CUDAExecutionProvider" in session.get_providers() else "cpu"
        self.workers = workers if self.device == "cpu" else 1

    @functools.cached_property
    def sha256(self) -> str:
        """The SHA-256 of the whole file."""
        return hashlib.sha256(self._data).hexdigest()

    @property
    def reads_texts(self) -> bool:
        """True for a file exported with --text-input: an input takes strings."""
        return any(spec.dtype == "string" for spec in self.file.inputs)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Run the graph; `feeds` names every input of the signature.

        Raises `UsageError` for inputs that do not fit, are empty (see `MAY_BE_EMPTY`) or go beyond the limits of the
        file, `ModelError` if it fails or answers in other shapes than its signature says.
        """
        arrays, sizes = _checked(self.file.inputs, feeds)
        self._hold_limits(arrays, sizes)
        names = [spec.name for spec in self.file.outputs]
        try:
            outputs = self._session.run(names, arrays)
        except ModelError:
            raise
        except Exception as error:  # ONNX Runtime raises a class of its own for each status
            reason = str(error).partition("\n")[0][:300]
            raise ModelError(f"ONNX Runtime failed: {reason}", cure="report it with the file") from error
        for spec, output in zip(self.file.outputs, outputs, strict=True):
            _check_output(spec, output, sizes)
        return dict(zip(names, outputs, strict=True))

    def _hold_limits(self, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        """Raise `UsageError` for what asks for more steps or hypotheses than the manifest allows."""
        asked = {name: arrays[name].max() for name in _LIMITED if name in arrays and arrays[name].size}
        if "noise" in arrays:
            asked["noise"] = sizes.get("N", 0)  # a language model writes a symbol for each step of noise
        for name, number in asked.items():
            most = self.manifest.limits.get(_LIMITED[name])
            if most is not None and number > most:
                raise UsageError(f"{name} asks for {number:,}, the file allows {most:,}", cure=f"at most {most:,}")


def _check_output(spec: TensorSpec, output: Array, sizes: dict[str, int]) -> None:
    """Raise `ModelError` for an output of another dtype or shape than its signature says; adds its axes to `sizes`."""
    fits = output.dtype == np.dtype("object" if spec.dtype == "string" else spec.dtype)
    fits = fits and output.ndim == len(spec.shape)
    # files call two lengths U: that of the hypotheses, and that of the target which is scored
    shape = ["U of K" if axis == "U" and "K" in spec.shape else axis for axis in spec.shape]
    for axis, size in zip(shape, output.shape, strict=False):
        fits = fits and size == (sizes.setdefault(axis, size) if isinstance(axis, str) else axis)
    if not fits:
        what = f"the output {spec.name!r:.80} is {output.dtype} of shape {list(output.shape)}"
        said = f"{spec.dtype} of {list(spec.shape)}"
        raise ModelError(f"{what}, where the file says {said:.200}", cure="do not use the file: export it again")


def _checked(inputs: tuple[TensorSpec, ...], feeds: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, int]]:
    """Check names, dtypes, ranks and axes; scalars become arrays without axes. Return the sizes of named axes too."""
    names = {spec.name for spec in inputs}
    if names != feeds.keys():
        odd = ", ".join(sorted(names ^ feeds.keys()))
        raise UsageError(f"missing or unknown inputs: {odd}", cure=f"feed {', '.join(sorted(names))}")
    arrays = {name: np.asarray(feed) for name, feed in feeds.items()}
    sizes: dict[str, int] = {}
    for spec in inputs:
        array = arrays[spec.name]
        place = f"input {spec.name}"
        # the dtype itself, not its name: ONNX Runtime reads bytes in the other order as other numbers
        if array.dtype != np.dtype("object" if spec.dtype == "string" else spec.dtype):
            raise UsageError(f"{place} has dtype {array.dtype}, not {spec.dtype}", cure="convert it")
        if spec.dtype == "string" and not all(map(is_text, array.flat)):
            raise UsageError(f"{place} holds a value that is not text", cure="feed an array of str, dtype object")
        if array.ndim != len(spec.shape):
            raise UsageError(f"{place} has {array.ndim} axes, not {len(spec.shape)}", cure=f"shape {list(spec.shape)}")
        for axis, size in zip(spec.shape, array.shape, strict=True):
            if size == 0 and axis not in MAY_BE_EMPTY:  # ONNX Runtime ends the process on it
                raise UsageError(f"{place} is empty along {axis}", cure="feed at least one record of one step")
            expected = sizes.setdefault(axis, size) if isinstance(axis, str) else axis
            if size != expected:
                raise UsageError(f"{place} has {size} along {axis}, not {expected}", cure=f"shape {list(spec.shape)}")
    return arrays, sizes


def is_text(value: object) -> TypeGuard[str]:
    """Return whether a value is a text that UTF-8 can write."""
    # ONNX Runtime would take None for the text "None"
    return isinstance(value, str) and (value.isascii() or not re.search(_SURROGATE, value))
