"""What `export --text-input` says of raw texts: how many its file answers otherwise than `classify`, and why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.cli import run
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.families.classification.encoders import Reader
from seqtool.families.classification.part import TextPart
from seqtool.families.classification.raw_texts import CAPITALS, LENGTH, MARKS, SPACE, compare, in_words, reasons
from seqtool.runtime.model import open_model

READER = Reader(Vocabulary(("good", "a", "élan", "n't", "did", "!", "film")), lower=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a good film !", set()),
        ("A GOOD  Film", set()),  # A to Z and blanks are read as `classify` reads them
        ("a bad plot", set()),  # unknown either way
        ("xyz? Ünheard", {MARKS}),  # the mark is a word too; an unknown word stays one in capitals
        ("good! good!", {MARKS}),
        ("a didn't", {MARKS}),
        ("a Élan", {CAPITALS}),
        ("a\tgood film", {SPACE}),
        ("a\u00a0good\x01film", {SPACE}),
        ("good,\nÉlan", {SPACE, MARKS, CAPITALS}),
        ("", set()),
    ],
)
def test_why_a_text_is_read_otherwise(text, expected):
    assert reasons(text, READER) == expected


def test_without_lower_case_capitals_are_no_reason():
    reader = Reader(Vocabulary(("Élan",)), lower=False)
    assert reasons("Élan", reader) == set()
    assert reasons("Élan.", reader) == {MARKS}


def test_few_other_answers_are_told_by_their_share_alone_and_many_with_their_reasons_and_the_cure():
    few = {"split": "test", "texts": 1000, "other": 5, "reasons": {MARKS: 5}}
    assert in_words(few) == "raw texts: 5 of 1,000 texts of the test part (0.5 %) get another label than by classify"
    many = {"split": "test", "texts": 1000, "other": 120, "reasons": {MARKS: 118, SPACE: 4}}
    assert in_words(many) == (
        "raw texts: 120 of 1,000 texts of the test part (12.0 %) get another label than by classify; of these 118 have "
        f"{MARKS}, 4 have {SPACE}: give this file tokenised text in lower case, or use classify"
    )


def test_long_texts_are_a_reason_with_a_cure_of_its_own():
    found = {"split": "test", "texts": 100, "other": 20, "reasons": {LENGTH: 20}}
    assert in_words(found).endswith("; of these 20 have more words than are read at once: give this file short texts, "
                                    "or use classify")  # fmt: skip
    both = in_words({**found, "reasons": {LENGTH: 15, MARKS: 9}})
    assert both.endswith("give this file tokenised text in lower case and short texts, or use classify")
    assert in_words({**found, "reasons": {}}).endswith("get another label than by classify: use classify")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A run on texts whose telling word stands at a mark, and its two files."""
    folder = tmp_path_factory.mktemp("raw")
    fillers = ("a", "the", "this", "that", "some", "our", "one", "his", "her", "their")
    texts = [(label, f"{one} {two} film was {word}!") for one in fillers for two in fillers for label, word in WORDS]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("data.tsv").write_text("".join(f"{label}\t{text}\n" for label, text in texts))
        small = ["--hidden", "3", "--embedding", "3", "--max-steps", "2", "--validation", "0.2", "--test", "0.2"]
        assert run(["train", "sentiment", "--data", "data.tsv", *small, "--out", "run"]) == 0
        assert run(["export", "run"]) == 0
    return folder


WORDS = (("pos", "good"), ("neg", "bad"))


def test_the_figure_is_that_of_the_two_answers_compared_by_hand(exported, tmp_path, monkeypatch, cli, seqtool_cmd):
    """`good!` and `bad!` are the same unknown word to the graph: it gives both classes one label."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    answer = cli("export", "run", "--text-input")
    assert answer.returncode == 0, answer.stderr
    kept = json.loads(cli("inspect", "run/model-text.onnx", "--json").stdout)["manifest"]["scores"]
    found = kept["raw_texts"]
    assert (found["split"], found["texts"]) == ("test", kept["test"]["texts"])
    assert kept["test"]["whole"]["model"]["accuracy"] == 1  # of tokenised texts
    model = open_model(Path("run/model-text.onnx"), device="cpu")
    lines = [line.split("\t") for line in Path("data.tsv").read_text().splitlines()]
    raw = model.run({"text": np.array([text for _, text in lines], dtype=object)})["label"]
    assert len(set(raw)) == 1
    said = seqtool_cmd("classify", "-m", "run/model.onnx", stdin="".join(f"{text}\n" for _, text in lines)).stdout
    assert [line.split("\t")[0] for line in said.splitlines()] == [label for label, _ in lines]
    others = {label: row["count"] for label, row in kept["test"]["classes"].items() if label != raw[0]}
    assert list(others.values()) == [found["other"]]
    assert found["reasons"] == {MARKS: found["other"]}
    assert in_words(found) in answer.stderr
    assert in_words(found) in cli("inspect", "run/model-text.onnx").stdout


def test_other_files_have_no_such_figure_nor_has_one_without_scores(exported, tmp_path, monkeypatch, cli):
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for options in ([], ["--text-input", "--no-scores"]):
        answer = cli("export", "run", *options, "--out", "other.onnx")
        assert answer.returncode == 0
        assert "raw texts" not in answer.stderr
        assert "raw_texts" not in cli("inspect", "other.onnx", "--json").stdout


def test_a_long_text_that_the_file_reads_whole_is_counted_as_long():
    """A graph that answers the first word of a text: of a text in two pieces `classify` hears the second too."""
    texts = ("a a b b b b", "a b", "b a")
    ids = tuple(READER.encoder.encode(text.split()) for text in texts)
    labels = Labels(("a", "b"))
    part = TextPart(texts, ids, np.array([1, 0, 1]), READER, labels)
    runner = SimpleNamespace(
        most=3,
        multi=False,
        rule=lambda: None,
        answer=lambda given, rule, most: [SimpleNamespace(labels=(label,)) for label in "bab"],
        model=SimpleNamespace(run=lambda feeds: {"label": np.array([text[0] for text in feeds["text"]], dtype=object)}),
    )
    assert compare(runner, part, "test") == {"split": "test", "texts": 3, "other": 1, "reasons": {LENGTH: 1}}
