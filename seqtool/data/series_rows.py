"""Tables of one series a row, as competitions publish them: a name, then its values from the oldest on."""

from __future__ import annotations

from dataclasses import replace

from seqtool.data.dates import is_stamp, is_timelike
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.text_table import Table
from seqtool.data.time_names import TIME_NAMES
from seqtool.errors import DataError
from seqtool.reads import Finding


def holds_series(table: Table) -> bool:
    """Tell whether a table has a series a row: names in the first column, values in columns called V1, V2, ..."""
    names = list(table.columns)
    first_column = table.columns[names[0]]
    # Numbers and times in front are those of the rows: each column is then a series.
    if any(is_number(cell) or is_stamp(cell) or is_timelike(cell) for cell in first_column):
        return False
    if names[0].casefold() in TIME_NAMES:
        return False
    stem = names[1].rstrip("0123456789")
    first = names[1][len(stem) :]
    return first.isdecimal() and names[1:] == [f"{stem}{int(first) + place}" for place in range(len(names) - 1)]


def as_columns(table: Table, where: str) -> Table:
    """Turn a series a row into a series a column, all of them ending in the last row: a shorter one begins later.

    Raises `DataError` for a name that stands twice, and for a series without values.
    """
    columns: dict[str, list[str | None]] = {}
    cells = list(table.columns.values())
    for row in range(len(table)):
        name = (cells[0][row] or "").strip() or f"row_{row + 1}"
        values = [column[row] for column in cells[1:]]
        while values and is_missing(values[-1]):
            values.pop()
        if name in columns:
            raise DataError(f"two series are called '{name}'", where=where, cure="give every row a name of its own")
        columns[name] = values
    longest = max(map(len, columns.values()))
    if not longest:
        raise DataError("the series have no values", where=where, cure="give a row of numbers for each")
    even: dict[str, list[str | None]] = {}
    for name, values in columns.items():
        even[name] = [*[None] * (longest - len(values)), *values]
    text = f"one series a row: {len(even)} series of up to {longest:,} values, all ending in the last step"
    return replace(
        table, columns=even, lines=(), ragged={}, findings=(*table.findings, Finding("note", "series-rows", text))
    )
