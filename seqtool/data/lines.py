"""The lines of a user's text file: decoded, split at LF alone, and what was odd about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seqtool.data.check import Finding
from seqtool.data.files import read_bytes
from seqtool.data.text import CONTROL, UTF_16
from seqtool.errors import DataError

_CURE = "give a UTF-8 text file, gzipped or not"


@dataclass(frozen=True)
class Lines:
    """The lines of a file, without their ends, and the findings made on the way."""

    lines: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_lines(path: Path) -> Lines:
    """Read a file's lines; records end at LF alone, a CR before it goes, as in a pipe.

    Bytes that are no UTF-8 become U+FFFD and are counted. Raises `NotFound`, and `DataError` for an empty, binary or
    UTF-16 file.
    """
    data = read_bytes(path, _CURE)
    if data[:2] in UTF_16:
        raise DataError("the text is UTF-16", where=str(path), cure="convert it: iconv -f utf-16 -t utf-8")
    if b"\0" in data:
        raise DataError("the file is binary, not text", where=str(path), cure=_CURE)
    raw = data.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n")
    lines = tuple(line.removesuffix(b"\r").decode("utf-8", "replace") for line in raw)
    return Lines(lines, tuple(_findings(raw, lines)))


def _findings(raw: list[bytes], lines: tuple[str, ...]) -> list[Finding]:
    found = []
    broken = [n for n, line in enumerate(raw, start=1) if not _is_utf8(line)]
    if broken:
        text = f"{_lines(broken)} not UTF-8: what could not be read became U+FFFD; convert the file with iconv"
        found.append(Finding("warning", "broken-utf8", text))
    if control := [n for n, line in enumerate(lines, start=1) if CONTROL.search(line)]:
        found.append(Finding("warning", "control-characters", f"{_lines(control)} with control characters"))
    return found


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lines(numbers: list[int]) -> str:
    """Say how many lines, and the number of the first."""
    return f"1 line (number {numbers[0]:,})" if len(numbers) == 1 else f"{len(numbers):,} lines (first {numbers[0]:,})"
