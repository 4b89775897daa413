"""Separated values: which mark parts the cells, where the table begins, and its rows, by the quotes of RFC 4180."""

# One reader, the standard library's csv, for files and for standard input: two would differ on quotes and blanks, and a
# forecast from a pipe does not have to load polars.

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np

from seqtool.data.stray_quotes import QUOTE_CURE, refuse_swallowed
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.errors import DataError
from seqtool.say import printable
from seqtool.types import Ids

if TYPE_CHECKING:
    from _csv import Reader

MARKS = {"tsv": "\t", "semicolon": ";", "pipe": "|", "csv": ","}
"""The formats of separated values and the mark of each, the surest first: a comma may belong to a number."""
NAMES = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas", " ": "blanks"}
FORMATS = {mark: name for name, mark in MARKS.items()}
SAMPLE = 1000  # rows that tell the mark
MOST_ABOVE = 50  # lines of title above a table
LONGEST = 1 << 30  # characters of a cell: csv's own limit is 131,072
BLOCK = 8192  # rows that become columns at a time
PIECE = 1 << 20  # characters that are read at a time
_SEPARATOR = r'(?i)"?sep=([^\n])"?\r?\n'
_LOOSE = 0.9  # of the commas of sentences

Row = list[str]


class Separated(NamedTuple):
    """How a text is parted: the mark, whether quotes are marks too, and how many lines stand above the table."""

    mark: str
    quoted: bool = True
    above: int = 0


def excels_line(text: str) -> tuple[str, str]:
    """Return the format that Excel's first line `sep=;` says, "" without one, and the text with that line empty."""
    # an empty line keeps the numbers of the others; no pattern is compiled for tables that do not begin so
    if not text[:5].lower().lstrip('"').startswith("sep=") or not (said := re.match(_SEPARATOR, text)):
        return "", text
    return FORMATS.get(said[1], ""), "\n" + text[said.end() :]


def sniff(text: str, where: str, marks: Sequence[str] = tuple(MARKS.values())) -> Separated | None:
    """Return how a text is parted, None where no mark parts most of its lines alike.

    Raises `DataError` where two marks part it equally well.
    """
    head = text[: 1 << 20] if len(text) > 1 << 20 else text
    fits = [fit for mark in marks if (fit := _fit(head, mark)) is not None]
    if not fits:
        return None
    # Commas of sentences are no marks beside one that parts every line.
    every = [fit for fit in fits if fit.share == 1 and not fit.above and not _in_sentences(head, fit.mark)]
    if len(every) == 1:
        fits = [fit for fit in fits if fit is every[0] or not _in_sentences(head, fit.mark)]
    best = max(fits, key=lambda fit: (fit.share, -marks.index(fit.mark)))
    for other in fits:
        # Both name columns in the first row, and both agree with all rows: nothing decides.
        if other is not best and other.share == best.share == 1 and other.names and best.names:
            what = f"{NAMES[best.mark]} and {NAMES[other.mark]} part the table equally well"
            cure = f"--format {FORMATS[best.mark]} or --format {FORMATS[other.mark]}"
            raise DataError(what, where=where, cure=cure)
    return Separated(best.mark, best.quoted, best.above)


def _in_sentences(head: str, mark: str) -> bool:
    """Tell whether a comma or semicolon stands behind a word and before a blank, as in a sentence, nearly always."""
    if mark not in ",;":
        return False
    loose = len(re.findall(rf"[^\W\d_][\"')]*{mark} (?=\S)", head))
    return loose >= _LOOSE * head.count(mark)


class _Fit(NamedTuple):
    mark: str
    quoted: bool
    above: int
    share: float
    names: bool


def _fit(head: str, mark: str) -> _Fit | None:
    if mark not in head:
        return None
    quoted = mark != "\t" or quotes_are_marks(head)
    rows = _sample(head, mark, quoted=quoted)
    widths = [len(row) if any(cell.strip() for cell in row) else 0 for row in rows]
    counts = Counter(width for width in widths if width)
    wide = [(count, width) for width, count in counts.items() if width > 1]
    if not wide:
        return None
    count = max(wide)[0]
    # A header may be narrower than rows that end in the mark: only lines without the mark are titles.
    above = next(place for place, found in enumerate(widths) if found > 1)
    # More lines above than rows: the rows are the exception, lines of a text that hold the mark.
    if above > min(MOST_ABOVE, count) or 2 * count < sum(counts.values()) - above:
        return None
    first = rows[above]
    names = all(re.search(r"[^\W\d_]", cell) and mark not in cell for cell in first)
    return _Fit(mark, quoted, above, count / (sum(counts.values()) - sum(map(bool, widths[:above]))), names)


