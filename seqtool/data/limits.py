"""How much of one file is read: what it may hold when it is inflated, its longest line, and its columns.

The limits are for files that were made to take all memory. The size of an honest file is not limited: a table of 500 MB
is read where the machine has the memory for it. Each limit has an environment variable that raises it.
"""

from __future__ import annotations

import io
import os
from typing import IO, NamedTuple

from seqtool.errors import DataError, UsageError
from seqtool.say import printable

RATIO = 100
"""Bytes out of one packed byte: text has 3 to 30, a file that was made to explode up to 1,000."""
_MEBI = 1 << 20


class Limit(NamedTuple):
    """A limit: the environment variable that sets it, and its usual value."""

    variable: str
    usual: int

    @property
    def most(self) -> int:
        """The value that holds; raises `UsageError` where the variable holds no whole number above 0."""
        word = os.environ.get(self.variable, "")
        if word and not (word.isdecimal() and word.isascii() and 0 < len(word) < 10 and int(word)):
            what = f"{self.variable} is '{printable(word)}', not a whole number from 1 to 999,999,999"
            raise UsageError(what, cure=f"leave it out for {self.usual:,}, or set it as {self.variable}={self.usual}")
        return int(word) if word else self.usual

    def raised(self) -> str:
        """Return how to raise the limit, for a cure."""
        return f"{self.variable}={min(10 * self.most, 999_999_999)} raises the limit"


INFLATED = Limit("SEQTOOL_MAX_INFLATED", 64)
"""MiB that any packed file may hold; a larger one holds up to `RATIO` times its own size."""
LINE = Limit("SEQTOOL_MAX_LINE", 16)
"""MiB of a line, and million characters of a cell in quotes."""
COLUMNS = Limit("SEQTOOL_MAX_COLUMNS", 100_000)
"""Columns of a table, and series of a long one: M4, the largest of the known collections, has 100,000."""


def most_inflated(packed: int) -> int:
    """Return how many bytes may come out of `packed` bytes."""
    return max(INFLATED.most * _MEBI, RATIO * packed)


def unpacked(stream: IO[bytes], packed: IO[bytes], where: str) -> bytes:
    """Return what a stream inflates out of `packed`; raises `DataError` beyond the limit."""
    plain, start = io.BytesIO(), packed.tell()
    while block := stream.read(_MEBI):
        plain.write(block)
        # of what was read so far, not of the whole file: one that explodes is left early
        if plain.tell() > most_inflated(packed.tell() - start):
            raise too_inflated(where)
    return plain.getvalue()


def too_inflated(where: str) -> DataError:
    """Return the error for a packed file that holds too much."""
    what = f"the packed file holds more than {INFLATED.most} MiB, and more than {RATIO} times its own size"
    return DataError(what, where=where, cure=f"give the unpacked file, if you trust it; {INFLATED.raised()}")


def hold_lines(data: bytes, where: str) -> None:
    """Raise `DataError` for text with a line beyond the limit; LF and CR end lines."""
    # From end to end of a line at most: a file of short lines takes a step for each `LINE` bytes.
    most, start, end = LINE.most * _MEBI, 0, len(data)
    while end - start > most:
        last = max(data.rfind(mark, start, start + most + 1) for mark in (b"\n", b"\r"))
        if last < 0:
            number = data.count(b"\n", 0, start) + 1
            cure = f"end the lines by line feeds; {LINE.raised()}"
            raise DataError(f"line {number:,} is longer than {LINE.most} MiB", where=where, cure=cure)
        start = last + 1


def hold_wide(series: int, stamps: int, rows: int, where: str) -> None:
    """Raise `DataError` for a long table that is far larger when it is wide: nearly every cell would be missing."""
    if series * stamps > max(_MEBI * 16, RATIO * rows):
        what = f"{series:,} series have {stamps:,} different time stamps in {rows:,} rows: nearly all cells are missing"
        raise DataError(what, where=where, cure="give fewer series, or time stamps that the series share")


def hold_columns(count: int, where: str, noun: str = "columns") -> None:
    """Raise `DataError` for a table of more columns, or series, than the limit."""
    if count > COLUMNS.most:
        what = f"the table has {count:,} {noun}, and {COLUMNS.most:,} are the most"
        raise DataError(what, where=where, cure=f"give fewer; {COLUMNS.raised()}")
