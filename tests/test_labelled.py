"""Texts with labels: three ways to write them, and what cannot be used."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from seqtool.data.labelled import Labelled, read_labelled
from seqtool.data.layout import Layout
from seqtool.errors import DataError, NotFound


@pytest.fixture
def write(tmp_path):
    def to(content: str | bytes, name: str = "train.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def codes(read) -> dict[str, str]:
    return {found.code: found.text for found in read.findings}


def test_a_tab_or_the_first_blank_ends_the_label(write):
    same = (Labelled("it was good", "1", 1), Labelled("bad  it was", "0", 2))
    assert read_labelled(write("1\tit was good\n0\tbad  it was\n")).records == same
    assert read_labelled(write("1 it was good\n0 bad  it was")).records == same
    assert read_labelled(write(gzip.compress(b"1\tit was good\r\n0\tbad  it was\r\n"))).records == same
    (record,) = read_labelled(write("very good\ta\tb\u0085c \n"), Layout("tab")).records  # U+0085 ends no line
    assert record == Labelled("a\tb\u0085c", "very good", 1)


def test_the_separator_can_be_said(write):
    path = write("1 a\tb\n0 c\td\n")
    assert [one.label for one in read_labelled(path).records] == ["1 a", "0 c"]
    assert [one.text for one in read_labelled(path, Layout("blank")).records] == ["a\tb", "c\td"]


def test_a_table_is_read_by_the_names_of_its_columns(write):
    good, bad = Labelled('"fine", he said', "pos", 2), Labelled("so, so", "neg", 3)
    csv = write('id,Text,Label\n1,"""fine"", he said",pos\n2,"so, so",neg\n', "a.csv")
    assert read_labelled(csv).records == (good, bad)
    tsv = write('sentence\tlabel\n"fine", he said\tpos\nso, so\tneg\n', "a.tsv")
    assert read_labelled(tsv).records == (good, bad)


def test_lines_that_cannot_be_used_are_left_out_and_counted(write):
    read = read_labelled(write("1\tgood\n\nno label\n\tnone here\n0\t \n0\tbad\n"))
    assert [(one.text, one.number) for one in read.records] == [("good", 1), ("bad", 6)]
    assert codes(read) == {
        "format": "read as lines: the first tab ends the label",
        "no-label": "2 lines without a label, the first is line 3: left out",
        "no-text": "1 line without a text, line 5: left out",
    }


def test_broken_bytes_and_control_characters_are_counted(write):
    content = b"1\tcaf\xe9\n0\tcaf\xc3\xa9\n1\ta\x07b\n0\t\xff\xfe\n"
    with pytest.raises(DataError, match="not UTF-8"):
        read_labelled(write(content))
    read = read_labelled(write(content), Layout(encoding="utf-8"))
    assert [one.text for one in read.records] == ["caf\ufffd", "café", "a\x07b", "\ufffd\ufffd"]
    assert codes(read)["broken-utf8"].startswith("2 lines (first 1) not UTF-8")
    assert codes(read)["control-characters"] == "1 line (number 3) with control characters"


@pytest.mark.parametrize(
    ("content", "name", "what"),
    [
        ("a,b\n1,x\n", "a.csv", "no columns of labels and texts"),
        ("label,text\n1,x\n1,y,z\n", "a.csv", "line 3 has 3 columns, the first row 2"),
        ("label\ttext\n1\tx\ty\n", "a.txt", "line 2 has 3 columns, the first row 2"),
        ("label\ttext\n", "a.tsv", "no labelled texts"),
        ("\n\n", "a.tsv", "no labelled texts"),
        (b"\xff\xfea\0", "a.txt", "no labelled texts"),
        (b"1\ta\0b\n", "a.txt", "binary"),
        (b"", "a.txt", "empty"),
        ("\n".join(f"word{n} is here" for n in range(11)), "a.txt", "lines do not begin with labels: 11 different"),
    ],
)
def test_what_is_no_file_of_labels_is_refused_in_words(write, content, name, what):
    with pytest.raises(DataError, match=what) as caught:
        read_labelled(write(content, name))
    assert caught.value.where
    assert caught.value.cure


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotFound):
        read_labelled(tmp_path / "none.tsv")


def test_a_megabyte_in_one_word_is_a_text_like_another(write):
    (long, _) = read_labelled(write("1\t" + "x" * 1_000_000 + "\n0\tb\n")).records
    assert len(long.text) == 1_000_000


@pytest.mark.data
def test_the_real_files():
    mirror = Path(os.environ["SEQTOOL_MIRROR"])
    read = read_labelled(mirror / "si650/training.txt")
    assert Counter(one.label for one in read.records) == {"1": 3995, "0": 3091}
    assert len({one.text for one in read.records}) == 1410
    sizes = [len(read_labelled(mirror / f"sst2/stsa.binary.{part}").records) for part in ("train", "dev", "test")]
    assert sizes == [6920, 872, 1821]
    with pytest.raises(DataError, match="do not begin with labels"):
        read_labelled(mirror / "si650/testdata.txt")
