"""Prose is no file of labelled texts; lines that begin with labels stay one, whatever commas they hold."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.errors import DataError

THINGS = ("the lamp", "a boat", "my old coat", "the garden", "her kite", "a small bird")
DEEDS = ("was lost", "fell over", "came back", "stood in the rain", "looked fine", "went by")
HEADS = ("The lamp", "A boat", "My coat", "Her kite", "In the rain a bird", "On the hill a small bird")
ENDS = ("again", "too", "sadly", "at last")
VERSES = ("So", "And", "But", "For", "Lo")
BULLETS = ("-", "*")
CAPTIONS = ("a girl", "two men", "three boys", "a child")
COMMANDS = ("cd", "ls", "git add", "git show", "mv")
CODE = ("def step", "import lib", "return x", "print y", "class Kite", "for n in")
GERMAN = ("der Hund", "die Katze", "das Boot", "ein Haus")
TITLES = ("Boat", "Kite", "Coat", "Lamp")
BEGINNINGS = ("However", "Sadly", "Then", "Later", "Yesterday")


@pytest.fixture
def read(tmp_path):
    def of(lines: list[str], layout: Layout | None = None, name: str = "a.txt"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_labelled(path, layout)

    return of


def labels(read) -> set[str]:
    return {record.label for record in read.records}


def made(form: str, count: int = 60, label: tuple[str, ...] = ("",)) -> list[str]:
    dice = random.Random(7)
    words = {"head": HEADS, "thing": THINGS, "other": THINGS, "deed": DEEDS, "end": ENDS, "begin": BEGINNINGS}
    rows = [{key: dice.choice(few) for key, few in words.items()} for _ in range(count)]
    own = {"verse": VERSES, "caption": CAPTIONS, "command": COMMANDS, "code": CODE, "german": GERMAN, "title": TITLES}
    own["bullet"] = BULLETS
    for row in rows:
        row |= {key: dice.choice(few) for key, few in own.items()}
    return [form.format(n=n, label=label[n % len(label)], **row) for n, row in enumerate(rows)]


PROSE = {
    "few first words": "{head} {deed} and {thing} {deed}.",
    "few first words in lower case": "{thing} {deed} and then {other} {deed} .",
    "one comma, few beginnings": "{begin}, {thing} {deed}.",
    "one comma, few ends": "{head} {deed} beside {thing}, {end}.",
    "one comma, tokens": "{thing} {deed} beside {other} , {end} .",
    "first words that stand nowhere else": "{begin} {thing} {deed} and came home.",
    "a blank before the full stop": "{head} {deed} .",
    "a face at the end": "{head} {deed} 🙂",
    "a comma at the end": "{head} {deed} and {thing},",
    "no full stop": "{head} {deed} {end} and {end}",
    "in quotes": '"{head} {deed} {end}."',
    "a year at the end": "{head} {deed} (19{n})",
    "a reference at the end": "{head} {deed} [{n}]",
    "hash tags and addresses": "{head} {deed} #kite http://x.example/{n}",
    "verses": "{verse} {thing} {deed} upon the hills;",
    "captions in tokens": "{caption} flying {thing} .",
    "commands": "{command} notes{n}.txt",
    "a program": "{code}{n}",
    "German, nouns with a large letter": "{german} Nummer {n} steht im Garten",
    "a list": "{bullet} {head} {deed}",
    "headlines": "{title} Found After {n} Days In A Field",
}


@pytest.mark.parametrize("kind", PROSE)
@pytest.mark.parametrize("count", [30, 400])
def test_prose_is_refused(read, kind, count):
    with pytest.raises(DataError, match="labels") as caught:
        read(made(PROSE[kind], count))
    assert "label<TAB>text" in caught.value.cure
    way = re.findall(r"--separator blank|--format csv", caught.value.cure)
    options = {"--separator blank": Layout("blank"), "--format csv": Layout(format="csv")}
    assert way
    assert len(labels(read(made(PROSE[kind], count), options[way[0]]))) > 1


@pytest.mark.parametrize(
    "lines", [["Once there was a boat", "It was lost", "Then it came"], ["1 milk", "2 tea", "3 rice"]]
)
def test_a_few_lines_whose_first_words_stand_once_are_no_labels(read, lines):
    with pytest.raises(DataError, match="do not begin with labels: 3 different ones"):
        read(lines)
    assert len(read(lines, Layout("blank")).records) == 3
    known = Layout(known=frozenset(line.split()[0] for line in lines))
    assert len(read(lines, known).records) == 3


PLAIN = {
    "numbers": ("{label} {head} {deed}.", ("0", "1")),
    "grades": ("{label} {head} {deed}, {thing} {deed}", ("1", "2", "3", "4", "5")),
    "signed numbers": ("{label} {thing} {deed}", ("-1", "0", "1")),
    "words": ("{label} {head} {deed}.", ("neg", "pos")),
    "words with a large letter": ("{label} {head} {deed}.", ("Sports", "World", "Science")),
    "words, one comma, end of a sentence": ("{label} {head} {deed}, {end}.", ("neg", "pos")),
    "numbers, one comma": ("{label} {head} {deed}, {end}", ("0", "1")),
    "numbers, two commas": ("{label} {head} {deed}, {thing} {deed}, {end}.", ("0", "1")),
    "commas with a blank part cells": ("{label}, {head} {deed}.", ("neg", "pos")),
    "labels last": ("{head} {deed} beside {thing},{label}", ("neg", "pos")),
    "labels that are words of other texts": (
        "{label} {head} of the it {deed} de la es {thing}",
        ("it", "de", "la", "es"),
    ),
    "usual labels, texts in lower case": ("{label} {thing} {deed} .", ("ham", "spam")),
    "numbered labels": ("{label} {thing} {deed}", ("LABEL_0", "LABEL_1")),
    "labels of two parts": ("{label} {thing} {deed} ?", ("NUM:count", "LOC:city")),
    "usual labels in capitals": ("{label} {thing} {deed}", ("POS", "NEG")),
    "capitals before a large letter": ("{label} {head} {deed}", ("NUM", "LOC", "ABBR")),
    "names of who speaks": ("{label}: {head} {deed}", ("KING", "FOOL")),
    "letters": ("{label} {thing} {deed}", ("A", "B", "C")),
    "codes of languages": ("{label} {thing} {deed}", ("en", "fr", "de", "pl")),
    "pictures": ("{label} {thing} {deed} {end}", ("👍🏽", "👎")),
    "stars": ("{label} {thing} {deed}", ("★", "★★★")),
    "numbers, few last words": ("{label} {thing} {deed} {end}", ("1", "2", "3", "4", "5")),
    "a script without blanks": ("{label} 这个东西{n}很好看", ("正面", "负面")),
    "labels that their texts name": ("{label} {head} with a {label} {deed}", ("plane", "train", "taxi")),
}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("count", [12, 400])
def test_plain_files_are_read(read, kind, count):
    form, given_ = PLAIN[kind]
    assert labels(read(made(form, count, label=given_))) == set(given_)


MAYBE_LABELS = {
    "queries": ("{label} kites WHERE n = {n}", ("SELECT", "UPDATE", "DELETE")),
    "requests": ("{label} /kites/{n}.html HTTP/1.1", ("GET", "POST")),
    "a log": ("{label} {thing} {deed} {n}", ("WARN", "INFO", "ERROR")),
    "a log with large letters": ("{label} {head} {deed} {n}", ("Warning", "Info")),
    "a log in brackets": ("[{label}] {thing} {deed} {n}", ("WARN", "INFO")),
    "a log with colons": ("{label}: {head} {deed} {n}", ("WARNING", "ERROR")),
    "questions and answers": ("{label}: {head} {deed} {n}", ("Q", "A")),
    "fields, one a line": ("{label}: {thing} {deed} {n}", ("Review", "Label")),
    "who speaks, in capitals": ("{label} {thing} {deed} {n}", ("KING", "FOOL")),
}


@pytest.mark.parametrize("kind", MAYBE_LABELS)
@pytest.mark.parametrize("count", [12, 400])
def test_first_words_that_may_be_of_the_text_are_labels_only_where_a_person_says_so(read, kind, count):
    form, given_ = MAYBE_LABELS[kind]
    lines = made(form, count, label=given_)
    with pytest.raises(DataError, match="may be of a text without labels") as caught:
        read(lines)
    assert caught.value.cure.endswith("--separator blank takes the first words")
    assert labels(read(lines, Layout("blank"))) == set(given_)
    assert labels(read([line.replace(" ", "\t", 1) for line in lines])) == set(given_)  # a tab is sure


@pytest.mark.parametrize("turn", [str.lower, str.upper], ids=["lower", "upper"])
def test_prose_in_one_case_is_refused(read, turn):
    with pytest.raises(DataError, match="--separator blank"):
        read([turn(line) for line in made("{head} {deed} and {thing} {deed} {end}.")])


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(("joy", "anger", "fear", "spam", "0", "1", "NEG")), min_size=2, max_size=3, unique=True),
    st.integers(12, 60),
    st.randoms(use_true_random=False),
)
def test_labels_that_no_text_holds_are_read(tmp_path_factory, names, count, dice):
    labels_of = [names[n % len(names)] for n in range(count)]
    lines = [f"{label} {dice.choice(HEADS)} {dice.choice(DEEDS)} w{n}" for n, label in enumerate(labels_of)]
    path = tmp_path_factory.getbasetemp() / "plain.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [record.label for record in read_labelled(path).records] == labels_of


def test_first_words_or_the_last_cell_are_refused_with_both_readings(read):
    lines = made("{label} {head} {deed}, {end}", label=("neg", "pos"))
    with pytest.raises(
        DataError, match=r"the first words, such as '(neg|pos)', or what follows the last comma"
    ) as caught:
        read(lines)
    assert caught.value.cure == "--separator blank takes the first words, --format csv the cells"
    assert labels(read(lines, Layout("blank"))) == {"neg", "pos"}
    assert labels(read(lines, Layout(format="csv"))) == set(ENDS)


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize(
    "form", ["{label}M{head} {deed}M {thing}M {end} {n}", "{head} {deed}M {thing} {n}M {end}M{label}"]
)
def test_texts_that_hold_the_mark_between_cells_are_refused(read, mark, form):
    lines = made(form.replace("M", mark), label=("neg", "pos"))
    with pytest.raises(DataError, match=r"the texts hold (commas|semicolons).*line 1 has 4 columns") as caught:
        read(lines, name="a.csv")
    assert caught.value.cure.startswith('put "quotes" around the texts, or --text-column NAME')
    place = "2" if form.startswith("{label}") else "1"
    alone = read(lines, Layout(text_column=place, label_columns=("1" if place == "2" else "4",)), name="a.csv")
    assert labels(alone) == {"neg", "pos"}
    head, rest = "what,was,where,n", ["neg,the lamp, the hall, 1", "pos,her kite, the garden, 2"] * 10
    assert len(read([head, *rest], Layout(text_column="was", label_columns=("what",)), name="a.csv").records) == 20


@pytest.mark.parametrize("count", [40, 400])
def test_a_colon_without_a_blank_may_end_a_label(read, count):
    lines = made("{label}:{thing} {deed} {other} {deed} {n}", count, label=("good", "bad"))
    with pytest.raises(DataError, match="the label may be 'good', which a colon ends, or 'good:") as caught:
        read(lines)
    assert "--separator blank" in caught.value.cure
    assert len(labels(read(lines, Layout("blank")))) > 2
    assert labels(read([line.replace(":", "\t", 1) for line in lines])) == {"good", "bad"}


def test_xml_is_no_file_of_labelled_texts(read):
    lines = ["<reviews>", *made('<review label="{label}">{thing} {deed}</review>', 20, ("a", "b")), "</reviews>"]
    with pytest.raises(DataError, match="XML"):
        read(lines)
    tagged = made("<{label}> {thing} {deed} {n}", 20, ("good", "bad"))
    assert labels(read(tagged)) == {"good", "bad"}
