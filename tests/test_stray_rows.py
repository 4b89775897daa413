"""Rows that are no records: names counted by pandas, names that come again, rules of Markdown; marks around labels."""

from __future__ import annotations

import pytest

from seqtool.data.label_classes import read_class
from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError
from seqtool.reads import DataFile

TEXTS = [("ham" if n % 3 else "spam", f"the lamp number {n} fell over") for n in range(24)]
WORDS = [("The", "DET"), ("lamp", "NOUN"), ("fell", "VERB")]


@pytest.fixture
def write(tmp_path):
    def of(lines: list[str], name: str = "a.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return of


def pairs(read) -> list[tuple[str, str]]:
    return [(record.label, record.text) for record in read.records]


def said(read, code: str) -> str:
    return next((finding.text for finding in read.findings if finding.code == code and finding.level == "warning"), "")


@pytest.mark.parametrize("form", ["{0},{1}", "{n},{0},{1}"])
def test_names_that_pandas_counted_are_no_record(write, form):
    head = ",0,1" if form.startswith("{n}") else "0,1"
    path = write([head, *(form.format(*pair, n=n) for n, pair in enumerate(TEXTS))])
    assert pairs(read_labelled(path)) == TEXTS


def test_words_below_names_that_pandas_counted(write):
    read = read_tagged(write(["0,1", *[f"{word},{tag}" for word, tag in WORDS], ""]))
    assert [sentence.words for sentence in read.records] == [("The", "lamp", "fell")]
    numbers = read_tagged(write(["0\t1", "4\t2", "", "5\t1", "4\t2"], "a.tsv"))
    assert numbers.records[0].words == ("0", "4")


@pytest.mark.parametrize("mark", [",", "\t"])
def test_names_that_come_again_are_left_out_with_their_lines(write, mark):
    rows = [f"label{mark}text", *(mark.join(pair) for pair in TEXTS)]
    read = read_labelled(write(rows * 3))
    assert pairs(read) == TEXTS * 3
    assert "2 rows left out" in said(read, "repeated-header")
    assert "line 26, line 51" in said(read, "repeated-header")


def test_names_that_come_again_above_words(write):
    rows = ["word,tag", *[f"{word},{tag}" for word, tag in WORDS], ""]
    read = read_tagged(write(rows * 2))
    assert [sentence.tags for sentence in read.records] == [("DET", "NOUN", "VERB")] * 2
    assert "1 row left out" in said(read, "repeated-header")
    assert "line 6" in said(read, "repeated-header")


def test_names_that_come_again_above_lines(write):
    rows = ["label text", *(" ".join(pair) for pair in TEXTS)]
    read = read_labelled(write(rows * 2, "a.txt"))
    assert pairs(read) == TEXTS * 2
    assert "line 26 again: left out" in read.findings[0].text


@pytest.mark.parametrize("rule", ["|---|---|", "| :-- | --: |"])
def test_the_rule_of_a_table_of_markdown_is_left_out(write, rule):
    rows = ["| label | text |", rule, *(f"| {label} | {text} |" for label, text in TEXTS)]
    read = read_labelled(write(rows, "a.md"))
    assert pairs(read) == TEXTS
    assert "line 2" in said(read, "rule-lines")
    words = ["| sentence | word | tag |", rule.replace("|", "|--|", 1), *(f"| 1 | {w} | {t} |" for w, t in WORDS)]
    assert read_tagged(write(words, "b.md")).records[0].words == ("The", "lamp", "fell")


def test_a_class_of_a_table_has_no_rule_as_text(write):
    path = write(["| n | text |", "|---|---|", *(f"| {n} | {text} |" for n, (_, text) in enumerate(TEXTS))], "a.md")
    read = read_class(DataFile(path, "good"), Layout(format="pipe"))
    assert [record.text for record in read.records] == [text for _, text in TEXTS]
    assert "line 2" in said(read, "rule-lines")


MARKED = ["{0}: {1}", "[{0}] {1}", "<{0}> {1}", "{0} - {1}", "{0} : {1}", "{0} => {1}"]


@pytest.mark.parametrize("form", MARKED)
def test_marks_around_every_label_are_left_out_and_named(write, form):
    read = read_labelled(write([form.format(*pair) for pair in TEXTS], "a.txt"))
    assert pairs(read) == TEXTS
    assert "left out" in read.findings[0].text


def test_speakers_are_labels_and_tabs_may_follow_a_colon(write):
    spoken = [("Ann" if n % 2 else "Bo", f"so the lamp {n} fell") for n in range(12)]
    assert pairs(read_labelled(write([": ".join(pair) for pair in spoken], "a.txt"))) == spoken
    assert pairs(read_labelled(write([":\t".join(pair) for pair in spoken], "a.txt"))) == spoken


def test_marks_that_some_labels_lack_or_a_model_knows_stay(write):
    path = write([f"{label}{':' * (n not in (5, 8))} {text}" for n, (label, text) in enumerate(TEXTS)], "a.txt")
    assert {label for label, _ in pairs(read_labelled(path, Layout("blank")))} == {"ham:", "spam:", "ham"}
    path = write([": ".join(pair) for pair in TEXTS], "a.txt")
    known = read_labelled(path, Layout(known=frozenset({"ham:", "spam:"})))
    assert {label for label, _ in pairs(known)} == {"ham:", "spam:"}


def test_a_mark_behind_words_that_stand_once_makes_no_labels_of_them(write):
    with pytest.raises(DataError, match="do not begin with labels"):
        read_labelled(write([f"thing{n}: {text}" for n, (_, text) in enumerate(TEXTS)], "a.txt"))
