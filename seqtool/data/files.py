"""A user's file: its bytes, plain or gzipped, and its lines."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from seqtool.errors import DataError, NotFound
from seqtool.task import Finding, Read

CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_CURE = "give a UTF-8 text file, gzipped or not"


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
    if data.startswith(b"\x1f\x8b"):  # not by the name: an unpacked file may still be called .gz
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"a damaged gzip file: {error}", where=where, cure="fetch it again") from error
    if not data:
        raise DataError("the file is empty", where=where, cure=cure)
    return data


def read_text_bytes(path: Path) -> bytes:
    """Read the bytes of a text file; raises what `read_bytes` raises, and `DataError` for UTF-16."""
    data = read_bytes(path, _CURE)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # its NUL bytes would pass for a binary file
        raise DataError("the text is UTF-16", where=str(path), cure="convert it: iconv -f utf-16 -t utf-8")
    return data


def binary_file(path: Path) -> DataError:
    """Return the error for a file that holds no text."""
    return DataError("the file is binary, not text", where=str(path), cure=_CURE)


def read_lines(path: Path) -> Read[str]:
    """Read a file's lines without their ends.

    Bytes that are no UTF-8 become U+FFFD and are counted. Raises `NotFound`, and `DataError` for an empty, binary or
    UTF-16 file.
    """
    data = read_text_bytes(path)
    if b"\0" in data:
        raise binary_file(path)
    # Not splitlines(): it also cuts at U+2028, form feeds and others, and a pipe ends its records at LF alone.
    raw = [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n")]
    lines = tuple(line.decode("utf-8", "replace") for line in raw)
    findings = []
    pairs = zip(raw, lines, strict=True)
    # A valid line comes back as it was; looking for U+FFFD would blame a file that holds one itself.
    if broken := [number for number, (line, text) in enumerate(pairs, start=1) if text.encode() != line]:
        text = f"{_counted(broken)} not UTF-8: what could not be read became U+FFFD; convert the file with iconv"
        findings.append(Finding("warning", "broken-utf8", text))
    if control := [number for number, line in enumerate(lines, start=1) if CONTROL.search(line)]:
        findings.append(Finding("warning", "control-characters", f"{_counted(control)} with control characters"))
    return Read(lines, tuple(findings))


def _counted(numbers: Sequence[int]) -> str:
    return f"1 line (number {numbers[0]:,})" if len(numbers) == 1 else f"{len(numbers):,} lines (first {numbers[0]:,})"


def left_out(code: str, what: str, numbers: Sequence[int]) -> list[Finding]:
    """Return the warning that the lines with these numbers were not used, `what` being their fault; [] for none."""
    if not numbers:
        return []
    several = f"{len(numbers):,} lines {what}, the first is line {numbers[0]:,}"
    text = several if len(numbers) > 1 else f"1 line {what}, line {numbers[0]:,}"
    return [Finding("warning", code, f"{text}: left out")]