def _sample(text: str, mark: str, *, quoted: bool) -> list[Row]:
    """Return the first rows, read without complaint: a broken quote is said later, with its line."""
    csv.field_size_limit(LONGEST)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, quoting=quoting, skipinitialspace=mark != "\t")
    rows: list[Row] = []
    with contextlib.suppress(csv.Error):
        rows.extend(itertools.islice(reader, SAMPLE))
    return rows


class Cells(NamedTuple):
    """The cells of a text: columns of T each, None where a row is short; lines [T]: where each row begins, from 1.

    ragged: the rows of another width than the first, as they stand, by their places.
    """

    columns: list[list[str | None]]
    lines: array[int]
    ragged: dict[int, Row]


def read_cells(text: str, how: Separated, where: str, *, blank: bool = False) -> Cells:
    """Read the cells; empty lines are left out, or (`blank`) are rows whose cells are all missing.

    Raises `DataError` with the line where a quote is never closed, is closed where no cell ends, or holds what look
    like rows.
    """
    columns: list[list[str | None]] = []
    lines: list[Ids] = []
    length = 0
    ragged: dict[int, Row] = {}
    multiline: list[tuple[int, Row]] = []
    reader = _reader(text, how)
    try:
        while True:
            first = reader.line_num + how.above + 1
            rows = list(itertools.islice(reader, BLOCK))
            if not rows:
                break
            starts: Sequence[int] = range(first, first + len(rows))
            if reader.line_num + how.above + 1 != first + len(rows):  # cells with a line's end inside
                heights = [1 + sum(cell.count("\n") for cell in row) for row in rows]
                starts = [first + before for before in itertools.accumulate(heights, initial=0)][:-1]
                tall = [height > 1 for height in heights]
                multiline += itertools.compress(zip(starts, rows, strict=True), tall)
            if [] in rows and not blank:
                kept = [(n, row) for n, row in zip(starts, rows, strict=True) if row]
                starts, rows = [n for n, _ in kept], [row for _, row in kept]
            if not rows:
                continue
            columns = columns or [[] for _ in rows[0]]
            if set(map(len, rows)) != {len(columns)}:
                for place, row in enumerate(rows):
                    if len(row) != len(columns):
                        ragged[length + place] = row
                        rows[place] = [*row, *[cast(str, None)] * (len(columns) - len(row))][: len(columns)]
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(cells)
            lines.append(np.array(starts, dtype=np.int64))
            length += len(rows)
    except csv.Error as error:
        raise _broken_quote(text, how, where) from error
    if multiline:
        refuse_swallowed(multiline, columns, how.mark, where)
    return Cells(columns, array("q", b"".join(part.tobytes() for part in lines)), ragged)


def _reader(text: str, how: Separated) -> Reader:
    csv.field_size_limit(LONGEST)
    # Piece by piece: StringIO holds four bytes a character.
    lines = itertools.chain.from_iterable(io.StringIO(piece, newline="") for piece in _pieces(text))
    for _ in range(how.above):
        next(lines)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if how.quoted else csv.QUOTE_NONE
    # Between tabs a blank belongs to the cell.
    return csv.reader(lines, delimiter=how.mark, quoting=quoting, skipinitialspace=how.mark != "\t", strict=True)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text at ends of lines."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + PIECE) + 1 or len(text)
        yield text[start:end]
        start = end


def _broken_quote(text: str, how: Separated, where: str) -> DataError:
    """Return the error for the first row that csv does not read, with its line."""
    reader, number, reason = _reader(text, how), how.above + 1, ""
    try:
        for _ in reader:
            number = reader.line_num + how.above + 1
    except csv.Error as error:
        reason = str(error)
    line = next(itertools.islice(text.split("\n"), number - 1, None), "")
    end = "never closed" if "end of data" in reason else "closed where no cell ends"
    what = f"a quote is opened in line {number:,} ('{printable(line)}') and {end}"
    return DataError(what, where=where, cure=QUOTE_CURE)
