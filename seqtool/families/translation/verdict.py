"""The verdict of a report, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqtool.data.bootstrap import Difference
from seqtool.families.translation.baselines import COPY


def verdict(difference: Difference, rows: Mapping[str, Mapping[str, float]], seen: float | None) -> list[str]:
    """Return a sentence on the baseline, and one on sources that training had too. difference: of 100 - BLEU."""
    told = [_whole(difference, rows)]
    return told if seen is None else [*told, _seen(seen)]


def _whole(difference: Difference, rows: Mapping[str, Mapping[str, float]]) -> str:
    said = f"The model {'beats' if difference.better else 'does not beat'} a {COPY}"
    if difference.worse:
        said += " and is worse"
    if not np.isfinite(difference.low):
        return f"{said}: there are too few sentences to tell."
    low, high = -difference.high, -difference.low
    model, copy = rows["model"]["bleu"], rows[COPY]["bleu"]
    return (
        f"{said}: BLEU {model:.1f} against {copy:.1f}, a difference of {-difference.mean:+.1f} "
        f"(95 % interval {low:+.1f} to {high:+.1f})."
    )


def _seen(seen: float) -> str:
    if seen == 0:
        return "None of the sources stands in the training part."
    return f"{100 * seen:.1f} % of the sources stand in the training part too, and may be remembered."
