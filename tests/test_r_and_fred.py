"""Tables as R's `write.table` and FRED's text files write them: names of rows, escaped quotes, facts above blanks."""

from __future__ import annotations

import datetime

import pytest

from seqtool.data.clean import clean
from seqtool.data.labelled import read_labelled
from seqtool.data.number_table import parse_table
from seqtool.data.pair_table import PairFormat, read_table

DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(day) for day in range(20)]
FACTS = "Title:               US / Euro\nSeries ID:           EXUSEU\nUnits:               U.S. Dollars\n"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_facts_stand_above_columns_between_blanks(gap):
    rows = "".join(f"{day}    {place}.5000\n" for place, day in enumerate(DAYS))
    series = clean(parse_table(f"{FACTS}{gap}DATE          VALUE\n{rows}"))
    assert series.columns == ("VALUE",)
    assert series.values[:, 0].tolist() == [place + 0.5 for place in range(20)]
    assert "title-lines" in [finding.code for finding in series.findings]


@pytest.mark.parametrize("mark", ["\t", ",", ";", " "])
def test_one_column_with_dates_as_names_of_rows_keeps_its_name(mark):
    rows = "".join(f'"{day}"{mark}{place}\n' for place, day in enumerate(DAYS))
    series = clean(parse_table(f'"y"\n{rows}'))
    assert (series.columns, len(series.values), str(series.times[0])) == (("y",), 20, "2024-01-01T00:00:00")


def test_a_title_in_quotes_is_no_name_of_two_columns_with_names():
    rows = "".join(f'"{day}",{place}\n' for place, day in enumerate(DAYS))
    series = clean(parse_table(f'"Sales of 2024"\n"date","y"\n{rows}'))
    assert (series.columns, len(series.values)) == (("y",), 20)


@pytest.mark.parametrize("mark", ["\t", ",", ";", "|", " "])
def test_quotes_behind_backslashes_are_quotes(mark):
    head = mark.join(['"date"', '"id"', '"y"'])
    cells = [(day, name, place) for place, day in enumerate(DAYS) for name in ('5\\" pipe', '6\\" pipe')]
    rows = "".join(
        mark.join([f'"{number}"', f'"{day}"', f'"{name}"', str(value)]) + "\n"
        for number, (day, name, value) in enumerate(cells, start=1)
    )
    series = clean(parse_table(f"{head}\n{rows}"), id_column=("id",), many=True)
    assert series.columns == ('5" pipe', '6" pipe')
    assert series.values[:, 0].tolist() == [*range(20)]
    single = parse_table(f'"id"{mark}"y"\n"5\\" pipe"{mark}1\n')  # as a forecast may have it
    assert single.columns["id"] == ['5" pipe']


@pytest.mark.parametrize("last", ['"a \\\\ b"', "NA"])
def test_two_backslashes_are_two_beside_escaped_quotes_too(last):
    """R escapes quotes alone, in texts as in tables of numbers."""
    rows = "".join(f'"{day}",{place},"5\\" pipe",{last}\n' for place, day in enumerate(DAYS))
    table = parse_table(f'"date","y","kind","dir"\n{rows}')
    assert {*table.columns["kind"]} == {'5" pipe'}
    assert {*table.columns["dir"]} == {last.strip('"')}


def test_a_backslash_that_ends_a_cell_is_its_own():
    rows = "".join(f'"{day}","C:\\","{place}"\n' for place, day in enumerate(DAYS))
    table = parse_table(f'"date","dir","y"\n{rows}')
    assert set(table.columns["dir"]) == {"C:\\"}


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("mark", ["\t", ",", " "])
@pytest.mark.parametrize("every", [1, 30])
def test_escaped_quotes_of_labelled_texts_and_pairs(tmp_path, mark, named, every):
    texts = [f"We {'say' if n % every else chr(34) + 'have' + chr(34)} {n} sheep, ok" for n in range(60)]
    cells = [(("neg", "pos")[n % 2], text) for n, text in enumerate(texts)]

    def written(head, rows):
        lines = [mark.join(f'"{name}"' for name in head)]
        for number, row in enumerate(rows, start=1):
            quoted = ['"' + cell.replace('"', '\\"') + '"' for cell in row]
            lines.append(mark.join([*[f'"{number}"'][:named], *quoted]))
        path = tmp_path / "a.txt"
        path.write_text("\n".join(lines) + "\n")
        return path

    read = read_labelled(written(("label", "text"), cells))
    assert [(record.label, record.text) for record in read.records] == cells
    pairs = [(f"Wir haben {n} Schafe", text) for n, text in enumerate(texts)]
    found = read_table(written(("de", "en"), pairs), PairFormat())
    assert [(pair.source, pair.target) for pair in found.records] == pairs
