"""The verdict of a report, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqtool.data.bootstrap import Difference
from seqtool.families.tagging.baselines import FREQUENT


def verdict(difference: Difference, rows: Mapping[str, Mapping[str, float | None]], unknown: int) -> list[str]:
    """Return two sentences: all words, and those never seen in training. difference: of the error rates."""
    return [_whole(difference), _unknown(rows, unknown)]


def _whole(difference: Difference) -> str:
    rival = f"the {FREQUENT} of each word"
    said = f"The model {'beats' if difference.better else 'does not beat'} {rival}"
    if difference.worse:
        said += " and is worse"
    if not np.isfinite(difference.low):
        return f"{said}: there are too few sentences to tell."
    change, low, high = (100 * value for value in (difference.mean, difference.low, difference.high))
    return f"{said}: its errors differ by {change:+.2f} % of the words (95 % interval {low:+.2f} to {high:+.2f} %)."


def _unknown(rows: Mapping[str, Mapping[str, float | None]], unknown: int) -> str:
    model, rival = rows["model"]["unknown"], rows[FREQUENT]["unknown"]
    if model is None or rival is None:
        return "Every word was seen in training: of unknown ones nothing is known."
    words = "the 1 word" if unknown == 1 else f"the {unknown:,} words"
    return f"Of {words} never seen in training it tags {100 * model:.1f} % right, the {FREQUENT} {100 * rival:.1f} %."
