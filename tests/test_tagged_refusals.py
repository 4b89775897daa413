"""Files of tagged sentences that were read wrong without a word, or whose cures did not help."""

from __future__ import annotations

import json
import shlex

import pytest

from seqtool.data.sentence_rows import parallel
from seqtool.data.tag_options import TagOptions
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import check
from seqtool.reads import DataFile
from seqtool.task import Data, Task

GIVEN = [[("Ann", "NOUN"), (f"sees{n}", "VERB"), ("Oslo", "NOUN"), ("today", "ADV")] for n in range(40)]


def pairs(read):
    return [list(zip(sentence.words, sentence.tags, strict=True)) for sentence in read.records]


def written(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize("form", ["<{t}>{w}</{t}>", "<w pos='{t}'>{w}</w>"])
def test_tags_of_xml_around_words_are_refused(tmp_path, form):
    lines = (" ".join(form.format(w=w, t=t) for w, t in sentence) for sentence in GIVEN)
    with pytest.raises(DataError):
        read_tagged(written(tmp_path / "a.txt", "\n".join(lines) + "\n"))


def test_brackets_around_several_words_are_refused(tmp_path):
    text = "Ann/nr sees/v [New/n Oslo/n]ns today/t\n[the/r city/n]nt sleeps/v now/t\n" * 5
    with pytest.raises(DataError, match="brackets stand around several words") as error:
        read_tagged(written(tmp_path / "a.txt", text))
    assert "remove the brackets" in error.value.cure
    kept = read_tagged(written(tmp_path / "b.txt", "(/( Ann/nr sees/v )/) [/[ x/n ]/]\n" * 5))
    assert kept.records[0].words[-3:] == ("[", "x", "]")


def test_rejected_sentences_are_left_out(tmp_path):
    rows = [{"tokens": [w for w, _ in one], "tags": [t for _, t in one], "answer": "accept"} for one in GIVEN]
    rows[4]["answer"] = "reject"
    read = read_tagged(written(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    assert pairs(read) == GIVEN[:4] + GIVEN[5:]
    (warning,) = [finding for finding in read.findings if finding.level == "warning"]
    assert "line 5" in warning.text


def test_places_in_front_of_words_are_no_words(tmp_path):
    blocks, at = [], 0
    for n, sentence in enumerate(GIVEN, start=1):
        rows = []
        for place, (word, tag) in enumerate(sentence, start=1):
            rows.append(f"{n}-{place}\t{at}-{at + len(word)}\t{word}\t{tag}\t")
            at += len(word) + 1
        blocks.append("\n".join([f"#Text={' '.join(w for w, _ in sentence)}", *rows]))
    text = "#FORMAT=WebAnno TSV 3.3\n\n\n" + "\n\n".join(blocks) + "\n"
    assert pairs(read_tagged(written(tmp_path / "a.tsv", text))) == GIVEN


def test_the_cure_for_numbered_sentences_of_two_words_names_their_column(tmp_path):
    given = [sentence[:2] for sentence in GIVEN]
    rows = [f"{n}\t{word}\t{tag}" for n, sentence in enumerate(given, start=1) for word, tag in sentence]
    path = written(tmp_path / "a.tsv", "\n".join(rows) + "\n")
    with pytest.raises(DataError) as error:
        read_tagged(path)
    words = shlex.split(error.value.cure.partition(";")[0])
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options["--sentence-column"] == "1"
    named = TagOptions(sentence_column="1", word_column=options["--word-column"], tag_column=(options["--tag-column"],))
    assert pairs(read_tagged(path, options=named)) == given


@pytest.mark.parametrize("names", ["Wort;Tag;Satz", "Word;Tag;Nr"])
def test_sentences_that_a_column_numbers_are_read_or_the_option_is_named(tmp_path, names):
    rows = [f"{word};{tag};{n}" for n, sentence in enumerate(GIVEN, start=1) for word, tag in sentence]
    path = written(tmp_path / "a.csv", "\n".join([names, *rows]) + "\n")
    if "Satz" in names:
        assert pairs(read_tagged(path)) == GIVEN
        return
    with pytest.raises(DataError, match="nothing parts the sentences") as error:
        check(Task("t", "t", family="tagging"), TaggingConfig(), Data((DataFile(path),)))
    assert "--sentence-column NAME" in error.value.cure
    assert pairs(read_tagged(path, options=TagOptions(sentence_column="Nr"))) == GIVEN


def test_lists_parted_by_commas_are_tags(tmp_path):
    rows = [" ".join(w for w, _ in one) + ',"' + ",".join(t for _, t in one) + '"' for one in GIVEN]
    path = written(tmp_path / "a.csv", "\n".join(["sentence,word_labels", *rows]) + "\n")
    assert pairs(read_tagged(path)) == GIVEN


@pytest.mark.parametrize("place", ["Oslo", "New Oslo"])
def test_words_with_blanks_are_said_by_check(tmp_path, place):
    lines = [f"{w.replace('Oslo', place)}\t{t}" if w else "" for one in GIVEN for w, t in [*one, ("", "")]]
    path = written(tmp_path / "a.tsv", "\n".join(lines) + "\n")
    found = check(Task("t", "t", family="tagging"), TaggingConfig(), Data((DataFile(path),)))
    codes = [finding.code for finding in found if finding.level == "warning"]
    assert ("words-with-blanks" in codes) == (" " in place)


def test_numbers_with_decimal_commas_are_no_lists():
    assert parallel([["2024-01-01 10:00"] * 9, ["1,5"] * 9]) == []
    assert parallel([["two words"] * 9, ["X,Y"] * 9]) == [0, 1]
