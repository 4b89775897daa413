"""A line of a table that never ends: F values, with or without a time stamp in front."""

from __future__ import annotations

import csv
from typing import NamedTuple

from seqtool.data.dates import is_stamp
from seqtool.data.text_table import number, printable, sniff
from seqtool.families.forecasting.runner import Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Refusal

CELL = 256
"""Characters of a line for each value and for the time stamp: no number, and hardly a name, is longer."""

_LARGEST = 3.4028234e38  # of float32


class Row(NamedTuple):
    """What a line says: its time stamp (else its number) and its values [F], NaN = missing; or why it says nothing."""

    time: str | int
    values: list[float] | Refusal


def limit(runner: Runner) -> int:
    """Return how many characters a line may have."""
    return CELL * (len(runner.columns) + 1)


def cells(text: str) -> list[str]:
    """Cut a line at its tabs, semicolons or commas, whichever it has most of; quotes as in CSV."""
    try:
        return next(csv.reader([text], delimiter=sniff(text), skipinitialspace=True))
    except csv.Error:  # a CR inside
        return [text]


def read_row(record: Record, runner: Runner) -> Row:
    """Read a line as a row of the runner's columns."""
    if record.cut:
        return Row(record.number, Refusal("too long: its numbers cannot be trusted", "too long to be a row"))
    found, time, width = cells(record.text), record.number, len(runner.columns)
    if len(found) == width + 1 and is_stamp(found[0]):
        return Row(found[0].strip(), _values(found[1:], runner))
    if len(found) == width:
        return Row(time, _values(found, runner))
    wanted = "1 value" if width == 1 else f"{width} values"
    reason = f"{len(found)} fields: the model takes {wanted}, with or without a time stamp in front"
    return Row(time, Refusal(reason, "of another number of values"))


def _values(found: list[str], runner: Runner) -> list[float] | Refusal:
    values = []
    for cell in found:
        try:
            value = number(cell)
        except ValueError:
            return Refusal(f"'{printable(cell)}' is no number", "not numbers")
        if abs(value) > _LARGEST:
            return Refusal(f"'{printable(cell)}' is too large", "too large")
        if runner.needs_positive and value <= 0:
            return Refusal(f"{value:g}: a model on log-returns needs values above zero", "not above zero")
        values.append(value)
    return values
