"""The autoregression of each series that a pooled model is compared with: against scikit-learn, and by its effect."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from seqtool.data.series import Series
from seqtool.errors import SeqtoolError
from seqtool.families.forecasting import own_ridge
from seqtool.families.forecasting.own_ridge import PULLS, fit_own
from seqtool.families.forecasting.pooled_scores import fitted, refitted_to, score_pooled
from seqtool.families.forecasting.window_ridge import WindowRidge
from seqtool.families.forecasting.windows import Forecasts, windows
from seqtool.report.report import MODEL


@pytest.mark.parametrize("count", [9, 60])
def test_it_is_the_ridge_of_what_the_matrix_of_all_leaves(count):
    """Fewer windows than lags, and more: both systems have one solution."""
    rng = np.random.default_rng(0)
    lags, steps, pull = 12, 3, 0.2
    values = np.exp(rng.normal(size=count + lags + steps - 1).cumsum() / 10)
    pooled = WindowRidge(True, rng.normal(size=(lags + 1, steps)) / 10)
    own = fit_own(pooled, pull, values, 1000)
    cut = np.lib.stride_tricks.sliding_window_view(np.log(values), lags + steps)
    mean, unit = cut[:, :lags].mean(axis=1, keepdims=True), cut[:, :lags].std(axis=1, keepdims=True)
    x, y = np.split((cut - mean) / unit, [lags], axis=1)
    x = np.hstack([x, np.ones((count, 1))])
    ridge = Ridge(alpha=pull * count, fit_intercept=False).fit(x, y - x @ pooled.matrix)
    np.testing.assert_allclose(own.matrix, pooled.matrix + ridge.coef_.T, rtol=1e-7, atol=1e-9)
    assert fit_own(pooled, pull, values[: lags + steps - 1], 1000) is pooled


def panel(count=120, features=8):
    """Series that each swing with a period of their own, which one matrix for all cannot know."""
    rng = np.random.default_rng(1)
    periods = np.linspace(5, 11, features)
    values = np.sin(2 * np.pi * np.arange(count)[:, None] / periods) + 0.05 * rng.normal(size=(count, features))
    return Series(tuple(f"s{n}" for n in range(features)), values, None, None, (), panel=True)


def parts(series):
    cuts = ((slice(0, 80), "training"), (slice(66, 100), "validation"), (slice(86, None), "test"))
    return [windows(series, part, 14, 3, name, pooled=True) for part, name in cuts]


def report_of(stored, test, train, **words):
    return score_pooled(
        lambda part: Forecasts(np.zeros((len(part), 3, 1))), test, stored, train.values, split="test", data="", **words
    )


def test_it_knows_each_series_and_the_run_keeps_its_pull_alone():
    train, validation, test = parts(panel())
    stored = fitted(train, validation, 1)
    assert stored["pull"] in PULLS
    assert set(stored) == {"season", "pooled", "ridge", "pull"}
    rows = report_of(stored, test, train, own=train.values).whole
    assert list(rows) == [MODEL, "last value", "drift", "ridge", "autoregression"]
    assert rows["autoregression"]["mase"] < 0.8 * rows["ridge"]["mase"]
    assert refitted_to(stored, validation)["pull"] == stored["pull"]
    assert "autoregression" not in report_of(stored, test, train).whole  # of series that nobody knows
    bounded = report_of({**stored, "floor": [0.0], "ceiling": [0.0]}, test, train, own=train.values).whole
    assert bounded["autoregression"] == bounded[MODEL] == bounded["ridge"]  # all are zero
    with pytest.raises(SeqtoolError, match="the stored baselines are damaged"):
        report_of({**stored, "pull": -1}, test, train, own=train.values)


def test_its_work_is_bounded(monkeypatch):
    train, validation, test = parts(panel())
    stored = fitted(train, validation, 1)
    whole = report_of(stored, test, train, own=train.values).whole["autoregression"]["mase"]
    taken = []
    monkeypatch.setattr(own_ridge, "WORK", 8 * 17 * 14 * 20)  # twenty windows of each of eight series
    real = own_ridge.examples
    monkeypatch.setattr(own_ridge, "examples", lambda *a, **k: taken.append(len(a[0])) or real(*a, **k))
    few = report_of(stored, test, train, own=train.values).whole["autoregression"]["mase"]
    assert taken == [20] * 8
    assert whole < few < 3 * whole
