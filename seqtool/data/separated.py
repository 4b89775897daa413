"""Separated values: the marks that part cells, and the rows of a text, by the quotes of RFC 4180."""

# One reader, the standard library's csv, for files and for standard input: two would differ on quotes and blanks, and a
# forecast from a pipe does not have to load polars.

from __future__ import annotations

import csv
import io
import itertools
import re
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np

from seqtool.data.limits import LINE, hold_columns
from seqtool.data.plain_cells import plain_columns
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
BLOCK = 8192  # rows that become columns at a time
LONGEST_SHOWN = 1000  # characters of a line that are looked at for a message
PIECE = 1 << 20  # characters that are read at a time
_SEPARATOR = r'(?i)"?sep=([^\n])"?\r?\n'

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


def without_formulas(text: str) -> str:
    """Take cells such as ="0012", by which Excel keeps a text as it is, for what stands between their quotes."""
    if '"' not in text or '="' not in text:  # one character is found faster than two
        return text
    text = re.sub(r'(?m)(?<![^\t;,|\n])"=""([^"\n]*)"""(?=[\t;,|]|\r?$)', r'"\1"', text)
    return re.sub(r'(?m)(?<![^\t;,|\n])="([^"\n]*)"(?=[\t;,|]|\r?$)', r'"\1"', text)


class Cells(NamedTuple):
    """The cells of a text: columns of T each, None where a row is short; lines [T]: where each row begins, from 1.

    ragged: the rows of another width than the first, as they stand, by their places.
    """

    columns: list[list[str | None]]
    lines: array[int]
    ragged: dict[int, Row]


def read_cells(text: str, how: Separated, where: str, *, blank: bool = False) -> Cells:
    """Read the cells; empty lines are left out, or (`blank`) are rows whose cells are all missing.

    Raises `DataError` for more columns than there may be, and, with the line, where a quote is never closed, is closed
    where no cell ends, holds what look like rows, or opens a cell that is too long.
    """
    hold_columns(text.partition("\n")[0].count(how.mark) + 1, where)
    columns, read = plain_columns(_pieces(text, 0), how.mark) if not how.above else ([], 0)
    length = len(columns[0]) if columns else 0
    lines: list[Ids] = [np.arange(1, length + 1)]
    ragged: dict[int, Row] = {}
    multiline: list[tuple[int, Row]] = []
    reader, skipped = _reader(text, how, read), how.above + length
    try:
        while True:
            first = reader.line_num + skipped + 1
            rows = list(itertools.islice(reader, BLOCK))
            if not rows:
                break
            starts: Sequence[int] | Ids = np.arange(first, first + len(rows))
            if reader.line_num + skipped + 1 != first + len(rows):  # cells with a line's end inside
                heights = [1 + sum(cell.count("\n") for cell in row) for row in rows]
                starts = [first + before for before in itertools.accumulate(heights, initial=0)][:-1]
                tall = [height > 1 for height in heights]
                multiline += itertools.compress(zip(starts, rows, strict=True), tall)
            if not blank and [] in rows:
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
        from seqtool.data.stray_quotes import refuse_swallowed  # few tables have a cell of several lines

        refuse_swallowed(multiline, columns, how.mark, where)
    return Cells(columns, array("q", b"".join(part.tobytes() for part in lines)), ragged)


def allow_long_cells() -> None:
    """Let csv read cells of up to `limits.LINE`: its own limit is 131,072 characters."""
    csv.field_size_limit(LINE.most << 20)


def _reader(text: str, how: Separated, start: int = 0) -> Reader:
    allow_long_cells()
    # Piece by piece: StringIO holds four bytes a character.
    lines = itertools.chain.from_iterable(io.StringIO(piece, newline="") for piece in _pieces(text, start))
    for _ in range(how.above):
        next(lines)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if how.quoted else csv.QUOTE_NONE
    # Between tabs a blank belongs to the cell.
    return csv.reader(lines, delimiter=how.mark, quoting=quoting, skipinitialspace=how.mark != "\t", strict=True)


def _pieces(text: str, start: int) -> Iterator[str]:
    """Cut a text at ends of lines, from a character on."""
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
    start = 0  # not split(): it would hold the text a second time
    for _ in range(number - 1):
        start = text.find("\n", start) + 1
    line = text[start : start + LONGEST_SHOWN].partition("\n")[0]
    end = "never closed" if "end of data" in reason else "closed where no cell ends"
    if "field limit" in reason:
        end = f"not closed within {LINE.most << 20:,} characters"
    what = f"a quote is opened in line {number:,} ('{printable(line)}') and {end}"
    from seqtool.data.stray_quotes import QUOTE_CURE

    return DataError(what, where=where, cure=QUOTE_CURE)
