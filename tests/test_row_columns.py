"""A cell beside the values says the same in a table and in a line of `forecast --follow`."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.data.beside import Columns
from seqtool.data.encoders.inputs import Input, coded, indicators
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.errors import DataError
from seqtool.families.forecasting.row_columns import columns_in
from seqtool.families.forecasting.rows import Places
from seqtool.runtime.stream import Refusal

REFUSED = "refused"


def in_a_table(cell: str, one: Input, reading: Reading) -> tuple[bool, list[float]] | str:
    """Return whether a column of one cell is known, and what a network reads of it."""
    table = Table({one.name: [cell]}, [2])
    try:
        beside = Columns(table, (one.name,), reading, "t.csv").of(np.array([0]))
    except DataError:
        return REFUSED
    return bool(np.isfinite(beside.values[0, 0, 0])), indicators(coded(beside, [one]), [one])[0, 0].tolist()


def in_a_line(cell: str, one: Input, reading: Reading) -> tuple[bool, list[float]] | str:
    runner = SimpleNamespace(encoders=SimpleNamespace(reading=reading, inputs=(one,)))
    read = columns_in([cell], Places(1, (), (), (), (0,)), runner)
    if isinstance(read, Refusal):
        return REFUSED
    return bool(np.isfinite(read[0])), indicators(np.array(read), [one]).tolist()


def both(cell: str, one: Input, **options: object) -> tuple[bool, list[float]] | str:
    """Read a cell by both ways, and hold the two against each other."""
    reading = Reading(names=("day", "sold", one.name), known=(one.name,), **options)
    line = in_a_line(cell, one, reading)
    assert in_a_table(cell, one, reading) == line
    return line


FLAGS = {
    "yes": 1, "Yes": 1, " TRUE ": 1, "1": 1, "1.0": 1, "y": 1, "Ja": 1, "sí": 1,
    "no": 0, "NO": 0, "False": 0, "0": 0, "0.0": 0, " 0.0": 0, "não": 0,
}  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), FLAGS.items())
def test_a_flag(cell, value):
    assert both(cell, Input("open", known=True), kinds=("flag",)) == (True, [value])


@pytest.mark.parametrize("cell", ["2", "perhaps", "10", "1.5", "yes no"])
def test_a_word_that_is_no_flag_is_refused(cell):
    assert both(cell, Input("open", known=True), kinds=("flag",)) == REFUSED


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "closed", "Closed"])
@pytest.mark.parametrize("kind", ["flag", "number"])
def test_a_missing_cell(cell, kind):
    assert both(cell, Input("open", known=True), kinds=(kind,), missing=("Closed",)) == (False, [0])


KIND = Input("kind", known=True, levels=("1", "10", "none", "x y"))


@pytest.mark.parametrize(
    ("cell", "place"),
    [("1", 0), (" 1 ", 0), ("1.0", 0), ("10", 1), ("10.0", 1), ("none", 2), ("x y", 3), ("None", None), ("2", None)],
)
def test_a_category(cell, place):
    assert both(cell, KIND, kinds=("category",)) == (True, [float(n == place) for n in range(4)])


@pytest.mark.parametrize("cell", ["", " ", "?!", "Open", " OPEN "])
def test_a_category_that_is_missing(cell):
    """An empty cell, and what a person says is missing."""
    marks = ("?!", "Open")
    assert both(cell, KIND, kinds=("category",), missing=marks) == (False, [0, 0, 0, 0])


@pytest.mark.parametrize("cell", ["a", "", "none"])
def test_a_category_of_which_the_training_had_no_level(cell):
    """It is no number: a network reads nothing of it."""
    reading = Reading(names=("kind",), past=("kind",), kinds=("category",))
    for read in (in_a_table, in_a_line):
        assert read(cell, Input("kind"), reading)[1] == [0]


NUMBER = Input("price", known=True, mean=2.0, deviation=2.0)


@pytest.mark.parametrize(
    ("cell", "options", "value"),
    [
        ("3", {}, 3), (" 3.5 ", {}, 3.5), ("3,5", {"decimal": ","}, 3.5), ("1.234,5", {"decimal": ","}, 1234.5),
        ("-999.0", {"missing": ("-999",)}, None), ("3 €", {"currency": ("€",)}, 3), ("3 %", {"percent": ("price",)}, 3),
        ("1.125", {"decimal": "."}, 1.125),
        ("1.125", {"decimal": ".", "never_three": True, "three": ("Price",)}, 1.125),
    ],
)  # fmt: skip
def test_a_number(cell, options, value):
    seen = 0 if value is None else (value - 2) / 2
    assert both(cell, NUMBER, kinds=("number",), **options) == (value is not None, [seen])


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("many", {}), ("inf", {}), ("1e300", {}), ("1e999", {}), ("3 %", {}), ("3", {"percent": ("price",)}),
        ("3 $", {"currency": ("€",)}), ("3.5", {"decimal": ","}), ("1,234", {}), ("99,280", {"decimal": "."}),
        ("1.125", {"decimal": ".", "never_three": True}),
    ],
)  # fmt: skip
def test_a_number_unlike_those_of_the_training_is_refused(cell, options):
    assert both(cell, NUMBER, kinds=("number",), **options) == REFUSED
