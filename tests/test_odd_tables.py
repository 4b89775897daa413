"""Marks in front of numbers, codes of missing values, comments like another program's, units beside names of series."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.errors import DataError

DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(day) for day in range(80)]


def table(values, head="date,y"):
    return parse_table(head + "\n" + "".join(f"{day},{value}\n" for day, value in zip(DAYS, values, strict=True)))


def test_a_comment_that_begins_like_an_annotation_is_a_comment():
    series = clean(table(range(80), "#group: sensors\ndate,y"))
    assert len(series.values) == 80
    assert "influx" not in [finding.code for finding in series.findings]


def test_byte_order_marks_in_front_of_cells_are_no_text_and_behind_cells_part_them():
    assert clean(table([f"\ufeff{n}" for n in range(80)])).values[:, 0].tolist() == [*range(80)]
    assert clean(table([f'"\ufeff{n}"' for n in range(80)])).values[:, 0].tolist() == [*range(80)]
    with pytest.raises(DataError):
        clean(parse_table("y\n" + "".join(f"{n}\n" for n in range(30)) + "30\ufeff31\n32\n"))


@pytest.mark.parametrize(("code", "warned"), [("-99.9", True), ("-99", True), ("-9999", True), ("-9", False)])
def test_codes_of_missing_values_are_warned_of_below_values_that_are_never_negative(code, warned):
    values = [code if n % 11 == 5 else f"{n}.5" for n in range(80)]
    assert ("odd-values" in [finding.code for finding in clean(table(values)).findings]) == warned
    values = [code if n % 11 == 5 else f"{n - 60}.5" for n in range(80)]
    assert ("odd-values" in [finding.code for finding in clean(table(values)).findings]) == (code == "-9999")


def test_a_series_in_two_currencies_is_named_by_both_columns():
    rows = [f"{day},{name},{n + k * 100},{unit}" for n, day in enumerate(DAYS) for name in "ab"
            for k, unit in enumerate(("EUR", "USD"))]  # fmt: skip
    parsed = parse_table("date,id,y,currency\n" + "\n".join(rows) + "\n")
    with pytest.raises(DataError, match="a second time") as refused:
        clean(parsed, id_column=("id",), many=True)
    assert refused.value.cure == "--id-column id,currency, or keep one row a stamp and series"
    series = clean(parsed, id_column=("id", "currency"), many=True)
    assert (len(series.columns), np.isnan(series.values).any()) == (4, False)
