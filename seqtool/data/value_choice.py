"""Tables whose column of values cannot be told: what a person may choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqtool.data.columns import is_whole, known_cells
from seqtool.data.numbers import PLAIN, is_missing, is_number, read_all
from seqtool.data.reading import Reading
from seqtool.data.separated import NAMES
from seqtool.data.text_table import Table, typed
from seqtool.data.time_names import CLOCK_NAMES, PIECES, RANGES, TIME_NAMES, words_of
from seqtool.errors import DataError
from seqtool.say import listing, printable

KEYS = frozenset({"id", "index", "nr", "no", "code", "station", "stations", "stn", "key"})
"""Words in names of keys."""
_PLAIN = "write plain numbers such as 1234.5, and their unit into the name of the column"
_FEW_MARKS = 3  # texts that may stand for missing values among numbers
_WHOLE_NAME = 200  # characters of a name that is to be typed

Cells = Sequence[str | None]


def undecided(columns: Mapping[str, Cells], numeric: Sequence[str], time: str, where: str) -> DataError:
    """Return the error for a table with several columns of numbers, or with none."""
    if not numeric:
        return _no_numbers({name: cells for name, cells in columns.items() if name != time}, where)
    likely = next((name for name in numeric if not _is_no_series(name, columns[name])), numeric[0])
    what = f"{len(numeric)} columns of numbers, none with a usual name: {listing(numeric)}"
    # a name with a comma cannot be typed; of joined columns no number counts those of the file
    name = likely if " + " in time else typed(likely, list(columns))
    import shlex  # few tables are asked about

    cure = f"choose one: --value-column {shlex.quote(printable(name, _WHOLE_NAME))}"
    return DataError(what, where=where, cure=cure)


def _is_no_series(name: str, cells: Cells) -> bool:
    """Tell whether a column of numbers is hardly one to forecast: a key, a date, a count, one number."""
    sample = known_cells(cells)
    steps = np.diff(read_all(sample, PLAIN)) if all(map(is_whole, sample)) else np.empty(0)
    counts = len(steps) > 1 and steps[0] != 0 and bool((steps == steps[0]).all())  # rows, or seconds since the first
    named = name.casefold() in TIME_NAMES.union(CLOCK_NAMES, *PIECES) or bool(words_of(name) & KEYS)
    return counts or len(set(sample)) < 2 or named or is_part_of_time(name, cells)


def is_part_of_time(name: str, cells: Cells) -> bool:
    """Tell whether the numbers of a column are quarters, months, weekdays or the like, by its name and their range."""
    low, high = RANGES.get(name.strip().casefold(), (1, 0))
    sample = known_cells(cells)
    if low > high or not all(map(is_whole, sample)):
        return False
    numbers = read_all(sample, PLAIN)
    return bool(numbers.size and numbers.min() >= low and numbers.max() <= high)


def plain_numbers(cell: str) -> str:
    """Return the cure for a cell that is no number: one with figures hardly stands for a missing value, but for <1."""
    if any(map(str.isdigit, cell)) and cell.strip()[0] not in "<>":
        return _PLAIN
    return f"write plain numbers such as 1234.5; {_as_missing([cell])}"


def _as_missing(marks: Sequence[str]) -> str:
    """Return what a person may do where cells stand for missing values; a comma parts the marks of the option."""
    if any("," in mark for mark in marks):
        return "where it stands for a missing value: write NA in its place"
    import shlex  # few tables are refused

    return f"where it stands for a missing value: --missing {shlex.quote(printable(','.join(marks)))}"


def refuse_dropped(usual: Sequence[str], columns: Mapping[str, Cells], other: str, where: str) -> None:
    """Raise `DataError` where a nearly empty column with a usual name has numbers that differ: it may be the series."""
    for name in usual:
        known = [cell for cell in columns[name] if not is_missing(cell)]
        if len(set(known)) > 1:
            import shlex  # few tables are refused

            what = f"column '{printable(name)}' has a usual name, but {len(known)} cells in {len(columns[name]):,} rows"
            choices = [f"--value-column {shlex.quote(printable(column, _WHOLE_NAME))}" for column in (name, other)]
            raise DataError(what, where=where, cure=f"choose one: {' or '.join(choices)}")


def nearly_empty(name: str, cells: Cells, where: str) -> DataError:
    """Return the error for a table whose only column of numbers is empty but for a few cells."""
    import shlex

    known = len(cells) - cells.count("") - cells.count(None)
    what = f"the only column of numbers, '{printable(name)}', has {known} cells in {len(cells):,} rows"
    cure = f"where it is the series nevertheless: --value-column {shlex.quote(printable(name, _WHOLE_NAME))}"
    return DataError(what, where=where, cure=cure)


def _no_numbers(columns: Mapping[str, Cells], where: str) -> DataError:
    """Return the error for a table without a column of numbers, with a cell that has figures and is none."""
    cells = {name: next(iter(known_cells(column)), "") for name, column in columns.items()}
    name = next((name for name, cell in cells.items() if any(map(str.isdigit, cell))), "")
    for name, column in columns.items():
        texts = {cell.strip(): None for cell in known_cells(column) if not is_number(cell)}
        if len(texts) <= _FEW_MARKS and len(texts) < len({*known_cells(column)}):
            mark = next(iter(texts))
            what = f"no column of numbers: at least half of the cells in column '{printable(name)}' are none, "
            return DataError(f"{what}as '{printable(mark)}'", where=where, cure=_as_missing([*texts]))
    what, cure = "no column of numbers", "give a table with a column of numbers"
    if name:
        what += f": '{printable(cells[name].strip())}' in column '{printable(name)}' is none"
        cure = _PLAIN
    return DataError(what, where=where, cure=cure)


def nothing_read(table: Table, reading: Reading, where: str) -> DataError:
    """Return the error for a table without a number or a date, with its first row and what its cells may lack."""
    row = (table.mark or ",").join(cell or "" for cell in table.first())
    cure = "give a table with a header and rows of numbers"
    if len(table.columns) == 1 and reading.mark and reading.mark in NAMES:
        cure = f"part the cells as those of the training, by {NAMES[reading.mark]}, and write the numbers alike"
    elif len(table.columns) == 1 and len(row.split()) > 1:
        cure = "write commas between the columns"
    what = f"no cell is a number or a date, from {table.place(0)} on: '{printable(row, 60)}'"
    return DataError(what, where=where, cure=cure)
