"""The baselines by hand and against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from seqtool.data.series import Series
from seqtool.errors import SeqtoolError
from seqtool.families.forecasting.autoregression import (
    PENALTIES,
    Autoregression,
    fill_forward,
    fit_autoregression,
    lag_sets,
)
from seqtool.families.forecasting.baselines import (
    baselines,
    drift,
    fitted,
    last_value,
    mase_scale,
    naive_error,
    seasonal,
)
from seqtool.families.forecasting.direct_ridge import DirectRidge, _forms
from seqtool.families.forecasting.windows import windows

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


def test_gaps_take_the_value_before_and_a_leading_gap_stays():
    np.testing.assert_array_equal(flat(fill_forward(column(NAN, NAN, 3, NAN, 5, NAN))), [NAN, NAN, 3, 3, 5, 5])


@pytest.mark.parametrize(
    ("forecast", "history", "expected"),
    [
        (last_value, (1, 2, NAN), [2, 2, 2, 2, 2]),
        (seasonal(3), (9, 1, 2, 3), [1, 2, 3, 1, 2]),
        (seasonal(3), (NAN, 1, NAN, 3), [1, 1, 3, 1, 1]),
        (seasonal(3), (NAN, NAN, 7, 3), [3, 7, 3, 3, 7]),  # nothing known from a season before the first step
        (seasonal(4), (1, 2, 3), [3, 1, 2, 3, 3]),  # shorter than a season
        (seasonal(1), (1, 2, 3), [3, 3, 3, 3, 3]),
        (drift, (1, 9, 4), [5.5, 7, 8.5, 10, 11.5]),
        (drift, (NAN, 1, 5, NAN), [5 + 4 / 3 * step for step in range(1, 6)]),
    ],
)
def test_by_hand(forecast, history, expected):
    np.testing.assert_allclose(flat(forecast(column(*history), 5)), expected)


@pytest.mark.parametrize("difference", [1, 5])
def test_every_window_and_series_is_forecast_by_itself(difference):
    history = np.random.default_rng(0).normal(100, 5, (3, 12, 2))
    history[1, 3:5, 0] = NAN
    stored = {
        "season": 5,
        "autoregression": Autoregression(True, difference, (1, 3), ((0.5, 0.1), (0.2, -0.3)), (0.0, 0.01)).to_json(),
    }
    for forecast in (one.rule for one in baselines(stored, 2, 5).values()):
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


def changes(levels, difference):
    """Differences of levels, 0: the levels themselves."""
    return levels[difference:] - levels[:-difference] if difference else levels


@pytest.mark.parametrize("difference", [0, 1, 7])
@pytest.mark.parametrize("logarithm", [True, False])
def test_the_autoregression_is_sklearns_ridge_on_the_same_lags(logarithm, difference):
    """Our penalty is in units of the target's variance; every candidate is made by sklearn, the best taken."""
    rng = np.random.default_rng(1)
    moved = np.zeros(700)
    for t in range(7, 700):
        moved[t] = 0.4 * moved[t - 1] - 0.3 * moved[t - 7] + rng.normal(0, 0.02)
    levels = moved.copy()
    for t in range(difference or 700, 700):
        levels[t] += levels[t - difference]
    levels += 3
    values = np.exp(levels) if logarithm else levels
    train, validation = parts(values[:, None])
    levels = (np.log if logarithm else np.asarray)(train.values[:, 0])
    found = fit_autoregression(train, validation, 7, logarithm=logarithm)
    assert found.lags
    difference = found.difference  # a difference is levels of one lag more: either may be chosen
    x, y = lagged(changes(levels, difference), found.lags)
    fits = [Ridge(alpha=penalty * y.var()).fit(x, y) for penalty in PENALTIES]
    near = min(fits, key=lambda fit: np.abs(fit.coef_ - found.weights[0]).max())
    np.testing.assert_allclose(found.weights[0], near.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.intercept[0], near.intercept_, rtol=1e-6, atol=1e-9)
    assert found.penalty * y.var() == pytest.approx(near.alpha)
    whole = np.log(values) if logarithm else values
    x, y = lagged(changes(whole, difference), found.lags)
    again, wanted = found.refitted(values[:, None]), Ridge(alpha=found.penalty * y.var()).fit(x, y)
    assert (again.lags, again.difference, again.penalty) == (found.lags, difference, found.penalty)
    np.testing.assert_allclose(again.weights[0], wanted.coef_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("rows", [12, 7, 4])
@pytest.mark.parametrize("difference", [1, 4])
@pytest.mark.parametrize("logarithm", [True, False])
def test_it_runs_forward_as_a_loop_by_hand_does(logarithm, difference, rows):
    """Before the first row no change is known: such differences are zero, and the level is the last one."""
    rng = np.random.default_rng(2)
    history = np.exp(rng.normal(0, 0.1, rows))
    model = Autoregression(logarithm, difference, (1, 3), ((0.6, -0.2),), (0.01,))
    seen = list(np.log(history) if logarithm else history)
    changes = [0.0] * 3 + [after - before for before, after in zip(seen, seen[difference:], strict=False)]
    levels, expected = [seen[-1]] * difference + seen, []
    for _ in range(6):
        changes.append(0.6 * changes[-1] - 0.2 * changes[-3] + 0.01)
        levels.append(levels[-difference] + changes[-1])
        expected.append(np.exp(levels[-1]) if logarithm else levels[-1])
    np.testing.assert_allclose(flat(model(column(*history), 6)), expected)


@pytest.mark.parametrize("phi", [0.6, -0.4])
def test_it_recovers_the_coefficient_of_simulated_returns(phi):
    rng = np.random.default_rng(3)
    returns = np.zeros(4000)
    for t in range(1, 4000):
        returns[t] = phi * returns[t - 1] + rng.normal(0, 0.01)
    train, validation = parts(np.exp(np.cumsum(returns))[:, None], horizon=3)
    model = fit_autoregression(train, validation, 1, logarithm=True)
    history = np.exp(np.cumsum(returns))[None, -40:, None]
    steps = np.diff(np.log(np.concatenate([history[:, -1:], model(history, 3)], axis=1))[0, :, 0])
    np.testing.assert_allclose(steps, returns[-1] * phi ** np.arange(1, 4), atol=0.002)


def test_lags_reach_beyond_the_window_and_not_beyond_what_was_trained_on():
    """The season is longer than the window: its baseline and its lags see it all the same."""
    noise = np.random.default_rng(4).normal(0, 0.01, (420, 1))
    season = np.tile(np.random.default_rng(5).normal(0, 5, 30), 14)[:, None] + noise
    train, validation = parts(season, window=5)
    stored = fitted(train, validation, 30)
    made = baselines(stored, 1, 5)
    _, future = validation.batch(np.arange(len(validation)))
    for name in ("seasonal", "autoregression"):
        assert np.abs(made[name].over(validation) - future).max() < 0.1
    assert np.abs(made["last value"].over(validation) - future).max() > 5
    short = fit_autoregression(*parts(season[:60], window=2), 30, logarithm=False)
    assert short.reach < 42  # rows of the training part


def test_a_season_of_one_step_is_the_last_value_and_has_no_row():
    assert list(baselines({"season": 1}, 1, 5)) == ["last value", "drift"]


def test_the_lags_that_are_tried():
    assert lag_sets(1, 9) == [(), (1,), (1, 2), tuple(range(1, 8)), tuple(range(1, 15)), tuple(range(1, 29))]
    assert [*map(len, lag_sets(1, 300))] == [0, 1, 2, 7, 14, 28, 56, 112, 224, 300]
    assert (1, 2, 335, 336, 337) in lag_sets(336, 9)
    assert lag_sets(336, 9)[-1] == tuple(range(1, 338))
    assert max(map(len, lag_sets(5000, 40))) == 43  # a gram matrix of 5001 lags would take minutes
    assert max(map(len, lag_sets(1, 5000))) == 1024
    assert len(set(lag_sets(7, 40))) == len(lag_sets(7, 40))


@settings(max_examples=15, deadline=None)
@given(season=st.integers(1, 60), window=st.integers(2, 40), horizon=st.integers(1, 9), seed=st.integers(0, 999))
def test_a_forecast_does_not_look_ahead(season, window, horizon, seed):
    """Another future, in the part and behind the windows, leaves every forecast of the past alone."""
    rng = np.random.default_rng(seed)
    values = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (300, 2)), axis=0))
    values[rng.random((300, 2)) < 0.1] = NAN
    _, validation = parts(values, window, horizon)
    weights = tuple(map(tuple, rng.normal(0, 0.1, (2, 3))))
    model = Autoregression(True, season, (1, 2, season + 2), weights, (0.0, 0.0))
    stored = {"season": season, "autoregression": model.to_json()}
    changed = values.copy()
    changed[260:] *= rng.uniform(0.5, 2, (40, 2))
    _, other = parts(changed, window, horizon)
    before = validation.origins <= 260
    assert before.any()
    for forecast in baselines(stored, 2, 5).values():
        np.testing.assert_array_equal(forecast.over(validation)[before], forecast.over(other)[before])


