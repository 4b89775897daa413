"""What stands above a table of numbers in the same file: comments, the lines of loggers, facts about the data."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from seqtool.data import separated
from seqtool.data.dates import is_day
from seqtool.data.numbers import is_number
from seqtool.reads import Finding
from seqtool.say import counted, printable

_LOGGER = r'"?TOA5"?,'  # Campbell's: the first of its four lines is about the logger
_MORE = 5  # times as many lines, or as many cells in each, has a table as stand above it
_HEAD = 1 << 20  # characters in which a table begins
_ROWS = 3  # below a blank line that show a table: its header and two rows

Row = list[str]


def without_comments(text: str) -> str:
    """Empty the lines in front that begin with #; the last one names the columns where no line behind does."""
    if not text.startswith("#"):
        return text
    lines = text.split("\n", separated.MOST_ABOVE)
    above = next((place for place, line in enumerate(lines) if not line.startswith("#")), 0)
    if not above:
        return text
    row = lines[above]
    comments = [line.lstrip("# ").rstrip() for line in lines[:above]]
    wide = (
        line for line in reversed(comments) if line and all(line.count(mark) == row.count(mark) for mark in ",;|\t")
    )
    names = comments[-1] or next(wide, "") if any(map(str.isdigit, row)) else ""
    return "\n".join([*[""] * (above - 1), names, *lines[above:]])


def without_preamble(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Empty the lines above a table that a blank line parts from it, or that a logger writes; say which.

    A table with a header has to begin below the blank line, of many more or far longer lines than stand above it, of
    which at most one begins with a number or a date.
    """
    if re.match(_LOGGER, text):
        line, _, rest = text.partition("\n")
        return "\n" + rest, (_left_out([line]),)
    lines = text[:_HEAD].split("\n")[: separated.MOST_ABOVE + _ROWS]
    blank = [place for place, line in enumerate(lines[: separated.MOST_ABOVE]) if not line.strip(',;|"\t\r ')]
    for place in reversed(blank):
        above = [line for line in lines[:place] if line.strip(',;|"\t\r ')]
        if sum(line.count('"') for line in lines[:place]) % 2:  # the blank line stands in a cell
            continue
        many = text.count("\n") > (1 + _MORE) * len(above)
        if above and _begins_table(above, lines[place + 1 : place + 1 + _ROWS], many=many):
            begin = sum(len(line) + 1 for line in lines[: place + 1])
            return "\n" * (place + 1) + text[begin:], (_left_out(above),)
    return text, ()


def _left_out(lines: Sequence[str]) -> Finding:
    text = f"{counted(len(lines), 'line')} above the table left out: '{printable(lines[0].strip(), 60)}'"
    return Finding("note", "title-lines", text)


def _begins_table(above: Sequence[str], below: Sequence[str], *, many: bool) -> bool:
    """Tell whether lines begin with a header and rows of one width, and those above them are rows of no other table.

    many: whether there are many more lines below; else they have to be much wider.
    """
    if len(below) < _ROWS or not all(line.strip() for line in below):
        return False
    mark = max(separated.MARKS.values(), key=below[0].count)
    mark = mark if mark in below[0] else " "
    header, *rows = (_cells(line, mark) for line in below)
    if len(header) < 2 or any(len(row) != len(header) for row in rows) or not _is_name(header[0]):
        return False
    if not all(any(is_number(cell) or is_day(cell) for cell in row) for row in rows):
        return False
    others = [_cells(line, mark) for line in above]
    if not many and len(header) <= _MORE * max(map(len, others)):
        return False
    return header not in others and sum(not _is_name(row[0]) for row in others) <= 1


def _cells(line: str, mark: str) -> Row:
    if mark == " ":
        return line.split() or [""]
    try:
        cells = next(csv.reader([line.strip("\r")], delimiter=mark, skipinitialspace=True), [""])
    except csv.Error:  # a line end inside, or no end
        return [line]
    return [cell.strip() for cell in cells]


def _is_name(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and not (is_number(cell) or is_day(cell))
