"""How far probabilities are from how often they come true."""

from __future__ import annotations

import numpy as np

from seqtool.types import Array, Flags

BINS = 15


def calibration_error(chances: Array, true: Flags) -> float:
    """Return the expected calibration error of N probabilities [N], of which those of `true` [N] came true.

    The mean distance between probability and share, over 15 bins of equally many (Naeini 2015, Nguyen and O'Connor
    2015); 0 without any. Equal probabilities count alike in every bin that they stand in, in any order.
    """
    _, values, sizes = np.unique(chances, return_inverse=True, return_counts=True)
    # without this a probability that all have would be cut into bins by the order of the records
    shares = (np.bincount(values, weights=true) / np.maximum(1, sizes))[values]
    order = np.argsort(chances, kind="stable")
    bins = [chosen for chosen in np.array_split(order, BINS) if len(chosen)]
    gaps = [len(chosen) * abs(float(chances[chosen].mean()) - float(shares[chosen].mean())) for chosen in bins]
    return sum(gaps) / len(order) if len(order) else 0.0
