"""The paired block bootstrap on errors whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.data.bootstrap import paired, relative


def autoregressive(rng, count, phi):
    """A series of mean 0 and variance 1 whose neighbours correlate by phi."""
    noise = rng.normal(0, np.sqrt(1 - phi**2), count)
    noise[0] = rng.normal()
    for t in range(1, count):
        noise[t] += phi * noise[t - 1]
    return noise


def test_the_interval_covers_the_true_difference_in_about_95_of_100_series():
    """Two models' losses differ by 0.3 in truth; their errors are correlated in time."""
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rival = rng.exponential(1, 300)
        model = rival + 0.3 + autoregressive(rng, 300, 0.5)
        found = paired(model, rival, block=15, draws=400, seed=seed)
        covered += found.low <= 0.3 <= found.high
    assert 170 <= covered <= 200


def test_correlated_errors_widen_the_interval():
    rng = np.random.default_rng(0)
    plain, rough = rng.normal(0, 1, 1000), autoregressive(rng, 1000, 0.9)
    width = [found.high - found.low for found in (paired(x, 0 * x, block=60) for x in (plain, rough))]
    assert width[0] == pytest.approx(2 * 1.96 / np.sqrt(1000), rel=0.35)
    assert width[1] > 2 * width[0]  # in truth sqrt(1.9 / 0.1) = 4.4 times


def test_what_both_share_makes_no_difference():
    """Paired: a calm and a stormy period fall on both alike."""
    rng = np.random.default_rng(1)
    model, rival = rng.normal(1, 1, 200), rng.normal(1.2, 1, 200)
    storm = rng.exponential(100, 200)
    one, two = paired(model, rival, block=5), paired(model + storm, rival + storm, block=5)
    assert (one.mean, one.low, one.high) == pytest.approx((two.mean, two.low, two.high), abs=1e-9)


def test_better_worse_and_neither():
    noise = np.random.default_rng(2).normal(0, 1, 400)
    zero = np.zeros(400)
    better, worse, level = (paired(noise - noise.mean() + shift, zero, block=5) for shift in (-1, 1, 0))
    assert (better.better, better.worse) == (True, False)
    assert (worse.better, worse.worse) == (False, True)
    assert (level.better, level.worse) == (False, False)
    assert better.mean == pytest.approx(-1)


def test_a_share_covers_the_true_one_and_never_passes_minus_one():
    """The model's errors are a tenth of the rival's, of few and wild origins."""
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        storm = rng.lognormal(0, 1.5, 60)
        model, rival = 0.1 * storm * rng.exponential(1, 60), storm * rng.exponential(1, 60)
        share = relative(model, rival, block=3, draws=400, seed=seed)
        assert -1 < share.low <= share.mean <= share.high
        assert share.mean == pytest.approx(model.mean() / rival.mean() - 1)
        covered += share.low <= -0.9 <= share.high
    assert 175 <= covered <= 200


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_a_share_has_no_unit_and_agrees_with_a_difference_in_sign(unit):
    rng = np.random.default_rng(5)
    rival = rng.exponential(1, 400)
    for factor in (0.8, 1.25):
        share = relative(unit * factor * rival, unit * rival, block=4)
        assert (share.mean, share.low, share.high) == pytest.approx([factor - 1] * 3, abs=1e-9)
    assert relative(0 * rival, rival, block=4).high == pytest.approx(-1)
    assert np.isinf(relative(rival[:5], rival[:5], block=4).high)


def test_the_same_seed_gives_the_same_interval():
    x = np.random.default_rng(3).normal(size=100)
    assert paired(x, 0 * x, block=5, seed=1) == paired(x, 0 * x, block=5, seed=1)
    assert paired(x, 0 * x, block=5, seed=1) != paired(x, 0 * x, block=5, seed=2)


@pytest.mark.parametrize(("count", "block", "finite"), [(29, 10, False), (30, 10, True), (2, 1, False), (1, 1, False)])
def test_fewer_than_three_blocks_say_nothing(count, block, finite):
    found = paired(np.full(count, -5.0), np.arange(count, dtype=float), block=block)
    assert np.isfinite([found.low, found.high]).all() == finite
    assert found.better == finite
    assert not found.worse
