"""Measures of a confusion matrix against scikit-learn, the exact interval against scipy, the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics

from seqtool.data.confusion import (
    accuracy,
    by_class,
    clopper_pearson,
    confusion,
    macro_f1,
    paired_errors,
    per_class,
)
from seqtool.report import confusion as drawing
from seqtool.report.confusion import class_table, picture

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(PAIRS)
@settings(max_examples=40)
def test_measures_are_those_of_scikit_learn(pairs):
    gold, predicted = np.array(pairs).T
    matrix = confusion(gold, predicted, 5)
    assert matrix.tolist() == metrics.confusion_matrix(gold, predicted, labels=range(5)).tolist()
    assert accuracy(matrix) == pytest.approx(metrics.accuracy_score(gold, predicted))
    assert macro_f1(matrix) == pytest.approx(metrics.f1_score(gold, predicted, average="macro", zero_division=0))
    kept = {"labels": range(5), "zero_division": np.nan}
    theirs = metrics.precision_recall_fscore_support(gold, predicted, **kept)
    for ours, other in zip(per_class(matrix)[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(ours, other)


def test_a_class_that_is_neither_there_nor_answered_has_no_figures_and_one_never_found_has_zero():
    """Truth a a b, answers a a a: b is never found, c is nowhere."""
    found = by_class(confusion(np.array([0, 0, 1]), np.array([0, 0, 0]), 3), ("a", "b", "c"))
    assert found["a"] == {"precision": pytest.approx(2 / 3), "recall": 1.0, "f1": pytest.approx(0.8), "count": 2}
    assert found["b"] == {"precision": None, "recall": 0.0, "f1": 0.0, "count": 1}
    assert found["c"] == {"precision": None, "recall": None, "f1": None, "count": 0}
    assert macro_f1(confusion(np.array([0, 0, 1]), np.array([0, 0, 0]), 3)) == pytest.approx(0.4)
    assert math.isnan(macro_f1(np.zeros((2, 2), np.int64)))


@pytest.mark.parametrize(("count", "trials"), [(0, 5), (5, 5), (3, 40), (700, 1500), (1, 1), (12_000, 50_000)])
def test_the_interval_of_a_share_is_the_exact_one(count, trials):
    exact = binomtest(count, trials).proportion_ci(0.95, method="exact")
    assert clopper_pearson(count, trials) == pytest.approx((exact.low, exact.high), abs=1e-9)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
@settings(max_examples=40)
def test_a_classifier_is_better_where_the_exact_test_of_mcnemar_rejects(pairs):
    model, rival = np.array(pairs).T
    difference = paired_errors(model, rival)
    assert difference.mean == pytest.approx(rival.mean() - model.mean())
    assert difference.low <= difference.mean <= difference.high
    lost, won = int((rival & ~model).sum()), int((model & ~rival).sum())
    rejected = lost + won > 0 and binomtest(won, lost + won).pvalue < 0.05
    assert (difference.better or difference.worse) == rejected


@pytest.mark.parametrize(("won", "lost", "count"), [(54, 1, 124), (74, 1, 102), (1, 11, 40), (0, 0, 30)])
def test_the_interval_of_a_difference_is_that_of_paired_shares(won, lost, count):
    """Half a record in each of the four cells, then the normal interval of Wald, worked by hand."""
    model = np.arange(count) < won
    rival = (np.arange(count) >= won) & (np.arange(count) < won + lost)
    found = paired_errors(model, rival)
    more, less, whole = won + 1 / 2, lost + 1 / 2, count + 2
    half = 1.96 * math.sqrt((more + less) - (more - less) ** 2 / whole) / whole
    assert (found.low, found.high) == pytest.approx(
        ((less - more) / whole - half, (less - more) / whole + half), abs=1e-4
    )


@pytest.mark.parametrize(("won", "lost", "count"), [(0.43, 0.01, 124), (0.725, 0.01, 102), (0.04, 0.005, 124)])
def test_the_interval_holds_the_true_difference_as_often_as_it_says(won, lost, count):
    dice = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        draw = dice.random(count)
        found = paired_errors(draw < won, (draw >= won) & (draw < won + lost))
        held += found.low <= lost - won <= found.high
    assert held >= 0.92 * 300


def test_three_records_cannot_tell_who_is_better():
    right, wrong = np.ones(3, bool), np.zeros(3, bool)
    assert not paired_errors(right, wrong).better
    assert paired_errors(np.ones(6, bool), np.zeros(6, bool)).better


def test_the_picture_is_drawn_whatever_the_names_and_the_table_has_a_row_a_class(tmp_path):
    for classes in (2, 70):
        names = [f"${number}_very_long_name_of_a_class$" for number in range(classes)]
        made = picture(np.eye(classes, dtype=np.int64), names, tmp_path / f"{classes}.png", "on a $sample$")
        assert made.read_bytes().startswith(b"\x89PNG")
    table = class_table(by_class(np.array([[1, 1], [0, 6]]), ("pos", "neg")))
    assert [line.split() for line in table[1:]] == [
        ["neg", "6", "85.7", "100.0", "92.3"],
        ["pos", "2", "100.0", "50.0", "66.7"],
    ]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Return what draws a matrix and gives its axes, not a file."""
    figures = []
    monkeypatch.setattr(drawing, "save", lambda figure, path: figures.append(figure) or path)

    def draw(matrix):
        names = [f"class {number}" for number in range(len(matrix))]
        picture(np.array(matrix), names, tmp_path / "confusion.png", "a title")
        return figures[-1].axes[0]

    return draw


def numbers(axis):
    """Return (truth, answer) -> the number in that cell."""
    return {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in axis.texts}


def test_a_cell_without_records_has_no_number(drawn):
    assert numbers(drawn([[1234, 0, 3], [0, 0, 0], [12, 0, 40]])) == {
        (0, 0): "1,234", (0, 2): "3", (2, 0): "12", (2, 2): "40",
    }  # fmt: skip
    assert numbers(drawn(np.eye(21, dtype=np.int64))) == {}


def test_numbers_are_light_on_dark_cells_and_a_rare_mistake_has_a_colour(drawn):
    """Of 100 records one is wrong: its cell is told from an empty one, and its number from its cell."""
    axis = drawn([[99, 1], [0, 10]])
    colours = {text.get_text(): text.get_color() for text in axis.texts}
    assert (colours["99"], colours["1"]) == ("white", "black")
    image = axis.images[0]
    seldom, empty = (image.cmap(image.norm(share))[0] for share in (0.01, 0.0))  # how much red: 1 is white
    assert empty - seldom > 0.05


def test_the_name_of_an_answer_ends_below_its_own_column(drawn):
    for classes in (3, 45):
        axis = drawn(np.eye(classes, dtype=np.int64))
        axis.figure.canvas.draw()
        for place, label in enumerate(axis.get_xticklabels()):
            column = axis.transData.transform((place, 0))[0]
            half = axis.transData.transform((place + 0.5, 0))[0] - column
            assert abs(label.get_window_extent().x1 - column) < half + 1
