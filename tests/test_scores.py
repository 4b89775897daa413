"""Scores against scikit-learn and by hand, and the verdict's words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error

from seqtool.data.bootstrap import Difference
from seqtool.data.series import Series
from seqtool.families.forecasting.baselines import fitted, last_value
from seqtool.families.forecasting.data import windows
from seqtool.families.forecasting.forecasts import Forecasts
from seqtool.families.forecasting.scores import horizons, measures, predictions, score, verdict
from seqtool.report.tables import forecast_scores

NAN = np.nan


def over(forecast):
    """Score a function of histories as if it were a model."""
    return lambda part: Forecasts(predictions(forecast, part))


def test_measures_by_hand():
    """Errors 1, -2 and 0; sizes 2 + 3, 6 + 4 and 0 + 0, which is no error at all."""
    forecast, truth = np.array([[3.0], [4], [0]]), np.array([[2.0], [6], [0]])
    found = measures(forecast, truth, np.array([0.5]))
    assert found == pytest.approx(
        {"rmse": np.sqrt(5 / 3), "mae": 1.0, "mase": 2.0, "smape": (200 * 1 / 5 + 200 * 2 / 10 + 0) / 3}
    )


def test_each_series_has_its_own_unit_of_mase():
    found = measures(np.array([[1.0, 100.0]]), np.array([[0.0, 0.0]]), np.array([1.0, 100.0]))
    assert found["mase"] == 1.0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), features=st.integers(1, 3), missing=st.floats(0, 0.6))
def test_measures_agree_with_scikit_learn_on_the_known_truth(seed, features, missing):
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 10, (30, features))
    forecast = truth + rng.normal(0, 3, truth.shape)
    truth[rng.random(truth.shape) < missing] = NAN
    known = np.isfinite(truth)
    found = measures(forecast, truth, np.ones(features))
    assert found["rmse"] == pytest.approx(np.sqrt(mean_squared_error(truth[known], forecast[known])))
    assert found["mae"] == found["mase"] == pytest.approx(mean_absolute_error(truth[known], forecast[known]))
    assert 0 <= found["smape"] <= 200


@pytest.mark.parametrize(
    ("trained", "reported"),
    [(1, [1]), (5, [1, 5]), (7, [1, 7]), (30, [1, 7, 30]), (40, [1, 7, 40]), (90, [1, 7, 40, 90])],
)
def test_the_horizons_of_a_report(trained, reported):
    assert horizons(trained) == reported


def walk(rows=500, features=1, seed=0):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, (rows, features)), axis=0))


def parts(values, window=20, horizon=8, dated=True):
    times = np.datetime64("2024-01-01", "s") + np.arange(len(values)) * np.timedelta64(1, "D") if dated else None
    series = Series(tuple("abc"[: values.shape[1]]), values, times, np.timedelta64(86400, "s") if dated else None, ())
    cut = len(values) // 2
    return [windows(series, part, window, horizon, "test") for part in (slice(0, cut), slice(cut, None))]


def copied(history, horizon):
    """A model that is the last value itself."""
    return np.repeat(history[:, -1:], horizon, axis=1)


def test_a_report_from_end_to_end():
    train, test = parts(walk(1200, 2))
    stored = fitted(train, test, 7)
    report = score(over(copied), test, stored, split="test", data="toy")
    json.dumps(report, allow_nan=False)
    assert report["origins"] == len(test) == 600 - 28 + 1
    assert (report["from"], report["to"]) == ("2025-09-12", "2027-04-14")  # rows 620 and 1199
    assert list(report["horizons"]) == ["1", "7", "8"]
    _, truth = test.batch(np.arange(len(test)))
    for horizon, rows in report["horizons"].items():
        assert list(rows) == ["model", "last value", "seasonal", "drift", "autoregression"]
        assert rows["model"] == rows["last value"]
        step = int(horizon) - 1
        made = predictions(copied, test)[:, step]
        assert rows["model"]["rmse"] == pytest.approx(np.sqrt(mean_squared_error(truth[:, step], made)))
        best = min(row["rmse"] for name, row in rows.items() if name != "model")
        assert rows["seasonal"]["skill"] == pytest.approx(1 - rows["seasonal"]["rmse"] / best)
        assert max(row["skill"] for name, row in rows.items() if name != "model") == 0
    assert report["differences"]["last value"] == [0, 0, 0]
    assert report["verdict"][0].startswith("The model does not beat the last value over 8 steps:")
    lines = forecast_scores(report)
    assert lines[0] == "test split of toy: 2025-09-12 to 2027-04-14, 573 origins"
    assert lines[-2:] == report["verdict"]
    assert [line.split()[:2] for line in lines if line.startswith("horizon")] == [["horizon", h] for h in "178"]


def test_windows_are_forecast_in_chunks_as_they_are_at_once():
    _, test = parts(walk(1400))
    assert len(test) > 600  # more than two chunks
    np.testing.assert_array_equal(predictions(copied, test), copied(test.batch(np.arange(len(test)))[0], 8))


def test_unknown_truth_counts_neither_for_nor_against():
    values = walk(600)
    values[320::5] = NAN
    train, test = parts(values)
    report = score(over(last_value), test, fitted(train, train, 7), split="test", data="toy")
    history, truth = test.batch(np.arange(len(test)))
    known = np.isfinite(truth[:, 0, 0])
    assert 0 < known.sum() < len(known)
    error = np.sqrt(mean_squared_error(truth[known, 0], last_value(history, 1)[known, 0]))
    assert report["horizons"]["1"]["model"]["rmse"] == pytest.approx(error)
    assert report["differences"]["last value"] == [0, 0, 0]


def test_one_that_knows_the_future_beats_and_one_that_knows_nothing_is_worse():
    values = walk(1200)
    train, test = parts(values)
    stored = fitted(train, test, 7)
    _, truth = test.batch(np.arange(len(test)))
    told = iter(np.array_split(truth, range(256, len(truth), 256)))
    good = score(over(lambda history, horizon: next(told)), test, stored, split="test", data="toy")
    assert all(row["model"]["skill"] == 1 for row in good["horizons"].values())
    assert all(sentence.startswith("The model beats the ") for sentence in good["verdict"][:1])
    assert "differs by -100.0 %" in good["verdict"][0]
    bad = score(over(lambda history, horizon: 3 * copied(history, horizon)), test, stored, split="test", data="toy")
    assert "does not beat the last value and is worse over 8 steps" in bad["verdict"][0]
    assert all(row["model"]["skill"] < -1 for row in bad["horizons"].values())


def test_too_few_origins_are_said_and_stored_as_unknown():
    values = walk(600)
    train, _ = parts(values)
    _, short = parts(values[540:], window=20, horizon=8)
    assert len(short) < 24  # fewer than three blocks
    report = score(over(lambda h, n: 2 * copied(h, n)), short, fitted(train, train, 7), split="test", data="toy")
    assert report["verdict"][0] == (
        "The model does not beat the last value over 8 steps: there are too few origins to tell."
    )
    assert report["differences"]["last value"][1:] == [None, None]


BETTER, UNSURE, WORSE = Difference(-2, -3, -1), Difference(-2, -5, 1), Difference(2, 1, 3)
UNKNOWN = Difference(-2, -np.inf, np.inf)


@pytest.mark.parametrize(
    ("difference", "word", "numbers"),
    [
        (BETTER, "The model beats {}", "differs by -20.0 % (95 % interval -30.0 to -10.0 %)."),
        (UNSURE, "The model does not beat {}", "differs by -20.0 % (95 % interval -50.0 to +10.0 %)."),
        (WORSE, "The model does not beat {} and is worse", "differs by +20.0 % (95 % interval +10.0 to +30.0 %)."),
        (UNKNOWN, "The model does not beat {}", None),
    ],
)
@pytest.mark.parametrize(("horizon", "steps"), [(1, "one step ahead"), (40, "over 40 steps")])
def test_the_two_sentences_of_the_verdict(difference, word, numbers, horizon, steps):
    rivals = {"last value": difference, "drift": BETTER}
    first, second = verdict(rivals, {"last value": 10.0, "drift": 10.0}, "drift", horizon)
    said = numbers and f"its mean squared error {numbers}"
    assert first == f"{word.format('the last value')} {steps}: {said or 'there are too few origins to tell.'}"
    assert second.startswith(f"The model beats the best baseline (drift) {steps}: ")


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (BETTER, "the model beats it."),
        (UNSURE, "the model does not beat it."),
        (WORSE, "the model does not beat it and is worse."),
    ],
)
def test_the_last_value_as_the_best_baseline_is_said_once(difference, said):
    _, second = verdict({"last value": difference}, {"last value": 10.0}, "last value", 40)
    assert second == f"The best baseline is the last value itself: {said}"


def test_a_season_longer_than_the_window_is_no_baseline():
    """Nothing of the season is seen: the row would be the last value under another name."""
    values = np.cumsum(np.random.default_rng(0).normal(size=(80, 1)), axis=0)
    part = windows(Series(("a",), values, None, None, ()), slice(0, None), 10, 2, "whole")
    for season, there in ((10, True), (11, False)):
        stored = {"season": season, "mase_scale": [1.0]}
        scores = score(over(last_value), part, stored, split="test", data="walk")
        assert ("seasonal" in scores["path"]) is there
        assert all(("seasonal" in rows) is there for rows in scores["horizons"].values())
