"""A paired block bootstrap of two forecasts' errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqtool.types import Floats


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
    # Blocks keep the dependence of neighbouring origins, whose horizons overlap. Forecasts of h steps want blocks of
    # 2 h: those of h miss a third of the variance of overlapping errors.
    difference = model - rival
    count = len(difference)
    length = max(block, round(count ** (1 / 3)))
    mean = float(difference.mean())
    if count < 3 * length:
        return Difference(mean, -np.inf, np.inf)
    blocks = -(-count // length)
    starts = np.random.default_rng(seed).integers(0, count, (draws, blocks))
    cumulative = np.concatenate([[0.0], np.cumsum(np.concatenate([difference, difference]))])
    sums = cumulative[starts + length] - cumulative[starts]
    means = sums.sum(axis=1) / (blocks * length)
    low, high = mean + _widening(count / length) * (np.quantile(means, [0.025, 0.975]) - mean)
    return Difference(mean, float(low), float(high))


def _widening(blocks: float) -> float:
    """Return how much wider than a normal's Student's t interval is for `blocks` values.

    The expansion of t's quantile in 1 / freedom (Abramowitz and Stegun 26.7.5), and n / (n - 1) for the
    variance, which resampling takes as if the mean were known.
    """
    z, freedom = 1.959964, blocks - 1
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return float(t / z * np.sqrt(blocks / freedom))
