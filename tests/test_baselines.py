"""The baselines by hand and against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from seqtool.data.series import Series
from seqtool.families.forecasting.baselines import (
    PENALTIES,
    Autoregression,
    baselines,
    drift,
    fill_forward,
    fit_autoregression,
    fitted,
    last_value,
    mean_step,
    seasonal,
)
from seqtool.families.forecasting.data import windows

NAN = np.nan


def column(*values):
    """One window of one series, [1,T,1]."""
    return np.array(values, dtype=float)[None, :, None]


def flat(forecast):
    return forecast[0, :, 0].tolist()


def parts(values, window=40, horizon=5, split=0.7):
    """Training and validation windows of [T,F]."""
    series = Series(tuple("abc"[: values.shape[1]]), values, None, None, ())
    cut = int(split * len(values))
    return (
        windows(series, slice(0, cut), window, horizon, "training"),
        windows(series, slice(cut, None), window, horizon, "validation"),
    )


def test_gaps_take_the_value_before_and_a_leading_gap_the_first():
    assert flat(fill_forward(column(NAN, NAN, 3, NAN, 5, NAN))) == [3, 3, 3, 3, 5, 5]


@pytest.mark.parametrize(
    ("forecast", "history", "expected"),
    [
        (last_value, (1, 2, NAN), [2, 2, 2, 2, 2]),
        (seasonal(3), (9, 1, 2, 3), [1, 2, 3, 1, 2]),
        (seasonal(3), (NAN, 1, NAN, 3), [1, 1, 3, 1, 1]),
        (seasonal(4), (1, 2, 3), [3, 3, 3, 3, 3]),  # shorter than a season
        (seasonal(1), (1, 2, 3), [3, 3, 3, 3, 3]),
        (drift, (1, 9, 4), [5.5, 7, 8.5, 10, 11.5]),
        (drift, (NAN, 1, 5, NAN), [5 + 4 / 3 * step for step in range(1, 6)]),
    ],
)
def test_by_hand(forecast, history, expected):
    np.testing.assert_allclose(flat(forecast(column(*history), 5)), expected)


def test_every_window_and_series_is_forecast_by_itself():
    history = np.random.default_rng(0).normal(100, 5, (3, 12, 2))
    history[1, 3:5, 0] = NAN
    stored = {
        "season": 5,
        "autoregression": Autoregression(True, (1, 3), ((0.5, 0.1), (0.2, -0.3)), (0.0, 0.01)).to_json(),
    }
    for forecast in baselines(stored).values():
        together = forecast(history, 7)
        assert together.shape == (3, 7, 2)
        for row in range(3):
            np.testing.assert_allclose(forecast(history[row : row + 1], 7)[0], together[row], rtol=1e-12)
        alone = drift(history[:, :, 1:], 7)
        np.testing.assert_allclose(alone, drift(history, 7)[:, :, 1:])


def lagged(differences, lags):
    """Rows of lagged values, the plain way."""
    reach = max(lags)
    x = [[differences[t - lag] for lag in lags] for t in range(reach, len(differences))]
    return np.array(x), differences[reach:]


@pytest.mark.parametrize("logarithm", [True, False])
def test_the_autoregression_is_sklearns_ridge_on_the_same_lags(logarithm):
    """Our penalty is in units of the target's variance; every candidate is made by sklearn, the best taken."""
    rng = np.random.default_rng(1)
    returns = np.zeros(700)
    for t in range(7, 700):
        returns[t] = 0.4 * returns[t - 1] - 0.3 * returns[t - 7] + rng.normal(0, 0.02)
    values = np.exp(np.cumsum(returns)) if logarithm else np.cumsum(returns)
    train, validation = parts(values[:, None])
    levels = (np.log if logarithm else np.asarray)(train.values[:, 0])
    found = fit_autoregression(train, validation, 7, logarithm=logarithm)
    assert found.lags
    x, y = lagged(np.diff(levels), found.lags)
    fits = [Ridge(alpha=penalty * y.var()).fit(x, y) for penalty in PENALTIES]
    near = min(fits, key=lambda fit: np.abs(fit.coef_ - found.weights[0]).max())
    np.testing.assert_allclose(found.weights[0], near.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.intercept[0], near.intercept_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("logarithm", [True, False])
def test_it_runs_forward_as_a_loop_by_hand_does(logarithm):
    rng = np.random.default_rng(2)
    history = np.exp(rng.normal(0, 0.1, 12))
    model = Autoregression(logarithm, (1, 3), ((0.6, -0.2),), (0.01,))
    levels = np.log(history) if logarithm else history
    past, level, expected = list(np.diff(levels)), levels[-1], []
    for _ in range(6):
        past.append(0.6 * past[-1] - 0.2 * past[-3] + 0.01)
        level += past[-1]
        expected.append(np.exp(level) if logarithm else level)
    np.testing.assert_allclose(flat(model(column(*history), 6)), expected)


@pytest.mark.parametrize("phi", [0.6, -0.4])
def test_it_recovers_the_coefficient_of_simulated_returns(phi):
    rng = np.random.default_rng(3)
    returns = np.zeros(4000)
    for t in range(1, 4000):
        returns[t] = phi * returns[t - 1] + rng.normal(0, 0.01)
    train, validation = parts(np.exp(np.cumsum(returns))[:, None], horizon=3)
    model = fit_autoregression(train, validation, 1, logarithm=True)
    weights = dict(zip(model.lags, model.weights[0], strict=True))
    assert weights[1] == pytest.approx(phi, abs=0.05)
    assert all(abs(weight) < 0.08 for lag, weight in weights.items() if lag > 1)


def test_season_and_window_bound_the_lags():
    season = np.tile([0.0, 1, 5, 2, 8, 3, 1], 60)[:, None] + np.random.default_rng(4).normal(0, 0.01, (420, 1))
    model = fit_autoregression(*parts(season, window=20), 7, logarithm=False)
    assert model.lags
    assert max(model.lags) < 20
    assert model.lags[0] == 1
    short = fit_autoregression(*parts(season, window=2), 7, logarithm=False)
    assert set(short.lags) <= {1}


def test_a_forecast_does_not_look_ahead():
    """Another future, in the part and behind the windows, leaves every forecast of the past alone."""
    rng = np.random.default_rng(5)
    values = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (400, 2)), axis=0))
    train, validation = parts(values)
    stored = fitted(train, validation, 7)
    changed = values.copy()
    changed[330:] *= rng.uniform(0.5, 2, (70, 2))
    _, other = parts(changed)
    before = np.flatnonzero(validation.origins <= 330)
    assert len(before) > 5
    for forecast in baselines(stored).values():
        one, two = (forecast(part.batch(before)[0], 5) for part in (validation, other))
        np.testing.assert_array_equal(one, two)


