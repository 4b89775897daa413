"""Rows that begin with names of their own, as R's `write.table` and pandas write them: no words, no text, no side."""

from __future__ import annotations

import pytest

from seqtool.data.labelled import read_labelled
from seqtool.data.pair_table import PairFormat, read_table
from seqtool.data.row_names import with_tabs, without_row_names
from seqtool.data.tagged import read_tagged
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError
from seqtool.reads import DataFile

WORDS = [(1, "Mia", "NNP"), (1, "runs", "VBZ"), (2, "Rome", "NNP"), (2, "and", "CC"), (2, "Bob", "NNP")]
TEXTS = [f'The lamp number {n} fell, "over" the {n * "very "}cat.' for n in range(1, 13)]
PAIRS = [(f"the lamp {n} fell", f"die Lampe {n} fiel um") for n in range(1, 13)]


def quoted(cell: object) -> str:
    return '"' + cell.replace('"', '\\"') + '"' if isinstance(cell, str) else str(cell)


def of_r(rows, names=(), mark: str = " ") -> str:
    """Write as `write.table` does: quotes around texts and around the numbers of rows, which have no name."""
    head = [mark.join(map(quoted, names))] if names else []
    return "\n".join([*head, *(mark.join([f'"{n}"', *map(quoted, row)]) for n, row in enumerate(rows, 1))]) + "\n"


def of_pandas(rows, names, mark: str) -> str:
    return "\n".join([mark.join(names), *(mark.join(map(str, (n, *row))) for n, row in enumerate(rows))]) + "\n"


def said(findings) -> str:
    return next(finding.text for finding in findings if finding.code == "row-names")


NAMES = ("sentence_id", "word", "tag")


@pytest.mark.parametrize(
    "text",
    [
        *(of_r(WORDS, NAMES, mark) for mark in " \t,;"),
        *(of_pandas(WORDS, NAMES, mark) for mark in "\t,;"),
        of_r([("Mia runs", "NNP VBZ"), ("Rome and Bob", "NNP CC NNP"), ("Bob runs", "NNP VBZ")], ("tokens", "tags")),
    ],
)
def test_words_are_not_the_names_of_rows(write, text):
    read = read_tagged(write(text))
    assert [sentence.words for sentence in read.records[:2]] == [("Mia", "runs"), ("Rome", "and", "Bob")]
    assert read.records[1].tags == ("NNP", "CC", "NNP")
    assert "left out" in said(read.findings)


def test_rows_between_empty_lines_keep_their_sentences(write):
    read = read_tagged(write("word\ttag\n1\tMia\tNNP\n2\truns\tVBZ\n\n3\tRome\tNNP\n4\tand\tCC\n", "a.tsv"))
    assert [sentence.words for sentence in read.records] == [("Mia", "runs"), ("Rome", "and")]


@pytest.mark.parametrize("names", [("text",), ("x",), ()])
def test_a_text_is_not_the_names_of_rows(write, names):
    document = read_text([DataFile(write(of_r([(text,) for text in TEXTS], names)))], TextFormat())
    assert document.text == "\n\n".join(TEXTS) + "\n"
    assert "left out" in said(document.findings)


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_a_text_beside_the_numbers_of_pandas(write, mark):
    path = write(of_pandas([(text.replace('"', "'"),) for text in TEXTS], ("text",), mark), "a.csv")
    assert read_text([DataFile(path)], TextFormat()).text == "\n\n".join(TEXTS).replace('"', "'") + "\n"


@pytest.mark.parametrize("names", [("en", "de"), ("source", "target"), ()])
def test_sides_are_not_the_names_of_rows(write, names):
    read = read_table(write(of_r(PAIRS, names)), PairFormat())
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS
    assert read.records[0].number == 1 + bool(names)
    assert "left out" in said(read.findings)


@pytest.mark.parametrize("mark", [" ", ",", "\t"])
def test_sides_below_a_short_header(write, mark):
    read = read_table(write(of_r(PAIRS, ("en", "de"), mark)), PairFormat())
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS


def test_classes_beside_names_of_rows(write):
    rows = [(text, ("good", "bad")[n % 2]) for n, text in enumerate(TEXTS)]
    read = read_labelled(write(of_r(rows, ("text", "label"))))
    assert [(record.text, record.label) for record in read.records] == rows


def test_names_that_count_nothing_are_a_column_without_a_name():
    bare = with_tabs('"en" "de"\n"Mazda RX4" "a b" "c"\n"Fiat" "d" "e f"\n')
    assert bare.text == '""\t"en"\t"de"\n"Mazda RX4"\t"a b"\t"c"\n"Fiat"\t"d"\t"e f"\n'


