"""The baseline CRF: against python-crfsuite's own tagger, paths tried by hand, damaged weights, the way through."""

from __future__ import annotations

import itertools
import json
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.errors import MissingExtra, SeqtoolError
from seqtool.families.tagging import crf
from seqtool.families.tagging.frequent import FREQUENT, fitted
from seqtool.families.tagging.part import TagPart
from seqtool.families.tagging.scores import rivals_of


def drawn(seed, count):
    """Sentences whose tags follow from endings, capitals and neighbours, with some noise."""
    dice, sentences, tags = random.Random(seed), [], []
    for _ in range(count):
        words, own = [], []
        for _ in range(dice.randint(1, 7)):
            kind = dice.choice(["name", "verb", "other"])
            stem = "".join(dice.choices("abcdeé北:", k=dice.randint(1, 4)))
            if kind == "name":
                words += [stem.title(), f"Lee{stem}"]
                own += ["B-per", "I-per"]
            else:
                words.append(f"{stem}ed" if kind == "verb" else dice.choice(["-->", "w: 1.5", "A\\b", "=", stem]))
                own.append("O" if dice.random() < 0.9 else "B-odd: x")
        sentences.append(tuple(words))
        tags.append(tuple(own))
    return TagPart(tuple(sentences), tuple(tags))


@pytest.mark.parametrize("entities", [True, False])
def test_it_tags_as_the_library_does(monkeypatch, entities):
    library = pytest.importorskip("pycrfsuite")
    train, new = drawn(0, 60), drawn(1, 150)
    # the perceptron draws an order: two trainings differ, so that the tagger of the very same one is asked
    own = library.Tagger()
    monkeypatch.setattr(crf, "_library", lambda: SimpleNamespace(Trainer=library.Trainer, Tagger=lambda: own))
    tag = crf.tagger(json.loads(json.dumps(crf.fitted(train, entities=entities))))
    for part in (train, new):
        for words in part.words:
            assert tag(words) == own.tag(crf.features(words))


def test_the_path_is_the_best_of_all():
    dice = np.random.default_rng(0)
    for _ in range(60):
        count, labels = int(dice.integers(1, 6)), int(dice.integers(1, 5))
        logits, steps = dice.normal(size=(count, labels)), dice.normal(size=(labels, labels))

        def weight(path, logits=logits, steps=steps):
            own = sum(logits[place, label] for place, label in enumerate(path))
            return own + sum(steps[pair] for pair in itertools.pairwise(path))

        best = max(itertools.product(range(labels), repeat=count), key=weight)
        assert crf.best_path(logits, steps) == [*best]


def test_features_by_hand():
    first, second = crf.features(["Bo", "is"])
    assert {"w=bo", "W=Bo", "sh=Xx", "first=True", "p1=b", "s1=o", "p2=bo", "w1=is", "w-1=<>", "w2=<>"} <= {*first}
    assert {"first=False", "-1+0=bo|is", "0+1=is|<>", "w-1=bo", "sh-1=Xx"} <= {*second}
    assert len(first) == len({*first}) == len(second)
    assert crf._shape("McDonald's-99x") == "XxXx'x-d"


def test_few_weights_are_those_farthest_from_zero(monkeypatch):
    pytest.importorskip("pycrfsuite")
    whole = crf.fitted(drawn(0, 40), entities=True)
    monkeypatch.setattr(crf, "MOST", 50)
    few = crf.fitted(drawn(0, 40), entities=True)

    def weights(stored):
        return {
            (name, number): weight
            for name, row in stored["states"].items()
            for number, weight in zip(*row, strict=True)
        }

    kept, all_of_them = weights(few), weights(whole)
    assert len(kept) == 50 < len(all_of_them)
    assert kept.items() <= all_of_them.items()
    assert min(map(abs, kept.values())) >= max(abs(all_of_them[key]) for key in all_of_them.keys() - kept.keys())
    assert few["steps"] == whole["steps"]


