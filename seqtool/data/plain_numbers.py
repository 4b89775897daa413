"""Numbers as programs write them, read in one piece: many columns, or one long one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from seqtool.data.numbers import LARGEST, PLAIN, THOUSANDS, NumberFormat, decide, may_be_plain, read_all
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.types import Floats, Ids


class Plain(NamedTuple):
    """Numbers [T,F] with decimal points or none, and which of the two."""

    form: NumberFormat
    values: Floats


def plain_numbers(table: Table, names: Sequence[str], rows: Ids, reading: Reading) -> Plain | None:
    """Read rows of columns, NaN = missing, where all of their cells are digits, points and signs.

    None for any other table: it is read column by column, as it would be with these numbers.
    """
    numeric = {name in table.numeric for name in names}
    if reading.percent or reading.currency or reading.thousands in THOUSANDS or len(numeric) != 1:
        return None
    columns = [table.columns[name] for name in names]
    if len(rows) < len(table):
        columns = [[cells[row] for row in rows] for cells in columns]
    cells = columns[0] if len(columns) == 1 else [*chain.from_iterable(columns)]
    if not may_be_plain([*filter(None, cells)]):
        return None
    try:
        form = PLAIN if numeric == {True} else decide(cells, reading.written)
        values = read_all(cells, PLAIN, reading.written.missing)
    except ValueError:
        return None
    # marks between thousands, or two readings
    if not isinstance(form, NumberFormat) or form not in (PLAIN, NumberFormat()) or (np.abs(values) > LARGEST).any():
        return None
    return Plain(form, values.reshape(len(columns), -1).T)
