"""Labelled texts that csv, polars, pandas and json write are read back equal, or refused in words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas
import polars
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seqtool.data.labelled import read_labelled
from seqtool.errors import DataError

MARKS = (",", ";", "\t", "|")
HEADERS = (("label", "text"), ("class", "sentence"), ("Stufe", "Bericht"), ("art", "w"))
# No control characters but tabs and line ends, no lone halves of a pair: those are told apart elsewhere.
ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff")
WORD = st.text(st.one_of(st.sampled_from("abcxyz0159äß好"), st.sampled_from("\"',;|.-"), ANY), min_size=1, max_size=8)
TEXT = st.lists(st.one_of(WORD, st.sampled_from(["\n", "\t", '""', ", ", "; "])), min_size=1, max_size=7).map(" ".join)
LABEL = st.text(st.one_of(st.sampled_from("abcdeABC-_ "), ANY), min_size=1, max_size=9).filter(str.strip)


@st.composite
def records(draw):
    """Texts that differ, and labels that stand twice or more: what a classifier learns from."""
    labels = draw(st.lists(LABEL.map(str.strip), min_size=2, max_size=4, unique=True))
    texts = draw(st.lists(TEXT.filter(str.strip), min_size=12, max_size=24, unique_by=str.strip))
    twice = [*labels, *labels]
    return [(twice[n] if n < len(twice) else draw(st.sampled_from(labels)), text) for n, text in enumerate(texts)]


def with_csv(rows, header, mark, *, every: bool, end: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(
        stream, delimiter=mark, lineterminator=end, quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    )
    writer.writerows([header, *rows] if header else rows)
    return stream.getvalue()


def frame(rows, header):
    first, second = zip(*rows, strict=True)
    names = header or ("a", "b")
    return {names[0]: list(first), names[1]: list(second)}


@st.composite
def written(draw):
    """A file's name, its text, and the records in it."""
    rows = draw(records())
    last = draw(st.booleans())
    cells = [(text, label) for label, text in rows] if last else rows
    header = draw(st.sampled_from((None, *HEADERS)))
    header = header[::-1] if header and last else header
    mark = draw(st.sampled_from(MARKS))
    writer = draw(st.sampled_from(("csv", "polars", "pandas", "json")))
    name = "a" + draw(st.sampled_from((".csv", ".tsv", ".txt")))
    if writer == "csv":
        text = with_csv(cells, header, mark, every=draw(st.booleans()), end=draw(st.sampled_from(("\n", "\r\n"))))
    elif writer == "polars":
        text = polars.DataFrame(frame(cells, header)).write_csv(separator=mark, include_header=header is not None)
    elif writer == "pandas":
        text = pandas.DataFrame(frame(cells, header)).to_csv(sep=mark, index=False, header=header is not None)
    else:
        objects = [dict(zip(header or ("label", "text")[:: -1 if last else 1], row, strict=True)) for row in cells]
        as_lines = "".join(json.dumps(one, ensure_ascii=draw(st.booleans())) + "\n" for one in objects)
        text = as_lines if draw(st.booleans()) else json.dumps(objects)
    return name, text, [(label, text.strip()) for label, text in rows]


def outcome(folder: Path, name: str, text: str):
    path = folder / name
    path.write_bytes(text.encode())
    try:
        return [(one.label, one.text) for one in read_labelled(path).records]
    except DataError:
        return None


def _case(label: str, *, last: bool):
    """A file whose first record is counted like pandas' columns: the label 0 of the text 1, or 1 of 0."""
    first = (label, str(1 - int(label)))
    others = [(label, "x y"), *(("bb", f"some text {n}") for n in range(5)), *(("bb", f"{n}z") for n in range(5))]
    rows = [first, *others]
    return "a.csv", with_csv([row[::-1] if last else row for row in rows], None, ",", every=False, end="\n"), rows


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
@example(_case("0", last=False))
@example(_case("1", last=True))
def test_what_was_written_is_read_back_or_refused(tmp_path_factory, case):
    name, text, expected = case
    assert outcome(tmp_path_factory.getbasetemp(), name, text) in (expected, None)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
def test_what_was_written_is_read_back_or_refused_many_times(tmp_path_factory, case):
    name, text, expected = case
    assert outcome(tmp_path_factory.getbasetemp(), name, text) in (expected, None)
