"""Marks of missing values that a person names, where most cells of a column are such."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError

DAYS = [np.datetime64("2023-01-01") + day for day in range(300)]


def table(mark, share, header="date,sales"):
    return parse_table(f"{header}\n" + "".join(f"{day},{mark if n % share else n}\n" for n, day in enumerate(DAYS)))


@pytest.mark.parametrize("share", [2, 3, 10, 50])
@pytest.mark.parametrize("mark", ["closed", "-99x", "Not open"])
def test_marks_are_taken_away_before_columns_are_judged(mark, share):
    with pytest.raises(DataError) as refused:
        clean(table(mark, share))
    assert f"--missing {shlex.quote(mark)}" in refused.value.cure
    series = clean(table(mark, share), reading=Reading(missing=(mark,)))
    assert np.flatnonzero(np.isfinite(series.values[:, 0])).tolist() == [*range(0, 300, share)]


def test_a_mark_may_be_the_name_of_a_series_and_a_number_an_hour():
    rows = "".join(f"{day},{name},{n}\n" for n, day in enumerate(DAYS) for name in ("closed", "open"))
    series = clean(
        parse_table(f"date,shop,y\n{rows}"), id_column=("shop",), reading=Reading(missing=("closed",)), many=True
    )
    assert series.columns == ("closed", "open")
    hours = "".join(f"{DAYS[n // 24]},{n % 24},{n % 7}\n" for n in range(240))
    series = clean(parse_table(f"date,hour,y\n{hours}"), reading=Reading(missing=("0",)))
    assert len(series.values) == 240


@pytest.mark.parametrize("share", [2, 9])
def test_a_mark_with_a_comma_is_not_to_be_typed(share):
    rows = "".join(f'{day},"{"shut, all day" if n % share == 0 else n}"\n' for n, day in enumerate(DAYS))
    with pytest.raises(DataError) as refused:
        clean(parse_table(f"date,sales\n{rows}"))
    assert "--missing" not in refused.value.cure
    assert refused.value.cure.endswith("write NA in its place")
