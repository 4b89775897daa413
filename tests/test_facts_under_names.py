"""Rows of facts between the names and the dates of a series, as the Bundesbank writes them."""

from __future__ import annotations

import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.errors import DataError


def months(mark: str = ",", decimal: str = ".", end: str = "") -> list[str]:
    return [
        f"{1990 + place // 12}-{place % 12 + 1:02d}{mark}{place}{decimal}25{end and mark + end}" for place in range(60)
    ]


@pytest.mark.parametrize(("head", "mark", "name"), [
    (['"",BBK01.X,BBK01.X_FLAGS', '"",Deposits,', "Einheit,Euro,", "Dimension,Mio,", "Stand vom,1.3.2024,"], ",",
     "BBK01.X"),
    (['"";BBK01.X;FLAGS', '"";Yields;', "Einheit;% p.a.;", "Dimension;Eins;", "Stand vom;1.3.2024 15:59:11 Uhr;",
      "Kategorie;BBK01;", "Einheiten-Multiplikator;0;"], ";", "BBK01.X"),
    (['"",BBK01.X', '"",Einheit,Euro', '"",Dimension,Eins', '"",Stand vom,2024-03-01'], ",", "BBK01.X"),
    (["Datum,BBK01.X", "Einheit,Euro", "Dimension,1000", "Stand vom,2024-03-01"], ",", "BBK01.X"),
])  # fmt: skip
def test_facts_are_no_names_and_no_rows(head, mark, name):
    rows = months(mark, "," if mark == ";" else ".", " " if head[0].count(mark) == 2 else "")
    series = clean(parse_table("\n".join([*head, *rows]) + "\n"))
    assert (series.columns, len(series.values), series.values[1, 0]) == ((name,), 60, 1.25)
    assert [finding.text for finding in series.findings if finding.code == "units"] == [
        f"{len(head) - 1} lines under the header left out"
    ]


def test_a_row_of_numbers_without_a_date_is_no_fact():
    with pytest.raises(DataError, match="is no date"):
        clean(parse_table("\n".join(['"",load', '"",12.5', *months()]) + "\n"))


def test_rows_of_months_by_name_stay():
    text = "month,load\n" + "".join(f"{name},{n}.5\n" for n, name in enumerate(["Jan", "Feb", "Mar", "Apr"] * 3))
    assert len(parse_table(text)) == 12