def test_the_unit_of_mase_comes_from_the_training_part_alone():
    values = 100 * np.exp(np.cumsum(np.random.default_rng(6).normal(0, 0.02, (400, 1)), axis=0))
    changed = values.copy()
    changed[280:] = values[280:][::-1]
    one, two = (fitted(*parts(v), 7) for v in (values, changed))
    assert one["mase_scale"] == two["mase_scale"]
    assert one["mase_scale"] == pytest.approx([np.abs(np.diff(values[:280, 0])).mean()])


def test_the_mean_step_goes_from_one_known_value_to_the_next():
    assert mean_step(np.array([[1.0, 2], [NAN, 4], [4, NAN], [NAN, 3]])) == [3.0, 1.5]


def test_logarithms_only_where_every_value_known_so_far_is_positive():
    values = np.random.default_rng(7).uniform(1, 2, (200, 1))
    values[3] = NAN
    assert fitted(*parts(values), 7)["autoregression"]["logarithm"] is True
    values[190] = 0
    assert fitted(*parts(values), 7)["autoregression"]["logarithm"] is False


def test_a_history_without_a_logarithm_gets_its_last_value():
    """A price fell below zero in the test part; only that series of that window is concerned."""
    model = Autoregression(True, (1,), ((0.5,), (0.5,)), (0.0, 0.0))
    history = np.array([[[1.0, 1], [-2, 2], [3, 4]], [[1, 1], [2, 2], [4, 4]]])
    found = model(history, 2)
    assert found[0, :, 0].tolist() == [3, 3]
    np.testing.assert_allclose(found[0, :, 1], [4 * 2**0.5, 4 * 2**0.75])
    np.testing.assert_allclose(found[1, :, 0], [4 * 2**0.5, 4 * 2**0.75])


