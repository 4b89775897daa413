"""Words that a person says are missing values, taken away before columns are judged by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.numbers import is_number
from seqtool.data.text_table import Table


def without_marks(table: Table, names: Sequence[str], marks: Sequence[str]) -> Table:
    """Return a table with NA in columns `names` for the words that a person says are missing values.

    Marks that are numbers stay: an hour may be 0. They are left out where values are read.
    """
    words = {mark.strip().casefold() for mark in marks if not is_number(mark)}
    texts = [name for name in names if name not in table.numeric] if words else []
    changed = {
        name: ["NA" if cell and cell.strip().casefold() in words else cell for cell in table.columns[name]]
        for name in texts
    }
    return replace(table, columns={**table.columns, **changed}) if changed else table
