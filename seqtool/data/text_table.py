"""A table of text out of comma, semicolon or tab separated values, from a file or standard input."""

# One reader, the standard library's csv, for files and for standard input: two would differ on quotes, blanks and
# prose after the table, and a forecast from a pipe does not have to load polars. polars reads Parquet only.

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import cast

from seqtool.data.dates import is_stamp
from seqtool.errors import DataError

MISSING = frozenset({"", "null", "na", "n/a", "nan", "none", "-"})


def is_missing(cell: str | None) -> bool:
    """Tell whether a cell stands for a missing value."""
    return cell is None or cell.strip().casefold() in MISSING


def number(cell: str | None) -> float:
    """Read a cell: NaN where it is missing; raises `ValueError` where it is text."""
    if cell is None:
        return float("nan")
    try:
        value = float(cell)
    except ValueError:
        if is_missing(cell):
            return float("nan")
        raise
    if "_" in cell:  # Python's own notation, not a number to anybody else
        raise ValueError(cell)
    return value


def is_number(cell: str | None) -> bool:
    """Tell whether a cell holds a number (a missing one does not)."""
    try:
        return number(cell) == number(cell)  # NaN is not equal to itself
    except ValueError:
        return False


def printable(text: str, limit: int = 40) -> str:
    """Shorten a text and escape its control and bidi characters, to be shown in a message."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)


def parse_table(text: str, where: str = "standard input", *, delimiter: str = "") -> dict[str, list[str | None]]:
    """Read a table: column name -> cells, all of one length.

    Absent cells are None. Without `delimiter` it is found in the first line, without a header the columns are
    `column_1`, ... Raises `DataError` on an empty text, a name used twice, a row with too many fields, an unclosed
    quote.
    """
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    rows = _rows(text, where, delimiter or sniff(text.partition("\n")[0]))
    if not rows:
        cure = "give a table with a header and rows of numbers"
        raise DataError("no rows: the table is empty", where=where, cure=cure)
    if is_header(rows[0]):
        names, rows = _names(rows[0], where), rows[1:]
    else:
        names = [f"column_{i + 1}" for i in range(len(rows[0]))]
    _even_out(rows, len(names), where)
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _rows(text: str, where: str, delimiter: str) -> list[list[str | None]]:
    try:
        rows = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)]
    except csv.Error as error:
        raise DataError(f"not a table: {error}", where=where, cure="check the quotes and the separators") from error
    # An unclosed quote swallows the rest of the file into the last cell.
    if rows and text.count('"') % 2 and any("\n" in cell or "\r" in cell for cell in rows[-1]):
        what = f"a quote is opened and never closed, in data row {len(rows) - 1} or before"
        raise DataError(what, where=where, cure="close it, or remove it")
    return cast(list[list[str | None]], rows)  # absent cells come in place of texts later


def sniff(line: str) -> str:
    """Return the delimiter that a line holds most of; a comma when it holds none."""
    counts = {mark: line.count(mark) for mark in ("\t", ";", ",")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def is_header(row: Sequence[str | None]) -> bool:
    """Tell whether a row is a header: no numbers, no date in front, not all missing."""
    return not (any(map(is_number, row)) or is_stamp(row[0]) or all(map(is_missing, row)))


def _names(row: Sequence[str | None], where: str) -> list[str]:
    names = [(cell or "").strip() or f"column_{i + 1}" for i, cell in enumerate(row)]
    twice, count = Counter(names).most_common(1)[0]
    if count > 1:
        what = f"the header has the column '{printable(twice)}' {count} times"
        raise DataError(what, where=where, cure="give every column a name of its own")
    return names


def _even_out(rows: list[list[str | None]], width: int, where: str) -> None:
    """Bring every row to `width` cells, in place; prose may have too many, a row of numbers may not."""
    for i, row in enumerate(rows):
        if len(row) < width:
            row.extend([None] * (width - len(row)))
        elif len(row) > width:
            if not all(map(is_missing, row[width:])) and any(is_number(cell) or is_stamp(cell) for cell in row):
                what = f"row {i + 1} has {len(row)} fields, the first line has {width}"
                cure = "quote values that hold the separator; remove lines above the header"
                raise DataError(what, where=where, cure=cure)
            del row[width:]
