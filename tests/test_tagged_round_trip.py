"""Tagged sentences that csv, polars, json and plain joins write are read back equal, or refused in words."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError

# No blanks and controls: what stands between the words of a sentence is told apart elsewhere.
ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), exclude_characters="\ufeff")
LETTERS = st.text("abcdeß好é", min_size=1, max_size=6)
WORD = st.one_of(
    LETTERS,
    st.sampled_from(['"', "'", "''", '""', "don't", ",", ";", ".", "1,5", "#", "a/b", "x_y", "_", "-"]),
    st.text(ANY, min_size=1, max_size=5),
)
TAGS = (
    ("NN", "DT", "VBD", "IN", ".", ","),
    ("NOUN", "DET", "VERB", "PUNCT"),
    ("O", "B-PER", "I-PER", "B-LOC"),
    ("a1", "b2", "c3"),
    ("Subst", "Verb", "Adj"),
    ("0", "1", "2"),
)
HEADERS = (None, ("word", "tag"), ("token", "pos"), ("Wort", "Art"))
Rows = list[list[tuple[str, str]]]


@st.composite
def sentences(draw) -> Rows:
    """Sentences whose tags come again and again: what a tagger learns from."""
    tags = draw(st.sampled_from(TAGS))
    words = draw(st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=4, max_size=9))
    return [[(word, draw(st.sampled_from(tags))) for word in one] for one in words]


def as_table(rows: Rows, header, mark: str, *, every: bool) -> str:
    """Write a word a row, and an empty line after each sentence."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=mark, lineterminator="\n", quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    )
    if header:
        writer.writerow(header)
    for sentence in rows:
        writer.writerows(sentence)
        text.write("\n")
    return text.getvalue()


def numbered(rows: Rows, mark: str) -> str:
    flat = [(n, word, tag) for n, one in enumerate(rows, start=1) for word, tag in one]
    frame = polars.DataFrame(flat, schema=["sentence_id", "word", "tag"], orient="row")
    return frame.write_csv(separator=mark)


@st.composite
def written(draw):
    """A file's name, its text, and the sentences in it."""
    rows = draw(sentences())
    kind = draw(st.sampled_from(("table", "numbered", "columns", "slashes", "json", "conllu")))
    mark = draw(st.sampled_from((",", ";", "\t", "|")))
    if kind == "table":
        counts = Counter(tag for one in rows for _, tag in one)
        usual = HEADERS[:-1] if 1 in counts.values() else HEADERS  # else a header of other words is no other row
        text = as_table(rows, draw(st.sampled_from(usual)), mark, every=draw(st.booleans()))
    elif kind == "numbered":
        text = numbered(rows, mark)
    elif kind == "columns":
        between = draw(st.sampled_from(("\t", " ")))
        text = "\n".join("".join(f"{word}{between}{tag}\n" for word, tag in one) for one in rows)
    elif kind == "slashes":
        between = draw(st.sampled_from(("/", "_")))
        text = "".join(" ".join(f"{word}{between}{tag}" for word, tag in one) + "\n" for one in rows)
    elif kind == "json":
        objects = [{"tokens": [word for word, _ in one], "tags": [tag for _, tag in one]} for one in rows]
        text = json.dumps(objects) if draw(st.booleans()) else "\n".join(map(json.dumps, objects))
    else:
        empty = "\t".join("_" * 5)
        text = "".join(
            "".join(f"{n}\t{word}\t_\t{tag}\t{tag}\t{empty}\n" for n, (word, tag) in enumerate(one, start=1)) + "\n"
            for one in rows
        )
    return "a" + draw(st.sampled_from((".txt", ".csv", ".tsv", ".conllu"))), text, rows


def round_trip(folder, case) -> None:
    name, text, rows = case
    path = folder / name
    path.write_bytes(text.encode())
    try:
        read = read_tagged(path)
    except DataError:
        return
    if any(finding.code == "no-label" for finding in read.findings):  # CoNLL-U's sentences without tags
        return
    assert [list(zip(one.words, one.tags, strict=True)) for one in read.records] == rows, text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
def test_what_was_written_is_read_back_or_refused(tmp_path_factory, case):
    round_trip(tmp_path_factory.getbasetemp(), case)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
def test_what_was_written_is_read_back_or_refused_many_times(tmp_path_factory, case):
    round_trip(tmp_path_factory.getbasetemp(), case)
