"""What the scores of a classifier show, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from seqtool.data.bootstrap import Difference
from seqtool.families.classification.runner import PARTS, WIDE
from seqtool.report.report import MODEL

MAJORITY = "majority class"
_EXPORT = f"seqtool export RUN --baseline '{PARTS[WIDE]}' writes that part alone"


def verdict(differences: Mapping[str, Difference], right: Mapping[str, float], best: str) -> list[str]:
    """Return two sentences, on the majority class and on the best baseline; right: accuracies.

    Before them one where the network adds nothing to the linear part beside it.
    """
    opening = [_sentence(f"the {MAJORITY}", differences[MAJORITY], right[MODEL], right[MAJORITY])]
    wide = PARTS[WIDE]
    if wide in differences and not differences[wide].better:
        figures = _figures(differences[wide], right[MODEL], right[wide])
        opening.insert(0, f"The network adds nothing to the {wide} that can be told from chance: {figures}; {_EXPORT}.")
    if best == MAJORITY:
        return [*opening, f"The best baseline is the {best} itself: the model {_word(differences[best])} it."]
    return [*opening, _sentence(f"the best baseline ({best})", differences[best], right[MODEL], right[best])]


def _word(difference: Difference) -> str:
    if difference.better:
        return "beats"
    return "is worse than" if difference.worse else "does not beat"


def _sentence(rival: str, difference: Difference, model: float, baseline: float) -> str:
    return f"The model {_word(difference)} {rival}: {_figures(difference, model, baseline)}."


def _figures(difference: Difference, model: float, baseline: float) -> str:
    # less than half of a tenth is 0, not -0
    more, low, high = (round(-100 * value, 1) + 0.0 for value in (difference.mean, difference.high, difference.low))
    figures = f"{100 * model:.1f} % right against {100 * baseline:.1f} %, {more:+.1f} points"
    return f"{figures} (95 % interval {low:+.1f} to {high:+.1f})"
