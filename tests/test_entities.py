"""Entities in tags: the published rule of CoNLL-2000 as a table, scores by hand, the way through the commands."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.entities import (
    SCHEMES,
    Span,
    Writer,
    are_entities,
    changed,
    impossible,
    in_order_of_kinds,
    may_follow,
    scheme_of,
    spans,
)
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import Answer, TaggingEncoders
from seqtool.families.tagging.entity_scores import Found, surfaces
from seqtool.families.tagging.frequent import fitted
from seqtool.families.tagging.part import TagPart
from seqtool.families.tagging.scores import score_part

# The rule as it was published: after which letter a letter ends an entity, and begins one. Beside them, a change of the
# kind ends what was open and begins another.
ENDS = {"BB", "BO", "IB", "IO", "EE", "EI", "EB", "EO", "ES", "SB", "SI", "SE", "SS", "SO", "BS", "IS"}
BEGINS = {"BB", "IB", "OB", "OI", "EE", "EI", "EB", "ES", "OE", "OS", "SB", "SI", "SE", "SS", "BS", "IS"}


def by_table(tags):
    """Return the entities of tags by the two tables, a word at a time."""
    found, start, before, kind = [], None, "O", ""
    for place, tag in enumerate([*tags, "O"]):
        letter, _, own = tag.partition("-")
        letter = {"L": "E", "U": "S"}.get(letter, letter)
        pair = before + letter
        if before != "O" and (pair in ENDS or (letter != "O" and own != kind)):
            found.append((kind, start, place))
        if letter != "O" and (pair in BEGINS or own != kind):
            start = place
        before, kind = letter, own
    return found


TAG = st.one_of(st.just("O"), st.tuples(st.sampled_from("BILUES"), st.sampled_from(["x", "y-z"])).map("-".join))


@given(st.lists(TAG, max_size=12))
@settings(max_examples=400, deadline=None)
def test_entities_are_those_of_the_published_rule(tags):
    assert spans(tags) == [Span(*span) for span in by_table(tags)]


@pytest.mark.parametrize(("tags", "wanted"), [
    ("B-x I-x O B-x", [("x", 0, 2), ("x", 3, 4)]),
    ("I-x I-x B-x I-y", [("x", 0, 2), ("x", 2, 3), ("y", 3, 4)]),  # IOB1
    ("B-x L-x U-x O I-x", [("x", 0, 2), ("x", 2, 3), ("x", 4, 5)]),  # BILOU, and a mistake
    ("B I O B", [("", 0, 2), ("", 3, 4)]),  # of one kind without a name
    ("O O", []),
])  # fmt: skip
def test_entities_worked_by_hand(tags, wanted):
    assert [tuple(span) for span in spans(tags.split())] == wanted


def test_what_tags_of_entities_are():
    for tags in ({"O", "B-x", "I-x", "B-y"}, {"O", "B", "I"}, {"O", "B_x"}, {"O", "S:x"}, {"B", "M", "E", "S"}):
        assert are_entities(tags)
    for other in ({"NOUN", "VERB"}, {"O"}, {"B-x", "I-x"}, {"O", "B-x", "NOUN"}, {"O", "X-y"}, {"S", "E"}, {"B"}):
        assert not are_entities(other)


@pytest.mark.parametrize(("sentences", "told"), [
    (["B-x I-x O", "B-y"], ("iob2", 0)),
    (["I-x I-x B-x", "O"], ("iob1", 0)),
    (["B-x L-x O", "U-y"], ("bilou", 0)),
    (["B-x E-x O", "S-y"], ("bilou", 0)),
    (["B M E S B E"], ("bilou", 0)),  # words of a text without blanks
    (["O O O per per", "O loc O O"], ("io", 0)),
    (["B-x I-x O", "B-y", "O I-x"], ("iob2", 1)),  # a slip
    (["B-x I-x O", "O I-y I-y", "B-y I-x"], ("iob2", 2)),  # half of it in IOB1
    (["O NOUN VERB NOUN"], None),
    (["NOUN VERB", "DET"], None),
])  # fmt: skip
def test_the_scheme_is_the_one_that_changes_least(sentences, told):
    found = scheme_of([line.split() for line in sentences])
    assert (found and (found.scheme, found.changed)) == told


ENTITIES = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(["x", "y-z"])), max_size=4)


@given(ENTITIES, st.sampled_from([scheme for scheme in SCHEMES if scheme != "io"]))
@settings(max_examples=200, deadline=None)
def test_entities_written_in_a_scheme_are_read_again_and_possible(pieces, scheme):
    entities, end = [], 0
    for gap, length, kind in pieces:
        entities.append(Span(kind, end + gap, end + gap + length))
        end += gap + length
    tags = Writer(["O"], scheme)(entities, end + 1)
    assert spans(tags) == entities
    assert impossible(tags, scheme) == 0
    assert changed([tags], scheme) == 0


def test_letters_and_marks_of_the_data_are_kept():
    assert Writer({"O", "B_x", "L_x", "U_x"}, "bilou")([Span("x", 0, 2), Span("x", 3, 4)], 5) == [
        "B_x", "L_x", "O", "U_x", "O",
    ]  # fmt: skip
    assert Writer({"B", "M", "E", "S"}, "bilou")([Span("", 0, 3), Span("", 3, 4)], 4) == ["B", "M", "E", "S"]
    assert Writer({"O", "per"}, "io")([Span("per", 1, 3)], 3) == ["O", "per", "per"]


@pytest.mark.parametrize(("scheme", "before", "after", "may"), [
    ("iob2", "O", "I-x", False), ("iob2", None, "I-x", False), ("iob2", "B-x", "I-y", False),
    ("iob2", "I-x", "I-x", True),
    ("iob2", "I-x", None, True), ("iob1", "O", "I-x", True), ("iob1", "O", "B-x", False), ("iob1", "I-x", "B-x", True),
    ("iob1", "I-y", "B-x", False), ("bilou", "B-x", "O", False), ("bilou", "B-x", None, False),
    ("bilou", "B-x", "L-x", True), ("bilou", "L-x", "U-x", True), ("bilou", "O", "L-x", False), ("io", "O", "x", True),
])  # fmt: skip
def test_which_tags_may_follow_which(scheme, before, after, may):
    assert may_follow(before, after, scheme) == may


def test_tags_that_no_entity_has_are_counted():
    assert impossible(["O", "I-x", "I-x", "B-y", "I-x"], "iob2") == 2
    assert impossible(["B-x", "I-x", "O", "B-y", "L-y"], "bilou") == 1
    assert impossible(["B-x"], "bilou") == 1  # it never ends


def test_scores_of_entities_by_hand():
    """Three true ones; two are found, one with a border too far; one more is invented."""
    words = [["Ann", "Lee", "met", "Bob"], ["in", "Rome"]]
    gold = [["B-per", "I-per", "O", "B-per"], ["O", "B-loc"]]
    answers = [["B-per", "I-per", "I-per", "B-per"], ["B-loc", "B-loc"]]
    found = Found.of(words, gold, answers, surfaces([["Bob", "is"]], [["B-per", "O"]]))
    assert found.row() == {
        "entity_f1": 2 * 2 / (4 + 3), "entity_precision": 2 / 4, "entity_recall": 2 / 3, "unseen_recall": 1 / 2,
    }  # fmt: skip
    assert found.by_kind()["per"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "count": 2}
    assert found.by_kind()["loc"] == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "count": 1}
    assert found.counts.tolist() == [[1, 1], [2, 2], [2, 1]]


def test_a_training_on_entities_scores_them_as_a_whole(cli, seqtool_cmd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dice = random.Random(0)
    lines = []
    for _ in range(80):
        for word in dice.sample(["saw", "the", "old", "house"], 2):
            lines.append(f"{word}\tO")
        lines += [f"{dice.choice(['Ann', 'Bob'])}\tB-per", "Lee\tI-per", f"n{dice.randrange(99)}\tO", ""]
    Path("names.tsv").write_text("\n".join(lines) + "\n")
    small = ["--max-steps", "60", "--hidden", "8", "--out", "run"]
    answer = cli("train", "tag", "--data", "names.tsv", *small)
    assert answer.returncode == 0, answer.stderr
    assert "entity F1 %" in answer.stderr
    assert "F1 of entities" in answer.stderr
    assert cli("export", "run").returncode == 0
    scores = json.loads(cli("evaluate", "run", "--data", "names.tsv", "--json").stdout)
    assert scores["entities"]["per"]["count"] == 80
    assert scores["whole"]["model"]["unseen_recall"] is None
    assert "entity F1" in cli("inspect", "run").stdout
    text = "the old Ann Lee n7. Bob Lee!"
    done = seqtool_cmd("tag", "-m", "run", "--spans", "--json", "--tokenize", stdin=f"{text}\n\n")
    first, second = map(json.loads, done.stdout.splitlines())
    apart = [spans(first["tags"][begin:end]) for begin, end in first["sentences"]]
    assert [span["kind"] for span in first["spans"]] == [span.kind for found in apart for span in found]
    assert all(text[span["start"] : span["end"]] == span["text"] for span in first["spans"])
    assert second == {}


def test_what_a_model_without_a_scheme_answers_is_counted_by_that_of_the_truth():
    """Its answers alone can be impossible: I-per behind O, and I-loc behind B-per."""
    words = (("Ann", "met", "Bob"), ("in", "Rome"))
    part = TagPart(words, (("B-per", "O", "B-per"), ("O", "B-loc")))
    names = ("B-loc", "B-per", "I-loc", "I-per", "O")
    encoders = TaggingEncoders(Vocabulary.fit(words, 9), Vocabulary.fit(words, 9), Labels(names))
    rows = (("B-per", "O", "I-per"), ("B-per", "I-loc"))
    answers = [Answer(np.array([names.index(tag) for tag in row]), np.ones(len(row), np.float32)) for row in rows]
    config = TaggingConfig(scheme="none")
    report = score_part(lambda _: [answers], part, encoders, fitted(part), config, split="test", data="here")
    assert report.impossible == 2
    assert "2 tags follow others that they cannot follow" in "\n".join(report.lines())


def test_tags_of_a_picture_stand_by_kind():
    tags = ("B-loc", "B-per", "I-loc", "I-per", "L-loc", "O", "U-per")
    assert [tags[place] for place in in_order_of_kinds(tags)] == [
        "O", "B-loc", "I-loc", "L-loc", "B-per", "I-per", "U-per"
    ]  # fmt: skip
    assert in_order_of_kinds(("NOUN", "ADJ")) == [0, 1]
