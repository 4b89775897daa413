"""Read the records of a pipe: a thread reads bytes ahead, which are split at LF alone and decoded."""

from __future__ import annotations

import errno
import os
import queue
import select
import threading
from collections.abc import Iterator
from typing import NamedTuple

BLOCK = 1 << 16  # bytes of one read: a pipe of Linux holds no more
AHEAD = 16  # blocks read ahead at most; then the pipe fills, and its writer waits, so memory stays bounded
PAUSE = 0.003  # seconds without input after which the lines that wait are answered
_BOM = b"\xef\xbb\xbf"


class Record(NamedTuple):
    """A line without its end, counted from 1; invalid: bytes that are no text became U+FFFD; cut: it was longer."""

    number: int
    text: str
    invalid: bool = False
    cut: bool = False

    @property
    def empty(self) -> bool:
        """True for white space alone."""
        return not self.text or self.text.isspace()


def read_records(
    source: int, limit: int, *, reader_of_output: int | None = None, encoding: str = ""
) -> Iterator[Record | None]:
    """Yield the records of a file descriptor, of at most `limit` characters; None each time the input pauses.

    encoding: of lines that are not UTF-8, one in which the byte 10 ends lines; "" for none. Memory grows neither with
    the input nor with the length of a line. Raises `OSError`, and `BrokenPipeError` as soon as nobody reads the pipe
    with the descriptor `reader_of_output`, even while there is no input.
    """
    reader, splitter = _Reader(source, reader_of_output), _Splitter(limit, encoding)
    paused = True
    while (block := reader.block(None if paused else PAUSE)) != b"":
        paused = block is None
        if block is None:
            yield None
        else:
            yield from splitter.feed(block)
    yield from splitter.end()


class _Splitter:
    """Blocks of bytes in, records out. It keeps only as many bytes of a line as `limit` characters may need."""

    def __init__(self, limit: int, encoding: str = "") -> None:
        self._limit, self._encoding = limit, encoding
        self._keep = 4 * limit + 8  # a longer line, byte-order mark and CR included, has more characters for certain
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
        if self._part not in (b"", _BOM):  # an empty file put at the end has a mark alone
            yield self._record()

    def _hold(self, piece: bytes) -> None:
        self._part += piece[: self._keep - len(self._part)]

    def _record(self) -> Record:
        raw = bytes(self._part)
        self._part.clear()
        self._number += 1
        raw = raw.removeprefix(_BOM).removesuffix(b"\r")  # of each line: files are put together
        invalid = False
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            fault = error.start
            try:
                text = raw.decode(self._encoding or "utf-8")
            except UnicodeDecodeError:
                text = raw.decode(errors="replace")
                invalid = len(raw[:fault].decode()) < self._limit  # a fault behind the cut is not in the answer
        return Record(self._number, text[: self._limit], invalid, len(text) > self._limit)


class _Reader:
    """A thread that reads ahead; its queue is bounded."""

    def __init__(self, source: int, reader_of_output: int | None) -> None:
        self._source, self._output = source, reader_of_output
        self._blocks: queue.Queue[bytes | BaseException] = queue.Queue(AHEAD)
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def block(self, timeout: float | None) -> bytes | None:
        """Return the next block, b"" at the end, None after `timeout` seconds; raise the thread's error."""
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
            error.filename = error.filename or "standard input"  # a descriptor has no name, and the message shows one
            self._blocks.put(error)
        except BaseException as error:  # else the thread that waits would wait for ever
            self._blocks.put(error)

    def _next(self) -> bytes:
        if self._output is not None:
            poll = select.poll()
            poll.register(self._source, select.POLLIN)
            poll.register(self._output, 0)  # asks for nothing: a lost reader is reported unasked
            if self._source not in dict(poll.poll()):
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE), "stdout")
        return os.read(self._source, BLOCK)
