"""Rows of a table of pairs that are no pairs are left out and named; pairs that look like them stay."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.data.pair_rows import without_again, without_rules
from seqtool.data.pair_table import PairFormat, read_table
from seqtool.errors import DataError

SENTENCES = [(f"Wir haben {n} Schafe im Stall.", f"We have {n} sheep in the barn.") for n in range(20)]
MORE = [(f"Es gibt {n} Wege hinaus.", f"There are {n} ways out.") for n in range(20)]
WORDS = [("Hund", "dog"), ("Katze", "cat"), ("Haus", "house"), ("Tor", "gate"), ("Baum", "tree")]


def read(folder: Path, rows, mark: str = "\t", **how):
    path = folder / "pairs.txt"
    path.write_text("".join(mark.join(row) + "\n" for row in rows))
    return read_table(path, PairFormat(**how))


def texts(found) -> list[tuple[str, str]]:
    return [(pair.source, pair.target) for pair in found.records]


def said(found, code: str) -> str:
    return next(finding.text for finding in found.findings if finding.code == code)


@pytest.mark.parametrize("rows", [SENTENCES, WORDS])
def test_numbers_that_count_the_columns_are_no_pair(tmp_path, rows):
    found = read(tmp_path, [("0", "1"), *rows])
    assert texts(found) == rows
    assert said(found, "counted-columns") == "line 1 counts the columns (0, 1): left out"
    index = [("", "0", "1"), *((str(n), *row) for n, row in enumerate(rows))]
    assert texts(read(tmp_path, index)) == rows
    assert len(read(tmp_path, [("0", "1"), *rows], header="no").records) == len(rows) + 1


@pytest.mark.parametrize("names", [("word", "meaning"), ("Anna", "Bert")])
@pytest.mark.parametrize("rows", [SENTENCES, WORDS])
def test_an_index_without_a_name_stands_below_a_header(tmp_path, names, rows):
    index = [("", *names), *((str(n), *row) for n, row in enumerate(rows))]
    assert texts(read(tmp_path, index)) == rows


def test_numbers_above_numbers_are_a_pair(tmp_path):
    for rows in ([("0", "1"), ("7", "8"), ("8", "9")], [("0", "1"), ("3 + 4", "7"), ("2 + 2", "4")]):
        assert texts(read(tmp_path, rows)) == rows


@pytest.mark.parametrize("names", [("de", "en"), ("Frage", "Antwort"), ("Anton", "Berta")])
def test_a_header_that_comes_again_is_left_out_with_its_lines(tmp_path, names):
    found = read(tmp_path, [names, *SENTENCES, names, *MORE, names])
    assert texts(found) == SENTENCES + MORE
    assert said(found, "header-again") == "2 lines (22, 43) hold the names of the columns again: left out"


def test_names_above_words_that_come_again_are_a_header(tmp_path):
    found = read(tmp_path, [("word", "meaning"), *WORDS[:3], ("word", "meaning"), *WORDS[3:]])
    assert texts(found) == WORDS
    assert said(found, "header-again") == "line 5 holds the names of the columns again: left out"


def test_a_pair_that_comes_again_among_others_that_do_is_a_pair(tmp_path):
    rows = [("Hallo", "Hello"), *SENTENCES, ("Danke", "Thanks"), ("Hallo", "Hello"), ("Danke", "Thanks")]
    assert texts(read(tmp_path, rows)) == rows
    rows = [*WORDS, WORDS[0]]
    assert texts(read(tmp_path, rows)) == rows
    with pytest.raises(DataError, match="may name the columns, or be a pair"):
        read(tmp_path, [("Anna", "Bert"), *SENTENCES, ("Anna", "Bert"), *SENTENCES])


@pytest.mark.parametrize("names", [("de", "en"), ("Wunsch", "Grund")])
@pytest.mark.parametrize("rule", ["|---|:--:|", "| :--- | ---: |", "|:-:|-----|"])
def test_tables_of_markdown(tmp_path, names, rule):
    path = tmp_path / "table.md"
    both = [*WORDS, *SENTENCES]
    path.write_text(f"| {names[0]} | {names[1]} |\n{rule}\n" + "".join(f"| {a} | {b} |\n" for a, b in both))
    found = read_table(path, PairFormat())
    assert texts(found) == both
    assert found.records[0].number == 3
    assert f"'{names[0]}' is the source, '{names[1]}' the target" in said(found, "format")
    path.write_text(f"{names[0]} | {names[1]}\n--- | ---\n" + "".join(f"{a} | {b}\n" for a, b in both))
    assert texts(read_table(path, PairFormat())) == both


ROW = st.lists(st.sampled_from(["", "a", "-", "--", ":-", " b "]), min_size=2, max_size=3)


@given(st.lists(ROW, max_size=6))
def test_a_table_without_a_rule_below_its_first_row_stays_as_it_is(rows):
    numbered = list(enumerate(rows, start=1))
    kept, ruled = without_rules(numbered)
    assert ruled or kept == numbered
    assert {line for line, _ in kept} <= {line for line, _ in numbered}


@given(st.lists(ROW, min_size=1, max_size=6))
def test_no_row_but_the_first_one_again_is_left_out(rows):
    kept, findings = without_again(rows[0], list(enumerate(rows)))
    assert [row for row in rows if row != rows[0]] == [row for _, row in kept]
    assert len(findings) == 1


def test_row_names_of_r_below_a_shorter_header_are_no_side(tmp_path):
    rows = [("de", "en"), *((str(n), *row) for n, row in enumerate(SENTENCES, start=1))]
    assert texts(read(tmp_path, rows)) == SENTENCES


@pytest.mark.parametrize("mark", ["\t", ",", ";"])
@pytest.mark.parametrize("header", [[], [("'Quelle'", "'Ziel'")]])
def test_single_quotes_around_every_cell_are_left_out(tmp_path, mark, header):
    pairs = [*SENTENCES, ("Geht's?", "It's on.")]
    quoted = [tuple("'" + cell.replace("'", "''") + "'" for cell in pair) for pair in pairs]
    found = read(tmp_path, [*header, *quoted], mark)
    assert texts(found) == pairs
    assert said(found, "single-quotes")
    some = [*SENTENCES, ("'Ja' rief er 'ja.'", "'Yes' he cried 'yes.'")]
    assert texts(read(tmp_path, some, mark)) == some


def test_tags_of_html_in_an_export_of_anki_are_said(tmp_path):
    above = [("#separator:tab",), ("#html:true",), ("#columns:Back", "Front")]
    found = read(tmp_path, [*above, *((f"<b>{de}</b>", en) for de, en in SENTENCES)])
    assert texts(found)[0] == (SENTENCES[0][1], f"<b>{SENTENCES[0][0]}</b>")
    assert "such as '<b>'" in said(found, "html")
    plain = read(tmp_path, [*above, *SENTENCES])
    assert "html" not in [finding.code for finding in plain.findings]


def test_a_dictionary_of_ding_is_refused_and_its_cure_reads_it(tmp_path):
    entries = [(f"{de} {{m}} | {de}e", f"{en} | {en}s") for de, en in WORDS]
    with pytest.raises(DataError, match="two colons part the sides") as error:
        read(tmp_path, [("# Version", "1.8"), *entries], mark=" :: ")
    command = error.value.cure.partition(" writes ")[0].replace("FILE", str(tmp_path / "pairs.txt"))
    done = subprocess.run(command, shell=True, capture_output=True, check=True, text=True, timeout=60)
    (tmp_path / "out.tsv").write_text(done.stdout)
    assert texts(read_table(tmp_path / "out.tsv", PairFormat()))[-5:] == entries
