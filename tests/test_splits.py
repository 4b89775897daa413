"""Parts in time order that share nothing, and a sampler that stops and goes on."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.series import Series
from seqtool.data.splits import Sampler, in_time_order
from seqtool.errors import DataError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import split

SHARES = st.one_of(st.floats(0.01, 0.45), st.integers(1, 60))


@settings(max_examples=60, deadline=None)
@given(count=st.integers(150, 2000), validation=SHARES, test=SHARES)
def test_the_parts_are_in_order_and_cover_every_step_once(count, validation, test):
    parts = in_time_order(count, validation, test)
    assert [step for part in parts for step in range(count)[part]] == list(range(count))
    for part, size in zip(parts[1:], (validation, test), strict=True):
        assert abs(part.stop - part.start - (size * count if size < 1 else size)) <= 0.5


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(200, 500),
    window=st.integers(2, 15),
    horizon=st.integers(1, 15),
    validation=st.floats(0.16, 0.3),
    skip=st.integers(0, 10),
)
def test_windows_of_two_parts_share_no_row_and_targets_keep_a_window_apart(count, window, horizon, validation, skip):
    """Each value is its own row number, so what a window sees says where it lies."""
    series = Series(("y",), np.arange(count, dtype=float)[:, None], None, None, ())
    config = ForecastingConfig(
        window=window, horizon=horizon, validation=validation, test=0.2, skip=skip, scaling="standard"
    )
    splits = split(series, config)
    parts = [part.batch(np.arange(len(part))) for part in (splits.train, splits.validation, splits.test)]
    rows = [{*np.concatenate([x, y], axis=1).ravel().tolist()} for x, y in parts]
    assert not rows[0] & rows[1]
    assert not rows[1] & rows[2]
    assert set().union(*rows) == set(range(skip, count))
    for (_, before), (_, after) in itertools.pairwise(parts):
        assert after.min() - before.max() > window


def test_the_scaler_is_fitted_on_the_training_part_alone():
    values = np.random.default_rng(0).normal(size=(100, 1))
    other = values.copy()
    other[70:] *= 1000  # validation and test
    config = ForecastingConfig(window=5, horizon=2, validation=0.15, test=0.15, scaling="standard")
    one, two = (split(Series(("y",), v, None, None, ()), config).encoders.scaler for v in (values, other))
    assert one == two
    assert one.mean == pytest.approx((values[:70].mean(),))


@pytest.mark.parametrize(("count", "validation", "test"), [(10, 0.5, 0.5), (10, 5, 4), (100, 80, 0.3), (1, 0.1, 0.1)])
def test_too_little_to_train_on_is_an_error_with_a_cure(count, validation, test):
    with pytest.raises(DataError, match=f"{count} time steps are too few") as caught:
        in_time_order(count, validation, test)
    assert caught.value.exit_code == 2
    assert "--validation" in caught.value.cure


def epochs(sampler, how_many):
    """The batches of so many epochs."""
    return [
        [sampler.order()[chosen].tolist() for chosen in (sampler.next() for _ in range(sampler.steps))]
        for _ in range(how_many)
    ]


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 60), batch=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
def test_every_record_comes_once_an_epoch_and_the_last_short_batch_is_kept(count, batch, seed):
    for batches in epochs(Sampler(count, batch, seed), 3):
        assert sorted(index for one in batches for index in one) == list(range(count))
        assert [len(one) for one in batches[:-1]] == [batch] * (len(batches) - 1)
        assert len(batches[-1]) == (count - 1) % batch + 1


def test_the_order_hangs_on_seed_and_epoch():
    one, again, other = (epochs(Sampler(50, 7, seed), 2) for seed in (3, 3, 4))
    assert one == again
    assert one != other
    assert one[0] != one[1]


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 40), batch=st.integers(1, 12), steps=st.integers(0, 30))
def test_a_restored_sampler_goes_on_as_the_first_would_have(count, batch, steps):
    """At the start, in the middle of an epoch and just at its end."""
    first, second = Sampler(count, batch, 5), Sampler(count, batch, 5)
    for _ in range(steps):
        first.next()
    second.load_state_dict(first.state_dict())
    assert second.at_epoch_end == first.at_epoch_end
    for _ in range(25):
        one, two = first.next(), second.next()
        assert first.order()[one].tolist() == second.order()[two].tolist()
    assert first.state_dict() == second.state_dict()
