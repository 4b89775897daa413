"""Marks that lines write around each label: `pos: text`, `[pos] text`, `pos - text`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data.label_facts import FEW_ROWS, share_known

Pair = tuple[str | None, str]
"""A label, None where a line has none, and the text beside it."""
_SAMPLE = 50  # lines that show whether there is a mark at all
_COLON = re.compile(r"(.*[^\W_]):\s*")
_BRACKETS = re.compile(r"\[(\w[\w:.+-]*)\]|<(\w[\w:.+-]*)>")
_BETWEEN = re.compile(r"\s*(?:--?|–|—|=>|->|[:=|])\s+(?=\S)")  # noqa: RUF001 - dashes that people type


def without_marks(pairs: list[Pair], known: frozenset[str]) -> tuple[list[Pair], str]:
    """Return labels and texts without the mark that every line has, and what was left out; "" for nothing.

    known: labels of a model; where most labels are such, nothing is left out.
    """
    if not _mark_of(pairs[:_SAMPLE]):  # so that a large file is not looked through
        return pairs, ""
    mark = _mark_of(pairs)
    if mark is None or 2 * share_known((label for label, _ in pairs), known) > 1:
        return pairs, ""
    what, pattern = mark
    if pattern is _BETWEEN:
        bared = [(label, _BETWEEN.sub("", text, count=1) if _BETWEEN.match(text) else text) for label, text in pairs]
        return bared, what
    bare = {label: _inside(pattern, label) for label in {label for label, _ in pairs} if label}
    return [(bare.get(label or "", label), text) for label, text in pairs], what


def _mark_of(pairs: Sequence[Pair]) -> tuple[str, re.Pattern[str]] | None:
    """Return what to say of the mark that every line has, but for a first one that may name the columns; else None."""
    full = [(label, text) for label, text in pairs[len(pairs) > FEW_ROWS :] if label and text.strip()]
    if full and all(_COLON.fullmatch(label) for label, _ in full):
        return "the colon behind each label is left out", _COLON
    if full and all(_BRACKETS.fullmatch(label) for label, _ in full):
        return "the brackets around each label are left out", _BRACKETS
    if full and all(_BETWEEN.match(text) for _, text in full):
        return "the mark between each label and its text is left out", _BETWEEN
    return None


def _inside(pattern: re.Pattern[str], label: str) -> str:
    match = pattern.fullmatch(label)
    return next(filter(None, match.groups())) if match else label
