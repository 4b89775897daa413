"""Entities in tags: the published rule of CoNLL-2000 as a table, scores by hand, the way through the commands."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.entities import Span, are_entities, impossible, scheme, spans
from seqtool.families.tagging.entity_scores import Found, surfaces

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


def test_what_tags_of_entities_are_and_their_scheme():
    assert are_entities({"O", "B-x", "I-x", "B-y"})
    assert are_entities({"O", "B", "I"})
    for other in ({"NOUN", "VERB"}, {"O"}, {"B-x", "I-x"}, {"O", "B-x", "NOUN"}, {"O", "X-y"}):
        assert not are_entities(other)
    assert scheme([["B-x", "I-x", "O"], ["B-y"]]) == "IOB2"
    assert scheme([["I-x", "I-x", "B-x"], ["O"]]) == "IOB1"
    assert scheme([["B-x", "L-x", "O"], ["U-y"]]) == scheme([["S-x"]]) == "BILOU"
    assert impossible(["O", "I-x", "I-x", "B-y", "I-x"]) == 2
    assert impossible(["B-x", "I-x", "O", "B-y", "L-y"]) == 0


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
