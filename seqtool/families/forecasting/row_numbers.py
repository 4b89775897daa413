"""A number in a line of `forecast --follow`, a value or one beside it: as those of the training, or refused."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.numbers import LARGEST, Ambiguous, is_missing, other_currency, read_one
from seqtool.data.reading import Reading
from seqtool.data.two_readings import may_be_thousands, unseen_thousands
from seqtool.runtime.stream import Refusal
from seqtool.say import printable

NO_NUMBER = "not numbers"


def refused_thousands(cells: Sequence[str], reading: Reading) -> Refusal | None:
    """Refuse numbers of a line that all have three digits behind the mark, where the training had none so."""
    found = may_be_thousands([cells], reading)
    return _of_two(found) if found else None


def number_in(cell: str, reading: Reading, *, percent: bool) -> float | Refusal:
    """Read a number, NaN = missing; percent: whether those of the training were written with %."""
    if reading.names and ("%" in cell) != percent and not is_missing(cell, reading.written.missing):
        was = "with %" if percent else "without %"
        return Refusal(f"'{printable(cell)}': the training's numbers are written {was}", NO_NUMBER)
    if reading.names and other_currency(cell, reading.currency):
        return Refusal(f"'{printable(cell)}': the training's have {', '.join(reading.currency)}", NO_NUMBER)
    try:
        value = read_one(cell, reading.written)
        if found := unseen_thousands([[cell]], reading):
            return _of_two(found)
    except ValueError as error:
        return Refusal(printable(str(error), 120), NO_NUMBER)
    return Refusal(f"'{printable(cell)}' is too large", "too large") if abs(value) > LARGEST else value


def _of_two(found: Ambiguous) -> Refusal:
    return Refusal(f"'{printable(found.cell)}' is {found.readings()}: the training's do not say", NO_NUMBER)
