"""Tables whose cells are parted by blanks, as programs print them: every row has as many, whatever their width."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from seqtool.data.dates import is_day
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.separated import allow_long_cells
from seqtool.data.time_names import TIME_NAMES
from seqtool.data.time_pieces import is_clock
from seqtool.errors import DataError
from seqtool.say import printable

_HOURS = 24


def by_tabs(text: str, where: str, *, decimal: str) -> str | None:
    """Return the text of a table with one tab in place of the blanks between its cells, None where it is no such table.

    All rows have as many cells, a header too; that of R's `write.table` has one less, none above the names of rows.
    decimal: the mark that is known, "" where none is. Raises `DataError` where one row has another number of cells, and
    where without a header the commas of hours and values may part the cells as well.
    """
    rows = _rows(text)
    body = [row for row in rows if row][1:]
    if not body or not _holds_numbers(body):
        return None
    width = len(body[0])
    header = next(row for row in rows if row)
    if len(header) == width - 1 and lacks_a_name(header, [row[0] for row in body]):
        header.insert(0, "")
    for number, row in enumerate(rows, start=1):
        if row and len(row) != width:
            if header is row:
                return None
            what = f"line {number:,} has {len(row)} cells between blanks, the row before {width}"
            cure = "write commas between the cells, and nothing between two where a value is missing"
            raise DataError(what, where=where, cure=cure)
    if decimal != "," and all(map(_may_be_hour, [header, *body])):
        what = f"'{printable(' '.join(header))}': the blanks part the columns, or the comma behind an hour does"
        raise DataError(what, where=where, cure="write names above the columns, or --decimal ,")
    return "\n".join("\t".join(row) for row in rows)


def _rows(text: str) -> list[list[str]]:
    allow_long_cells()
    lines = (line.strip() for line in text.split("\n"))
    try:
        return [next(csv.reader([line], delimiter=" ", skipinitialspace=True), []) for line in lines]
    except csv.Error:  # a CR inside of a line
        return []


def _holds_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether cells, not lines, are numbers: `1 234` and `5 EUR` are one number a line."""
    sample = [row for row in rows[:100] if len(row) == len(rows[0])]
    if 10 * len(sample) < 9 * len(rows[:100]) or all(is_number(" ".join(row)) for row in sample):
        return False
    texts = [not all(map(_is_value, column)) for column in zip(*sample, strict=True)]
    numbers = any(all(is_number(cell) or is_missing(cell) for cell in column) for column in zip(*sample, strict=True))
    return numbers and 2 * sum(texts) <= len(texts)  # sentences of one length have more


def _is_value(cell: str) -> bool:
    return is_number(cell) or is_missing(cell) or is_day(cell) or is_clock(cell)


def lacks_a_name(header: Sequence[str | None], first: Sequence[str]) -> bool:
    """Tell whether a header has no name for the first cells of the rows: a count, or dates that it does not name."""
    if not first or any((name or "").strip().casefold() in TIME_NAMES for name in header[:1]):
        return _counted(first)
    return _counted(first) or all(map(is_day, first))


def _counted(cells: Sequence[str]) -> bool:
    """Tell whether cells count by one, as the names that R gives to rows: 1, 2, 3, or years."""
    if not cells or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    return [int(cell) for cell in cells] == [*range(int(cells[0]), int(cells[0]) + len(cells))]


def _may_be_hour(row: Sequence[str]) -> bool:
    """Tell whether a row is a date and a number whose whole part may be its hour: 2026-08-21 07,5."""
    whole = row[1].partition(",")[0] if len(row) == 2 and "," in row[1] else ""
    return is_day(row[0]) and whole.isdecimal() and int(whole) <= _HOURS