@settings(max_examples=15, deadline=None)
@given(season=st.integers(1, 60), window=st.integers(2, 30), seed=st.integers(0, 999))
def test_a_baseline_sees_what_came_before_the_part(season, window, seed):
    """Walked by brute force: each origin's forecast is the rule's on everything up to it, the training part too."""
    rng = np.random.default_rng(seed)
    values = rng.normal(50, 5, (120, 1))
    _, test = parts(values, window, 6)
    weights = (tuple(rng.normal(0, 0.2, 2)),)
    model = Autoregression(False, season, (1, season + 1), weights, (0.1,))
    made = baselines({"season": season, "autoregression": model.to_json()}, 1, 5)
    for name in {"seasonal", "autoregression"} & made.keys():
        walked = [made[name].rule(values[None, :origin], 6)[0] for origin in test.origins]
        np.testing.assert_allclose(made[name].over(test), walked, rtol=1e-9, atol=1e-9)


def test_the_unit_of_mase_comes_from_the_training_part_alone():
    values = 100 * np.exp(np.cumsum(np.random.default_rng(6).normal(0, 0.02, (400, 1)), axis=0))
    changed = values.copy()
    changed[280:] = values[280:][::-1]
    one, two = (fitted(*parts(v), 7) for v in (values, changed))
    assert one["mase_scale"] == two["mase_scale"]
    assert one["mase_season"] == 7
    assert one["mase_scale"] == pytest.approx([np.abs(values[7:280, 0] - values[:273, 0]).mean()])


