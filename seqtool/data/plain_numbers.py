"""Numbers as programs write them, read in one piece: many columns, or one long one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from seqtool.data.numbers import (
    LARGEST,
    PLAIN,
    THOUSANDS,
    NumberFormat,
    Written,
    decide,
    filled,
    may_be_plain,
    read_all,
)
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.types import Floats, Ids

BLOCK = 1 << 16  # cells that are read in one piece


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
    if reading.never_three and reading.names and False in numeric:
        from seqtool.data.two_readings import may_be_thousands  # a training does without

        if may_be_thousands([table.columns[name] for name in names], reading):
            return None
    values = np.empty((len(rows), len(names)))
    forms: set[NumberFormat] = set()
    step = max(1, BLOCK // len(rows))
    for begin in range(0, len(names), step):
        columns = [table.columns[name] for name in names[begin : begin + step]]
        if len(rows) < len(table):
            columns = [[cells[row] for row in rows] for cells in columns]
        cells = columns[0] if len(columns) == 1 else [*chain.from_iterable(columns)]
        block = _plain(cells, reading.written, shown=True in numeric)
        if block is None:
            return None
        forms.add(block.form)
        values[:, begin : begin + step] = block.values.reshape(len(columns), -1).T
    return Plain(PLAIN if PLAIN in forms else NumberFormat(), values)


def _plain(cells: Sequence[str | None], known: Written, *, shown: bool) -> Plain | None:
    """Read cells [T] as plain numbers, None where one is more; shown: whether points are known to lead decimals."""
    texts = filled(cells)
    if not may_be_plain(texts):
        return None
    try:
        form = PLAIN if shown else decide(texts, known)
        values = read_all(cells, PLAIN, known.missing)
    except ValueError:
        return None
    if not isinstance(form, NumberFormat) or form not in (PLAIN, NumberFormat()):  # two readings, or thousands
        return None
    return None if (np.abs(values) > LARGEST).any() else Plain(form, values)
