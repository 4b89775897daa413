"""A user's file: its bytes, plain or gzipped, and its lines."""

from __future__ import annotations

import io
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from seqtool.data.limits import unpacked
from seqtool.errors import DataError, NotFound, reading
from seqtool.reads import Finding


def read_bytes(path: Path, cure: str) -> bytes:
    """Read a file's bytes, inflated where it is gzip; `cure` says what to give instead.

    Raises `NotFound`, and `DataError` for a folder, a pipe or a device, an empty or a damaged file, and one that takes
    more memory than there is.
    """
    where = str(path)
    try:
        refuse_endless(path, cure)
        with reading(where, cure):
            data = path.read_bytes()
    except (FileNotFoundError, ValueError) as error:  # ValueError: NUL in the path
        raise NotFound("no such file", where=where, cure="check the path") from error
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise DataError(what, where=where, cure="check the file's permissions") from error
    data = inflated(data, where)
    if not data:
        raise DataError("the file is empty", where=where, cure=cure)
    return data


def refuse_endless(path: Path, cure: str) -> None:
    """Raise `DataError` for what is no regular file: a pipe may wait for ever, and a device may never end."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise DataError("a folder, not a file", where=str(path), cure=cure)
    if not stat.S_ISREG(mode):
        raise DataError("not a regular file", where=str(path), cure=f"write it into a file first; {cure}")


def inflated(data: bytes, where: str) -> bytes:
    """Return bytes as they are, or inflated where they are gzip.

    Raises `DataError` where they are damaged, and where they hold more than `limits.most_inflated`.
    """
    if not data.startswith(b"\x1f\x8b"):  # not by the name: an unpacked file may still be called .gz
        return data
    import gzip  # a pipe mostly does without
    import zlib

    packed = io.BytesIO(data)
    try:
        with reading(where, "fetch it again", "gzip file"), gzip.GzipFile(fileobj=packed) as stream:
            return unpacked(cast(IO[bytes], stream), packed, where)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"a damaged gzip file: {error}", where=where, cure="fetch it again") from error


def counted_lines(numbers: Sequence[int]) -> str:
    """Return how many lines there are, and the number of the first."""
    return f"1 line (number {numbers[0]:,})" if len(numbers) == 1 else f"{len(numbers):,} lines (first {numbers[0]:,})"


def left_out(code: str, what: str, numbers: Sequence[int]) -> list[Finding]:
    """Return the warning that the lines with these numbers were not used, `what` being their fault; [] for none."""
    if not numbers:
        return []
    several = f"{len(numbers):,} lines {what}, the first is line {numbers[0]:,}"
    text = several if len(numbers) > 1 else f"1 line {what}, line {numbers[0]:,}"
    return [Finding("warning", code, f"{text}: left out")]


_PARQUET = b"PAR1"
_ENDS = (b"\t", b"\n", b"\r", b" ", b",", b";", b"|", b"/", b"_")  # what stands behind a word


def is_parquet(data: bytes) -> bool:
    """Tell whether bytes are those of a Parquet file, whole or cut off; a word of a text may be PAR1."""
    return data.startswith(_PARQUET) and data[len(_PARQUET) :][:1] not in _ENDS
