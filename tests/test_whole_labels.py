"""Labels of numbers as programs write them, and columns that say yes or no in other words than 0 and 1."""

from __future__ import annotations

import json

import polars
import pytest

from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.errors import DataError

TEXTS = [f"the harbour number {n} was quiet that evening" for n in range(24)]


def labels(read) -> set[str]:
    return {record.label for record in read.records}


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl", "txt"])
def test_whole_numbers_have_no_decimals(tmp_path, kind):
    values = [None if n == 5 else float(n % 2) for n in range(len(TEXTS))]  # as pandas keeps 0 and 1 with a gap
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        polars.DataFrame({"text": TEXTS, "label": values}).write_parquet(path)
    elif kind == "csv":
        rows = (f"{text},{'' if value is None else value}\n" for text, value in zip(TEXTS, values, strict=True))
        path.write_text("text,label\n" + "".join(rows))
    elif kind == "jsonl":
        rows = (json.dumps({"text": text, "label": value}) for text, value in zip(TEXTS, values, strict=True))
        path.write_text("\n".join(rows) + "\n")
    else:
        path.write_text("".join(f"{value or 0.0}\t{text}\n" for text, value in zip(TEXTS, values, strict=True)))
    read = read_labelled(path)
    assert labels(read) == {"0", "1"}
    assert len(read.records) == (24 if kind == "txt" else 23)


@pytest.mark.parametrize("written", [("1.0", "0.5"), ("1.0", "two"), ("v1.0", "v2.0"), ("1.01", "2.00")])
def test_other_labels_stay_as_they_are(tmp_path, written):
    path = tmp_path / "a.tsv"
    rows = (f"{written[n % 2]}\t{text}\n" for n, text in enumerate(TEXTS))
    path.write_text("label\ttext\n" + "".join(rows))
    assert labels(read_labelled(path)) == {*written}


def test_labels_of_a_model_keep_their_names(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("label\ttext\n" + "".join(f"{n % 2}.0\t{text}\n" for n, text in enumerate(TEXTS)))
    assert labels(read_labelled(path, Layout(known=frozenset({"1.0", "0.5"})))) == {"0.0", "1.0"}
    assert labels(read_labelled(path, Layout(known=frozenset({"1", "0"})))) == {"0", "1"}


@pytest.mark.parametrize("words", [("yes", "no"), ("x", ""), ("X", " "), ("1", ""), ("True", "False"), ("Yes", "")])
def test_columns_that_say_yes_or_no_are_labels_together(tmp_path, words):
    path = tmp_path / "a.csv"
    rows = [f"{text},{words[n % 2]},{words[n % 3 > 0]}\n" for n, text in enumerate(TEXTS)]
    path.write_text("text,rude,loud\n" + "".join(rows))
    read = read_labelled(path, Layout(label_columns=("rude", "loud")))
    assert [record.all_labels for record in read.records[:4]] == [("rude", "loud"), (), ("rude",), ("loud",)]
    assert "flags" not in {finding.code for finding in read.findings}


def test_other_words_are_refused_with_those_that_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,rude,loud\n" + "".join(f"{text},maybe,1\n" for text in TEXTS))
    with pytest.raises(DataError, match="the column 'rude' holds 'maybe' in line 2") as refused:
        read_labelled(path, Layout(label_columns=("rude", "loud")))
    assert "0 and 1, yes and no, true and false, or x and blank" in refused.value.cure
