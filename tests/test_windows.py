"""Windows of a series with gaps, by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.errors import DataError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import split
from seqtool.families.forecasting.windows import windows


def series(values):
    times = np.datetime64("2024-01-01", "s") + np.arange(len(values)) * np.timedelta64(1, "D")
    names = tuple("abc"[: values.shape[1]])
    return Series(names, values, times, Grid(seconds=86400), ())


def usable(values, window, horizon):
    """Two known values of every column in the history, and any known target."""
    for start in range(len(values) - window - horizon + 1):
        history, future = np.split(values[start : start + window + horizon], [window])
        if all(np.isfinite(column).sum() >= 2 for column in history.T) and np.isfinite(future).any():
            yield start


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    features=st.integers(1, 3),
    window=st.integers(2, 8),
    horizon=st.integers(1, 5),
    missing=st.floats(0, 0.7),
)
def test_the_usable_windows_are_those_of_brute_force(seed, features, window, horizon, missing):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(40, features))
    values[rng.random(values.shape) < missing] = np.nan
    part = slice(7, 33)
    expected = list(usable(values[part], window, horizon))
    if not expected:
        with pytest.raises(DataError, match="enough known values"):
            windows(series(values), part, window, horizon, "test")
        return
    found = windows(series(values), part, window, horizon, "test")
    assert found.starts.tolist() == [part.start + start for start in expected]
    assert len(found) == len(expected)
    history, future = found.batch(np.arange(len(found)))
    assert history.shape == (len(expected), window, features)
    assert future.shape == (len(expected), horizon, features)
    for start, x, y in zip(expected, history, future, strict=True):
        np.testing.assert_array_equal(np.concatenate([x, y]), values[part][start : start + window + horizon])


def test_a_part_keeps_the_time_stamps_of_its_rows():
    found = windows(series(np.arange(20.0)[:, None]), slice(10, 18), 3, 2, "test")
    assert [found.series.stamps()[row] for row in found.origins] == [f"2024-01-{day}" for day in (14, 15, 16, 17)]
    assert found.series.stamps()[-1] == "2024-01-18"


def test_a_longer_history_reaches_into_the_part_before_and_no_further_than_the_first_row():
    found = windows(series(np.arange(20.0)[:, None]), slice(10, 20), 3, 2, "test")
    assert found.context(np.array([0, 2]), 5)[:, :, 0].tolist() == [[8, 9, 10, 11, 12], [10, 11, 12, 13, 14]]
    first = found.context(np.array([0]), 15)[0, :, 0]
    assert np.isnan(first[:2]).all()
    assert first[2:].tolist() == list(range(13))


def test_the_windows_of_a_later_part_are_its_own():
    found = windows(series(np.arange(20.0)[:, None]), slice(10, 20), 3, 2, "test")
    assert found.batch(np.array([0, 5]))[0][:, :, 0].tolist() == [[10, 11, 12], [15, 16, 17]]


@pytest.mark.parametrize(("rows", "fits"), [(6, False), (7, True)])
def test_a_part_shorter_than_one_window_is_an_error_that_counts(rows, fits):
    whole = series(np.arange(30.0)[:, None])
    if fits:
        assert len(windows(whole, slice(0, rows), 4, 3, "validation")) == 1
        return
    with pytest.raises(DataError, match=r"4 \+ 3 steps fits into the validation part of 6") as caught:
        windows(whole, slice(0, rows), 4, 3, "validation")
    assert caught.value.exit_code == 2
    assert "--window" in caught.value.cure


def test_skipping_everything_and_prices_below_zero_anywhere_are_said_before_training():
    values = np.random.default_rng(0).uniform(1, 2, (100, 1))
    with pytest.raises(DataError, match="--skip 100 leaves nothing of 100 rows"):
        split(series(values), ForecastingConfig(window=3, horizon=1, skip=100))
    values[-1] = -1  # in the test part, which the scaler never sees
    with pytest.raises(DataError, match="above zero"):
        split(series(values), ForecastingConfig(window=3, horizon=1, scaling="log-return"))


@pytest.mark.parametrize(("gap", "rows", "helps"), [(-1, 20, True), (30, 20, True), (-1, 3, False), (0, 3, False)])
def test_a_part_too_short_names_the_gap_where_it_would_help(gap, rows, helps):
    """A window of 30 and 4 targets in a part of 20 or of 3 rows: with histories from before, 20 are enough."""
    config = ForecastingConfig(window=30, horizon=4, scaling="standard", gap=gap, validation=rows, test=50)
    whole = series(np.random.default_rng(0).normal(size=(300, 1)))
    with pytest.raises(DataError, match="validation part") as caught:
        split(whole, config)
    assert caught.value.cure.startswith("--gap 0") is helps
    if helps:
        assert len(split(whole, replace(config, gap=0)).validation) == rows - 4 + 1
