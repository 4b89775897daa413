"""Signs and marks of numbers: percent, currencies, thousands; those of later tables against those of the training."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.columns import known_cells
from seqtool.data.numbers import NumberFormat, currencies, other_currency
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.data.two_readings import may_be_thousands, unseen_thousands
from seqtool.errors import DataError
from seqtool.say import printable
from seqtool.types import Ids


def refuse_unlike(table: Table, names: Sequence[str], rows: Ids, reading: Reading, where: str) -> None:
    """Raise `DataError` where the numbers of a later table are written otherwise than those of the training."""
    _refuse_percent(table, names, reading, where)
    texts = [name for name in names if name not in table.numeric]
    _refuse_currency(table, texts, reading, where)
    _refuse_unseen(table, texts, rows, reading, where)
    if found := may_be_thousands([[table.columns[name][row] for row in rows] for name in texts], reading):
        what = f"'{printable(found.cell)}' is {found.readings()}: no number of the training has three decimals"
        cure = f"write the numbers as those of the training: with {found.formats[0]}, and not three in every cell"
        raise DataError(what, where=where, cure=cure)


def _refuse_percent(table: Table, names: Sequence[str], reading: Reading, where: str) -> None:
    """Raise `DataError` where a later table has percent signs and the training had none, or none where it had some."""
    for name in names:
        trained = reading.has_percent(name, alone=len(names) == 1)
        if name in table.numeric:
            if trained:
                what = f"column '{printable(name)}' holds numbers, and the training's were written with %"
                cure = "write them as texts with %, such as 12.5%; or train on a file of numbers"
                raise DataError(f"{what}: 0.125 may be 12.5%, or 0.125%", where=where, cure=cure)
            continue
        known = known_cells(table.columns[name])
        if known and has_percent(known) != trained:  # a column beside the values may be empty
            what = f"column '{printable(name)}' is {'not ' if trained else ''}written with %"
            cure = "write the numbers as those of the training, " + ("such as 12.5%" if trained else "without %")
            raise DataError(f"{what}, and the training's was{'' if trained else ' not'}", where=where, cure=cure)


def signs_of(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """Return the signs of currencies in columns of values."""
    return tuple(currencies([cell for name in names for cell in known_cells(table.columns[name])]))


def _refuse_currency(table: Table, names: Sequence[str], reading: Reading, where: str) -> None:
    """Raise `DataError` where a later table has the sign of another currency than the training table."""
    if not reading.currency:
        return
    for cell in (cell for name in names for cell in known_cells(table.columns[name])):
        if other_currency(cell, reading.currency):
            what = f"'{printable(cell.strip())}': the numbers of the training have {', '.join(reading.currency)}"
            raise DataError(what, where=where, cure="give values of that currency")


def has_percent(cells: Sequence[str | None]) -> bool:
    """Tell whether the numbers of a column are percentages: all are, or none."""
    return any("%" in cell for cell in known_cells(cells)[:1])


def _refuse_unseen(table: Table, names: Sequence[str], rows: Ids, reading: Reading, where: str) -> None:
    """Raise `DataError` where the thousands of a later table may be decimals: the training table had none."""
    if reading.names and reading.decimal and not reading.thousands:
        columns = [[table.columns[name][row] for row in rows] for name in names]
        if found := unseen_thousands(columns, reading):
            what = f"'{printable(found.cell)}' is {found.readings()}: the training showed no mark between thousands"
            cure = (
                f"write the numbers as those of the training: with {NumberFormat(reading.decimal)}, thousands not apart"
            )
            raise DataError(what, where=where, cure=cure)
