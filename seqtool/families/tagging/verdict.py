"""Sentences that say whether a tagger beats its best baseline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqtool.data.bootstrap import Difference
from seqtool.families.tagging.frequent import FREQUENT
from seqtool.report import report as base

Rows = Mapping[str, Mapping[str, float | None]]
"""The measures of each row of the scores."""


def of_words(difference: Difference, rival: str) -> str:
    """Say whether the model has fewer wrong words than a rival."""
    claim = f"The model {'beats' if difference.better else 'does not beat'} {_called(rival)}"
    if difference.worse:
        claim += " and is worse"
    if not np.isfinite(difference.low):
        return f"{claim}: there are too few sentences to tell."
    change, low, high = (100 * value for value in (difference.mean, difference.low, difference.high))
    return f"{claim}: its errors differ by {change:+.2f} % of the words (95 % interval {low:+.2f} to {high:+.2f} %)."


def of_unknown(rows: Rows, rival: str, unknown: int) -> str:
    """Say how many of so many unknown words model and rival tag right."""
    model, other = rows[base.MODEL]["unknown"], rows[rival]["unknown"]
    if model is None or other is None:
        return "Every word was seen in training: there is no figure for unknown words."
    words = "the 1 word" if unknown == 1 else f"the {unknown:,} words"
    return f"Of {words} never seen in training it tags {100 * model:.1f} % right, the {rival} {100 * other:.1f} %."


def of_entities(difference: Difference, rows: Rows, rival: str) -> str:
    """Say whether the model finds entities better than a rival, by F1."""
    model, other = (100 * (rows[name]["entity_f1"] or 0) for name in (base.MODEL, rival))
    word = "beats" if difference.better else "is worse than" if difference.worse else "does not beat"
    figures = f"F1 of entities {model:.1f} % against {other:.1f} %, {model - other:+.1f} points"
    if not np.isfinite(difference.low):
        return f"The model {word} {_called(rival)}: {figures}; there are too few sentences to tell."
    low, high = (-100 * value + 0.0 for value in (difference.high, difference.low))
    return f"The model {word} {_called(rival)}: {figures} (95 % interval {low:+.1f} to {high:+.1f})."


def _called(rival: str) -> str:
    return f"the {FREQUENT} of each word" if rival == FREQUENT else f"the {rival}"
