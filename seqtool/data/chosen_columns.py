"""Which columns a person names or leaves out, and which of a table of one series a row are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.columns import find
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table, place_of


def stamps_of_rows(table: Table) -> list[str]:
    """Return the columns of a table of one series a row that are no series: that of the dates in its header."""
    return [name for name in table.columns if name.rstrip("_") in ("date", "year")]


def own_name(table: Table, wanted: str) -> str:
    """Return the name of a column that is given by its name or number; as it is where there is none."""
    names = list(table.columns)
    place = place_of(wanted, names)
    return wanted if place is None else names[place]


def with_own_names(reading: Reading, table: Table) -> Reading:
    """Name the columns beside the values as a table does: later tables, and streams, may have them at other places."""
    known, past, static, category = (
        tuple(own_name(table, name) for name in names)
        for names in (reading.known, reading.past, reading.static, reading.category)
    )
    return replace(reading, known=known, past=past, static=static, category=category)


def is_absent(name: str, table: Table) -> bool:
    """Tell whether a column to be left out is not there at all: of several files only one may have it."""
    return name.casefold() not in {column.casefold() for column in table.columns} and not name.isdecimal()


def refuse_absent(name: str, tables: Sequence[Table], where: str) -> None:
    """Raise `UsageError` where no table has a column that is to be left out."""
    if all(is_absent(name, table) for table in tables):
        find(tables[0].columns, name, where)
