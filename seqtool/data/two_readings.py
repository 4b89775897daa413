"""Numbers that two readings fit: which other column decides, and marks that the training never showed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from seqtool.data.columns import is_whole, known_cells, mostly
from seqtool.data.dates import is_stamp
from seqtool.data.numbers import (
    COMMA,
    NONE,
    POINT,
    Ambiguous,
    Cells,
    NumberFormat,
    Written,
    decide,
    filled,
    is_missing,
    is_number,
    undressed,
    value,
)
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.data.time_names import PARTS_OF_TIME, TIME_NAMES, words_of
from seqtool.data.value_choice import KEYS
from seqtool.types import Ids

_NO_AMOUNTS = KEYS.union(TIME_NAMES, PARTS_OF_TIME) | frozenset(
    {"obis", "version", "lat", "latitude", "lon", "lng", "long", "longitude", "breite", "länge"}
)
"""Words in names of columns that programs write in a form of their own."""
_CLOCK = r"(?:[01]?\d|2[0-4])[.,][0-5]\d"
MOST_CELLS, MOST_COLUMNS = 1000, 64  # that show how many decimals numbers have
_MANY_KINDS = 0.1  # of the cells of a column of codes are fewer


def of_others(table: Table, names: Collection[str], rows: Ids, reading: Reading) -> tuple[NumberFormat, str]:
    """Return how the first other column of amounts is written, and its name; no mark and "" where none shows one."""
    for name, cells in table.columns.items():
        if name in names or name in table.numeric or not _are_amounts(name, cells):
            continue
        try:
            form = decide([cells[row] for row in rows], reading.written)
        except ValueError:
            continue
        if isinstance(form, NumberFormat) and form.decimal:
            return form, name
    return NumberFormat(), ""


def _are_amounts(name: str, cells: Cells) -> bool:
    """Tell whether a column shows how a person writes amounts: no months, clocks, codes or places on a map."""
    sample = known_cells(cells)
    if words_of(name) & _NO_AMOUNTS or not mostly(cells, is_number) or len(set(sample)) <= _MANY_KINDS * len(sample):
        return False
    # 3.0 shows no mark of this file: programs write whole numbers so
    if all(map(is_whole, sample)) or all(map(is_stamp, sample)) or all(re.fullmatch(_CLOCK, cell) for cell in sample):
        return False
    return len({re.split(r"[.,]", undressed(cell))[-1] for cell in sample}) > 1


def unseen_thousands(columns: Sequence[Cells], reading: Reading) -> Ambiguous | None:
    """Return both readings of a cell of a later table whose thousands may be decimals, None where there is none.

    The training showed the mark before decimals and none between thousands: of `99,280` it decides nothing.
    """
    if not (reading.names and reading.decimal) or reading.thousands:
        return None
    known = [decide(cells, reading.written) for cells in columns]
    if not any(isinstance(form, NumberFormat) and form.thousands for form in known):
        return None  # most tables
    alone = [decide(cells, Written(missing=reading.written.missing)) for cells in columns]
    if any(isinstance(form, NumberFormat) and form.decimal for form in alone):
        return None  # this table itself shows its mark
    return next((form for form in alone if isinstance(form, Ambiguous)), None)


def may_be_thousands(columns: Sequence[Cells], reading: Reading) -> Ambiguous | None:
    """Return both readings of a cell of a later table where all cells with a mark have three digits behind it.

    None where the training had such cells too, where one of this table has other decimals, or `--thousands none` says
    that there is no other mark: of `1.000` a training on 1000.25 decides nothing.
    """
    mark = reading.decimal
    if not (reading.never_three and reading.names and mark) or reading.thousands == NONE:
        return None
    either = re.compile(rf"[-+]?(?:\d{{1,3}}|[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}})", re.ASCII)
    found = ""
    for cell in (cell for cells in columns for cell in filled(cells)):
        if is_missing(cell, reading.written.missing):
            continue
        if not either.fullmatch(undressed(cell)):
            return None
        found = found or (cell if mark in cell else "")
    if not found:
        return None
    formats = (NumberFormat(mark), NumberFormat(COMMA if mark == POINT else POINT, mark))
    first, second = (value(undressed(found), form) for form in formats)
    return Ambiguous(formats, found.strip(), (first, second))


def never_three(table: Table, names: Sequence[str], rows: Ids, decimal: str) -> bool:
    """Tell whether no number of some columns has three decimals; of many rows evenly spread ones are looked at."""
    behind = re.compile(rf"{re.escape(decimal or POINT)}\d{{3}}(?!\d)", re.ASCII)
    columns = (table.columns[name] for name in names[:: 1 + len(names) // MOST_COLUMNS])
    some = rows[:: 1 + len(rows) // MOST_CELLS].tolist()
    return not any((cell := cells[row]) and behind.search(cell) for cells in columns for row in some)