def test_the_unit_of_mase_is_one_step_where_a_season_shows_no_change():
    rows = np.array([[1.0, 5], [2, NAN], [4, 6], [2, NAN], [7, NAN]])
    assert naive_error(rows[:, :1], 2) == (2, [2.0])
    assert naive_error(rows, 2) == (2, [2.0, 1.0])
    assert naive_error(rows, 3)[0] == 1  # the second has no two values three rows apart
    assert naive_error(rows[:, :1], 9) == (1, [2.5])
    assert naive_error(np.tile(rows[:3, :1], (4, 1)), 3) == (1, [pytest.approx(21 / 11)])  # it repeats without an error


def test_the_mean_step_goes_from_one_known_value_to_the_next():
    assert naive_error(np.array([[1.0, 2], [NAN, 4], [4, NAN], [NAN, 3]]), 1) == (1, [3.0, 1.5])


def test_logarithms_only_where_every_value_known_so_far_is_positive():
    values = np.random.default_rng(7).uniform(1, 2, (200, 1))
    values[3] = NAN
    assert fitted(*parts(values), 7)["autoregression"]["logarithm"] is True
    values[190] = 0
    assert fitted(*parts(values), 7)["autoregression"]["logarithm"] is False


def test_a_history_without_a_logarithm_gets_its_last_value():
    """A price fell below zero in the test part; only that series of that window is concerned."""
    model = Autoregression(True, 1, (1,), ((0.5,), (0.5,)), (0.0, 0.0))
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
    for forecast in baselines(stored, 1, 5).values():
        assert np.isfinite(forecast.rule(values[None, 300:340], 5)).all()


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
    growing = Autoregression(True, 1, (1,), ((1.02,),), (0.0,))(validation.batch(np.arange(9))[0], 300)
    assert np.isinf(growing).any()
    model = fit_autoregression(train, validation, 1, logarithm=True)  # a warning would be an error
    assert np.isfinite(model(validation.batch(np.arange(9))[0], 300)).all()


def test_what_is_stored_is_json_and_makes_the_same_forecasts():
    values = 100 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.02, (300, 2)), axis=0))
    stored = fitted(*parts(values), 7)
    loaded = json.loads(json.dumps(stored))
    assert list(baselines(loaded, 2, 5)) == ["last value", "seasonal", "drift", "autoregression", "ridge"]
    for name, forecast in baselines(stored, 2, 5).items():
        again = baselines(loaded, 2, 5)[name].rule(values[None, -40:], 5)
        np.testing.assert_array_equal(again, forecast.rule(values[None, -40:], 5))
    assert list(baselines({"season": 7}, 2, 5)) == ["last value", "seasonal", "drift"]


GOOD = Autoregression(False, 1, (1, 2), ((0.1, 0.2),), (0.0,)).to_json()


