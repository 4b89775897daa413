"""Numbers in every dress: read right, or refused with both readings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.numbers import Ambiguous, Written, decide, is_number, read_all, read_one

NAN = math.nan
STYLES = {
    # name: (decimal mark, mark between thousands)
    "plain": (".", ""), "comma": (",", ""), "german": (",", "."), "english": (".", ","), "french": (",", "\u202f"),
    "swiss": (".", "\u2019"), "blank": (".", " "),
}  # fmt: skip


def written(value: float, style: str, digits: int) -> str:
    """Write a number with Python's own format, then exchange the marks."""
    decimal, thousands = STYLES[style]
    text = f"{value:,.{digits}f}" if thousands else f"{value:.{digits}f}"
    return text.translate(str.maketrans({".": decimal, ",": thousands}))


def values(cells, known=None):
    form = decide(cells, known or Written())
    assert not isinstance(form, Ambiguous), form
    return read_all(cells, form, (known or Written()).missing).tolist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["11,85", "9,5"], [11.85, 9.5]),
        (["11.850,25", "3"], [11850.25, 3]),
        (["1.234.567", "12"], [1234567, 12]),
        (["1,234.5", "12"], [1234.5, 12]),
        (["12,34,567", "1,234.5"], [1234567, 1234.5]),
        (["1 234", "1\u00a0234,5"], [1234, 1234.5]),
        (["1'234.5", "12"], [1234.5, 12]),
        (["$1,234.50", "$3.00"], [1234.5, 3]),
        (["3,5 €", "1,25 €"], [3.5, 1.25]),
        (["EUR 3", "4"], [3, 4]),
        (["R$ 9.930,69", "R$12,50", "-R$ 3,00"], [9930.69, 12.5, -3]),
        (["9 930,69 kr", "kr 12,50", "3kr"], [9930.69, 12.5, 3]),
        (["9\u00a0930,69 zł", "12,50 zł", "(3,00 zł)"], [9930.69, 12.5, -3]),
        (["9 930,69 Kč", "12 Kč"], [9930.69, 12]),
        (["1,5", "#NV", "#N/D", "#N/B", "#SAKNAS!", "#WERT!"], [1.5, NAN, NAN, NAN, NAN, NAN]),
        (["12 %", "7.5%"], [12, 7.5]),
        (["(12)", "5-", "\u22127", "+1"], [-12, -5, -7, 1]),
        (["1.109,43+", "1.009,40-"], [1109.43, -1009.4]),
        (["1e3", "2.5E-1"], [1000, 0.25]),
        (["0.123", "12.345"], [0.123, 12.345]),
        (["11850.123", "12.345"], [11850.123, 12.345]),
        (["11.850", "9.5"], [11.85, 9.5]),
        (["€-5", "5 €-", "-€ 5", "(5 €)"], [-5, -5, -5, -5]),
        (["1", "#N/A", "?", "-", "", "n.a."], [1, NAN, NAN, NAN, NAN, NAN]),
    ],
)
def test_a_column_decides_how_its_numbers_are_written(cells, numbers):
    np.testing.assert_array_equal(values(cells), numbers)


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        (["11.850", "950"], 11.85, 11850),
        (["1,234"], 1234, 1.234),
        (["-3.125", "-999.000"], -3.125, -3125),
        (["11.850", "9850", "-", ".", "--"], 11.85, 11850),
        (["9.100-", "4"], -9.1, -9100),
    ],
)
def test_two_readings_are_not_chosen_from(cells, first, second):
    form = decide(cells)
    assert isinstance(form, Ambiguous)
    assert form.values == (first, second)
    assert values(cells, Written("."))[0] == first
    assert values(cells, Written(","))[0] == second
    thousands = "," if "," in cells[0] else "."
    assert values(cells, Written(thousands=thousands))[0] == max(first, second, key=abs)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["1", "two"], "'two' is no number"),
        (["1,5", "1.5"], "'1.5' and '1,5' are written in two ways"),
        (["$1", "€2"], r"the signs \$, € stand in one column"),
        (["$1", "R$ 2"], r"the signs \$, R\$ stand in one column"),
        (["1 km", "2 km"], "'1 km' is no number"),
        (["50 %", "0.5"], "some numbers are percentages"),
        (["1_000"], "'1_000' is no number"),
        (["5€30", "1"], "'5€30' is no number"),
        (["inf", "1"], "'inf' is no number"),
        (["85+", "84"], r"85\+"),
    ],
)
def test_what_no_format_fits_is_refused_with_the_reason(cells, reason):
    with pytest.raises(ValueError, match=reason):
        read_all(cells, decide(cells))  # type: ignore[arg-type]


def test_a_cell_alone_is_read_by_what_the_training_decided():
    assert read_one("11.850", Written(".")) == 11.85
    assert read_one("11.850", Written(",")) == 11850
    assert read_one("12,147", Written(".")) == 12147
    with pytest.raises(ValueError, match=r"is 11.85 or 11,850: the numbers of the training do not say which"):
        read_one("11.850", Written())
    with pytest.raises(ValueError, match=r"'11.85' is not written with decimal commas"):
        read_one("11.85", Written(","))
    assert math.isnan(read_one("-999", Written(missing=frozenset({"-999"}))))


@settings(max_examples=200, deadline=None)
@given(
    numbers=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8),
    digits=st.integers(0, 4),
    style=st.sampled_from(sorted(STYLES)),
    gap=st.booleans(),
)
def test_numbers_come_back_as_they_were_written_or_are_refused(numbers, digits, style, gap):
    wanted = [number / 10**digits for number in numbers]
    cells = [written(value, style, digits) for value in wanted] + ["n/a"] * gap
    form = decide(cells)
    if isinstance(form, Ambiguous):
        known = Written(STYLES[style][0])
        form = decide(cells, known)  # the option decides
        assert not isinstance(form, Ambiguous)
    np.testing.assert_allclose(read_all(cells, form), [*wanted, *[NAN] * gap], rtol=1e-12)


def test_digits_without_end_are_told_at_once():
    assert not is_number("9" * 1_000_000 + "x")  # hours, where each end of the digits is tried with each other
    assert is_number("9" * 1_000_000 + ".")
