"""The noise of sampling: known by seed, line, sample and step alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from seqtool.runtime.noise import Key, gumbel, normal

keys = st.builds(Key, st.integers(1, 2**40), st.integers(0, 2**20))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**64 - 1), rows=st.lists(keys, min_size=1, max_size=5), start=st.integers(0, 2**40),
    steps=st.integers(1, 40), symbols=st.integers(1, 70), data=st.data(),
)  # fmt: skip
def test_a_step_has_its_noise_in_any_batch_and_any_chunk(seed, rows, start, steps, symbols, data):
    whole = gumbel(seed, rows, start, steps, symbols)
    assert whole.shape == (steps, len(rows), symbols)
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    row, cut = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, steps))
    alone = [
        gumbel(seed, rows[row : row + 1], start + begin, count, symbols)
        for begin, count in ((0, cut), (cut, steps - cut))
    ]
    np.testing.assert_array_equal(np.concatenate(alone)[:, 0], whole[:, row])


def test_it_is_that_of_gumbel():
    """Mean: Euler's constant; variance: pi^2 / 6; median: -log(log 2)."""
    drawn = gumbel(0, [Key(1, 0), Key(2, 0)], 0, 1000, 67).ravel()
    assert drawn.mean() == pytest.approx(0.5772, abs=0.015)
    assert drawn.var() == pytest.approx(np.pi**2 / 6, abs=0.03)
    assert np.median(drawn) == pytest.approx(0.3665, abs=0.015)


def test_every_part_of_the_key_counts():
    parts = [(0, Key(1, 0), 0), (1, Key(1, 0), 0), (0, Key(2, 0), 0), (0, Key(1, 1), 0), (0, Key(1, 0), 1)]
    drawn = [gumbel(seed, [key], start, 1, 50).ravel() for seed, key, start in parts]
    shared = np.corrcoef(drawn) - np.eye(len(drawn))
    assert np.abs(shared).max() < 0.5
    assert len({one.tobytes() for one in drawn}) == len(drawn)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**64 - 1), rows=st.lists(keys, min_size=1, max_size=9), count=st.integers(1, 200),
    data=st.data(),
)  # fmt: skip
def test_normal_numbers_are_the_same_in_any_batch_and_of_any_count(seed, rows, count, data):
    whole = normal(seed, rows, count)
    assert whole.shape == (len(rows), count)
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    row, fewer = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, count))
    np.testing.assert_array_equal(normal(seed, rows[row : row + 1], fewer)[0], whole[row, :fewer])


def test_normal_numbers_are_standard_normal():
    rows = normal(0, [Key(line, sample) for line in range(200) for sample in range(5)], 100)
    assert kstest(rows.ravel(), "norm").pvalue > 0.01
    shared = np.corrcoef(rows[:, :20].T) - np.eye(20)  # step by step
    assert np.abs(shared).max() < 0.15
    assert len({row.tobytes() for row in rows}) == len(rows)
    assert not np.array_equal(normal(1, [Key(0, 0)], 100)[0], rows[0])
