"""How sure a classifier is: label sets against their guarantee, ties, rejection, the likeliest labels, the error of
its probabilities."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.calibration import BINS, calibration_error
from seqtool.errors import UsageError
from seqtool.families.classification.answers import Above, One, classified
from seqtool.families.classification.conformal import MOST, UNSEEN, Calibration, Sets, measured, shuffled
from seqtool.families.classification.report import Report
from seqtool.families.load import load

MODEL = Path(__file__).parent / "models" / "tiny-sentiment.onnx"
LINES = ["the plot was not good", "zzz", "good", "bad bad bad"]


def draws(count: int, seed: int, classes: int = 4, digits: int = 9):
    """Return probabilities [N,C] that are often wrong, true labels [N], and numbers that break ties [N]."""
    dice = np.random.default_rng(seed)
    chances = dice.dirichlet(np.full(classes, 0.4), count)
    gold = np.array([dice.choice(classes, p=0.5 * row + 0.5 / classes) for row in chances])
    return np.round(chances, digits).astype(np.float32), gold, dice.permutation(count)


def covered(flags, gold) -> float:
    return float(flags[np.arange(len(gold)), gold].mean())


@pytest.mark.parametrize("digits", [9, 1])  # of one digit most probabilities are tied
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_label_sets_hold_the_true_label_as_often_as_asked_and_no_oftener(level, digits):
    chances, gold, ties = draws(1200, 0, digits=digits)
    n, found = 59, []
    dice = np.random.default_rng(1)
    for _ in range(400):
        order = dice.permutation(len(gold))
        first, second = order[:n], order[n:]
        calibration = Calibration.of(chances[first], gold[first], ties[first])
        found.append(covered(calibration.sets(chances[second], ties[second], level), gold[second]))
    error = np.std(found) / math.sqrt(len(found))
    assert level - 3 * error <= np.mean(found) <= level + 1 / (n + 1) + 3 * error


def test_a_set_worked_by_hand():
    """Of four texts three, 4 / 5 of five, have a probability of 0.4 or more; of the two with 0.4 the tie counts."""
    chances = np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.2, 0.8]], dtype=np.float32)
    calibration = Calibration.of(chances, np.array([0, 0, 1, 1]), np.array([5, 9, 3, 7]))
    assert calibration.chances.tolist() == np.array([0.4, 0.4, 0.8, 0.9], dtype=np.float32).tolist()
    assert calibration.ties.tolist() == [3, 9, 7, 5]
    asked = np.array([[0.4, 0.6], [0.4, 0.6], [0.41, 0.59]], dtype=np.float32)
    flags = calibration.sets(asked, np.array([9, 8, 0]), 0.6)  # the third likeliest of four: 0.4 with the tie 9
    assert flags.tolist() == [[True, True], [False, True], [True, True]]
    assert calibration.sets(asked, np.array([3, 2, 0]), 0.8).tolist() == [[True, True], [False, True], [True, True]]
    assert calibration.sets(asked, np.array([9, 8, 0]), 0.81).all()  # four texts say nothing of such a level
    assert calibration.sets(np.array([[0.5, 0.5]]), np.array([0]), 0.2).tolist() == [[False, False]]


def test_labels_that_training_never_had_are_in_no_set_and_count_as_misses():
    chances, gold, ties = draws(400, 2)
    gold[:100] = 4
    calibration = Calibration.of(chances, gold, ties)
    assert (calibration.chances == UNSEEN).sum() == 100
    assert calibration.sets(chances, ties, 0.9).all()  # a quarter is never covered: no set can hold 90 %
    assert measured(chances, gold, ties)["coverage"] == pytest.approx(0.75, abs=0.01)
    assert measured(chances, gold, ties, 0.5)["coverage"] == pytest.approx(0.5, abs=0.03)


def test_empty_sets_are_counted_and_said_where_there_are_some():
    """Every answer is as sure and right: ties decide, so that half of the sets hold the label and half nothing."""
    chances = np.tile(np.array([1, 0], dtype=np.float32), (400, 1))
    found = measured(chances, np.zeros(400, dtype=np.int64), np.random.default_rng(0).permutation(400), 0.5)
    assert found["empty"] == pytest.approx(1 - found["coverage"]) == pytest.approx(1 - found["mean_size"])
    assert found["empty"] == pytest.approx(0.5, abs=0.02)
    whole = {"split": "test", "texts": 9, "data": "a"}
    said = [Report.from_json({**whole, "sets": {**found, "empty": empty}}).details()[-1] for empty in (0.25, 0.0)]
    assert said[0].endswith("labels on average, 25.0 % of them none")
    del found["empty"]  # as in files of earlier versions
    assert said[1] == Report.from_json({**whole, "sets": found}).details()[-1]
    assert said[1].endswith("labels on average")


def test_a_calibration_is_kept_to_the_bit_and_no_longer_than_its_bound():
    chances, gold, ties = draws(MOST + 500, 3)
    calibration = Calibration.of(chances, gold, ties)
    assert len(calibration.chances) == MOST
    again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))
    assert again is not None
    assert again.chances.tobytes() == calibration.chances.tobytes()
    assert again.ties.tolist() == calibration.ties.tolist()
    for stored in (None, [], {}, {"chances": [], "ties": []}, {"chances": [0.5], "ties": ["a"]}, {"chances": [1.0]}):
        assert Calibration.from_json(stored) is None


def test_ties_follow_from_the_text_alone_and_look_like_draws():
    texts = [np.array(row, dtype=np.int64) for row in ([1, 2], [2, 1], [1, 2], [7])]
    first, second, third, _ = shuffled(texts).tolist()
    assert first == third != second
    assert shuffled(texts[::-1]).tolist() == shuffled(texts).tolist()[::-1]
    many = shuffled([np.array([n]) for n in range(4000)]) / 2**32
    assert abs(many.mean() - 0.5) < 0.02
    assert abs((many < 0.1).mean() - 0.1) < 0.02


@given(st.integers(1, 60), st.integers(2, 6), st.integers(0, 1 << 30))
@settings(max_examples=40, deadline=None)
def test_answers_hold_the_chosen_labels_and_the_likeliest_ones(count, classes, seed):
    dice = np.random.default_rng(seed)
    chances = dice.integers(0, 5, (count, classes)) / 5
    flags = dice.random((count, classes)) < 0.3
    names = np.array([f"label {n}" for n in range(classes)], dtype=object)
    for answer, row, chosen in zip(classified(chances, flags, names, 2), chances, flags, strict=True):
        order = sorted(range(classes), key=lambda n: (-row[n], n))
        wanted = [names[n] for n in order if chosen[n]]
        assert list(answer.labels) == wanted
        assert answer.label == (wanted[0] if wanted else "")
        assert list(answer.probabilities)[:2] == [names[n] for n in order[:2]]
        assert {*answer.probabilities} == {*wanted, *(names[n] for n in order[:2])}
        assert answer.probability == (answer.probabilities[wanted[0]] if wanted else max(row))


def test_the_rules_choose_labels():
    chances = np.array([[0.5, 0.2, 0.3], [0.3, 0.4, 0.3]])
    assert One(reject=0.45)(chances, []).tolist() == [[True, False, False], [False] * 3]
    assert One(reject=0.4)(chances, []).tolist() == [[True, False, False], [False, True, False]]
    assert Above(np.array([0.4, 0.1, 0.3]))(chances, []).tolist() == [[True, True, False], [False, True, False]]
    assert One(threshold=0.7)(np.array([[0.4, 0.6], [0.2, 0.8]]), []).tolist() == [[True, False], [False, True]]


def by_hand(chances, true) -> float:
    """Return the calibration error by a loop over bins of equally many."""
    pairs = sorted(zip(chances, true, strict=True), key=lambda pair: pair[0])
    total, start = 0.0, 0
    for place in range(BINS):
        size = len(pairs) // BINS + (place < len(pairs) % BINS)
        mean, share = (sum(column) / size for column in zip(*pairs[start : start + size], strict=True))
        total, start = total + size * abs(mean - share), start + size
    return total / len(pairs)


def test_the_calibration_error_is_that_of_bins_of_equally_many():
    dice = np.random.default_rng(4)
    chances = dice.random(1000)
    true = dice.random(1000) < chances**2
    assert calibration_error(chances, true) == pytest.approx(by_hand(chances.tolist(), true.tolist()))
    assert calibration_error(chances, true) == pytest.approx(1 / 6, abs=0.04)  # the mean of p - p^2
    assert calibration_error(chances, dice.random(1000) < chances) < 0.06
    assert calibration_error(np.ones(5), np.ones(5, dtype=bool)) == 0
    assert calibration_error(np.ones(0), np.ones(0, dtype=bool)) == 0


@pytest.fixture(scope="module")
def calibrated():
    """Return the runner of a file of two classes, calibrated on 39 made-up texts."""
    runner = load(MODEL, device="cpu")
    dice = np.random.default_rng(0)
    stored = {"chances": sorted(dice.random(39).tolist()), "ties": list(range(39))}
    manifest = replace(runner.model.manifest, scores={"test": {"calibration": stored}})
    runner.model.manifest = manifest
    return runner


def test_python_gives_label_sets_and_rejects(calibrated):
    plain = calibrated.classify(LINES)
    least = Calibration.from_json(calibrated.scores["test"]["calibration"]).chances[39 - 20]  # (39 + 1) / 2
    for answer, whole in zip(calibrated.classify(LINES, sets=0.5), plain, strict=True):
        assert answer.labels == tuple(name for name, chance in whole.probabilities.items() if chance >= least)
    assert all(len(answer.labels) == 2 for answer in calibrated.classify(LINES, sets=0.999))
    rejected = calibrated.classify(LINES, reject=0.9999)
    assert [(answer.label, answer.labels) for answer in rejected] == [("", ())] * 4
    assert [answer.probability for answer in rejected] == [answer.probability for answer in plain]
    assert isinstance(calibrated.rule(sets=0.9), Sets)
    for wanted, said in (
        ({"sets": 1.0}, "level of label sets"), ({"sets": math.nan}, "level of label sets"), ({"reject": 2}, "reject"),
        ({"sets": 0.9, "reject": 0.5}, "reject nothing"), ({"sets": 0.9, "threshold": 0.5}, "no threshold"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=said):
            calibrated.rule(**wanted)


def test_a_file_without_scores_of_a_test_part_has_no_label_sets():
    with pytest.raises(UsageError, match="label sets are calibrated on") as refused:
        load(MODEL, device="cpu").classify(LINES, sets=0.9)
    assert "export the run again" in refused.value.cure


def run(*args: str, stdin: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-P", "-m", "seqtool", "classify", "-m", str(MODEL), *args]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False, text=True)


def test_the_command_rejects_and_lists_the_likeliest():
    plain = [line.split("\t") for line in run(stdin="\n".join(LINES)).stdout.splitlines()]
    middle = sorted(float(chance) for _, chance in plain)[2]
    done = run("--reject", f"{middle}", stdin="\n".join(LINES))
    wanted = [["" if float(chance) < middle else label, chance] for label, chance in plain]
    assert [line.split("\t") for line in done.stdout.splitlines()] == wanted
    assert "no text has a class" not in done.stderr
    done = run("--reject", "0.9999", "--json", stdin="\n".join([*LINES, ""]))
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == [None] * 4
    highest = max(float(chance) for _, chance in plain)
    assert f"no text has a class: the highest probability is {highest:.4f}, below --reject 0.9999" in done.stderr
    top = run("--top", "1", stdin="\n".join(LINES)).stdout.splitlines()
    assert top == ["\t".join(row) for row in plain]
    assert run("--top", "2", stdin="good\n").stdout == run("--all", stdin="good\n").stdout
    assert json.loads(run("--top", "1", "--json", stdin="zzz good\n").stdout)["unknown"] == 0.5
    for words in (["--top", "2", "--all"], ["--all", "--sets", "0.9"], ["--top", "0"], ["--sets", "0.9"]):
        done = run(*words, stdin="")
        assert (done.returncode, done.stdout) == (2, ""), words
        assert "cure" in done.stderr


def test_of_many_tied_texts_the_level_is_kept():
    """More texts than are kept, four of five with the probability 1: those kept are a draw, not the lowest ties."""
    dice = np.random.default_rng(0)
    chances = np.where(dice.random(3 * MOST) < 0.8, 1.0, dice.random(3 * MOST)).astype(np.float32)
    rows, gold = np.column_stack([chances, 1 - chances]), np.zeros(len(chances), np.int64)
    ties = shuffled([np.array([n]) for n in range(len(chances))])
    calibration = Calibration.of(rows[: 2 * MOST], gold[: 2 * MOST], ties[: 2 * MOST])
    for level in (0.3, 0.5, 0.7):
        flags = calibration.sets(rows[2 * MOST :], ties[2 * MOST :], level)
        assert covered(flags, gold[2 * MOST :]) == pytest.approx(level, abs=0.05)
    assert not calibration.sets(np.array([[0.0, 0.0]]), np.array([0]), 1e-13).any()


def test_what_is_rejected_is_told_by_the_likeliest_class():
    """At a threshold of 0.9 the first class answers, though the second has 0.84: no doubt of it is below 0.5."""
    chances = np.array([[0.16, 0.84]])
    assert One(threshold=0.9, reject=0.5)(chances, []).tolist() == [[True, False]]
    assert One(threshold=0.9, reject=0.85)(chances, []).tolist() == [[False, False]]


@pytest.mark.parametrize("scores", [{"test": None}, {"test": []}, {"test": "x"}, {"test": {"calibration": [1]}}])
def test_damaged_scores_have_no_label_sets(scores):
    runner = load(MODEL, device="cpu")
    runner.model.manifest = replace(runner.model.manifest, scores=scores)
    with pytest.raises(UsageError, match="label sets are calibrated on"):
        runner.rule(sets=0.9)
    with pytest.raises(UsageError, match="level 0"):
        runner.rule(sets=0.0)


def test_equal_probabilities_have_one_error_in_any_order():
    """A majority class says 34 % of each record, and a third is right: bins by order would hold all or none."""
    chances, true = np.full(900, 0.34), np.arange(900) < 300
    assert calibration_error(chances, true) == pytest.approx(0.34 - 1 / 3)
    dice = np.random.default_rng(0)
    chances = dice.integers(1, 9, 400) / 10
    true = dice.random(400) < chances
    order = dice.permutation(400)
    assert calibration_error(chances[order], true[order]) == pytest.approx(calibration_error(chances, true))
