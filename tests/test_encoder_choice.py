"""`--encoder auto`: characters where no blanks part the words, in `check`, the run, the linear part and both rivals."""

from __future__ import annotations

import json
import random
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import seqtool
from seqtool.families.classification import rivals, scores
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.data import check, load
from seqtool.families.classification.linear import RUNS, sizes
from seqtool.reads import DataFile
from seqtool.task import Data, Task

TASK = Task("toys", "", "classification")
AUTO = ClassificationConfig(wide=4096)
THINGS, GOOD, BAD = (
    ("房间", "早餐", "服务", "快递", "电影"),
    ("很好", "干净", "满意", "喜欢"),
    ("太差", "失望", "难吃", "无聊"),
)
ENDS = ("下次再说吧", "大家都这么说", "昨天刚刚去过", "朋友也这么觉得", "真的是这样")


def chinese(count: int, seed: int = 0) -> str:
    """Return lines `label<TAB>text` of clauses without blanks; a word tells the label."""
    dice = random.Random(seed)
    lines = []
    for _ in range(count):
        good = dice.random() < 0.5
        text = dice.choice(ENDS) + dice.choice(THINGS) + dice.choice(GOOD if good else BAD) + dice.choice(ENDS)
        lines.append(f"{('坏', '好')[good]}\t{text}{dice.choice(THINGS)}\n")
    return "".join(lines)


def english(count: int) -> str:
    dice = random.Random(0)
    words = ["plot", "hero", "music", "ending", "room", "view"]
    rows = ((dice.choice(("n\tbad", "p\tgood")), dice.choice(words), dice.choice(words)) for _ in range(count))
    return "".join(f"{opening} {one} and {two}\n" for opening, one, two in rows)


def loaded(tmp_path, text, config):
    path = tmp_path / "a.tsv"
    path.write_text(text, encoding="utf-8")
    data = Data((DataFile(path),))
    findings = {finding.code: finding for finding in check(TASK, config, data)}
    return load(TASK, config, data), findings


def test_auto_takes_characters_where_no_blanks_part_the_words_and_says_so(tmp_path):
    splits, findings = loaded(tmp_path, chinese(300), AUTO)
    assert splits.settled["encoder"] == splits.encoders.encoder.kind == "characters"
    assert findings["encoder"].level == "note"
    assert "(--encoder characters)" in findings["encoder"].text
    assert "no-blanks" not in findings
    assert splits.train.unknown == 0
    shape = sizes(replace(AUTO, **splits.settled), splits.encoders.encoder, 2)
    assert (shape.most, shape.characters) == (RUNS["characters"], False) == (4, False)


def test_auto_takes_words_elsewhere_and_says_nothing(tmp_path):
    splits, findings = loaded(tmp_path, english(300), AUTO)
    assert splits.settled["encoder"] == "words"
    words, _ = loaded(tmp_path, english(300), replace(AUTO, encoder="words"))
    assert splits.encoders == words.encoders
    assert not {"encoder", "no-blanks"} & {*findings}


def test_words_that_are_asked_for_stay_and_are_warned_of(tmp_path):
    splits, findings = loaded(tmp_path, chinese(300), replace(AUTO, encoder="words"))
    assert splits.settled["encoder"] == "words"
    assert findings["no-blanks"].level == "warning"
    assert findings["no-blanks"].text.endswith("--encoder characters reads them")
    assert "encoder" not in findings
    _, findings = loaded(tmp_path, chinese(300), replace(AUTO, encoder="characters"))
    assert not {"encoder", "no-blanks"} & {*findings}


@pytest.mark.parametrize("encoder", ["auto", "words"])
def test_both_rivals_read_characters_whatever_the_encoder(tmp_path, encoder):
    config = replace(AUTO, encoder=encoder)
    splits, _ = loaded(tmp_path, chinese(300), config)
    train, test = splits.train, splits.test
    stored = scores.baselines(config, splits, None)
    assert stored["unit"] == "characters"
    bag = CountVectorizer(analyzer="char", ngram_range=(1, 2), binary=True)
    theirs = LogisticRegression(C=stored["penalty"], max_iter=1000).fit(bag.fit_transform(train.texts), train.gold)
    found = scores.baseline_chances(stored, test, train)
    np.testing.assert_allclose(found[rivals.BIGRAMS], theirs.predict_proba(bag.transform(test.texts)), atol=1e-4)
    for name in (rivals.BIGRAMS, rivals.TF_IDF):
        assert (found[name].argmax(axis=1) == test.gold).mean() > 0.95
    again = scores.baselines(config, splits, stored)  # of a refit
    assert again["unit"] == "characters"


def test_baselines_of_earlier_runs_are_of_words_as_they_were(tmp_path):
    splits, _ = loaded(tmp_path, chinese(300), AUTO)
    stored = {"counts": np.bincount(splits.train.gold).tolist(), "penalty": 1.0}
    found = scores.baseline_chances(stored, splits.test, splits.train)[rivals.BIGRAMS]
    np.testing.assert_array_equal(found, scores.Bigrams(splits.train).fit(1.0).predict(splits.test))
    words, _ = loaded(tmp_path, english(300), AUTO)
    assert "unit" not in scores.baselines(AUTO, words, None)


SMALL = ("--hidden", "4", "--embedding", "4", "--max-steps", "6")


def encoder_of(run: str) -> str:
    return tomllib.loads(Path(run, "config.toml").read_text(encoding="utf-8"))["encoder"]


def test_a_run_keeps_the_encoder_that_was_chosen_and_answers_by_it(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("zh.tsv").write_text(chinese(400), encoding="utf-8")
    done = cli("train", "classify", "--data", "zh.tsv", *SMALL, "--out", "run")
    assert done.returncode == 0, done.stderr
    assert "encoder: no blanks part the words of the texts" in done.stderr
    assert encoder_of("run") == "characters"
    done = cli("export", "run")
    assert done.returncode == 0, done.stderr
    report = json.loads(Path("run/scores.json").read_text(encoding="utf-8"))["test"]
    assert report["whole"][rivals.BIGRAMS]["accuracy"] > 0.9
    done = cli("evaluate", "run", "--data", "zh.tsv", "--json")
    assert (json.loads(done.stdout)["unknown"], json.loads(done.stdout)["tokens"]) == (0, "characters")
    assert seqtool.load("run").classify(["房间很好"])[0].label in ("好", "坏")


def test_what_begins_with_the_weights_of_a_run_has_its_encoder(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("zh.tsv").write_text(chinese(400), encoding="utf-8")
    first = cli("train", "classify", "--data", "zh.tsv", *SMALL, "--encoder", "words", "--out", "first")
    assert "warning: no-blanks: " in first.stderr
    done = cli("train", "classify", "--data", "zh.tsv", *SMALL, "--init-from", "first", "--out", "second")
    assert done.returncode == 0, done.stderr
    assert encoder_of("first") == encoder_of("second") == "words"
    again = ("--encoder", "characters", "--init-from", "first", "--out", "third")
    refused = cli("train", "classify", "--data", "zh.tsv", *SMALL, *again)
    assert (refused.returncode, "--encoder characters asks for another network" in refused.stderr) == (2, True)
