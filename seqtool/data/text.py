"""Text in files: one book, or a folder of stories; read, cleaned of what is no text, and what was found on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqtool.data.check import Finding
from seqtool.data.encoders.alphabet import shown
from seqtool.data.files import read_bytes
from seqtool.data.gutenberg import strip
from seqtool.errors import DataError
from seqtool.task import DataFile

BETWEEN = "\n\n"
"""What stands between two stories."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
FEW_CONTROL, MOST_CONTROL = 8, 0.01
"""More control characters than a few and this share are no text."""
CURLY = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026]")
_CURE = "give a UTF-8 text file, gzipped or not"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Document:
    """The text of one or more files, LF at each line's end, and the findings made on the way."""

    text: str
    findings: tuple[Finding, ...]


@dataclass
class _Seen:
    """What was met in all files: counts of files, or of characters."""

    files: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)


def read_text(files: Sequence[DataFile]) -> Document:
    """Read files of UTF-8 text, gzipped or not, in the order given, a blank line between two.

    Byte order marks, carriage returns, Project Gutenberg's header and licence go. Raises `DataError` for what is no
    text, not UTF-8, or empty; `NotFound` for a file that is not there.
    """
    seen = _Seen()
    stories = [_story(file.path, seen) for file in files]
    text = BETWEEN.join(story.strip("\n") for story in stories) + "\n" if len(stories) > 1 else "".join(stories)
    if not text.strip():
        raise DataError("there is no text in it", where=_named(files), cure="give a file with text in it")
    return Document(text, (*_findings(seen, len(files), text), *_twice(files, stories)))


def _story(path: Path, seen: _Seen) -> str:
    """Return the text of one file, cleaned; count what was met."""
    text = _decoded(read_bytes(path, _CURE), path)
    if text.startswith("\ufeff"):
        seen.files["bom"] += 1
        text = text.lstrip("\ufeff")
    text = _line_ends(text, seen)
    text, gone = strip(text)
    if gone:
        seen.files["gutenberg"] += 1
        seen.characters["gutenberg"] += gone
    return text


def _line_ends(text: str, seen: _Seen) -> str:
    returns, crlf = text.count("\r"), text.count("\r\n")
    if returns:
        bare = text.count("\n") - crlf
        seen.files["mixed-line-ends" if bare or returns > crlf else "crlf"] += 1
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, path: Path) -> str:
    if data[:2] in UTF_16:
        raise DataError("the text is UTF-16", where=str(path), cure="convert it: iconv -f utf-16 -t utf-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise _binary(path) from error
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"the text is not UTF-8: byte 0x{data[error.start]:02x} in line {line:,}",
            where=str(path),
            cure="convert it, for example: iconv -f windows-1252 -t utf-8",
        ) from error
    if "\0" in text or len(CONTROL.findall(text)) > FEW_CONTROL + MOST_CONTROL * len(text):
        raise _binary(path)
    return text


def _binary(path: Path) -> DataError:
    return DataError("the file is binary, not text", where=str(path), cure=_CURE)


def _findings(seen: _Seen, count: int, text: str) -> list[Finding]:
    """Say what was met in `count` files and in the text that is left of them."""
    files = {key: f" in {number} of {count} files" if count > 1 else "" for key, number in seen.files.items()}
    said = {
        "bom": "a byte order mark was left out",
        "crlf": "lines end in CR LF: read as LF",
        "mixed-line-ends": "lines end in CR LF, LF or CR by turns: read as LF",
        "gutenberg": f"{seen.characters['gutenberg']:,} characters of Project Gutenberg's header and licence left out",
    }
    found = [
        Finding("warning" if key.startswith("mixed") else "note", key, words + files[key])
        for key, words in said.items()
        if key in files
    ]
    return found + _characters(text)


def _characters(text: str) -> list[Finding]:
    found = []
    if curly := Counter(CURLY.findall(text)):
        found.append(Finding("note", "curly-quotes", f"{_marks(curly)}; --ascii writes them plain"))
    if control := Counter(CONTROL.findall(text)):
        found.append(Finding("warning", "control-characters", f"the text holds {shown(control)}"))
    if lost := text.count("\ufffd"):
        found.append(Finding("warning", "replacement-characters", f"{lost:,} characters were lost before (U+FFFD)"))
    return found


def _marks(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values()):,} curly quotes, dashes and ellipses ({''.join(sorted(counts))})"


def _twice(files: Sequence[DataFile], stories: Sequence[str]) -> list[Finding]:
    """Say which stories are others again, white space and case aside."""
    first: dict[str, str] = {}
    again = []
    for file, story in zip(files, stories, strict=True):
        key = " ".join(story.lower().split())
        if key in first:
            again.append(f"{file.path.name} is {first[key]}")
        first.setdefault(key, file.path.name)
    if not again:
        return []
    more = f" and {len(again) - 3} others" if len(again) > 3 else ""
    return [Finding("warning", "duplicate-stories", f"{len(again)} files again: {', '.join(again[:3])}{more}")]


def _named(files: Sequence[DataFile]) -> str:
    return ", ".join(str(file.path) for file in files[:3]) + (", ..." if len(files) > 3 else "")
