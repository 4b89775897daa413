"""The columns beside the values in a line of `forecast --follow`."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.beside_cells import flag_of, marks_of, text_of
from seqtool.data.encoders.inputs import UNSEEN, Input
from seqtool.data.reading import CATEGORY, NUMBER, Kind, Reading
from seqtool.families.forecasting.row_numbers import number_in, refused_thousands
from seqtool.families.forecasting.rows import Places
from seqtool.families.forecasting.runner import Runner
from seqtool.runtime.stream import Refusal
from seqtool.say import listing, printable


def columns_in(fields: Sequence[str], places: Places, runner: Runner) -> tuple[float, ...] | Refusal:
    """Return the columns [C] of a line as the training coded them, NaN = missing, or why they cannot be read."""
    reading = runner.encoders.reading
    inputs = [one for one in runner.encoders.inputs if not one.last]
    if len(places.beside) < len(inputs):
        names = listing([one.name for one in inputs])
        return Refusal(f"the model reads {names} beside the value: name them in a header", f"without {names} beside it")
    columns = []
    for one, kind, place in zip(inputs, reading.kinds, places.beside, strict=True):
        value = _value(fields[place], one, kind, reading)
        if isinstance(value, Refusal):
            return value
        columns.append(value)
    return tuple(columns)


def _value(cell: str, one: Input, kind: Kind, reading: Reading) -> float | Refusal:
    if kind == NUMBER:
        return _number(cell, one, reading)
    text, name = text_of(cell, marks_of(kind, reading)), printable(one.name)
    if kind == CATEGORY:
        return _level(text, one)
    flag = flag_of(text)
    if flag is None:
        return Refusal(f"'{printable(text)}' in '{name}' is neither yes nor no", f"without yes or no in '{name}'")
    return flag


def _level(text: str, one: Input) -> float:
    """Return the place of a level, NaN for a missing one and where the training had none at all."""
    if not (text and one.levels):
        return float("nan")
    return float(one.levels.index(text)) if text in one.levels else UNSEEN


def _number(cell: str, one: Input, reading: Reading) -> float | Refusal:
    percent = reading.has_percent(one.name, alone=False)
    read = refused_thousands([cell], reading.of_beside(one.name)) or number_in(cell, reading, percent=percent)
    if not isinstance(read, Refusal):
        return read
    name = printable(one.name)
    return Refusal(f"'{name}': {read.reason}", f"without a number in '{name}'")
