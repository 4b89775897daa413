"""Marks that lines write around each label: `pos: text`, `[pos] text`, `pos - text`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data.label_facts import FEW_ROWS, share_known

Pair = tuple[str | None, str]
"""A label, None where a line has none, and the text beside it."""
_COLON = re.compile(r"(.*[^\W_]):\s*")
_BRACKETS = re.compile(r"\[(\w[\w:.+-]*)\]|<(\w[\w:.+-]*)>")
_BETWEEN = re.compile(r"\s*(?:--?|–|—|=>|->|[:=|])\s+(?=\S)")  # noqa: RUF001


def without_marks(pairs: Sequence[Pair], known: frozenset[str]) -> tuple[list[Pair], str]:
    """Return labels and texts without the mark that every line has, and what was left out; "" for nothing.

    known: labels of a model; where most labels are such, nothing is left out.
    """
    full = [(label, text) for label, text in pairs[len(pairs) > FEW_ROWS :] if label and text.strip()]
    labels = [label for label, _ in full]  # without the first line, which may name the columns
    if not full or 2 * share_known(labels, known) > 1:
        return list(pairs), ""
    for pattern, what in (
        (_COLON, "the colon behind each label is left out"),
        (_BRACKETS, "the brackets around each label are left out"),
    ):
        if all(map(pattern.fullmatch, labels)):
            bare = {label: _inside(pattern, label) for label in {label for label, _ in pairs} if label}
            return [(bare.get(label or "", label), text) for label, text in pairs], what
    if all(_BETWEEN.match(text) for _, text in full):
        bared = [(label, _BETWEEN.sub("", text, count=1) if _BETWEEN.match(text) else text) for label, text in pairs]
        return bared, "the mark between each label and its text is left out"
    return list(pairs), ""


def _inside(pattern: re.Pattern[str], label: str) -> str:
    match = pattern.fullmatch(label)
    return next(filter(None, match.groups())) if match else label
