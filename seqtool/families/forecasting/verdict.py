"""The verdict of a report, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqtool.data.bootstrap import Difference


def verdict(differences: Mapping[str, Difference], losses: Mapping[str, float], best: str, horizon: int) -> list[str]:
    """Return two sentences: against the last value, and against the best baseline."""
    steps = f"over {horizon} steps" if horizon > 1 else "one step ahead"
    first = _sentence("the last value", differences["last value"], losses["last value"], steps)
    if best == "last value":
        return [
            first,
            "The best baseline is the last value itself: " + _word(differences["last value"], "it") + ".",
        ]
    second = _sentence(f"the best baseline ({best})", differences[best], losses[best], steps)
    return [first, second]


def _word(difference: Difference, rival: str) -> str:
    if difference.better:
        return f"the model beats {rival}"
    worse = " and is worse" if difference.worse else ""
    return f"the model does not beat {rival}{worse}"


def _sentence(rival: str, difference: Difference, loss: float, steps: str) -> str:
    word = _word(difference, rival)
    said = f"{word[0].upper()}{word[1:]} {steps}"
    if not np.isfinite(difference.low) or loss <= 0:
        return f"{said}: there are too few origins to tell."
    change, low, high = (100 * value / loss for value in (difference.mean, difference.low, difference.high))
    return f"{said}: its mean squared error differs by {change:+.1f} % (95 % interval {low:+.1f} to {high:+.1f} %)."