def test_a_table_without_names_of_rows():
    bare = with_tabs('"en" "n"\n"a b" 1\n"c" 2\n')
    assert bare.text == '"en"\t"n"\n"a b"\t"1"\n"c"\t"2"\n'


@pytest.mark.parametrize(
    "text",
    [
        "Fruits\n1 apple\n2 pear\n3 plum\n4 fig\n",  # a list with a title
        "id,text\n1,so good,\n2,so bad,\n3,so so,\n",  # a mark behind each row
        "a\tb\n1\tx\n2\ty\n3\tz\n",
        "a\tb\n1\tx\ty\n2\tx\ty\n2\tx\ty\n",  # numbers that come again are data
        '"Ode"\nthe lamp\nfell over\nthe cat\n',
        '"Yes," he said.\n"No" "no" no\n',
        '"one" "two"\n"a" "b" "c"\n"d" "e"\n',
        "",
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert without_row_names(text).text == text
    assert without_row_names(text).findings == ()


@pytest.mark.parametrize("mark", [" ", "\t", ","])
def test_rows_that_a_filter_left_keep_no_number(write, mark):
    text = of_r(PAIRS, ("en", "de"), mark).replace('"2"', '"112"').replace('"5"', '"77"')
    read = read_table(write(text), PairFormat())
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS
    words = of_r(WORDS, NAMES, mark).replace('"2"', '"112"').replace('"5"', '"77"')
    assert [sentence.words for sentence in read_tagged(write(words)).records] == [
        ("Mia", "runs"),
        ("Rome", "and", "Bob"),
    ]


@pytest.mark.parametrize("header", [" word tag", "word tag"])
def test_words_between_blanks_without_quotes(write, header):
    path = write(f"{header}\n0 Mia NNP\n1 runs VBZ\n\n2 Rome NNP\n3 and CC\n")
    assert [sentence.words for sentence in read_tagged(path).records] == [("Mia", "runs"), ("Rome", "and")]


def test_a_text_beside_numbers_that_a_filter_left(write):
    text = of_r([(text,) for text in TEXTS], ("x",)).replace('"2"', '"112"')
    assert read_text([DataFile(write(text))], TextFormat()).text == "\n\n".join(TEXTS) + "\n"


WHO = ["anna", "bob", "cleo", "dora", "emil", "fritz"]
FILTERED = ["2", "5", "6", "9", "14", "30"]


@pytest.mark.parametrize("mark", ["\t", ",", ";"])
@pytest.mark.parametrize("names", [WHO, FILTERED, ["0.5", "1.5", "2.5", "3.5", "4.5", "5.5"]])
def test_names_of_rows_without_quotes_are_no_labels(write, names, mark):
    given = [("bad" if n % 2 else "good", f"the lamp of {who} fell") for n, who in enumerate(WHO)]
    rows = "".join(mark.join((name, *row)) + "\n" for name, row in zip(names, given, strict=True))
    read = read_labelled(write(f"label{mark}text\n{rows}"))
    assert [(record.label, record.text) for record in read.records] == given
    text = read_text([DataFile(write(f"label{mark}text\n{rows}", "a.csv" if mark != "\t" else "a.tsv"))], TextFormat())
    assert text.text.startswith("the lamp of anna fell\n\nthe lamp of bob fell\n\n")


@pytest.mark.parametrize(("head", "last"), [("text\tlabel", "a note of words"), ("label\ttext", "note")])
def test_a_column_too_many_behind_texts_is_no_name_of_rows(write, head, last):
    rows = "".join(f"lamp{n}\t{'ab'[n % 2]}\t{last}\n" for n in range(9))
    with pytest.raises(DataError, match="line 2 has 3 columns"):
        read_labelled(write(f"{head}\n{rows}"))


def test_sides_named_above_three_columns_are_asked_for_the_third(write):
    rows = "".join(f"{who}\tthe lamp of {who}\tdie Lampe von {who}\n" for who in WHO)
    with pytest.raises(DataError, match=r"names 2 columns \(en, de\), the others have 3") as error:
        read_table(write(f"en\tde\n{rows}"), PairFormat())
    assert "--header no" in error.value.cure
    assert len(read_table(write(f"en\tde\n{rows}"), PairFormat(header="no")).records) == 7
    named = read_table(write(f"who\ten\tde\n{rows}"), PairFormat())
    assert named.records[0].source == "the lamp of anna"


def test_ids_of_rows_without_a_name_are_no_side(write):
    rows = "".join(f"row{n}\tthe lamp of {who}\tdie Lampe von {who}\n" for n, who in enumerate(WHO))
    read = read_table(write(f"en\tde\n{rows}"), PairFormat())
    assert [pair.source for pair in read.records] == [f"the lamp of {who}" for who in WHO]