@pytest.mark.parametrize(
    "stored",
    [
        {}, {"season": "seven"}, {"season": 0}, {"season": 10**12}, {"season": 7, "autoregression": None},
        *({"season": 7, "autoregression": {**GOOD, key: value}} for key, value in {
            "lags": [1, 10**12], "weights": [[0.1]], "intercept": [0.0, 0.0], "difference": -1,
        }.items()),
    ],
)  # fmt: skip
def test_what_a_stranger_stored_is_refused_in_words(stored):
    """A model file's maker chooses these numbers, and memory would be taken on their word."""
    with pytest.raises(SeqtoolError, match="the stored baselines are damaged"):
        baselines(stored, 1, 5)


@pytest.mark.parametrize("unit", [[1.0], [1.0, 0.0], [1.0, "x"], None])
def test_a_unit_of_mase_of_other_series_is_refused_in_words(unit):
    with pytest.raises(SeqtoolError, match="the stored baselines are damaged"):
        mase_scale({"mase_scale": unit}, 2)


def test_no_lag_at_all_leaves_the_mean_step_of_the_training_part():
    walk = 50 + np.cumsum(np.random.default_rng(10).normal(0.3, 0.1, 300))[:, None]
    model = Autoregression(False, 1, (), ((),), (0.25,))
    assert flat(model(column(1, 2, 3), 3)) == [3.25, 3.5, 3.75]
    train, validation = parts(walk)
    found = fit_autoregression(train, validation, 1, logarithm=False)
    mean = np.diff(train.values[:, 0]).mean()
    steady = found.intercept[0] / (1 - sum(found.weights[0]))
    assert steady == pytest.approx(mean, rel=0.1)


@pytest.mark.parametrize("anchor", ["last", "mean", "season"])
def test_the_direct_ridge_is_sklearns_on_the_same_windows(anchor):
    """One matrix for two series, each in its own unit; the penalty is in units of the inputs' mean variance."""
    rng = np.random.default_rng(10)
    values = rng.normal(0, 1, (160, 2)) * [1, 30] + [5, 1e6] + np.tile(rng.normal(0, 3, (8, 2)), (20, 1))
    ridge = next(_forms(values, 8, 12, 3, False, (anchor,), (0.1,)))
    levels = values - values.mean(axis=0)
    z = {"season": values[8:] - values[:-8], "mean": levels, "last": levels}[anchor]
    z = z / (np.diff(values, axis=0) if anchor == "last" else z).std(axis=0)
    rows = np.concatenate([np.lib.stride_tricks.sliding_window_view(column, 15) for column in z.T])
    if anchor == "last":
        rows = rows - rows[:, 11:12]
    x, y = rows[:, :12], rows[:, 12:]
    wanted = Ridge(alpha=0.1 * ((x - x.mean(axis=0)) ** 2).sum(axis=0).mean()).fit(x, y)
    np.testing.assert_allclose(ridge.matrix[:-1], wanted.coef_.T, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ridge.matrix[-1], wanted.intercept_, rtol=1e-6, atol=1e-8)
    steps = wanted.predict((z[-12:] - (z[-1:] if anchor == "last" else 0)).T).T * ridge.deviation
    before = {"season": values[-8:-5], "mean": values.mean(axis=0), "last": values[-1:]}[anchor]
    np.testing.assert_allclose(ridge(values[None], 3)[0], before + steps, rtol=1e-6)


def test_the_direct_ridge_adds_a_season_to_the_one_before():
    """Season 2, horizon 5: what it forecasts for one season is the ground of the next."""
    matrix = np.zeros((4, 5))
    matrix[-1] = [1, 2, 3, 4, 5]
    ridge = DirectRidge(False, "season", 2, np.zeros(1), np.ones(1), matrix)
    np.testing.assert_allclose(flat(ridge(column(7, 7, 10, 20), 5)), [11, 22, 14, 26, 19])
    np.testing.assert_allclose(flat(ridge(column(20), 5)), [21, 22, 24, 26, 29])


def test_a_linear_series_of_many_lags_is_foretold_by_both_rivals_as_well_as_by_its_own_law():
    """Two hundred lags: a rival of 28 lags would leave most of it to the model, which could claim it."""
    rng = np.random.default_rng(11)
    weights = 0.9 * np.abs(rng.normal(0, 1, 60)) / 50
    values = np.zeros(6000)
    for t in range(60, 6000):
        values[t] = weights @ values[t - 60 : t][::-1] + rng.normal()
    train, validation = parts(values[:, None], window=80, horizon=1)
    made = baselines(fitted(train, validation, 1), 1, 1)
    _, future = validation.batch(np.arange(len(validation)))
    for name in ("autoregression", "ridge"):
        assert np.sqrt(np.mean((made[name].over(validation) - future) ** 2)) < 1.04
