"""Scaling: fitted on what is known, undone exactly, refused where it cannot be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.scaler import Scaler
from seqtool.errors import DataError

KINDS = ("log-return", "standard", "window")


def prices(rows=30, features=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.01, 1e4, features) * np.exp(np.cumsum(rng.normal(0, 0.05, (rows, features)), axis=0))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), features=st.integers(1, 3), factor=st.floats(0.1, 10))
def test_decode_undoes_encode(kind, seed, features, factor):
    values = prices(30, features, seed)
    scaler = Scaler.fit(kind, values, tuple("abc"[:features]), factor)
    history, future = values[:20], values[20:]
    if kind == "log-return":
        z = scaler.encode(values)[19:]
    elif kind == "standard":
        z = scaler.encode(future)
    else:  # the future, in units of the history
        z = (future - history.mean(axis=0)) / (factor * history.std(axis=0))
    np.testing.assert_allclose(scaler.decode(history, z), future, rtol=1e-9)


def test_standard_scores_by_hand():
    scaler = Scaler.fit("standard", np.array([[1.0], [3.0], [np.nan], [5.0]]), ("y",))
    assert scaler.mean == (3.0,)
    assert scaler.deviation == pytest.approx((np.sqrt(8 / 3),))
    np.testing.assert_allclose(scaler.encode(np.array([[3.0], [np.nan]])), [[0.0], [np.nan]])


def test_log_returns_by_hand():
    """Doubled, then halved: the returns are log 2 and -log 2; the gap leaves no return on either side."""
    values = np.array([[1.0], [2.0], [1.0], [np.nan], [7.0]])
    scaler = Scaler.fit("log-return", values, ("y",))
    assert scaler.mean == pytest.approx((0.0,), abs=1e-15)
    assert scaler.deviation == pytest.approx((np.log(2),))
    np.testing.assert_allclose(scaler.encode(values), [[1.0], [-1.0], [np.nan], [np.nan]], atol=1e-12)
    np.testing.assert_allclose(scaler.decode(values[:4], np.array([[1.0], [1.0]])), [[2.0], [4.0]])


def test_a_window_is_scaled_by_itself_times_the_factor():
    scaler = Scaler.fit("window", prices(features=1), ("y",), 2.5)
    window = np.array([[10.0], [np.nan], [14.0]])  # mean 12, deviation 2
    np.testing.assert_allclose(scaler.encode(window), [[-0.4], [np.nan], [0.4]])


@pytest.mark.parametrize("kind", KINDS)
def test_json_brings_it_back(kind):
    scaler = Scaler.fit(kind, prices(), ("a", "b"), 2.5)
    assert Scaler.from_json(json.loads(json.dumps(scaler.to_json()))) == scaler


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("standard", np.full(7, 0.1)),  # whose computed deviation is 1e-17, not 0
        ("window", np.full(7, 123.4)),
        ("log-return", np.full(7, 0.1)),
        ("log-return", 0.1 * 1.1 ** np.arange(40)),  # grows by the same share each day
    ],
)
def test_a_constant_column_is_refused_by_name(kind, column):
    values = np.stack([prices(len(column), 1)[:, 0], column], axis=1)
    with pytest.raises(DataError, match="constant") as caught:
        Scaler.fit(kind, values, ("good", "flat"))
    assert caught.value.where == "flat"
    assert caught.value.exit_code == 2


def test_a_small_wave_on_a_high_level_is_not_constant():
    wave = 1e6 + np.sin(np.arange(50.0))[:, None]
    assert Scaler.fit("standard", wave, ("y",)).deviation == pytest.approx((0.7,), rel=0.1)


@pytest.mark.parametrize("bad", [0.0, -3.0])
def test_log_returns_refuse_what_has_no_logarithm_and_say_where(bad):
    values = prices(5)
    values[3, 1] = bad
    with pytest.raises(DataError, match="above zero") as caught:
        Scaler.fit("log-return", values, ("a", "b"))
    assert caught.value.where == f"column b, row 4: {bad:g}"
    assert "--scaling standard" in caught.value.cure


@pytest.mark.parametrize(("kind", "column"), [("standard", [np.nan] * 4), ("log-return", [1.0, np.nan, 2.0, np.nan])])
def test_a_column_with_nothing_to_fit_is_refused_by_name(kind, column):
    """Every second value missing leaves no return at all."""
    values = np.stack([[1.0, 2.0, 4.0, 3.0], column], axis=1)
    with pytest.raises(DataError, match="no known") as caught:
        Scaler.fit(kind, values, ("good", "holes"))
    assert caught.value.where == "holes"
