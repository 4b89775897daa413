"""Text in files: one book, or a folder of stories. It is read and cleaned, and what was odd about it is reported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqtool.data.encoders.alphabet import shown
from seqtool.data.files import CONTROL, binary_file, read_text_bytes
from seqtool.errors import DataError
from seqtool.task import DataFile, Finding

BETWEEN = "\n\n"  # two stories: a blank line
FEW_CONTROL, MOST_CONTROL = 8, 0.01  # more control characters than this number and this share: a binary file
CURLY = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026]")

_MARKS = re.MULTILINE | re.IGNORECASE
_STARTS = (
    re.compile(r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG E(?:BOOK|TEXT)[^*]{0,300}\*\*\*[^\n]*\n", _MARKS),
    # the etexts of the nineties have no START line: their licence, the "small print", ends where the book begins
    re.compile(r"^\*END ?\* ?THE SMALL PRINT![^\n]*\n", _MARKS),
    re.compile(r"^\[\"Small Print\" V[^\n]*\n", _MARKS),
)
_ENDS = (
    re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG", _MARKS),
    re.compile(r"^End of (?:the |this )?(?:Project Gutenberg|Etext of)", _MARKS),
)
# {0,2000}: a notice that is never closed must not cost a search to the end of the book
_NOTICE = re.compile(r"<<THIS ELECTRONIC VERSION OF [^<>]{0,2000}>>[ ]*\n?", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """The text of one or more files, with LF at each line's end, and the findings."""

    text: str
    findings: tuple[Finding, ...]


def read_text(files: Sequence[DataFile]) -> Document:
    """Read files of UTF-8 text, gzipped or not, in the order given, a blank line between two.

    Byte order marks, carriage returns, Project Gutenberg's header and licence go. Raises `DataError` for what is no
    text, not UTF-8, or empty; `NotFound` for a file that is not there.
    """
    seen: Counter[str] = Counter()
    stories = [_story(file.path, seen) for file in files]
    text = BETWEEN.join(story.strip("\n") for story in stories) + "\n" if len(stories) > 1 else "".join(stories)
    if not text.strip():
        where = ", ".join(str(file.path) for file in files[:3]) + (", ..." if len(files) > 3 else "")
        raise DataError("there is no text in it", where=where, cure="give a file with text in it")
    return Document(text, (*_cleaned(seen, len(files)), *_characters(text), *_duplicates(files, stories)))


def _story(path: Path, seen: Counter[str]) -> str:
    """Return the cleaned text of one file; count in `seen` the files that needed each step, and characters."""
    text = _decoded(read_text_bytes(path), path)
    if text.startswith("\ufeff"):
        seen["bom"] += 1
        text = text.lstrip("\ufeff")
    returns, crlf = text.count("\r"), text.count("\r\n")
    if returns:
        mixed = text.count("\n") > crlf or returns > crlf
        seen["mixed-line-ends" if mixed else "crlf"] += 1
    text, removed = strip_gutenberg(text.replace("\r\n", "\n").replace("\r", "\n"))
    if removed:
        seen["gutenberg"] += 1
        seen["gutenberg characters"] += removed
    return text


def _decoded(data: bytes, path: Path) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise binary_file(path) from error
        line = data.count(b"\n", 0, error.start) + 1
        what = f"the text is not UTF-8: byte 0x{data[error.start]:02x} in line {line:,}"
        cure = "convert it, for example: iconv -f windows-1252 -t utf-8"
        raise DataError(what, where=str(path), cure=cure) from error
    if "\0" in text or len(CONTROL.findall(text)) > FEW_CONTROL + MOST_CONTROL * len(text):
        raise binary_file(path)
    return text


def strip_gutenberg(text: str) -> tuple[str, int]:
    """Remove Project Gutenberg's header, licence and notices from a text with LF line ends.

    Also return how many characters went. A text that does not name the project in its first 5000 characters, or has
    none of its marks, comes back as it is.
    """
    if "project gutenberg" not in text[:5000].lower():
        return text, 0
    starts = [match.end() for mark in _STARTS for match in mark.finditer(text)]
    start = max(starts, default=0)  # an etext may have several marks: the book begins after the last
    ends = [match.start() for mark in _ENDS if (match := mark.search(text, start))]
    body = _NOTICE.sub("", text[start : min(ends, default=len(text))]) if starts or ends else text
    book = body.strip("\n") + "\n" if len(body) < len(text) else text
    return book, len(text) - len(book)


def _cleaned(seen: Counter[str], count: int) -> list[Finding]:
    """Return what was cleaned, and in how many of `count` files."""
    texts = {
        "bom": "a byte order mark was left out",
        "crlf": "lines end in CR LF: read as LF",
        "mixed-line-ends": "lines end in CR LF, LF or CR by turns: read as LF",
        "gutenberg": f"{seen['gutenberg characters']:,} characters of Project Gutenberg's header and licence left out",
    }
    findings = []
    for code, text in texts.items():
        if code in seen:
            places = f" in {seen[code]} of {count} files" if count > 1 else ""
            findings.append(Finding("warning" if code == "mixed-line-ends" else "note", code, text + places))
    return findings


def _characters(text: str) -> list[Finding]:
    findings = []
    if curly := Counter(CURLY.findall(text)):
        marks = f"{curly.total():,} curly quotes, dashes and ellipses ({''.join(sorted(curly))})"
        findings.append(Finding("note", "curly-quotes", f"{marks}; --ascii writes them plain"))
    if control := Counter(CONTROL.findall(text)):
        findings.append(Finding("warning", "control-characters", f"the text holds {shown(control)}"))
    if lost := text.count("\ufffd"):
        findings.append(Finding("warning", "replacement-characters", f"{lost:,} characters were lost before (U+FFFD)"))
    return findings


def _duplicates(files: Sequence[DataFile], stories: Sequence[str]) -> list[Finding]:
    """Return which stories repeat an earlier one, white space and case aside."""
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
