"""`seqtool tag` says where words, sentences and entities stand in a line: objects by hand, refusals, the command."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import pytest

from seqtool.data.raw_text import RULES, cut
from seqtool.errors import UsageError
from seqtool.families.tagging.found import Entity, sureness
from seqtool.families.tagging.pipe import Lines
from seqtool.families.tagging.placed import Placed
from seqtool.families.tagging.runner import Runner, Tagged, between_blanks
from seqtool.runtime.model import open_model
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Output, answer_all

MODEL = Path(__file__).parent / "models" / "tiny-pos.onnx"
TAG = ("tag", "-m", MODEL)
KNOWN = {"Ann": ("B-per", 0.9), "Lee": ("I-per", 0.8), "Dr.": ("B-per", 0.5), "Jones": ("I-per", 0.25),
         "O'Neil": ("B-per", 0.75), "東京": ("B-loc", 0.5), "\U0001f1e9\U0001f1ea": ("U-loc", 1.0)}  # fmt: skip


class Names(Runner):
    """Tags the words of `KNOWN`, and no others."""

    labels = ("B-loc", "B-per", "I-per", "O", "U-loc")

    def __init__(self, model):
        super().__init__(model)
        self.fields = {"ner": self.labels}

    def tag(self, sentences, *, top=0, sets=None):
        found = [[KNOWN.get(word, ("O", 0.99)) for word in words] for words in sentences]
        return [
            Tagged(words, [tag for tag, _ in own], [score for _, score in own])
            for words, own in zip(sentences, found, strict=True)
        ]


@pytest.fixture(scope="module")
def names():
    return Names(open_model(MODEL, device="cpu", threads=1))


@pytest.fixture(scope="module")
def runner():
    return Runner(open_model(MODEL, device="cpu", threads=1))


def answers(lines, *texts, json=True):
    """What is written for each text, as JSON gives it back, and what is said."""
    written, said = [], []
    records = [Record(number, text) for number, text in enumerate(texts, start=1)]
    answer_all(lines.verb(), records, Output(written.append, lambda: None, said.append, json=json))
    return [as_written(each) if json else each for each in written], said


def as_written(answer):
    return json.loads(json.dumps(answer))


def span(kind, words, text, start, score):
    return {"kind": kind, "words": words, "text": text, "start": start, "end": start + len(text), "score": score}


def test_entities_of_lines_by_hand(names):
    texts = ["Ann  Lee met\tAnn", "nobody here", "", "in 東京 , \U0001f1e9\U0001f1ea"]
    written, said = answers(Placed(names, entities=True), *texts)
    assert written == [
        {"spans": [span("per", [0, 2], "Ann  Lee", 0, 0.72), span("per", [3, 4], "Ann", 13, 0.9)]},
        {"spans": []},
        {},
        {"spans": [span("loc", [1, 2], "東京", 3, 0.5), span("loc", [3, 4], "\U0001f1e9\U0001f1ea", 8, 1.0)]},
    ]
    assert not said


def test_entities_of_raw_text_end_with_their_sentence_and_have_the_text_of_the_line(names):
    text = "\U0001f600 I saw Dr. Jones. Lee, (O\u2019Neil) left."
    (written,), _ = answers(Placed(names, cut, entities=True, json=True), text)
    assert written["spans"] == [
        span("per", [3, 5], "Dr. Jones", 8, 0.125), span("per", [6, 7], "Lee", 19, 0.8),
        span("per", [9, 10], "O\u2019Neil", 25, 0.75),
    ]  # fmt: skip
    assert written["words"][9] == "O'Neil"
    assert written["sentences"] == [[0, 6], [6, 13]]
    for each in written["spans"]:
        assert text[each["start"] : each["end"]] == each["text"]
    assert list(written) == ["words", "starts", "ends", "tags", "scores", "sentences", "spans"]


def test_entities_stand_beside_the_words_with_json(names):
    (written,), _ = answers(Placed(names, entities=True, json=True), "Ann sat")
    assert written == {
        "words": ["Ann", "sat"], "starts": [0, 4], "ends": [3, 7], "tags": ["B-per", "O"], "scores": [0.9, 0.99],
        "spans": [span("per", [0, 1], "Ann", 0, 0.9)],
    }  # fmt: skip


def test_the_probability_of_an_entity_is_the_product_of_its_words():
    assert sureness([0.9, 0.8]) == pytest.approx(0.72)
    answer = Tagged(["Ann", "Lee", "met"], ["B-per", "I-per", "O"], [0.9, 0.8, 0.3])
    assert answer.entities() == [Entity("per", 0, 2, math.prod([0.9, 0.8]))]
    assert Tagged(["a"], ["DET"], [0.9]).entities() == []


def test_the_method_of_python_gives_places(runner):
    text = "The  cat\tsat a\u00a0b ."
    (answer,) = runner.tag([text])
    assert [text[start:end] for start, end in answer.places(text)] == list(answer.words) == between_blanks(text)


def test_other_tags_are_refused(runner):
    with pytest.raises(UsageError, match="not those of entities, such as B-person, but 'ADP', 'DET', 'NOUN'"):
        Placed(runner, entities=True)


def test_words_between_blanks_have_places_in_json(runner):
    text = " The\tcat  sat\u00a0x e\u0301\U0001f600 ."
    (written,), _ = answers(Lines(runner, json=True), text)
    assert [text[a:b] for a, b in zip(written["starts"], written["ends"], strict=True)] == written["words"]
    assert written["words"] == between_blanks(text)
    assert list(written) == ["words", "starts", "ends", "tags", "scores"]


def test_sentences_of_a_line_are_tagged_apart_and_answered_together(runner):
    texts = ["The cat sat. A mat!", "cat", "\x01", "", "Mr. X saw it."] * 40
    written, said = answers(Placed(runner, cut, json=True), *texts)
    assert len(written) == len(texts)
    first, second, third, fourth, fifth = written[:5]
    assert written == written[:5] * 40
    assert (first["sentences"], second["sentences"], fifth["sentences"]) == ([[0, 4], [4, 7]], [[0, 1]], [[0, 5]])
    assert (third, fourth) == ({"error": "no words in it"}, {})
    alone = runner.tag([first["words"][:4], first["words"][4:]])
    assert first["tags"] == alone[0].tags + alone[1].tags
    plain, _ = answers(Placed(runner, cut), texts[0], json=False)
    assert plain == [" ".join(map("/".join, zip(first["words"], first["tags"], strict=True)))]
    assert said == ['40 records were without words (the first: line 3): answered by {"error": ...}']


def test_a_sentence_of_too_many_words_refuses_its_line_and_many_sentences_do_not(runner):
    texts = ["cat. " + "a " * 50_001, "The cat sat. " * 13_000]
    written, said = answers(Placed(runner, partial(cut, language="en")), *texts, json=False)
    assert written[0] == ""
    assert len(written[1].split(" ")) == 4 * 13_000
    assert said == ["1 record was longer than 50,000 words (the first: line 1): answered by an empty line"]


def test_the_command_answers_each_line_of_raw_text_by_one(seqtool_cmd):
    done = seqtool_cmd(*TAG, "--tokenize", "--json", stdin="Mr. Cat sat. It didn\u2019t!\n\nb\u00fcrste\u2028x\n")
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first["words"] == ["Mr.", "Cat", "sat", ".", "It", "did", "n't", "!"]
    assert first["starts"] == [0, 4, 8, 11, 13, 16, 19, 22]
    assert first["ends"] == [3, 7, 11, 12, 15, 19, 22, 23]
    assert first["sentences"] == [[0, 4], [4, 8]]
    assert (second, third["words"]) == ({}, ["b\u00fcrste", "x"])
    assert (done.returncode, done.stderr) == (0, "")


REFUSED = {
    "entities of blocks": (["--conllu", "--spans"], "--spans cannot go with it", ""),
    "entities of others": (["--spans"], "are not those of entities", "--json has the tag of each word"),
    "a language alone": (["--language", "de"], "--tokenize splits", "give --tokenize"),
    "a name of a language": (["--tokenize", "--language", "german"], "'german' is no code", "en, de or fr"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_words(name, cli):
    options, said, cure = REFUSED[name]
    done = cli(*TAG, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert cure in done.stderr


def test_the_help_names_the_rules_of_raw_text(cli):
    assert RULES in cli("tag", "--help").stdout
