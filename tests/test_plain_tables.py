"""Plain tables are read in one piece: with the cells and numbers that reading them row by row, and by column, gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data import clean as cleaning
from seqtool.data import separated
from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.separated import Separated
from seqtool.data.tables import table_of_text
from seqtool.errors import DataError


def outcome(text, how, *, blank):
    try:
        cells = separated.read_cells(text, how, "t", blank=blank)
    except DataError as error:
        return str(error)
    return cells.columns, list(cells.lines), cells.ragged


@settings(max_examples=400, deadline=None)
@given(
    text=st.text(alphabet='ab1,;\n\t "\r\x85', max_size=40), mark=st.sampled_from(",;\t"), quoted=st.booleans(),
    blank=st.booleans(), above=st.sampled_from([0, 0, 1]), piece=st.sampled_from([4, 1 << 20]),
)  # fmt: skip
def test_cells_are_those_of_csv_whatever_the_text_holds(text, mark, quoted, blank, above, piece):
    how, text = Separated(mark, quoted, above), "title\n" * above + text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separated, "PIECE", piece)
        found = outcome(text, how, blank=blank)
        patch.setattr(separated, "plain_columns", lambda pieces, mark: ([], 0))
        assert found == outcome(text, how, blank=blank)


def test_a_quote_far_down_in_a_plain_table_still_has_its_meaning_and_its_line(monkeypatch):
    monkeypatch.setattr(separated, "PIECE", 16)
    rows = [f"2024-01-{day:02d},{day}" for day in range(1, 20)]
    cells = separated.read_cells("\n".join([*rows, '2024-01-20,"2,5"', "x,1"]), Separated(","), "t")
    assert cells.columns[1][18:] == ["19", "2,5", "1"]
    assert cells.lines[-1] == 21
    with pytest.raises(DataError, match=r"line 20 .* never closed"):
        separated.read_cells("\n".join([*rows, '2024-01-20,"2']), Separated(","), "t")


def made(text, **words):
    try:
        return clean(table_of_text(text.encode(), "t", Reading()), reading=Reading(), where="t", **words)
    except DataError as error:
        return str(error)


CELLS = (
    "1.5",
    "1.234",
    "12.5",
    "7",
    "-3",
    "1e3",
    "",
    "NA",
    "-",
    "2,5",
    "1,234.5",
    "5-",
    "3e38",
    "1e39",
    "5 %",
    "$5",
    "x",
)


@settings(max_examples=200, deadline=None)
@given(
    cells=st.lists(st.lists(st.sampled_from(CELLS[:4]), min_size=9, max_size=9), min_size=2, max_size=5),
    odd=st.sampled_from(CELLS), many=st.booleans(), training=st.booleans(),
)  # fmt: skip
def test_many_columns_are_read_as_each_alone(cells, odd, many, training):
    """A series a row, and a long table: with the numbers, findings and refusals of reading column by column."""
    cells[-1][4] = odd
    rows = "\n".join(
        [";".join(["id", *(f"V{n}" for n in range(1, 10))]), *(f"s{n};" + ";".join(row) for n, row in enumerate(cells))]
    )
    long = "\n".join(
        [
            "day;id;value",
            *(f"2024-01-0{day + 1};s{n};{cell}" for n, row in enumerate(cells) for day, cell in enumerate(row)),
        ]
    )
    words = {"many": many, "for_training": training}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "MANY", 1)
        found = [made(rows, **words), made(long, id_column=("id",), **words)]
        patch.setattr("seqtool.data.plain_numbers.plain_numbers", lambda *words: None)
        patch.setattr("seqtool.data.long_table.plain_numbers", lambda *words: None)
        wanted = [made(rows, **words), made(long, id_column=("id",), **words)]
    for one, other in zip(found, wanted, strict=True):
        if isinstance(one, str):
            assert one == other
            continue
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.times, other.times)
        assert (one.findings, one.reading, one.columns) == (other.findings, other.reading, other.columns)


def test_ids_and_stamps_that_come_again_are_kept_once():
    text = "day,id,value\n" + "".join(
        f"2024-01-{day:02d},shop {n},{n}.{day}\n" for n in range(9) for day in range(1, 29)
    )
    table = parse_table(text)
    assert len({id(cell) for cell in table.columns["id"]}) == 9
    assert len({id(cell) for cell in table.columns["day"]}) == 28
    series = clean(table, id_column=("id",))
    assert series.values.shape == (28, 9)
    assert series.values[4, 7] == 7.5


def test_series_of_years_in_rows_are_values_and_no_dates():
    """A series a row has its steps in its columns: numbers that go on like years are values."""
    text = "id," + ",".join(f"V{n}" for n in range(1, 10)) + "\n"
    text += "".join(
        f"{name}," + ",".join(str(first + n) for n in range(9)) + "\n" for name, first in (("a", 2001), ("b", 7))
    )
    series = made(text, many=True)
    assert series.columns == ("a", "b")
    assert series.values[0].tolist() == [2001, 7]
