"""The names of columns say which side a text is on; a column that tells something of a text is no side."""

from __future__ import annotations

import json

import pytest

from seqtool.data.pair_table import PairFormat, TableReader, read_table
from seqtool.errors import DataError

ENGLISH = ["river", "bridge", "garden", "window", "letter", "summer", "dinner", "market", "mirror", "captain"]
GERMAN = ["Fluss", "Steg", "Garten", "Fenster", "Brief", "Sommer", "Abendbrot", "Markt", "Spiegel", "Hauptmann"]
PAIRS = [(f"we saw the {a} and the {b}", f"wir sahen {x} und auch {y}")
         for a, x in zip(ENGLISH, GERMAN, strict=True) for b, y in zip(ENGLISH, GERMAN, strict=True)]  # fmt: skip


def written(path, names, row, kind="csv"):
    """Write a file of the pairs; row: what each cell is, out of the number and the two texts."""
    rows = [[cell.format(n=n, s=s, t=t) for cell in row] for n, (s, t) in enumerate(PAIRS, start=1)]
    if kind == "jsonl":
        lines = [json.dumps(dict(zip(names, cells, strict=True))) for cells in rows]
    else:
        lines = [",".join(cells) for cells in ([names] if names else []) + rows]
    path.write_text("\n".join(lines) + "\n")
    return path


RIGHT = {
    "reference,source": ["{t}", "{s}"],
    "hyp,orig": ["{t}", "{s}"],
    "mt,src": ["{t}", "{s}"],
    "Simplified,Original": ["{t}", "{s}"],
    "paraphrase,sentence": ["{t}", "{s}"],
    "translated_text,text": ["{t}", "{s}"],
    "reference,anything": ["{t}", "{s}"],
    "headlines,text": ["{t}", "{s}"],
    "Summary,Text": ["{t}", "{s}"],
    "text,summary": ["{s}", "{t}"],
    "highlights,article": ["{t}", "{s}"],
    "Back,Front": ["{t}", "{s}"],
    "text,translation_de,summary": ["{s}", "{t}", "so it goes {n}"],
    "original_summary,translated_summary": ["{s}", "{t}"],
    "id,mt,src": ["{n}", "{t}", "{s}"],
    "en,id": ["{s}", "{t}"],
    "srcUrl,tgtUrl,text_en,text_de": ["http://x.org/{n}", "http://y.org/{n}", "{s}", "{t}"],
    "source_len,target_len,en,de": ["{n}", "{n}", "{s}", "{t}"],
    "en_id,de_id,english,german": ["e{n}", "d{n}", "{s}", "{t}"],
}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("names", RIGHT)
def test_a_name_says_its_side_and_what_tells_of_a_text_is_none(tmp_path, names, kind):
    path = written(tmp_path / f"a.{kind}", names.split(","), RIGHT[names], kind)
    read = read_table(path, PairFormat(header="yes"))
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS


CONTENT = {
    "id,q1,q2,text1,text2,is_same": ["{n}", "{n}", "7{n}", "{s}", "{t}", "1"],
    "english,pirate,is_ok": ["{s}", "{t}", "no"],
    "Input Language,Output Language,A,B": ["English", "German", "{s}", "{t}"],
    "source_id,target_id,text_a,text_b": ["s{n}", "t{n}", "{s}", "{t}"],
}


@pytest.mark.parametrize("names", CONTENT)
def test_flags_and_ids_are_no_languages(tmp_path, names):
    read = read_table(written(tmp_path / "a.csv", names.split(","), CONTENT[names]), PairFormat())
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS


REFUSED = {
    "question,answer,context": ["{s}", "yes", "{t}"],  # the answers are flags, the context is no answer
    "chapter,hebrew,is_poem": ["{n}", "{s}", "no"],
    "id,src,mt,ref,score": ["k{n}", "{s}", "{t}", "{t}", "0.5"],
    "source,target": ["{s}", "ok"],
    "words,lang": ["{s}", "de"],
    "instruction,input,output": ["{s}", "{n} {s}", "{t}"],
}


@pytest.mark.parametrize("names", REFUSED)
def test_columns_without_texts_are_refused(tmp_path, names):
    path = written(tmp_path / "a.csv", names.split(","), REFUSED[names])
    with pytest.raises(DataError) as error:
        read_table(path, PairFormat(header="yes"))
    assert "--source-column" in error.value.cure or "both texts" in error.value.cure


def test_the_names_of_an_export_of_anki_are_no_pair(tmp_path):
    path = tmp_path / "deck.txt"
    rows = [f"{s}\t{t}" for s, t in PAIRS]
    path.write_text("\n".join(["#separator:tab", "#html:false", "#columns:Front\tBack", *rows]) + "\n")
    read = read_table(path, PairFormat())
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS
    assert read.records[0].number == 4
    path.write_text("\n".join(["#separator:tab", *rows]) + "\n")
    read = read_table(path, PairFormat())
    assert [(pair.source, pair.target) for pair in read.records] == PAIRS
    assert not [finding for finding in read.findings if finding.level == "warning"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_file_with_its_sides_exchanged_beside_the_first_is_warned_of(tmp_path, turned):
    first = written(tmp_path / "one.csv", ["en", "de"], ["{s}", "{t}"])
    second = written(tmp_path / "two.csv", [], ["{t}", "{s}"] if turned else ["{s}", "{t}"])
    reader = TableReader(PairFormat())
    assert not [finding for finding in reader(first).findings if finding.code == "exchanged-file"]
    assert bool([finding for finding in reader(second).findings if finding.code == "exchanged-file"]) == turned
