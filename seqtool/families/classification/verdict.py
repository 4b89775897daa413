"""The verdict of a report, in words."""

from __future__ import annotations

from collections.abc import Mapping

from seqtool.data.bootstrap import Difference
from seqtool.families.classification.baselines import MAJORITY


def verdict(differences: Mapping[str, Difference], right: Mapping[str, float], best: str) -> list[str]:
    """Return two sentences: against the majority class, and against the best baseline.

    differences: of error rates, by baseline; right: accuracies, of the model and each baseline.
    """
    opening = _sentence(f"the {MAJORITY}", differences[MAJORITY], right["model"], right[MAJORITY])
    if best == MAJORITY:
        return [opening, f"The best baseline is the {best} itself: the model {_word(differences[best])} it."]
    return [opening, _sentence(f"the best baseline ({best})", differences[best], right["model"], right[best])]


def _word(difference: Difference) -> str:
    return "beats" if difference.better else "is worse than" if difference.worse else "does not beat"


def _sentence(rival: str, difference: Difference, model: float, other: float) -> str:
    more, low, high = (-100 * value for value in (difference.mean, difference.high, difference.low))
    figures = f"{100 * model:.1f} % right against {100 * other:.1f} %, {more:+.1f} points"
    return f"The model {_word(difference)} {rival}: {figures} (95 % interval {low:+.1f} to {high:+.1f})."
