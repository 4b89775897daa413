"""Scores of a classifier against scikit-learn, its baselines, its verdict, and what evaluation refuses."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from seqtool.data.bootstrap import Difference
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.labelled import Labelled
from seqtool.errors import SeqtoolError
from seqtool.families.classification import report, rivals
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.encoders import ClassificationEncoders, Reader
from seqtool.families.classification.part import TextPart
from seqtool.families.classification.report import Report
from seqtool.families.classification.rivals import BIGRAMS, Bigrams, grams
from seqtool.families.classification.scores import (
    INT8,
    MAJORITY,
    baseline_chances,
    baselines,
    fitted,
    refitted,
    score_again,
    score_part,
    verdict,
)
from seqtool.training.int8 import costs

MODEL = Path(__file__).parent / "models" / "tiny-sentiment.onnx"
READER = Reader(Vocabulary(("good", "bad", "not", "the", "plot")), lower=True)
LABELS = Labels(("neg", "pos", "so-so"))


def part(*pairs: tuple[str, str]) -> TextPart:
    return TextPart.of([Labelled(text, label, 1) for label, text in pairs], READER, LABELS)


TRAIN = part(*[("pos", "Not bad"), ("neg", "not good"), ("pos", "good"), ("neg", "bad plot"), ("neg", "the bad")] * 6)
TEST = part(
    ("pos", "not  BAD"), ("neg", "not good at all"), ("pos", "good plot"), ("neg", "so bad"), ("neg", "the plot"),
    ("pos", "quite good"), ("so-so", "plot"), ("neg", "good , not"),
)  # fmt: skip


def predict(ids):
    """Return probabilities [N,3] that depend on the text alone."""
    raw = np.array([[1.0 + 3 * (3 in one), 1.0 + 2 * (2 in one), 0.5] for one in ids])
    return raw / raw.sum(axis=1, keepdims=True)


STORED = {"counts": [18, 12, 0], "penalty": 1.0}


def reported(train=TRAIN, test=TEST):
    return score_part(predict, test, STORED, split="test", data="toys", threshold=0.5, train=train)


def scored(train=TRAIN, test=TEST):
    return reported(train, test).to_json()


def test_figures_are_those_of_scikit_learn():
    scores = scored()
    chances = predict(TEST.ids)
    chosen = chances.argmax(axis=1)
    model = scores["whole"]["model"]
    assert model["accuracy"] == pytest.approx(metrics.accuracy_score(TEST.gold, chosen))
    assert model["macro_f1"] == pytest.approx(metrics.f1_score(TEST.gold, chosen, average="macro"))
    assert model["log_loss"] == pytest.approx(metrics.log_loss(TEST.gold, chances, labels=[0, 1, 2]))
    settings = {"target_names": LABELS.names, "output_dict": True, "zero_division": 0}
    theirs_by_class = metrics.classification_report(TEST.gold, chosen, **settings)
    for name in ("neg", "pos"):
        ours, theirs = scores["classes"][name], theirs_by_class[name]
        assert [ours[key] for key in ("precision", "recall", "f1", "count")] == pytest.approx(
            [theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"]]
        )
    assert scores["confusion"] == metrics.confusion_matrix(TEST.gold, chosen).tolist()


def test_baselines_stand_beside_it_and_skill_is_against_the_best():
    scores = scored()
    assert list(scores["whole"]) == ["model", MAJORITY, BIGRAMS]
    assert scores["whole"][MAJORITY]["accuracy"] == 0.5  # four of eight are neg
    assert scores["whole"][MAJORITY]["log_loss"] > 3  # so-so was never there
    best = max(scores["whole"][name]["accuracy"] for name in (MAJORITY, BIGRAMS))
    wrong = 1 - scores["whole"]["model"]["accuracy"]
    assert scores["whole"]["model"]["skill"] == pytest.approx(1 - wrong / (1 - best))
    assert scores["whole"][scores["best_baseline"]]["skill"] == 0
    assert json.loads(json.dumps(scores)) == scores


def test_what_was_seen_in_training_and_what_is_unknown():
    """`not  BAD` is `Not bad` again; at, all, so, quite and the comma are five of nineteen tokens."""
    scores = scored()
    assert scores["seen"] == pytest.approx(1 / 8)
    assert scores["unknown"] == pytest.approx(5 / 18)
    assert scored(train=None)["seen"] is None
    assert list(scored(train=None)["whole"]) == ["model", MAJORITY]


def test_the_bag_of_bigrams_is_that_of_scikit_learn_s_own_tokens():
    texts = [text.lower() for text in TRAIN.texts]
    bag = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\S+")
    model = LogisticRegression(C=0.3, max_iter=1000).fit(bag.fit_transform(texts), TRAIN.gold)
    ours = Bigrams(TRAIN).fit(0.3).predict(TEST)
    np.testing.assert_allclose(
        ours[:, :2], model.predict_proba(bag.transform([t.lower() for t in TEST.texts])), atol=1e-4
    )
    assert (ours[:, 2] == 0).all()
    assert grams(["a", "b", "c"]) == ["a", "b", "c", "a b", "b c"]
    assert grams([]) == [""]


def test_baselines_are_kept_small_and_fitted_again():
    stored = fitted(TRAIN, TEST)
    assert stored["counts"] == [18, 12, 0]
    assert len(json.dumps(stored)) < 100
    again = refitted(stored, TEST)
    assert again == {"counts": [4, 3, 1], "penalty": stored["penalty"], "joined": True}
    with pytest.raises(SeqtoolError, match="other labels"):
        baseline_chances({"counts": [1, 2]}, TEST, None)


def test_the_verdict_says_beats_only_where_the_interval_excludes_zero():
    better, even, worse = Difference(-0.1, -0.15, -0.05), Difference(-0.01, -0.03, 0.02), Difference(0.1, 0.05, 0.2)
    right = {"model": 0.8, MAJORITY: 0.7, BIGRAMS: 0.79}
    first, second = verdict({MAJORITY: better, BIGRAMS: even}, right, BIGRAMS)
    assert first == (
        "The model beats the majority class: 80.0 % right against 70.0 %, +10.0 points (95 % interval +5.0 to +15.0)."
    )
    assert second.startswith("The model does not beat the best baseline (bag of bigrams): 80.0 % right against 79.0 %")
    assert verdict({MAJORITY: worse}, right, MAJORITY)[1] == (
        "The best baseline is the majority class itself: the model is worse than it."
    )


def test_scores_are_shown_whole_and_in_brief():
    shown = reported()
    lines = shown.lines()
    assert lines[0].startswith("test split of toys: 8 texts, 12.5 % of them stand in the training part too; 27.8 %")
    assert [line.split()[0] for line in lines[2:6]] == ["accuracy", "model", "majority", "bag"]
    assert [line for line in lines if line.startswith("so-so")]
    assert lines[-2:] == shown.verdict == shown.brief()[-2:]
    assert shown.brief()[1].startswith("accuracy ")
    alone = reported(train=None).lines()
    assert "training part" not in alone[0]


def test_scores_of_older_and_newer_versions_are_read():
    shown = reported()
    stored = json.loads(json.dumps(shown.to_json()))
    assert Report.from_json(stored | {"of a newer version": 1}) == Report.from_json(stored)
    assert Report.from_json(stored).lines() == shown.lines()
    older = Report.from_json(
        {key: value for key, value in stored.items() if key not in ("seen", "tokens", "threshold")}
    )
    assert "training part" not in older.lines()[0]
    assert older.rows() == shown.rows()
    assert scored(train=None)["seen"] is None  # told, not left out: other programs read these keys


def test_a_file_without_stored_baselines_is_scored_beside_the_majority_of_the_texts():
    encoders = ClassificationEncoders(READER.encoder, LABELS)
    again = score_again(predict, TEST, encoders, None, ClassificationConfig(), "toys")
    assert (again.split, list(again.whole)) == ("whole", ["model", MAJORITY])
    assert again.whole[MAJORITY]["accuracy"] == 0.5


def test_what_must_be_equal_for_scores_to_be_compared():
    settings = {"split": "distinct", "test": 0.2, "hidden": 3}
    run, wider, other = (SimpleNamespace(settings=settings | more) for more in ({}, {"hidden": 4}, {"test": 0.1}))
    assert reported().measured_on(run) == reported(train=None).measured_on(wider)
    assert reported().measured_on(run) != reported().measured_on(other)

    class Run:
        def __init__(self, labels, weights):
            self.encoders, self.settings = {"labels": labels}, {"class_weights": weights}

    assert report.same_unit(Run("a", "none"), Run("a", "none"))
    assert not report.same_unit(Run("a", "none"), Run("b", "none"))
    assert not report.same_unit(Run("a", "none"), Run("a", "balanced"))


def test_probabilities_that_are_no_numbers_are_an_error():
    with pytest.raises(SeqtoolError, match="not numbers"):
        score_part(lambda ids: np.full((len(ids), 3), np.nan), TEST, STORED, split="test", data="", threshold=0.5)


def test_int8_is_measured_by_wrong_answers():
    class Fake:
        def __init__(self, wrong):
            self.threshold, self.wrong = 0.5, wrong

        def predict(self, ids):
            gold = np.roll(TEST.gold, self.wrong)[: len(ids)]
            return np.eye(3)[gold]

    found = costs(INT8, Fake(0), Fake(1), TEST)
    assert (found["float"], found["unit"], found["tolerance"]) == (0.0, "percent wrong", 0.2)
    assert found["int8"] == pytest.approx(100 * (np.roll(TEST.gold, 1) != TEST.gold).mean())
    assert found["speed"] > 0


def test_evaluate_scores_a_file_again_and_refuses_what_it_cannot(cli, tmp_path):
    file = tmp_path / "new.tsv"
    file.write_text("positive\tthe plot was good\nnegative\tnot good\nnegative\ta\tbad plot\n")
    answer = cli("evaluate", MODEL, "--data", file, "--json")
    assert answer.returncode == 0, answer.stderr
    scores = json.loads(answer.stdout)
    assert (scores["split"], scores["texts"], list(scores["whole"])) == ("whole", 3, ["model", MAJORITY])
    assert math.isclose(scores["whole"][MAJORITY]["accuracy"], 2 / 3)
    assert cli("evaluate", MODEL, "--data", file).stdout.count("\n") > 8
    file.write_text("positive\tthe plot was good\nnegative\tnot good\nmixed\tso good\n")
    answer = cli("evaluate", MODEL, "--data", file, "--json")
    assert answer.returncode == 0, answer.stderr
    assert "1 of 3 texts have labels that training never had (mixed): counted as wrong" in answer.stderr
    unseen = json.loads(answer.stdout)
    assert unseen["classes"]["mixed"] == {"precision": None, "recall": 0.0, "f1": 0.0, "count": 1}
    assert [sum(row) for row in unseen["confusion"]] == [1, 1, 1]
    right = [row[place] for place, row in enumerate(unseen["confusion"])]
    assert right[2] == 0
    assert unseen["whole"]["model"]["accuracy"] == pytest.approx(sum(right) / 3)
    assert unseen["whole"]["model"]["log_loss"] > 9  # -ln of the least probability, for one of three
    for option in ("--backtest", "--plot"):
        assert cli("evaluate", MODEL, option, *["x.png"][: option == "--plot"]).returncode == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("".join(f"pos\tgood {n}\n" for n in range(40)), "has the label 'pos'"),
        ("good\nbad\n", "no labelled texts"),
        ("", "empty"),
    ],
)
def test_training_on_what_cannot_be_learnt_is_refused_before_there_is_a_run(cli, tmp_path, monkeypatch, text, what):
    monkeypatch.chdir(tmp_path)
    Path("data.tsv").write_text(text)
    answer = cli("train", "sentiment", "--data", "data.tsv")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert what in answer.stderr
    assert not Path("runs").exists()


def test_texts_with_tabs_and_control_characters_train(cli, tmp_path, monkeypatch):
    """The first tab ends the label; the others, and what no terminal should see, are white space and nothing."""
    monkeypatch.chdir(tmp_path)
    lines = [
        f"{label}\tword{n % 7}\tand\x01 {word} {n} {'of a long text ' * 7}\n"
        for n in range(30)
        for label, word in (("pos", "good"), ("neg", "bad"))
    ]
    Path("data.tsv").write_text("".join(lines))
    small = ["--epochs", "1", "--hidden", "3", "--embedding", "3", "--at-least", "1"]
    answer = cli("train", "sentiment", "--data", "data.tsv", "--separator", "tab", *small, "--out", "run")
    assert answer.returncode == 0, answer.stderr
    assert "60 lines" in answer.stderr
    words = json.loads(Path("run/encoders/encoders.json").read_text())["encoder"]["tokens"]
    assert "good" in words
    assert not [word for word in words if not word.isprintable()]


def test_a_difference_that_is_nearly_nothing_has_no_sign():
    nothing = Difference(mean=1e-9, low=-1e-9, high=1e-9)
    (sentence, _) = verdict({MAJORITY: nothing, BIGRAMS: nothing}, {"model": 0.5, MAJORITY: 0.5, BIGRAMS: 0.5}, BIGRAMS)
    assert "-0.0" not in sentence


def test_of_very_many_classes_there_is_no_linear_rival_and_a_sentence_says_so(monkeypatch):
    splits = SimpleNamespace(train=TRAIN, validation=TEST)
    monkeypatch.setattr(rivals, "MOST", 30 * 3 - 1)
    stored = baselines(ClassificationConfig(), splits, None)
    assert stored == {"counts": [18, 12, 0]}
    report = score_part(predict, TEST, stored, split="test", data="toys", threshold=0.5, train=TRAIN)
    assert [*report.whole] == ["model", MAJORITY]
    assert report.verdict[-1].startswith("30 texts and 3 classes are too many for a linear rival")
    monkeypatch.setattr(rivals, "MOST", 30 * 3)
    assert "penalty" in baselines(ClassificationConfig(), splits, None)
    with pytest.raises(SeqtoolError, match="damaged"):
        score_part(predict, TEST, stored, split="test", data="toys", threshold=0.5, train=TRAIN)
