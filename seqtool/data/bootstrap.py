"""A paired block bootstrap of two forecasts' errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
    """Compare two losses [W] of the same origins in time order.

    A circular block bootstrap (Politis and Romano 1992) of their difference: blocks keep the dependence
    of neighbouring origins, whose horizons overlap. `block` is at least the horizon and at least W^(1/3);
    the interval is the 2.5 and 97.5 percentile. Fewer than three blocks say nothing: the interval is infinite.
    """
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
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(mean, float(low), float(high))
