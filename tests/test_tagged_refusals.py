"""Files of tagged sentences that were read wrong without a word, or whose cures did not help."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from seqtool.data.sentence_rows import parallel
from seqtool.data.tag_options import TagOptions
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError, UsageError
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


ONTONOTES = "bc/cnn/00/cnn_0003   0   {n}   {w}   {t}   (TOP*   -   -   Speaker#1   *   (1)"
NUMBERED = {
    "documents of OntoNotes": (ONTONOTES, "\n\n", "#begin document (cnn); part 000\n{}\n\n#end document"),
    "numbers of sentence and word": ("{s}\t{n}\t{w}\t{t}", "\n", "{}"),
    "tags in front": ("{t}\t{w}", "\n\n", "{}"),
    "spans in front": ("O\t{w}", "\n\n", "{}"),
}


@pytest.mark.parametrize("kind", NUMBERED)
def test_the_first_cure_names_the_columns_by_what_they_hold(tmp_path, kind):
    form, between, whole = NUMBERED[kind]
    rows = [[form.format(s=s, n=n, w=w, t=t) for n, (w, t) in enumerate(one)] for s, one in enumerate(GIVEN)]
    path = written(tmp_path / "a.txt", whole.format(between.join(map("\n".join, rows))) + "\n")
    with pytest.raises(DataError) as error:
        read_tagged(path)
    words = shlex.split(re.split(r"; | \(|, or", error.value.cure)[0])
    found = {option[2:].replace("-", "_"): value for option, value in zip(words[::2], words[1::2], strict=True)}
    read = pairs(read_tagged(path, options=TagOptions(**{**found, "tag_column": (found["tag_column"],)})))
    assert read == ([[(w, "O") for w, _ in one] for one in GIVEN] if kind.startswith("spans") else GIVEN)


@pytest.mark.parametrize("named", [{"field": "feats"}, {"tag_column": ("deprel",)}, {"tag_column": ("8",)}])
def test_other_columns_of_conllu_are_said_not_to_be_read(tmp_path, named):
    rows = [f"{n}\t{w}\t_\t{t}\tNN\tA=b\t0\troot\t_\t_" for n, (w, t) in enumerate(GIVEN[0], start=1)]
    path = written(tmp_path / "a.conllu", "\n".join(rows) + "\n\n")
    with pytest.raises(UsageError, match="of CoNLL-U the columns upos and xpos are read as tags, not") as error:
        read_tagged(path, options=TagOptions(**named))
    option, value = error.value.cure.partition(";")[0].split()
    options = TagOptions(tag_column=(value,)) if option == "--tag-column" else TagOptions(value)
    assert pairs(read_tagged(path, options=options)) == [GIVEN[0]]


def test_texts_in_json_are_parted_at_blanks_and_empty_sentences_are_counted(tmp_path):
    lists = [([w for w, _ in one], [t for _, t in one]) for one in GIVEN]
    texts = [json.dumps({"text": " ".join(words), "tags": " ".join(tags)}) for words, tags in lists]
    assert pairs(read_tagged(written(tmp_path / "a.jsonl", "\n".join(texts)))) == GIVEN
    rows = [json.dumps({"tokens": words, "tags": tags}) for words, tags in (lists[0], ([], []), *lists[1:])]
    read = read_tagged(written(tmp_path / "b.jsonl", "\n".join(rows)))
    assert pairs(read) == GIVEN
    assert any("1 sentence without words, the first in line 2: left out" in one.text for one in read.findings)
    cells = [",".join(map(" ".join, one)) for one in (lists[0], ([], []), *lists[1:])]
    read = read_tagged(written(tmp_path / "c.csv", "\n".join(["text,tags", *cells])))
    assert pairs(read) == GIVEN
    assert any("1 line without words, line 3: left out" in one.text for one in read.findings)


@pytest.mark.parametrize("above", ["<!DOCTYPE html><html>", '<?xml version="1.0"?>\n<s>', "<html lang='de'>"])
def test_xml_and_html_are_no_words(tmp_path, above):
    path = tmp_path / "a.html"
    path.write_text(f"{above}<td>the can</td><td>DT NN</td></html>\n")
    with pytest.raises(DataError, match="the file is of XML or HTML"):
        read_tagged(path)
