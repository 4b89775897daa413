"""A user's file: its bytes, plain or gzipped, and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqtool.errors import DataError, NotFound
from seqtool.reads import Finding


def read_bytes(path: Path, cure: str) -> bytes:
    """Read a file's bytes, inflated where it is gzip; `cure` says what to give instead.

    Raises `NotFound`, and `DataError` for a folder, an empty or a damaged file.
    """
    where = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound("no such file", where=where, cure="check the path") from error
    except IsADirectoryError as error:
        raise DataError("a folder, not a file", where=where, cure=cure) from error
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise DataError(what, where=where, cure="check the file's permissions") from error
    data = inflated(data, where)
    if not data:
        raise DataError("the file is empty", where=where, cure=cure)
    return data


def inflated(data: bytes, where: str) -> bytes:
    """Return bytes as they are, or inflated where they are gzip; raises `DataError` where they are damaged."""
    if not data.startswith(b"\x1f\x8b"):  # not by the name: an unpacked file may still be called .gz
        return data
    import gzip  # a pipe mostly does without
    import zlib

    try:
        return gzip.decompress(data)
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
