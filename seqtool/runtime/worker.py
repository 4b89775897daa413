"""The process in which `isolated.py` loads and runs a graph: `python -m seqtool.runtime.worker`."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from typing import IO, TYPE_CHECKING

from seqtool.errors import SeqtoolError
from seqtool.runtime import wire
from seqtool.runtime.session import session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from seqtool.types import Array, Json

    Message = tuple[Json, dict[str, Array]]


def main() -> None:
    """Answer the messages on stdin, the model's bytes first, then the inputs of each call; end with stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks: this one ends with it
    requests, answers = _streams()
    wire.write(answers, {}, {})  # the imports are done: time counts from here
    head, arrays = wire.read(requests)
    _limit_memory(head["memory"])
    try:
        opened = session(arrays.pop("model").tobytes(), head["device"], head["threads"])
        wire.write(answers, {"providers": opened.get_providers()}, {})
    except SeqtoolError as error:
        told = {"kind": type(error).__name__, "what": error.what, "cure": error.cure}
        wire.write(answers, {"error": told}, {})
        return
    received: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, received), daemon=True).start()
    while True:
        _answer(answers, opened, *received.get())


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return stdin and stdout; what a library prints goes nowhere from here on."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.buffer, answers


def _receive(requests: IO[bytes], received: queue.SimpleQueue[Message]) -> None:
    """Pass messages on; end the process once nobody can ask any more, even in the middle of a call."""
    try:
        while True:
            received.put(wire.read(requests))
    finally:
        os._exit(0)


def _answer(answers: IO[bytes], opened: InferenceSession, head: Json, arrays: dict[str, Array]) -> None:
    names = head["outputs"]
    try:
        outputs = opened.run(names, arrays)
    except Exception as error:  # ONNX Runtime raises a class of its own for each status
        wire.write(answers, {"failed": str(error).partition("\n")[0][:300] or type(error).__name__}, {})
        return
    wire.write(answers, {}, dict(zip(names, outputs, strict=True)))


def _limit_memory(more: int) -> None:
    """Let this process take so many bytes more than it has; on Windows there is no such limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # ValueError: the limit of the user is lower
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (more, hard))


if __name__ == "__main__":
    main()
