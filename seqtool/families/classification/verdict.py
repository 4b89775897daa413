"""What the scores of a classifier show, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping

from seqtool.data.bootstrap import Difference
from seqtool.families.classification.runner import PARTS, WIDE
from seqtool.report.report import MODEL

MAJORITY, USUAL = "majority class", "usual labels"
"""What answers without reading the text: the most frequent class, or the most frequent labels."""
_EXPORT = f"seqtool export RUN --baseline '{PARTS[WIDE]}' writes that part alone"


def verdict(
    differences: Mapping[str, Difference], shares: Mapping[str, float], best: str, *, floor: str = MAJORITY,
    figure: str = "right",
) -> list[str]:  # fmt: skip
    """Return two sentences, on what answers without reading and on the best baseline.

    shares: of each the share that `figure` names. Before them one where the network adds nothing to the linear part
    beside it.
    """
    figures = {
        name: _figures(difference, shares[MODEL], shares[name], figure) for name, difference in differences.items()
    }
    opening = [f"The model {_word(differences[floor])} the {floor}: {figures[floor]}."]
    wide = PARTS[WIDE]
    if wide in differences and not differences[wide].better:
        what = f"The network adds nothing to the {wide} that can be told from chance"
        opening.insert(0, f"{what}: {figures[wide]}; {_EXPORT}.")
    if best == floor == USUAL:
        return [*opening, f"The {best} are the best baseline themselves: the model {_word(differences[best])} them."]
    if best == floor:
        return [*opening, f"The best baseline is the {best} itself: the model {_word(differences[best])} it."]
    return [*opening, f"The model {_word(differences[best])} the best baseline ({best}): {figures[best]}."]


def _word(difference: Difference) -> str:
    if difference.better:
        return "beats"
    return "is worse than" if difference.worse else "does not beat"


def _figures(difference: Difference, model: float, baseline: float, figure: str) -> str:
    # less than half of a tenth is 0, not -0
    more = round(-100 * difference.mean, 1) + 0.0
    figures = f"{100 * model:.1f} % {figure} against {100 * baseline:.1f} %, {more:+.1f} points"
    if not math.isfinite(difference.low):
        return f"{figures}, too few texts to tell"
    low, high = (round(-100 * value, 1) + 0.0 for value in (difference.high, difference.low))
    return f"{figures} (95 % interval {low:+.1f} to {high:+.1f})"
