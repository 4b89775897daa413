"""The formulas of the scores against utilsforecast and scikit-learn, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from seqtool.families.forecasting.baselines import naive_error
from seqtool.families.forecasting.measures import (
    coverage,
    intervals,
    measures,
    rmse,
    skill,
    weighted_quantile_loss,
)

NAN = np.nan
series = given(seed=st.integers(0, 10_000), features=st.integers(1, 3), missing=st.sampled_from([0.0, 0.3, 0.8]))
few = settings(max_examples=15, deadline=None)


def drawn(seed, features, missing):
    """Training values [40,F], truth [30,F] with gaps, forecasts [30,F]."""
    rng = np.random.default_rng(seed)
    train, truth = rng.normal(0, 10, (40, features)), rng.normal(0, 10, (30, features))
    forecast = truth + rng.normal(0, 3, truth.shape)
    truth[1:][rng.random((29, features)) < missing] = NAN
    return train, truth, forecast


def long(**columns):
    """Arrays [T,F] as the library's table, a row a step and series, without the unknown truth."""
    steps, features = next(iter(columns.values())).shape
    table = pd.DataFrame({name: values.T.ravel() for name, values in columns.items()})
    table["unique_id"] = np.repeat([f"series {number}" for number in range(features)], steps)
    table["ds"] = np.tile(np.arange(steps), features)
    return table.dropna().reset_index(drop=True)


@pytest.mark.parametrize("season", [1, 4])
@few
@series
def test_measures_are_the_library_s_on_the_known_truth(season, seed, features, missing):
    train, truth, forecast = drawn(seed, features, missing)
    if season > 1:  # the library counts a season in known rows, and so in other steps where some are missing
        train = np.nan_to_num(train, nan=1.0)
    lag, scale = naive_error(train, season)
    scale = np.array(scale)
    assert lag == season
    table, past = long(y=truth, model=forecast), long(y=train)
    for number in range(features):
        one = slice(number, number + 1)
        found = measures(forecast[:, one], truth[:, one], scale[one])
        mine, other = table["unique_id"] == f"series {number}", past["unique_id"] == f"series {number}"
        expected = {
            "rmse": reference.rmse(table[mine], ["model"]),
            "mae": reference.mae(table[mine], ["model"]),
            "mase": reference.mase(table[mine], ["model"], seasonality=season, train_df=past[other]),
            "smape": reference.smape(table[mine], ["model"]),
        }
        named = {name: frame["model"].item() for name, frame in expected.items()}
        named["smape"] *= 200  # theirs is a share of |y| + |f|, ours per cent of their mean
        assert found == pytest.approx(named, rel=1e-9)


@few
@series
def test_several_series_are_pooled(seed, features, missing):
    train, truth, forecast = drawn(seed, features, missing)
    scale, known = np.array(naive_error(train, 1)[1]), np.isfinite(truth)
    found = measures(forecast, truth, scale)
    assert found["mase"] == pytest.approx(np.mean((np.abs(forecast - truth) / scale)[known]))
    assert found["mae"] == pytest.approx(np.mean(np.abs(forecast - truth)[known]))


@few
@series
def test_the_weighted_quantile_loss_is_the_library_s(seed, features, missing):
    """Theirs is the scaled CRPS of each series; pinball losses of all series together are scikit-learn's."""
    _, truth, forecast = drawn(seed, features, missing)
    levels = np.array([0.1, 0.25, 0.5, 0.9])
    quantiles = forecast[..., None] + np.array([-4.0, -2.0, 0.0, 4.0])
    table = long(y=truth, **{f"q{level}": quantiles[..., n] for n, level in enumerate(levels)})
    names = {"model": [f"q{level}" for level in levels]}
    theirs = reference.scaled_crps(table, names, levels).set_index("unique_id")["model"]
    for number in range(features):
        found = weighted_quantile_loss(quantiles[:, number], truth[:, number], levels)
        assert found == pytest.approx(theirs[f"series {number}"], rel=1e-9)
    known = np.isfinite(truth)
    pinball = [mean_pinball_loss(truth[known], quantiles[known][:, n], alpha=q) for n, q in enumerate(levels)]
    pooled = 2 * np.mean(pinball) / np.mean(np.abs(truth[known]))
    assert weighted_quantile_loss(quantiles, truth, levels) == pytest.approx(pooled, rel=1e-9)


