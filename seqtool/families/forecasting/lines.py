"""A line of a table that never ends: F values, with or without a time stamp in front."""

from __future__ import annotations

import csv
from typing import NamedTuple

import numpy as np

from seqtool.data.dates import is_stamp, parse_stamps
from seqtool.data.text_table import number, printable, sniff
from seqtool.errors import DataError
from seqtool.families.forecasting.runner import Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Refusal

CELL = 256
"""Characters of a line for each value and for the time stamp: no number, and hardly a name, is longer."""

_LARGEST = 3.4028234e38  # of float32


_UNKNOWN = np.datetime64("NaT", "s")


class Row(NamedTuple):
    """What a line says: its time stamp (else its number) and its values [F], NaN = missing; or why it says nothing.

    moment: the time stamp read, where the model reads the calendar; NaT elsewhere.
    """

    time: str | int
    values: list[float] | Refusal
    moment: np.datetime64 = _UNKNOWN


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
    found, width = cells(record.text), len(runner.columns)
    stamp = found.pop(0).strip() if len(found) == width + 1 and is_stamp(found[0]) else ""
    time = stamp or record.number
    if len(found) != width:
        wanted = "1 value" if width == 1 else f"{width} values"
        reason = f"{len(found)} fields: the model takes {wanted}, with or without a time stamp in front"
        return Row(time, Refusal(reason, "of another number of values"))
    moment = _moment(stamp, runner) if runner.calendar else _UNKNOWN
    if isinstance(moment, Refusal):
        return Row(time, moment)
    return Row(time, _values(found, runner), moment)


def _moment(stamp: str, runner: Runner) -> np.datetime64 | Refusal:
    """Read a time stamp by itself: what other lines hold must not change it."""
    kind = "without a time stamp that can be read"
    if not stamp:
        names = ", ".join(runner.calendar)
        return Refusal(f"no time stamp in front: the model reads the calendar ({names})", kind)
    try:
        (moment,), guessed = parse_stamps([stamp])
    except DataError:  # an offset from UTC
        moment, guessed = _UNKNOWN, True
    if guessed or np.isnat(moment):
        return Refusal(f"the time stamp '{stamp}' is not certain: write YYYY-MM-DD, without an offset", kind)
    return np.datetime64(moment, "s")


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
