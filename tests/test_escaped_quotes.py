"""Quotes inside of cells with a backslash in front, as R's `write.table` writes them: read, for every mark."""

from __future__ import annotations

import pytest

from seqtool.data.escaped_quotes import with_doubled_quotes
from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.data.pair_table import PairFormat, read_table
from seqtool.data.tagged import read_tagged
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.reads import DataFile
from tests.test_row_names import quoted

MARKS = ["\t", ",", ";", "|", " "]
PAIRS = [(f"the goats, {n} of them", f'die Ziegen, "{n}" davon' if n == 4 else f"die {n} Ziegen") for n in range(9)]
LABELLED = [("good" if n % 2 else "bad", f'a "nice" song of {n} verses' if n % 3 else f"song {n}") for n in range(12)]
WORDS = [(1, "Mia", "NNP"), (1, '"', "``"), (1, "runs", "VBZ"), (2, "Rome", "NNP"), (2, '"', "``")]
TEXTS = [(f'"Go {n}," she said; it was late.', n) for n in range(8)]


def of_r(names, rows, mark: str, *, counted: bool = False) -> str:
    body = [[*([str(n)] if counted else []), *row] for n, row in enumerate(rows, 1)]
    return "".join(mark.join(map(quoted, row)) + "\n" for row in (names, *body))


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("mark", MARKS)
def test_tables_of_r_are_read_by_every_family(write, mark, counted):
    pairs = read_table(write(of_r(("en", "de"), PAIRS, mark, counted=counted)), PairFormat())
    assert [(pair.source, pair.target) for pair in pairs.records] == PAIRS
    labelled = read_labelled(write(of_r(("label", "text"), LABELLED, mark, counted=counted)))
    assert [(record.label, record.text) for record in labelled.records] == LABELLED
    tagged = read_tagged(write(of_r(("sentence_id", "word", "tag"), WORDS, mark, counted=counted)))
    assert [sentence.words for sentence in tagged.records] == [("Mia", '"', "runs"), ("Rome", '"')]
    text = read_text([DataFile(write(of_r(("text", "n"), TEXTS, mark, counted=counted)))], TextFormat())
    assert text.text.split("\n\n") == [*(text for text, _ in TEXTS[:-1]), TEXTS[-1][0] + "\n"]
    if mark != " ":
        for read in (pairs, labelled, tagged, text):
            assert [finding.code for finding in read.findings].count("escaped-quotes") == 1


@pytest.mark.parametrize("mark", MARKS[:-1])
def test_rows_without_names_are_read(write, mark):
    text = of_r(PAIRS[0], PAIRS[1:], mark)
    assert [(p.source, p.target) for p in read_table(write(text), PairFormat()).records] == PAIRS
    text = of_r(LABELLED[0], LABELLED[1:], mark)
    assert [(r.label, r.text) for r in read_labelled(write(text)).records] == LABELLED


def test_a_named_format_reads_the_same_quotes(write):
    path = write(of_r(("label", "text"), LABELLED, "\t"))
    assert [(r.label, r.text) for r in read_labelled(path, Layout(format="tsv")).records] == LABELLED
    path = write(of_r(("text", "n"), TEXTS, ","))
    assert "\\" not in read_text([DataFile(path)], TextFormat(format="csv", column="text")).text


def test_cells_of_several_lines_keep_their_lines():
    text = '"a"\t"b"\n"one\ntwo \\"x\\""\t"c"\n"d"\t"e"\n"f"\tNA\n'
    assert with_doubled_quotes(text).text == text.replace('\\"', '""')
    assert with_doubled_quotes(text.replace("\n", ",\n", 1)).mark == ""  # a first row that is wider than the others


@pytest.mark.parametrize(
    "text",
    [
        'a\t"x \\"y\\" z"\nb\tq\nc\td\ne\tf\n',  # texts that hold a string of a program
        '"a","b ""c"" \\"d\\""\n"e","f"\n"g","h"\n',  # quotes that are doubled
        'puts("a \\"b\\"")\nputs("c")\nputs("d")\n',
        '"a \\"b\\"",\n"c",\n"d",\n',  # strings of a program, a line each
        '{"a": "b \\"c\\""}\n{"a": "d"}\n{"a": "e"}\n',
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert with_doubled_quotes(text).text == text


def test_backslashes_alone_stay():
    text = '"a"\t"b"\n"C:\\\\dir"\t"\\\\frac \\"x\\""\n"d"\t"e"\n"f"\t"g"\n'
    assert with_doubled_quotes(text).text == text.replace('\\"', '""')


def test_cells_that_stay_in_quotes_are_warned_of(write):
    text = "".join(f'{"good" if n % 2 else "bad"}\t"song \\"{n}\\" of all"\n' for n in range(9)) + "good\tno song\n"
    read = read_labelled(write(text))
    assert [finding.code for finding in read.findings if finding.level == "warning"] == ["quotes-kept"]
