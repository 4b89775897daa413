"""A paired block bootstrap of two forecasts' errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqtool.types import Floats, Ids

TINY = 1e-300  # has a logarithm
FEWEST = 3
"""Values, or blocks of them, that tell how far others would be from their mean."""


@dataclass(frozen=True)
class Difference:
    """Mean loss of a model less that of a rival, with its 95 % interval; below zero is better."""

    mean: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """True when the whole interval lies below zero."""
        return self.high < 0

    @property
    def worse(self) -> bool:
        """True when the whole interval lies above zero."""
        return self.low > 0


def paired(model: Floats, rival: Floats, *, block: int, draws: int = 2000, seed: int = 0) -> Difference:
    """Compare two losses [W] of the same origins in time order, by blocks of at least `block` and W^(1/3) origins.

    A circular block bootstrap (Politis and Romano 1992) of their difference. The interval is the 2.5 and 97.5
    percentile, widened as Student's t is for as few values as there are blocks; infinite for fewer than three blocks.
    """
    difference = model - rival
    mean = float(difference.mean())
    resampled = _resampled((difference,), block, draws, seed)
    if resampled is None:
        return Difference(mean, -np.inf, np.inf)
    low, high = mean + resampled.widening * (np.quantile(resampled.means[0], [0.025, 0.975]) - mean)
    return Difference(mean, float(low), float(high))


def relative(model: Floats, rival: Floats, *, block: int, draws: int = 2000, seed: int = 0) -> Difference:
    """Compare two losses [W] >= 0 as `paired` does, by a share: the mean of the model over that of the rival, less one.

    The interval is that of the logarithm of the ratio, so that no end of it lies below -1. The rival has to err.
    """
    shares = [np.log(max(float(losses.mean()), TINY)) for losses in (model, rival)]
    change = shares[0] - shares[1]
    resampled = _resampled((model, rival), block, draws, seed)
    if resampled is None:
        return Difference(float(np.expm1(change)), -np.inf, np.inf)
    ours, theirs = (np.log(np.maximum(means, TINY)) for means in resampled.means)
    low, high = change + resampled.widening * (np.quantile(ours - theirs, [0.025, 0.975]) - change)
    with np.errstate(over="ignore"):  # a rival that is right in nearly every block
        return Difference(*np.expm1([change, low, high]).tolist())


def paired_f1(model: Ids, rival: Ids, *, draws: int = 2000, seed: int = 0) -> Difference:
    """Compare the F1 of two answers to N records: that of the rival less that of the model.

    model, rival [3,N]: of each record how many labels or entities are right, answered and true. The 95 % interval is
    that of a paired bootstrap of the records (Efron 1979), widened as that of `paired`; infinite for fewer than three.
    """
    dice, count = np.random.default_rng(seed), model.shape[1]
    mean = f1_of(rival) - f1_of(model)
    if count < FEWEST:
        return Difference(mean, -np.inf, np.inf)
    drawn = (dice.integers(0, count, count) for _ in range(draws))
    found = [f1_of(rival[:, chosen]) - f1_of(model[:, chosen]) for chosen in drawn]
    low, high = mean + _widening(count) * (np.quantile(found, [0.025, 0.975]) - mean)
    return Difference(mean, float(max(-1.0, low)), float(min(1.0, high)))


def f1_of(counts: Ids) -> float:
    """Return F1 of counts [3,N], right, answered and true, summed over N records; 0 without any."""
    right, given, true = counts.sum(axis=1).tolist()
    return 2 * right / (given + true) if given + true else 0.0


class _Resampled(NamedTuple):
    """Means [draws] of each series in the same resamples, and how much their quantiles are to be widened."""

    means: tuple[Floats, ...]
    widening: float


def _resampled(series: Sequence[Floats], block: int, draws: int, seed: int) -> _Resampled | None:
    """Resample series [W] by common circular blocks; None for fewer than three blocks."""
    # Blocks keep the dependence of neighbouring origins, whose horizons overlap. Forecasts of h steps want blocks of
    # 2 h: those of h miss a third of the variance of overlapping errors.
    count = len(series[0])
    length = max(block, round(count ** (1 / 3)))
    if count < FEWEST * length:
        return None
    blocks = -(-count // length)
    starts = np.random.default_rng(seed).integers(0, count, (draws, blocks))
    means = []
    for values in series:
        cumulative = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values]))])
        sums = cumulative[starts + length] - cumulative[starts]
        means.append(sums.sum(axis=1) / (blocks * length))
    return _Resampled(tuple(means), _widening(count / length))


def _widening(blocks: float) -> float:
    """Return how much wider than a normal's Student's t interval is for `blocks` values.

    The expansion of t's quantile in 1 / freedom (Abramowitz and Stegun 26.7.5), and n / (n - 1) for the
    variance, which resampling takes as if the mean were known.
    """
    z, freedom = 1.959964, blocks - 1
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return float(t / z * np.sqrt(blocks / freedom))
