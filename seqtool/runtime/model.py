"""Opening a model file, a security boundary."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.errors import DeviceError
from seqtool.manifest import ModelFile, read_file

if TYPE_CHECKING:
    from seqtool.runtime.opened import Model

INDIVISIBLE = "RNN"
"""The operator whose products ONNX Runtime cuts among threads by their shape: an answer would hang on its batch."""


def open_model(path: str | Path, *, device: str = "auto", threads: int = 0) -> Model:
    """Open a model file: walked within bounds first, then handed to ONNX Runtime as the same bytes.

    `threads` 0 chooses by the model's size. Raises `NotFound`, `ModelError`, `DeviceError` or `UsageError`.
    """
    reading = _Reading(Path(path))
    from seqtool.runtime import session
    from seqtool.runtime.opened import Model
    from seqtool.runtime.threads import choose

    data, file = reading.result()
    if "MatMulInteger" in file.operators:
        device = _processor(device, str(path))
    chosen = choose(file.multiplied, threads, divisible=INDIVISIBLE not in file.operators)
    return Model(data, file, session.session(data, device, chosen.call), chosen.calls)


class _Reading(threading.Thread):
    """Reads and checks a file while ONNX Runtime is imported, which takes about as long."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._found: tuple[bytes, ModelFile] | BaseException | None = None
        self.start()

    def run(self) -> None:
        """Read; keep what was found, or why nothing was."""
        try:
            self._found = read_file(self._path)
        except BaseException as error:
            self._found = error

    def result(self) -> tuple[bytes, ModelFile]:
        """Wait, and return what `read_file` returns, or raise what it raises."""
        self.join()
        if isinstance(self._found, BaseException):
            raise self._found
        assert self._found is not None
        return self._found


def _processor(device: str, path: str) -> str:
    """Return where an int8 file runs; raises `DeviceError` where that is not what was demanded."""
    if device == "cuda":
        raise DeviceError(
            "an int8 file runs on the processor", where=path, cure="--device cpu, or export without --int8"
        )
    from seqtool.runtime import session

    if device == "auto" and session.driver():
        sys.stderr.write("an int8 file: running on the processor\n")
    return "cpu" if device == "auto" else device
