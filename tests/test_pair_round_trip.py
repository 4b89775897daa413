"""Pairs that csv, polars, pandas and json write are read back equal, or refused in words."""

from __future__ import annotations

import csv
import io
import json

import pandas
import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtool.data.pair_table import PairFormat, read_table
from seqtool.errors import DataError

HEADERS = (None, ("source", "target"), ("de", "en"), ("text", "translation"), ("Frage", "Antwort"))
ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff")
GERMAN = st.sampled_from(["der", "die", "Hund", "läuft", "heute", "nicht", "über", "Straße", "und", "Größe", "Katze"])
ENGLISH = st.sampled_from(["the", "dog", "runs", "fast", "today", "not", "over", "street", "and", "size", "cat", "a"])
ODD = st.one_of(
    st.sampled_from(['"', "'", '""', ",", ";", "|", "|||", "\t", "&quot;", "1,5", "\u2028"]),
    st.text(ANY, min_size=1, max_size=5),
)


def text(words):
    return st.lists(st.one_of(words, words, words, ODD), min_size=1, max_size=9).map(" ".join).filter(str.strip)


PAIRS = st.lists(st.tuples(text(GERMAN), text(ENGLISH)), min_size=6, max_size=20, unique=True).filter(
    lambda rows: not all("\t" in "".join(row) for row in rows)  # else tabs part them as well
)


@st.composite
def written(draw):
    """A file's name, its text, and the pairs in it."""
    rows = draw(PAIRS)
    header = draw(st.sampled_from(HEADERS))
    names = header or ("source", "target")
    mark = draw(st.sampled_from((",", ";", "\t", "|")))
    writer = draw(st.sampled_from(("csv", "polars", "pandas", "json", "bars", "moses")))
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    if writer == "csv":
        stream = io.StringIO(newline="")
        every = csv.QUOTE_ALL if draw(st.booleans()) else csv.QUOTE_MINIMAL
        csv.writer(stream, delimiter=mark, lineterminator="\n", quoting=every).writerows(
            [header, *rows] if header else rows
        )
        content = stream.getvalue()
    elif writer == "polars":
        content = polars.DataFrame(columns).write_csv(separator=mark, include_header=header is not None)
    elif writer == "pandas":
        content = pandas.DataFrame(columns).to_csv(sep=mark, index=False, header=header is not None)
    elif writer == "json":
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        content = json.dumps(objects) if draw(st.booleans()) else "\n".join(map(json.dumps, objects))
    elif writer == "bars":
        content = "".join(f"{source} ||| {target}\n" for source, target in rows)
    else:
        content = "".join(f"{source}\t{target}\n" for source, target in rows)
    return "a" + draw(st.sampled_from((".txt", ".csv", ".tsv"))), content, rows, writer


def round_trip(folder, case) -> None:
    name, content, rows, writer = case
    path = folder / name
    path.write_bytes(content.encode())
    try:
        read = read_table(path, PairFormat())
    except DataError:
        return
    if writer in ("moses", "bars") and any("\t" in side or "|||" in side for row in rows for side in row):
        return  # a plain line cannot say that a mark is of the text
    assert [(pair.source, pair.target) for pair in read.records] == [
        (source.strip(), target.strip()) for source, target in rows
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
def test_what_was_written_is_read_back_or_refused(tmp_path_factory, case):
    round_trip(tmp_path_factory.getbasetemp(), case)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
def test_what_was_written_is_read_back_or_refused_many_times(tmp_path_factory, case):
    round_trip(tmp_path_factory.getbasetemp(), case)
