"""Letters that statistical offices write behind numbers."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.flags import flag_of
from seqtool.data.number_table import parse_table
from seqtool.errors import DataError

NAN = float("nan")


def rows(*cells: str) -> str:
    return "month,jobs\n" + "".join(f"2011-{month:02d},{cell}\n" for month, cell in enumerate(cells, start=1))


def said(one, code: str) -> str:
    return next((finding.text for finding in one.findings if finding.code == code), "")


@pytest.mark.parametrize(("cell", "parts"), [
    ("98.4 e", ("98.4", "e")), (" 12 bp ", ("12", "bp")), (": c", (":", "c")), (":z", (":", "z")),
    ("98.4", ("", "")), (":", ("", "")), ("1.5 k", ("", "")), ("7 eur", ("", "")), ("of p", ("", "")), (None, ("", "")),
])  # fmt: skip
def test_a_number_and_the_letters_behind_it(cell, parts):
    assert flag_of(cell) == parts


def test_letters_behind_some_numbers_are_left_out_and_counted():
    one = clean(parse_table(rows("98.4", "97.1 e", ": ", ":", "96.5 p", "95.2 e", ": c", "94.0")))
    np.testing.assert_array_equal(one.values[:, 0], [98.4, 97.1, NAN, NAN, 96.5, 95.2, NAN, 94.0])
    assert said(one, "flags") == "letters behind numbers in 'jobs' are left out: 2 times 'e', 1 times 'p', 1 times 'c'"


def test_most_numbers_may_have_letters_and_decimal_commas():
    text = rows(*(f'"{n},5 {flag}"' for n, flag in enumerate("pppebpppp", start=3)))
    assert clean(parse_table(text)).values[:3, 0].tolist() == [3.5, 4.5, 5.5]


@pytest.mark.parametrize("cells", [("1 s", "2 s", "3 s"), ("1 k", "2", "3"), ("1 p", "2", "many")])
def test_units_and_texts_are_no_flags(cells):
    with pytest.raises(DataError, match=r"no column of numbers|is no number"):
        clean(parse_table(rows(*cells)))


def test_a_series_of_a_long_table_may_have_them():
    text = "month,land,jobs\n" + "".join(
        f"2011-{m:02d},{land},{m} {'e' * (m > 3)}\n" for m in range(1, 7) for land in "AB"
    )
    assert clean(parse_table(text), id_column=("land",)).values[-1].tolist() == [6, 6]