def test_gaps_in_every_week_leave_enough_to_fit():
    """Trading days on a grid of days: no row of more than five lags is whole."""
    rng = np.random.default_rng(8)
    values = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (420, 1)), axis=0))
    values[np.arange(420) % 7 >= 5] = NAN
    stored = fitted(*parts(values), 7)
    assert np.isfinite(stored["mase_scale"]).all()
    for forecast in baselines(stored).values():
        assert np.isfinite(forecast(values[None, 300:340], 30)).all()


def test_a_series_that_crosses_zero_is_judged_over_all_its_windows():
    """A sine: three lags foretell it exactly; windows that end near zero must not decide the choice alone."""
    sine = np.sin(np.arange(600) * 0.3)[:, None]
    train, validation = parts(sine, horizon=10)
    model = fit_autoregression(train, validation, 1, logarithm=False)
    history, future = validation.batch(np.arange(len(validation)))
    error = np.sqrt(np.mean((model(history, 10) - future) ** 2))
    assert error < 0.05 * np.sqrt(np.mean((last_value(history, 10) - future) ** 2))


def test_one_that_explodes_is_passed_over_in_silence():
    """Growth that grew by 2 % a step; run on for 300 steps it leaves what a float can hold."""
    returns = np.concatenate([1e-4 * 1.02 ** np.arange(400), np.tile([0.3, -0.3], 200)])
    train, validation = parts(np.exp(np.cumsum(returns))[:, None], window=5, horizon=300, split=0.5)
    with np.errstate(over="ignore"):
        growing = Autoregression(True, (1,), ((1.02,),), (0.0,))(validation.batch(np.arange(9))[0], 300)
    assert np.isinf(growing).any()
    model = fit_autoregression(train, validation, 1, logarithm=True)  # a warning would be an error
    assert np.isfinite(model(validation.batch(np.arange(9))[0], 300)).all()


def test_what_is_stored_is_json_and_makes_the_same_forecasts():
    values = 100 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.02, (300, 2)), axis=0))
    stored = fitted(*parts(values), 7)
    loaded = json.loads(json.dumps(stored))
    assert list(baselines(loaded)) == ["last value", "seasonal", "drift", "autoregression"]
    for name, forecast in baselines(stored).items():
        np.testing.assert_array_equal(baselines(loaded)[name](values[None, -40:], 9), forecast(values[None, -40:], 9))
    assert list(baselines({"season": 7})) == ["last value", "seasonal", "drift"]


def test_no_lag_at_all_leaves_the_mean_step_of_the_training_part():
    walk = 50 + np.cumsum(np.random.default_rng(10).normal(0.3, 0.1, 300))[:, None]
    model = Autoregression(False, (), ((),), (0.25,))
    assert flat(model(column(1, 2, 3), 3)) == [3.25, 3.5, 3.75]
    train, validation = parts(walk)
    found = fit_autoregression(train, validation, 1, logarithm=False)
    mean = np.diff(train.values[:, 0]).mean()
    steady = found.intercept[0] / (1 - sum(found.weights[0]))
    assert steady == pytest.approx(mean, rel=0.1)
