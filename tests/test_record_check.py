"""What is said of records before a training."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqtool.data.labelled import Labelled, read_labelled
from seqtool.data.record_check import check_records
from seqtool.data.records import Parts, cut, read_parts
from seqtool.data.tagged import read_tagged
from seqtool.reads import DataFile, Finding


def texts(*pairs: str) -> tuple[Labelled, ...]:
    return tuple(Labelled(text, label, 1) for label, _, text in (pair.partition(" ") for pair in pairs))


def found(parts: Parts, **options) -> dict[str, Finding]:
    findings = check_records(
        parts, key=lambda one: one.text, words=lambda one: one.text.split(), labels=lambda one: (one.label,), **options
    )
    return {one.code: one for one in reversed(findings)}


PARTS = Parts(texts("1 a b c", "0 d e", "1 d e", "1 x"), texts("0 a f"), texts("1 a b c", "2 q", "1 a f", "0 b b"))


def test_copies_conflicts_and_labels_are_counted():
    said = found(PARTS)
    copies = said["copies-across-splits"]
    assert copies.text.startswith("2 of 4 test records (50.0 %) stand in the other parts too")
    assert copies.level == "warning"
    assert said["conflicting-labels"].text == "2 of 6 different records stand with several labels"
    assert said["unseen-labels"].text.startswith("the training part has no 2:")
    assert said["labels"].text == "3 different: 1 55.6 %, 0 33.3 %, 2 11.1 %"


def test_records_with_several_labels_stand_with_other_label_sets():
    rows = [("a", ("x", "y")), ("a", ("x",)), ("b", ()), ("b", ("y",)), ("c", ("x", "y"))]
    parts = Parts(tuple(Labelled(text, "".join(own[:1]), 1, own) for text, own in rows), texts("x d"), texts("y e"))
    findings = check_records(
        parts, key=lambda one: one.text, words=lambda one: one.text.split(), labels=lambda one: one.all_labels,
        by_record=True,
    )  # fmt: skip
    said = {one.code: one.text for one in findings}
    assert said["conflicting-labels"] == "2 of 5 different records stand with other label sets"


def test_unknown_words_and_sizes():
    said = found(PARTS)
    assert said["unknown-words"].text.startswith("50.0 % of the validation part, 25.0 % of the test part")
    assert said["longest-record"].text == "3 words; 95 % have at most 3"
    assert said["sizes"].text == "9 records (training 4, validation 1, test 4), 18 words"
    assert found(PARTS, vocabulary={"a"})["unknown-words"].text.startswith(
        "50.0 % of the validation part, 75.0 % of the"
    )


def test_what_is_in_order_is_not_said():
    parts = Parts(texts("1 a", "0 b"), texts("1 c"), texts("0 d"), (Finding("note", "read", "so it was"),))
    assert [*reversed(found(parts))] == ["read", "labels", "unknown-words", "longest-record", "sizes"]


def test_labels_with_line_ends_and_control_characters_are_named():
    whole = Parts((Labelled("a", "x\ny"), Labelled("b", "z")), (Labelled("c", "z"),), (Labelled("d", "\x1b[2J"),))
    said = found(whole)["unfit-names"]
    assert said.level == "warning"
    assert said.text.startswith(
        "labels with a line end, a tab or a control character, which a training refuses: '\\x1b[2J', 'x\\ny'"
    )


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (("Good", "good"), "'good' (2) and 'Good' (1)"),
        (("1.0", "1"), "'1' (2) and '1.0' (1)"),
        (("very  good", "very good"), "'very good' (2) and 'very  good' (1)"),
        (("pos:", "pos"), "'pos' (2) and 'pos:' (1)"),
        (("cafe\u0301", "caf\u00e9"), "'caf\u00e9' (2) and 'cafe\\u0301' (1)"),
        (("Noun", "NOUN"), "'NOUN' (2) and 'Noun' (1)"),
        (("\uff30\uff4f\uff53", "pos"), "'pos' (2) and '\uff30\uff4f\uff53' (1)"),
    ],
)
def test_labels_that_differ_in_how_they_are_written_are_named_with_their_counts(labels, said):
    rare, usual = labels
    whole = Parts((Labelled("a", rare), Labelled("b", usual)), (Labelled("c", usual),), (Labelled("d", "other"),))
    finding = found(whole)["labels-alike"]
    assert finding.level == "warning"
    assert finding.text == f"labels that may be one and differ in how they are written: {said}"


@pytest.mark.parametrize("tags", [(".", ",", ":"), ("PRP", "PRP$"), ("1", "10"), ("B-X", "I-X"), ("``", "''")])
def test_labels_of_their_own_are_not_alike(tags):
    whole = Parts(tuple(Labelled("a", tag) for tag in tags), (Labelled("c", "x"),), (Labelled("d", "x"),))
    assert "labels-alike" not in found(whole)


@pytest.mark.data
def test_the_umich_set_cut_at_random_is_known_by_heart():
    class Cuts:
        validation, test, split, fold = 0.1, 0.2, "random", 0

    given = read_parts([DataFile(Path(os.environ["SEQTOOL_MIRROR"]) / "si650/training.txt")], read_labelled)
    said = found(cut(given, lambda one: one.text, Cuts()))
    assert "1,136 of 1,417 test records (80.2 %)" in said["copies-across-splits"].text
    assert "conflicting-labels" in said
    Cuts.split = "distinct"
    said = found(cut(given, lambda one: one.text, Cuts()))
    assert "copies-across-splits" not in said


@pytest.mark.data
def test_the_web_treebank_shares_few_sentences():
    folder = Path(os.environ["SEQTOOL_MIRROR"]) / "ud-english-ewt"
    names = {"train": "train.conllu.gz", "validation": "dev.conllu", "test": "test.conllu"}
    files = [DataFile(folder / f"en_ewt-ud-{name}", part) for part, name in names.items()]
    parts = read_parts(files, lambda path: read_tagged(path, "upos"))
    findings = check_records(parts, key=lambda one: one.words, words=lambda one: one.words, labels=lambda one: one.tags)
    said = {one.code: one.text for one in findings}
    assert said["sizes"] == "16,622 records (training 12,544, validation 2,001, test 2,077), 254,818 words"
    assert said["labels"].startswith("17 different: NOUN 16.")
    assert "longest-record" in said


@pytest.mark.parametrize("label", ["\u200bgood", "good\ufeff", "go\u00adod", "good\ufe0f"])
def test_labels_that_differ_in_what_nobody_sees_are_named(label):
    whole = Parts((Labelled("a", "good"), Labelled("b", label)), (Labelled("c", "bad"),), (Labelled("d", "bad"),))
    text = found(whole)["labels-alike"].text
    assert "'good' (1)" in text
    assert ascii(label)[1:-1] in text


def test_labels_in_letters_of_other_scripts_that_look_the_same_are_named_by_their_numbers():
    names = ("A", "A", "A", "\u0391", "\u0391", "\u0410", "b")
    whole = Parts(tuple(Labelled("x", name) for name in names), (Labelled("c", "b"),), (Labelled("d", "b"),))
    assert found(whole)["labels-alike"].text.endswith(": 'A' (3) and '\\u0391' (2) and '\\u0410' (1)")


def test_letters_of_one_script_are_told_by_themselves():
    russian = ("\u041d\u0435\u0442", "\u043d\u0435\u0442", "\u0414\u0430", "\u0422\u043e\u043a")  # Net, net, Da, Tok
    whole = Parts(tuple(Labelled("x", name) for name in russian), (Labelled("c", "Tok"),), (Labelled("d", "yes"),))
    text = found(whole)["labels-alike"].text
    assert text.endswith(f": '{russian[0]}' (1) and '{russian[1]}' (1)")
    mixed = Parts((Labelled("x", "s\u043ep"), Labelled("y", "SOP")), (Labelled("c", "a"),), (Labelled("d", "a"),))
    assert found(mixed)["labels-alike"].text.endswith(": 's\u043ep' (1) and 'SOP' (1)")


def test_emoji_of_other_hearts_are_other_labels():
    whole = Parts((Labelled("a", "\u2764"), Labelled("b", "\u2665")), (Labelled("c", "bad"),), (Labelled("d", "bad"),))
    assert "labels-alike" not in found(whole)
