"""Texts in capitals and Title Case: what is one, the sentence that it says, and answers written alike."""

from __future__ import annotations

import pytest

from seqtool.data.encoders.letter_case import Casing, restored
from seqtool.errors import ModelError

GERMAN = [
    "Ein Hund läuft auf der Straße.", "Das ist ein Hund.", "Der Mann läuft mit einem Hund.", "Der Mann und eine Frau.",
    "Eine Frau läuft auf der Straße und das Kind auf dem Gras.", "Hier ist die NATO, das Gras ist grün.",
    "Dort ist ein Mann, die NATO und das Kind. Grün ist ein Apfelbaum.", "Hier sitzt einer auf dem Pflaumenkuchen.",
]  # fmt: skip
CASING = Casing.fit(GERMAN)


@pytest.mark.parametrize("sentence", [*GERMAN[:6], "Das Gras ist auf der Straße. Hier läuft ein Kind!"])
def test_capitals_and_title_case_are_read_as_the_sentence(sentence):
    for text, case in ((sentence.upper(), "capitals"), (restored(sentence, "title"), "title")):
        if case == "title" and text == sentence:
            continue
        assert CASING.case_of(text) == case
        assert CASING.as_sentence(text, case) == sentence
    assert CASING.case_of(sentence) == ""


@pytest.mark.parametrize(
    "text",
    ["NATO", "DVD 5", "A B C", "Ein Hund", "Peter Grün", "Der Mann ist Peter", "Das Kind Anna Maria", "", "漢字"],
)  # fmt: skip
def test_other_texts_have_no_case_of_their_own(text):
    assert CASING.case_of(text) == ""


def test_words_that_were_never_seen_are_written_as_rare_ones_are():
    german = Casing.fit([f"Das ist {thing}." for thing in ("ein Apfelbaum", "ein Birnbaum", "ein Kirschbaum")])
    assert german.as_sentence("DAS IST EIN PFLAUMENBAUM", "capitals") == "Das ist ein Pflaumenbaum"
    english = Casing.fit(
        ["A dog runs quickly.", "The dog sees a tree.", "The dog and the tree sleep.", "A dog is a dog."]
    )
    assert english.as_sentence("THE TREE RUNS SLOWLY. A DOG", "capitals") == "The tree runs slowly. A dog"


def test_a_case_that_the_training_had_is_left_alone():
    shouted = Casing.fit([*GERMAN, *(line.upper() for line in GERMAN)])
    assert shouted.restored == ("title",)
    assert shouted.case_of("EIN HUND LÄUFT") == ""
    lower = Casing.fit([line.lower() for line in GERMAN])
    assert lower.as_sentence("EIN HUND LÄUFT", "capitals") == "ein hund läuft"


def test_answers_are_written_as_their_source():
    assert restored("the dog doesn't sleep. (oh!)", "title") == "The Dog Doesn't Sleep. (Oh!)"
    assert restored("die Straße", "capitals") == "DIE STRASSE"
    assert restored("USA and iPhone", "title") == "USA And IPhone"
    assert restored("as it is", "") == "as it is"


def test_the_table_comes_back_from_json_and_a_damaged_one_is_refused():
    assert Casing.from_json(CASING.to_json()) == CASING
    assert Casing.from_json(Casing().to_json()) == Casing()
    for damage in ({"usual": 3}, {"restored": ["upper"]}, {"rare_capital": "yes"}):
        with pytest.raises(ModelError, match="damaged"):
            Casing.from_json({**CASING.to_json(), **damage})