def test_a_missing_library_is_named_before_the_training(tmp_path, monkeypatch, refused):
    monkeypatch.setitem(sys.modules, "pycrfsuite", None)
    with pytest.raises(MissingExtra, match="the baseline crf needs python-crfsuite") as error:
        crf.require()
    assert error.value.cure == 'pip install "seqtool[crf]", or leave out --baselines'
    monkeypatch.chdir(tmp_path)
    lines(Path("a.tsv"), drawn(0, 40))
    refused("train", "tag", "--data", "a.tsv", "--baselines", "crf", "--out", "run", code=4, said=["seqtool[crf]"])


STORED = {"labels": ["A", "B"], "steps": [[0, 1], [1, 0]], "states": {"b": [[0, 1], [0.5, 0.25]]}}


def test_stored_weights_are_read():
    frequent = fitted(TagPart((("a",),), (("A",),)))
    tags = rivals_of(frequent | {"crf": STORED})
    assert {*tags} == {FREQUENT, "CRF"}
    assert tags["CRF"](["x", "y", "z"]) == ["A", "B", "A"]
    assert {*rivals_of(frequent)} == {FREQUENT}


@pytest.mark.parametrize("damage", [
    3, None, [], {}, {"labels": ["A", "B"]}, STORED | {"labels": 3}, STORED | {"labels": []},
    STORED | {"labels": ["A"]}, STORED | {"labels": [["A"], "B"]}, STORED | {"labels": "AB"},
    STORED | {"steps": [[0, 1]]}, STORED | {"steps": "x"}, STORED | {"steps": [[0, "x"], [1, 0]]},
    STORED | {"states": []}, STORED | {"states": {"b": [[0, 1]]}}, STORED | {"states": {"b": [[0], [1, 2]]}},
    STORED | {"states": {"b": [[2], [1]]}}, STORED | {"states": {"b": [[-1], [1]]}}, STORED | {"states": {"b": 3}},
    STORED | {"states": {"b": [[], []]}}, STORED | {"states": {"b": [[1 << 70], [1]]}},
    STORED | {"states": {"b": [[0], [10**400]]}}, STORED | {"states": {"b": [[[0]], [[1]]]}},
])  # fmt: skip
def test_damaged_weights_are_told(damage):
    with pytest.raises(SeqtoolError, match="baselines are damaged"):
        rivals_of(fitted(TagPart((("a",),), (("A",),))) | {"crf": damage})


def lines(path, part):
    rows = zip(part.words, part.tags, strict=True)
    path.write_text("\n".join("".join(f"{word}\t{tag}\n" for word, tag in zip(*row, strict=True)) for row in rows))


def test_a_training_shows_the_crf_and_the_file_is_scored_without_the_library(cli, tmp_path, monkeypatch):
    pytest.importorskip("pycrfsuite")
    monkeypatch.chdir(tmp_path)
    part = drawn(2, 90)
    part = TagPart(part.words, tuple(tuple("O" if tag == "B-odd: x" else tag for tag in own) for own in part.tags))
    lines(Path("a.tsv"), part)
    small = ["--max-steps", "20", "--hidden", "4", "--layers", "1", "--embedding", "4", "--characters", "0"]
    answer = cli("train", "tag", "--data", "a.tsv", *small, "--baselines", "crf", "--out", "run")
    assert answer.returncode == 0, answer.stderr
    assert "fitting the baseline crf: " in answer.stderr
    rows = {line.split("  ")[0] for line in answer.stderr.splitlines()}
    assert {"model", "CRF", FREQUENT} <= rows
    assert "than the CRF: F1 of entities" in answer.stderr  # it is the better baseline by far
    assert cli("export", "run").returncode == 0
    monkeypatch.setitem(sys.modules, "pycrfsuite", None)
    lines(Path("new.tsv"), drawn(3, 20))
    for name in ("run", "run/model.onnx"):
        found = json.loads(cli("evaluate", name, "--data", "new.tsv", "--json").stdout)
        assert found["best_baseline"] == "CRF"
        assert found["whole"]["CRF"]["entity_f1"] > 0.8
