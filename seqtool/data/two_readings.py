"""Numbers that two readings fit: which other column decides, and marks that the training never showed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from seqtool.data.columns import is_whole, known_cells, mostly
from seqtool.data.dates import is_stamp
from seqtool.data.numbers import Ambiguous, Cells, NumberFormat, Written, decide, is_number, undressed
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
