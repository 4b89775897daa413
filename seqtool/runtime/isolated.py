"""A session in a process of its own, with a limit of time and of memory, for the graph of a stranger."""

from __future__ import annotations

import contextlib
import math
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from seqtool.errors import DeviceError, ModelError, SeqtoolError, UsageError
from seqtool.runtime import wire

if TYPE_CHECKING:
    from seqtool.types import Array, Json

SECONDS = 60.0
"""The usual limit of a load, and of each call."""
MEMORY = 2 << 30
"""Bytes of memory beside four copies of the file: ONNX Runtime makes some of its weights."""
_START = 60.0  # seconds for the imports of a process, on a machine that has much to do
_KINDS = {kind.__name__: kind for kind in (DeviceError, ModelError, UsageError)}
_FULL = ("bad_alloc", "bad allocation", "Failed to allocate", "MemoryError", "Unable to allocate")


def seconds(asked: float | str | None) -> float:
    """Return a limit of time, `SECONDS` for None; raises `UsageError` for anything but a number above 0."""
    try:
        limit = SECONDS if asked is None else float(asked)
    except (TypeError, ValueError):
        limit = math.nan
    if not 0 < limit < threading.TIMEOUT_MAX:
        raise UsageError(f"a time limit of {asked!r:.40} cannot be", cure="give seconds above 0, such as 10")
    return limit


class Isolated:
    """What `Model` calls of an InferenceSession, answered by another process, which ends with this object.

    A load or a call that takes longer than `limit` seconds, needs more memory than `MEMORY` or crashes raises
    `ModelError`, and so does each call after it.
    """

    def __init__(self, data: bytes, device: str, threads: int, limit: float, where: str) -> None:
        self._limit, self._where, self._lock = limit, where, threading.Lock()
        self._memory = MEMORY + 4 * len(data)
        words = [sys.executable, "-P", "-m", "seqtool.runtime.worker"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        weakref.finalize(self, _end, self._process)
        self._ended = ""
        self._exchange(None, {}, max(_START, limit))
        import numpy as np

        head = {"device": device, "threads": threads, "memory": self._memory}
        answer, _ = self._exchange(head, {"model": np.frombuffer(data, np.uint8)}, limit)
        if "error" in answer:
            told = answer["error"]
            raise self._error(str(told["what"]), str(told["cure"]), _KINDS.get(told["kind"], ModelError))
        self._providers = list(answer["providers"])

    def get_providers(self) -> list[str]:
        """Return the providers of the session."""
        return self._providers

    def run(self, names: Sequence[str], feeds: Mapping[str, Array]) -> list[Array]:
        """Return the outputs of these names; raises `ModelError`, and `RuntimeError` where ONNX Runtime fails."""
        with self._lock:
            answer, arrays = self._exchange({"outputs": list(names)}, feeds, self._limit)
        if "failed" in answer:
            reason = str(answer["failed"])
            if any(word in reason for word in _FULL):
                raise self._error(f"the graph needs more than {self._memory >> 20:,} MB of memory")
            raise RuntimeError(reason)
        if arrays.keys() != set(names):
            raise self._error("the process of the graph gave other outputs than it was asked for")
        return [arrays[name] for name in names]

    def _exchange(self, head: Json | None, arrays: Mapping[str, Array], limit: float) -> tuple[Json, dict[str, Array]]:
        """Send a message, or nothing, and return the answer; ends the process where it takes too long."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        timer = threading.Timer(limit, self._stop, (limit,))
        timer.daemon = True
        timer.start()
        try:
            if head is not None:
                with _no_signal():
                    wire.write(requests, head, arrays)
            return wire.read(answers)
        except (EOFError, OSError):
            self._died()
        except ValueError as error:
            raise self._error("the process of the graph gave an answer that cannot be read") from error
        finally:
            timer.cancel()

    def _stop(self, limit: float) -> None:
        self._ended = f"the graph of the file was not done within {limit:g} s"
        self._process.kill()

    def _died(self) -> NoReturn:
        code = self._process.wait()
        if not self._ended:
            how = f"signal {-code}" if code < 0 else f"code {code}"
            self._ended = f"the graph ended its process ({how}): a crash, or more than {self._memory >> 20:,} MB"
        late = "was not done" in self._ended
        raise self._error(self._ended, "if you trust the file, a larger --time-limit" if late else "")

    def _error(self, what: str, cure: str = "", kind: type[SeqtoolError] = ModelError) -> SeqtoolError:
        return kind(what, where=self._where, cure=cure or "if you trust the file, open it without --isolate")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was not written yet
                stream.close()


@contextlib.contextmanager
def _no_signal() -> Iterator[None]:
    """Let a write to a process that ended raise `BrokenPipeError`, where SIGPIPE would end this one in silence."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        yield
    finally:
        if signal.SIGPIPE not in before and signal.SIGPIPE in signal.sigpending():
            signal.sigwait({signal.SIGPIPE})
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
