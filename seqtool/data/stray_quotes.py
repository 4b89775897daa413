"""A quote that was opened by mistake: the cell that it makes swallows rows of the table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.errors import DataError
from seqtool.say import counted, printable

QUOTE_CURE = 'remove the quote, or put the whole cell in quotes and write each one inside twice: "a ""b"" c"'
FEW = 20  # different values of a column by which a row is known again
SAMPLE = 1000  # rows that show what a column holds
_NUMBER = r"[\s\d.,:+-]*\d[\s\d.,:+-]*"

Row = list[str]


def refuse_swallowed(
    multiline: Sequence[tuple[int, Row]], columns: Sequence[Sequence[str | None]], mark: str, where: str
) -> None:
    """Raise `DataError` where a quoted cell holds lines that are rows of the table: its quote was opened by mistake."""
    known, numeric = _few_values(columns), _numeric(columns)
    for number, row in multiline:
        first, *others = mark.join(row).split("\n")
        middle = [line for line in others[:-1] if line.strip()]
        alike = [line for line in middle if _is_row(line.split(mark), len(columns), known, numeric)]
        if _are_rows(row, first.split(mark), others[-1].split(mark), known, numeric):
            middle, alike = [*middle, others[-1]], [*alike, others[-1]]
        if 2 * len(alike) > len(middle):
            what = f"a quote is opened in line {number:,} and closed {counted(len(others), 'line')} later"
            inside = f"{where}: lines between look like rows, such as '{printable(alike[0])}'"
            raise DataError(what, where=inside, cure=QUOTE_CURE)


def _are_rows(row: Row, first: Row, last: Row, known: dict[int, set[str]], numeric: Sequence[int]) -> bool:
    """Tell whether the lines in which the quotes of a row are opened and closed are rows of their own.

    Only what stands between the quotes can tell: the cells before and behind them fit their columns either way.
    """
    if not len(first) == len(last) == len(row):
        return False
    inside = [place for place, cell in enumerate(row) if "\n" in cell]
    cells = [*enumerate(first)][inside[0] :] + [*enumerate(last)][: inside[-1] + 1]
    plain = [(place, cell.strip().strip('"')) for place, cell in cells]
    signs = [cell in known[place] for place, cell in plain if place in known]
    signs += [re.fullmatch(_NUMBER, cell) is not None for place, cell in plain if place in numeric and cell]
    return bool(signs) and all(signs)


def _few_values(columns: Sequence[Sequence[str | None]]) -> dict[int, set[str]]:
    """Return the columns that have few different values, and these."""
    values = {place: {(cell or "").strip() for cell in cells} for place, cells in enumerate(columns)}
    return {place: cells for place, cells in values.items() if len(cells) <= min(FEW, len(columns[place]) // 3)}


def _numeric(columns: Sequence[Sequence[str | None]]) -> list[int]:
    """Return the columns that hold numbers and dates, as far as the first rows behind a header show."""
    samples = {place: [cell for cell in cells[1:SAMPLE] if cell] for place, cells in enumerate(columns)}
    return [
        place
        for place, cells in samples.items()
        if cells and 10 * sum(re.fullmatch(_NUMBER, cell) is not None for cell in cells) > 9 * len(cells)
    ]


def _is_row(cells: Sequence[str], width: int, known: dict[int, set[str]], numeric: Sequence[int]) -> bool:
    if len(cells) != width:
        return False
    cells = [cell.strip().strip('"') for cell in cells]
    if known:
        return any(cells[place] in values for place, values in known.items() if cells[place])
    return bool(numeric) and all(re.fullmatch(_NUMBER, cells[place]) for place in numeric)
