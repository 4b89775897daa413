"""The verdict of a report, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqtool.data.bootstrap import Difference


def verdict(differences: Mapping[str, Difference], bits: Mapping[str, float], first: str, best: str) -> list[str]:
    """Return two sentences: against the baseline `first`, and against the best.

    differences: in bits a character, of the baselines that have an interval; bits: of the model and each baseline.
    """
    opening = _sentence(f"the {first} model", differences[first], bits[first])
    if best == first:
        word = _word(differences[best], "it")
        return [opening, f"The best baseline is the {best} model itself: {word}."]
    if best in differences:
        return [opening, _sentence(f"the best baseline ({best})", differences[best], bits[best])]
    beats = "beats" if bits["model"] < bits[best] else "does not beat"
    figures = f"{bits['model']:.3f} against {bits[best]:.3f} bits a character, an interval is not to be had"
    return [opening, f"The model {beats} the best baseline ({best}): {figures}."]


def _word(difference: Difference, rival: str) -> str:
    if difference.better:
        return f"the model beats {rival}"
    worse = " and is worse" if difference.worse else ""
    return f"the model does not beat {rival}{worse}"


def _sentence(rival: str, difference: Difference, bits: float) -> str:
    word = _word(difference, rival)
    said = f"{word[0].upper()}{word[1:]}"
    if not np.isfinite(difference.low):
        return f"{said}: the text is too short to tell."
    change, low, high = (100 * value / bits for value in (difference.mean, difference.low, difference.high))
    return f"{said}: its bits a character differ by {change:+.1f} % (95 % interval {low:+.1f} to {high:+.1f} %)."
