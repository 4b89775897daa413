"""Texts that hold their own label, and texts of which only some do."""

from __future__ import annotations

import pytest

from seqtool.data.label_leaks import label_in_text
from seqtool.data.labelled import Labelled

THINGS = ("boat", "kite", "lamp", "rope", "sail")
LABELS = ("pos", "neg", "Very good")


def records(form: str, count: int = 60) -> list[Labelled]:
    """Return records whose texts are written as `form` says, of three labels in turn."""
    texts = (f"the {THINGS[n % 5]} number {n} was blue" for n in range(count))
    return [Labelled(form.format(label=LABELS[n % 3], text=text), LABELS[n % 3]) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("form", "where"),
    [
        ("{label}: {text}", "begins"),
        ("[{label}] {text}", "begins"),
        ("({label}){text}", "begins"),
        ("{label} {text}", "begins"),
        ("{text} #{label}", "ends"),
        ("{text} - {label}.", "ends"),
    ],
)
def test_a_label_at_an_end_of_nearly_all_texts_is_warned_of(form, where):
    (found,) = label_in_text(records(form))
    assert (found.level, found.code) == ("warning", "label-in-text")
    assert found.text.startswith(f"the text of 60 of 60 records {where} with its own label, such as '")
    mixed = records(form, 54) + records("{text}", 6)
    (found,) = label_in_text(mixed)
    assert "54 of 60 records" in found.text


@pytest.mark.parametrize("form", ["{text}", "the {label} {text}", "{label}ition {text}", "{text} re{label}"])
def test_words_inside_of_texts_are_none(form):
    assert not label_in_text(records(form))


def test_one_class_that_lacks_its_label_shows_that_it_is_a_word_of_the_texts():
    tagged, plain = records("{label}: {text}", 600), records("{text}", 60)
    assert not label_in_text([*tagged, *(record._replace(label="other") for record in plain)])
    assert label_in_text([*tagged, *(record._replace(label="other") for record in plain[:4])])


def test_of_several_labels_each_text_begins_with_one_of_its_own():
    rows = [
        Labelled(f"#{one} #{two} it was {n}", one, n, (one, two)) for n in range(20) for one, two in (("a1", "b1"),)
    ]
    bare = [Labelled(f"it was {n}", "", n, ()) for n in range(20)]
    assert label_in_text([*rows, *bare])
    assert not label_in_text([row._replace(labels=("c1",)) for row in rows])


def test_few_records_and_labels_without_letters_show_nothing():
    assert not label_in_text(records("{label}: {text}", 5))
    assert not label_in_text([Labelled("* a b", "*")] * 30)


@pytest.mark.parametrize("command", ["check", "train"])
def test_check_and_train_say_so(tmp_path, cli, command):
    path = tmp_path / "leak.csv"
    path.write_text(
        "text,label\n" + "".join(f"{record.text},{record.label}\n" for record in records("{text} #{label}"))
    )
    more = () if command == "check" else ("--max-steps", "1", "--hidden", "3", "--out", str(tmp_path / "run"))
    answer = cli(command, "classify", "--data", str(path), *more)
    assert answer.returncode == 0, answer.stderr
    assert "label-in-text: the text of 60 of 60 records ends with its own label" in answer.stdout + answer.stderr
