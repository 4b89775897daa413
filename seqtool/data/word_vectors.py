"""Files of vectors of words, as word2vec, GloVe and fastText write them as text: streamed, a few words of them kept."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple, Protocol, cast

import numpy as np

from seqtool.data.file_kinds import packed_kind
from seqtool.errors import DataError, NotFound
from seqtool.reads import Finding
from seqtool.say import counted, printable
from seqtool.types import Singles

CHUNK = 1 << 20
"""Bytes that are read at a time, and the longest line."""
MOST_WIDTH = 4096
HEAD = 32  # lines that tell the width: a few of them may be phrases, or damaged
CURE = "give a text file of vectors: a line is a word and its numbers, blanks between them; .gz or not"
_BLANKS = b" \t\r"
_NUMBERS = b"0123456789+-.eE \t"
_HEADER = re.compile(rb"(\d{1,12})[ \t]+(\d{1,6})[ \t\r]*(?:\n|$)")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FASTTEXT = b"\xba\x16\x4f\x2f"
_WORD = 64  # bytes of a long word
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class WordVectors:
    """The vectors [N,E] that a file has of some words: rows[word] is the place of its vector.

    capitals: how many other words it would have, were they not in lower case.
    """

    name: str
    sha256: str
    rows: dict[str, int]
    values: Singles
    findings: tuple[Finding, ...]
    capitals: int

    @property
    def width(self) -> int:
        """Numbers of a vector, E."""
        return int(self.values.shape[1])

    def row(self, word: str) -> int | None:
        """Return the place of a word's vector: of the word as it is written, else of the word in lower case."""
        row = self.rows.get(word)
        return self.rows.get(word.lower()) if row is None else row


