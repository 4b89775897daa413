"""Whether one classifier is right more often than another on the same records (McNemar 1947, its exact form)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from seqtool.data.bootstrap import Difference

TAIL = 0.025
HALVINGS = 60


def paired_errors(model: NDArray[np.bool_], rival: NDArray[np.bool_]) -> Difference:
    """Compare who was right on N records, each [N]: the error rate of the model less that of the rival.

    Only records on which they differ tell anything. The 95 % interval is that of Clopper and Pearson (1934) for the
    model's share of those errors, given how many there are: it excludes zero where the exact test rejects at 5 %.
    """
    worse, better = int((rival & ~model).sum()), int((model & ~rival).sum())
    differing = worse + better
    if not differing:
        return Difference(0.0, 0.0, 0.0)
    shares = (worse / differing, *clopper_pearson(worse, differing))
    mean, low, high = ((2 * share - 1) * differing / len(model) for share in shares)
    return Difference(mean, low, high)


def clopper_pearson(count: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share that was seen `count` times in `trials`."""
    low = 0.0 if count == 0 else 1 - _highest(trials - count, trials)
    return low, 1.0 if count == trials else _highest(count, trials)


def _highest(count: int, trials: int) -> float:
    """Return the share of which `count` or fewer in `trials` come with the probability `TAIL`, by halving."""
    counts = range(count + 1)
    ways = np.array([math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1) for k in counts])
    seen = np.arange(count + 1)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        at_most = np.exp(ways + seen * math.log(share) + (trials - seen) * math.log1p(-share)).sum()
        low, high = (share, high) if at_most > TAIL else (low, share)
    return (low + high) / 2
