"""Records out of a pipe: bytes read ahead by a thread, split at LF alone, decoded."""

from __future__ import annotations

import errno
import os
import queue
import select
import threading
from collections.abc import Iterator
from typing import NamedTuple

BLOCK = 1 << 16
"""Bytes of one read: what a pipe holds."""

AHEAD = 16
"""Blocks read ahead of the work at most; then the pipe fills, and whoever writes into it waits."""

PAUSE = 0.003
"""Seconds without input after which those who wait are answered."""

_BOM = b"\xef\xbb\xbf"


class Record(NamedTuple):
    """A line without its end: number (from 1), text, and what was done to it.

    invalid: bytes were no UTF-8 and became U+FFFD; cut: it was longer than the limit.
    """

    number: int
    text: str
    invalid: bool = False
    cut: bool = False

    @property
    def empty(self) -> bool:
        """True where there is nothing but white space."""
        return not self.text or self.text.isspace()


def read_records(source: int, limit: int, *, reader_of_output: int | None = None) -> Iterator[Record | None]:
    """Yield the records of a file descriptor, of at most `limit` characters; None each time the input pauses.

    Memory does not grow with the input, nor with the length of a line. `reader_of_output`, the descriptor of a pipe,
    is watched too: `BrokenPipeError` as soon as nobody reads it any more, even while there is no input. Raises what
    reading raises.
    """
    reader, splitter = _Reader(source, reader_of_output), _Splitter(limit)
    paused = True
    while (block := reader.block(None if paused else PAUSE)) != b"":
        paused = block is None
        if block is None:
            yield None
        else:
            yield from splitter.feed(block)
    yield from splitter.end()


class _Splitter:
    """Blocks of bytes in, records out; of a line it keeps the bytes that `limit` characters may need."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keep = 4 * limit + 8  # with a byte-order mark and a CR: what is longer has more characters for certain
        self._part = bytearray()
        self._number = 0

    def feed(self, block: bytes) -> Iterator[Record]:
        *lines, rest = block.split(b"\n")
        for line in lines:
            self._hold(line)
            yield self._record()
        self._hold(rest)

    def end(self) -> Iterator[Record]:
        """Yield the last line where no newline ended it."""
        if self._part and not (self._number == 0 and self._part == _BOM):
            yield self._record()

    def _hold(self, piece: bytes) -> None:
        self._part += piece[: self._keep - len(self._part)]

    def _record(self) -> Record:
        raw = bytes(self._part)
        self._part.clear()
        self._number += 1
        if self._number == 1:
            raw = raw.removeprefix(_BOM)
        return _decode(raw.removesuffix(b"\r"), self._number, self._limit)


def _decode(raw: bytes, number: int, limit: int) -> Record:
    invalid = False
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        text = raw.decode(errors="replace")
        invalid = len(raw[: error.start].decode()) < limit  # a fault behind the cut is nobody's concern
    return Record(number, text[:limit], invalid, len(text) > limit)


class _Reader:
    """A thread that reads ahead; its queue is bounded."""

    def __init__(self, source: int, reader_of_output: int | None) -> None:
        self._source, self._output = source, reader_of_output
        self._blocks: queue.Queue[bytes | BaseException] = queue.Queue(AHEAD)
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def block(self, timeout: float | None) -> bytes | None:
        """Return the next block, b"" at the end, None after `timeout` seconds; raise what the thread met."""
        try:
            block = self._blocks.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(block, BaseException):
            raise block
        return block

    def _read(self) -> None:
        try:
            block = self._next()
            while block:
                self._blocks.put(block)
                block = self._next()
            self._blocks.put(block)
        except OSError as error:
            error.filename = error.filename or "standard input"
            self._blocks.put(error)
        except BaseException as error:  # whatever it is, the thread that waits has to hear of it
            self._blocks.put(error)

    def _next(self) -> bytes:
        if self._output is not None:
            self._wait(self._output)
        return os.read(self._source, BLOCK)

    def _wait(self, output: int) -> None:
        """Wait until there is something to read, or nobody to write for."""
        both = select.poll()
        both.register(self._source, select.POLLIN)
        both.register(output, 0)  # asks for nothing: a lost reader is reported unasked
        if self._source not in dict(both.poll()):
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE), "stdout")
