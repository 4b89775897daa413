"""Text in files: one book, or a folder of stories. It is read and cleaned, and what was odd about it is reported."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqtool.data.decode import CONTROL, CURE, decode
from seqtool.data.encoders.alphabet import shown
from seqtool.data.files import read_bytes
from seqtool.data.front_matter import FRONT_MATTER, without_front_matter
from seqtool.data.line_marks import marks_around
from seqtool.data.text_records import BETWEEN, TextFormat, of_written, read_records
from seqtool.data.written_tables import written_table
from seqtool.errors import DataError
from seqtool.reads import DataFile, Finding
from seqtool.say import counted

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
_QUOTED = (
    (re.compile(r'"[^"]*"'), "jq", "jq -r, or tr -d '\"', leaves them out"),
    (re.compile(r'"(?:[^"]|"")*"'), "a table", "--format csv reads the cells"),
    (re.compile(r'"(?:[^"\\]|\\.)*"'), "R", r"""sed 's/\\"/""/g' FILE doubles them, and --format csv reads it"""),
)
FEW_LINES, SAMPLE = 5, 1000  # lines that tell a table


@dataclass(frozen=True)
class Document:
    """The text of one or more files, with LF at each line's end, and the findings."""

    text: str
    findings: tuple[Finding, ...]


def read_text(files: Sequence[DataFile], how: TextFormat) -> Document:
    """Read files, gzipped or not, in the order given, a blank line between two.

    Byte order marks, carriage returns, Project Gutenberg's header and licence go; of tables and JSON one column is
    read. Raises what `read_bytes`, `decode` and `read_records` raise, and `DataError` where there is no text.
    """
    found: list[tuple[DataFile, Finding]] = []
    stories, removed = [], []
    for file in files:
        text, about, less = _story(file.path, how)
        stories.append(text)
        found += [(file, finding) for finding in about]
        removed += [less] if less else []
    text = BETWEEN.join(story.strip("\n") for story in stories) + "\n" if len(stories) > 1 else "".join(stories)
    again = _duplicates(files, stories)
    if not text or text.isspace():
        where = ", ".join(str(file.path) for file in files[:3]) + (", ..." if len(files) > 3 else "")
        raise DataError("there is no text in it", where=where, cure="give a file with text in it")
    findings = [*_of_files(found, len(files)), *_gutenberg(removed, len(files))]
    return Document(text, (*findings, *_characters(text), *again))


def _story(path: Path, how: TextFormat) -> tuple[str, Sequence[Finding], int]:
    """Return the cleaned text of one file, what was found in it, and how many characters of Gutenberg's went."""
    data = read_bytes(path, CURE)
    if (table := written_table(data, path)) is not None:
        written = of_written(table, path, how)
        return written.text, written.findings, 0
    read = decode(data, str(path), how.encoding, one_line=True)  # a book may have no line ends
    if (records := read_records(read.text, path, how)) is not None:
        return records.text, (*read.findings, *records.findings), 0
    text = read.text if how.format == "lines" else without_front_matter(read.text, path)
    front = Finding("note", "front-matter", f"{FRONT_MATTER}, which --format lines keeps, was left out")
    about = [front] if len(text) < len(read.text) else []
    text, removed = strip_gutenberg(text)
    return text, (*read.findings, *about, *_odd_lines(text, how)), removed


def _odd_lines(text: str, how: TextFormat) -> list[Finding]:
    """Return the warning that a text looks like a table: its lines have as many tabs each, or quotes around them."""
    lines = [line for line in text[: 1 << 16].split("\n")[:SAMPLE] if line.strip()]
    if how.format != "auto" or len(lines) < FEW_LINES:
        return []
    tabs = {line.count("\t") for line in lines}
    if len(tabs) == 1 and 0 not in tabs:
        what = f"every line has {tabs.pop() + 1} columns, parted by tabs: the file is read as it stands"
        return [Finding("warning", "table-in-text", f"{what}; --text-column and a number reads one of them")]
    for form, by, cure in _QUOTED:
        if all(map(form.fullmatch, lines)):
            what = f"quotes stand around every line, as {by} writes texts: they are read as part of the text; {cure}"
            return [Finding("warning", "quotes-in-lines", what)]
    return marks_around(lines)


def _gutenberg(removed: Sequence[int], count: int) -> list[Finding]:
    """Return what went of some of `count` files."""
    if not removed:
        return []
    text = f"{sum(removed):,} characters of Project Gutenberg's header and licence left out"
    places = f" in {len(removed)} of {count} files" if count > 1 else ""
    return [Finding("note", "gutenberg", text + places)]


def _of_files(found: Sequence[tuple[DataFile, Finding]], count: int) -> list[Finding]:
    """Return the findings of `count` files, those of one kind as one."""
    kinds: dict[tuple[str, str], list[tuple[DataFile, Finding]]] = {}
    for file, finding in found:
        kinds.setdefault((finding.level, finding.code), []).append((file, finding))
    joined = []
    for members in kinds.values():
        (file, first), others = members[0], len(members) - 1
        text = first.text
        if count > 1 and all(finding.text == text for _, finding in members):
            text = f"{text} in {len(members)} of {count} files"
        elif count > 1:
            text = f"{file.path.name}: {text}" + (f"; and {counted(others, 'other file')} alike" if others else "")
        joined.append(replace(first, text=text))
    return joined


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


def _characters(text: str) -> list[Finding]:
    findings = []
    if curly := _counted(CURLY, text):
        marks = f"{curly.total():,} curly quotes, dashes and ellipses ({''.join(sorted(curly))})"
        findings.append(Finding("note", "curly-quotes", f"{marks}; --ascii writes them plain"))
    if control := _counted(CONTROL, text):
        findings.append(Finding("warning", "control-characters", f"the text holds {shown(control)}"))
    if lost := text.count("\ufffd"):
        findings.append(Finding("warning", "replacement-characters", f"{lost:,} characters were lost before (U+FFFD)"))
    return findings


def _counted(form: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(match[0] for match in form.finditer(text))


def _duplicates(files: Sequence[DataFile], stories: Sequence[str]) -> list[Finding]:
    """Return which stories repeat an earlier one, white space and case aside."""
    if len(files) < 2:
        return []
    first: dict[bytes, str] = {}
    again = []
    for file, story in zip(files, stories, strict=True):
        key = _words(story)
        if key in first:
            again.append(f"{file.path.name} is {first[key]}")
        first.setdefault(key, file.path.name)
    if not again:
        return []
    more = f" and {counted(len(again) - 3, 'other')}" if len(again) > 3 else ""
    return [
        Finding("warning", "duplicate-stories", f"{counted(len(again), 'file')} again: {', '.join(again[:3])}{more}")
    ]


def _words(story: str) -> bytes:
    """Return a sum of a text's words, line by line: a list of them takes many times the memory of the text."""
    total = hashlib.sha256()
    for line in lines_of(story):
        for word in line.lower().split():
            total.update(word.encode("utf-8", "surrogatepass") + b" ")
    return total.digest()


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text one by one, without their ends: a list of them takes twice the memory of the text."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]