@few
@series
def test_coverage_is_the_library_s(seed, features, missing):
    _, truth, forecast = drawn(seed, features, missing)
    low, high = forecast - 3, forecast + 2
    low[0], high[-1] = truth[0], truth[-1]  # the bounds lie within
    columns = {"model-lo-80": low, "model-hi-80": high}
    theirs = reference.coverage(long(y=truth, **columns), ["model"], level=80).set_index("unique_id")["model"]
    for number in range(features):
        found = coverage(low[:, number], high[:, number], truth[:, number])
        assert found == pytest.approx(theirs[f"series {number}"])


def test_measures_by_hand():
    """Errors 1, -2 and 0; sizes 2 + 3, 6 + 4 and 0 + 0, which is no error at all."""
    forecast, truth = np.array([[3.0], [4], [0]]), np.array([[2.0], [6], [0]])
    found = measures(forecast, truth, np.array([0.5]))
    assert found == pytest.approx(
        {"rmse": np.sqrt(5 / 3), "mae": 1.0, "mase": 2.0, "smape": (200 * 1 / 5 + 200 * 2 / 10 + 0) / 3}
    )


def test_the_quantile_loss_by_hand():
    """Truth 10 and 30. The 0.1 quantile lies 2 below both, the 0.9 one 1 below the first and 5 above the second."""
    quantiles = np.array([[8.0, 9.0], [28.0, 35.0]])
    low, high = 2 * (0.1 * 2 + 0.1 * 2) / 40, 2 * (0.9 * 1 + 0.1 * 5) / 40
    assert weighted_quantile_loss(quantiles, np.array([10.0, 30.0]), (0.1, 0.9)) == pytest.approx((low + high) / 2)
    assert weighted_quantile_loss(quantiles, np.zeros(2), (0.1, 0.9)) is None  # nothing to weigh by


def test_a_quantile_that_is_not_known_is_left_out():
    """Too few residuals tell no far quantile: the second step has none at the level 0.9."""
    quantiles = np.array([[8.0, 9.0], [28.0, NAN]])
    truth = np.array([10.0, 30.0])
    low, high = 2 * (0.1 * 2 + 0.1 * 2) / 40, 2 * 0.9 * 1 / 10
    assert weighted_quantile_loss(quantiles, truth, (0.1, 0.9)) == pytest.approx((low + high) / 2)
    assert weighted_quantile_loss(np.full((2, 1), NAN), truth, (0.5,)) is None
    assert coverage(quantiles[:, 0], quantiles[:, 1], truth) == 0  # of the first: 10 lies above 9
    assert coverage(quantiles[1:, 0], quantiles[1:, 1], truth[1:]) is None


def test_the_median_s_loss_is_the_absolute_error_over_the_size_of_the_truth():
    truth, median = np.array([2.0, -4, NAN, 6]), np.array([3.0, -6, 5, 6])
    assert weighted_quantile_loss(median[:, None], truth, (0.5,)) == pytest.approx((1 + 2 + 0) / (2 + 4 + 6))


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ((), []),
        ((0.5,), []),
        ((0.1, 0.5, 0.9), [(0.8, 0, 2)]),
        ((0.05, 0.1, 0.5, 0.9, 0.95), [(0.9, 0, 4), (0.8, 1, 3)]),
        ((0.1, 0.5, 0.8), []),  # not symmetrical
        ((0.3, 0.7), [(0.4, 0, 1)]),  # 0.3 + 0.7 is not 1 in every order of binary fractions
    ],
)
def test_intervals_are_pairs_of_levels_around_the_middle(levels, found):
    assert list(intervals(levels)) == found


def test_what_cannot_be_told_is_none():
    unknown, zero = np.full((3, 1), NAN), np.zeros((3, 1))
    assert measures(zero, unknown, np.ones(1)) == {"rmse": None, "mae": None, "mase": None, "smape": None}
    assert coverage(zero, zero, unknown) is None
    assert rmse(np.array([1e200]), np.array([0.0])) is None  # its square is no number
    assert rmse(np.array([NAN, 1.0]), np.array([1.0, 1.0])) is None  # a forecast that is none is not left out


@pytest.mark.parametrize(
    ("error", "best", "found"), [(5, 10, 0.5), (20, 10, -1), (0, 0, 0), (1, 0, None), (None, 1, None), (1, None, None)]
)
def test_skill(error, best, found):
    assert skill(error, best) == found