def read_word_vectors(path: Path, words: Iterable[str]) -> WordVectors:
    """Stream a file and keep the vectors of `words`, as they are and in lower case.

    Raises `NotFound`, and `DataError` that names the line for what is no file of vectors.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        raise NotFound("no such file of vectors", where=str(path), cure="check the path") from error
    if not path.is_file():
        raise DataError("no file that can be read twice, but a folder or a pipe", where=str(path), cure=CURE)
    wanted = frozenset(itertools.chain.from_iterable((word, word.lower()) for word in words))
    return _read(path, (facts.st_mtime_ns, facts.st_size), wanted)


@lru_cache(maxsize=1)  # the check before a training and the training want the same words: gigabytes are read once
def _read(path: Path, state: tuple[int, int], wanted: frozenset[str]) -> WordVectors:
    try:
        with path.open("rb") as stream:
            return _Reading(path, wanted).read(_Summed(stream))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"a damaged gzip file: {error}", where=str(path), cure="fetch it again") from error
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise DataError(what, where=str(path), cure="check the file's permissions") from error


class _Bytes(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Summed:
    """The bytes of a stream, and the sum of those that were read."""

    def __init__(self, stream: _Bytes) -> None:
        self._stream, self.sum = stream, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.sum.update(data)
        return data


class _Form(NamedTuple):
    """How a file is written: the words that its header counts, None without one, and the numbers of a line."""

    counted: int | None
    width: int


@dataclass
class _Lines:
    """How many lines there are of a kind, and the number of the first: a list of them would grow with the file."""

    count: int = 0
    first: int = 0

    def add(self, number: int) -> None:
        self.count, self.first = self.count + 1, self.first or number

    def __str__(self) -> str:
        return f"1 line (number {self.first:,})" if self.count == 1 else f"{self.count:,} lines (first {self.first:,})"


class _Reading:
    """The reading of one file."""

    def __init__(self, path: Path, wanted: frozenset[str]) -> None:
        self.path = path
        # compared as bytes: most words of a file are not wanted, and need no decoding
        self.wanted = {word.encode("utf-8", "surrogatepass"): word for word in wanted}
        self.rows: dict[str, int] = {}
        self.values: list[Singles] = []
        self.lines = 0
        self.twice, self.broken, self.nameless = _Lines(), _Lines(), _Lines()
        self.capitals: set[bytes] = set()

    def read(self, raw: _Summed) -> WordVectors:
        lines = self._lines(raw)
        head = list(itertools.islice(lines, HEAD))
        form = self._form(head)
        for number, line in itertools.chain(head[form.counted is not None :], lines):
            word, numbers = self._parted(number, line, form.width)
            if numbers.translate(None, _NUMBERS):  # of all lines: to make numbers of them would take minutes
                raise self._no_number(number, numbers)
            self.lines += 1
            self._take(number, word, numbers, form.width)
        values = np.stack(self.values) if self.values else np.empty((0, form.width), np.float32)
        values.flags.writeable = False  # it is given out more than once
        there = {word.encode("utf-8", "surrogatepass") for word in self.rows}
        return WordVectors(
            self.path.name, raw.sum.hexdigest(), self.rows, values, tuple(self._findings(form)),
            len(self.capitals - there),
        )  # fmt: skip

    def _lines(self, raw: _Summed) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that are not empty, with their numbers."""
        number, rest = 1, b""
        for chunk in self._chunks(raw):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            for line in lines:
                if line := line.rstrip(_BLANKS):
                    yield number, line
                number += 1
            if len(rest) > CHUNK:
                raise self._refused(f"line {number:,} is longer than {CHUNK:,} bytes")
        if rest := rest.rstrip(_BLANKS):
            yield number, rest

    def _chunks(self, raw: _Summed) -> Iterator[bytes]:
        """Yield the text of the file, inflated; raises `DataError` where its beginning is no text."""
        stream: _Bytes = raw
        first = stream.read(CHUNK)
        if first.startswith(b"\x1f\x8b"):  # not by the name: an unpacked file may still be called .gz
            # it is inflated as it is read: a bomb takes no memory
            stream = gzip.GzipFile(fileobj=cast(IO[bytes], _Behind(first, raw)), mode="rb")
            first = stream.read(CHUNK)
        first = first.removeprefix(_MARK)
        self._hold_text(first)
        yield first
        while chunk := stream.read(CHUNK):
            yield chunk

    def _hold_text(self, head: bytes) -> None:
        """Raise `DataError` for an empty file, and for one whose first bytes are no text."""
        where = str(self.path)
        if not head:
            raise DataError("the file is empty", where=where, cure=CURE)
        header = _HEADER.match(head)
        if head.startswith(_FASTTEXT):
            what, cure = "the file is a model of fastText, .bin", "give the .vec that fastText writes beside it"
        elif header and _BINARY.search(head, header.end(), header.end() + 4 * int(header[2]) + _WORD):
            what = "the file is word2vec's binary form, .bin"
            load = "KeyedVectors.load_word2vec_format(FILE, binary=True)"
            cure = f"convert it to text; with gensim: {load}.save_word2vec_format('vectors.txt')"
        elif found := packed_kind(head, where, "vectors as text"):
            what, cure = f"the file is {found[0]}", found[1]
        elif head.startswith(_UTF16):
            what, cure = "the file is UTF-16", "write it as UTF-8"
        elif b"\0" in head:
            what, cure = "the file is no text: it holds NUL", CURE
        else:
            return
        raise DataError(what, where=where, cure=cure)

    def _form(self, head: list[tuple[int, bytes]]) -> _Form:
        """Tell by the first lines how the file is written."""
        columns = [_columns(line) for _, line in head]
        others = columns[1:]
        header = _HEADER.fullmatch(head[0][1]) if head else None
        # a word and its only number may look like a header
        if header and others and len(others[0]) == 2 and int(header[2]) != 1:
            header = None
        if not columns or (header and not others):
            raise self._refused("there are no vectors in it")
        counted, width = (int(header[1]), int(header[2])) if header else (None, 0)
        if not header:
            width = Counter(len(row) - 1 for row in columns).most_common(1)[0][0]
        if not 1 <= width <= MOST_WIDTH:
            shown = "a word and no numbers" if width < 1 else f"{width:,} numbers"
            raise self._refused(f"its first lines have {shown}: vectors have 1 to {MOST_WIDTH:,}")
        return _Form(counted, width)

    def _parted(self, number: int, line: bytes, width: int) -> tuple[bytes, bytes]:
        """Return the word of a line and its numbers; the word may have blanks: the numbers are the last columns."""
        if line.count(b" ") == width:
            word, _, numbers = line.partition(b" ")
            return word, numbers
        columns = _columns(line)
        more = len(columns) - 1 - width
        if more == -1 and line[:1] in (b" ", b"\t"):
            return b"", b" ".join(columns)  # the word was blanks alone
        # a word of several may hold a number, `route 66`; one that is written as those of vectors is one of a vector
        if more < 0 or (more > 0 and all(map(_is_fraction, columns[1:-width]))):
            raise self._refused(f"line {number:,} has {counted(len(columns) - 1, 'number')}, and others have {width:,}")
        return b" ".join(columns[:-width]), b" ".join(columns[-width:])

    def _take(self, number: int, word: bytes, numbers: bytes, width: int) -> None:
        if not word:
            self.nameless.add(number)
        elif wanted := self.wanted.get(word):
            if wanted in self.rows:
                self.twice.add(number)
            else:
                self.rows[wanted] = len(self.values)
                self.values.append(self._vector(number, numbers, width))
        elif word.isascii():
            if (low := word.lower()) != word and low in self.wanted:
                self.capitals.add(low)
        else:
            try:
                low = word.decode().lower().encode()
            except UnicodeDecodeError:
                self.broken.add(number)
            else:
                if low != word and low in self.wanted:
                    self.capitals.add(low)

    def _vector(self, number: int, numbers: bytes, width: int) -> Singles:
        parts = numbers.split()
        if len(parts) != width:
            raise self._refused(f"line {number:,} has {counted(len(parts), 'number')}, and others have {width:,}")
        try:
            vector = np.array([float(part) for part in parts])
        except ValueError as error:
            raise self._no_number(number, numbers) from error
        if not (np.abs(vector) <= _LARGEST).all():
            part = parts[int(np.argmin(np.abs(vector) <= _LARGEST))].decode()
            raise self._refused(f"line {number:,}: {printable(part)!r} is beyond float32")
        return vector.astype(np.float32)

    def _no_number(self, number: int, numbers: bytes) -> DataError:
        faults = (part for part in numbers.split() if part.translate(None, _NUMBERS) or not _is_number(part))
        part = next(faults, b"")
        return self._refused(f"line {number:,}: {printable(part.decode('utf-8', 'replace'))!r} is no finite number")

    def _refused(self, what: str) -> DataError:
        return DataError(what, where=str(self.path), cure=CURE)

    def _findings(self, form: _Form) -> Iterator[Finding]:
        name = printable(self.path.name)
        if form.counted is not None and form.counted != self.lines:
            text = f"{name}: its header counts {form.counted:,} words, and there are {self.lines:,}: is the file whole?"
            yield Finding("warning" if self.lines < form.counted else "note", "vectors-header", text)
        for code, lines, what in (
            ("vectors-twice", self.twice, "a word that stood before: the first vector holds"),
            ("vectors-broken-utf8", self.broken, "a word that is not UTF-8: left out"),
            ("vectors-without-word", self.nameless, "numbers and no word: left out"),
        ):
            if lines.count:
                yield Finding("note", code, f"{name}: {lines} with {what}")


class _Behind:
    """The bytes of a stream from its beginning on, of which the first were read already."""

    def __init__(self, first: bytes, stream: _Bytes) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int = -1, /) -> bytes:
        if not self._first:
            return self._stream.read(size)
        if 0 <= size < len(self._first):
            part, self._first = self._first[:size], self._first[size:]
            return part
        first, self._first = self._first, b""
        return first


def _columns(line: bytes) -> list[bytes]:
    # not by white space of all kinds: a word may hold some of it
    return [part for part in line.replace(b"\t", b" ").split(b" ") if part]


def _is_number(part: bytes) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True


def _is_fraction(part: bytes) -> bool:
    """Tell whether a column is a number with a point or an exponent, as those of vectors are."""
    return not part.lstrip(b"+-").isdigit() and _is_number(part)
