"""Which records of the validation part a training shows: mistakes and right answers, as one printable line each."""

from __future__ import annotations

import numpy as np

from seqtool.report.tables import cut_middle
from seqtool.say import printable
from seqtool.types import Array, Flags

SHOWN, MISTAKES = 5, 3
"""Records of an evaluation, and mistakes among them where there are right answers too."""


def chosen(wrong: Flags, sure: Array) -> list[int]:
    """Return the places of up to `SHOWN` of N records: the surest mistakes first, then right answers, evenly spread.

    wrong, sure [N]: whether a record has a mistake, and the probability of its answer.
    """
    # stable: of equally sure ones the first stands first, in every run
    order = np.argsort(-sure, kind="stable")
    right = np.flatnonzero(~wrong)
    mistakes = order[wrong[order]][: max(MISTAKES, SHOWN - len(right))]
    rest = SHOWN - len(mistakes)
    spread = right[:: max(1, len(right) // max(1, rest))][:rest]
    return [*mistakes.tolist(), *spread.tolist()]


def one_line(text: str, room: int) -> str:
    """Return a stranger's text as one printable line of at most `room` characters that keeps both ends."""
    return cut_middle(printable(text, len(text)), room)
