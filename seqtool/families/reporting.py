"""What the reports of families share."""

from __future__ import annotations

import numpy as np

from seqtool.data.bootstrap import Difference


def finite(value: float) -> float | None:
    """Return a figure as JSON can hold it: None where it is no finite number."""
    return value if np.isfinite(value) else None


def interval(difference: Difference) -> list[float | None]:
    """Return the mean of a paired difference and its 95 % interval, as a report keeps them."""
    return [finite(value) for value in (difference.mean, difference.low, difference.high)]


def skill(accuracy: float | None, best: float | None) -> float | None:
    """Return 1 - errors / errors of the best baseline, from shares of right answers; None where that makes none."""
    return None if accuracy is None or best is None or best == 1 else 1 - (1 - accuracy) / (1 - best)
