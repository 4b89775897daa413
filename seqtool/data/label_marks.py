"""Marks that lines write around each label: `pos: text`, `[pos] text`, `pos - text`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from seqtool.data.label_facts import FEW_ROWS, share_known

Pair = tuple[str | None, str]
"""A label, None where a line has none, and the text beside it."""
BETWEEN = "the mark between each label and its text is left out"
_SAMPLE = 50  # lines that show whether there is a mark at all
_COLON = re.compile(r"(.*[^\W_]):\s*|([+-]?\d{1,3})[.)]")
_BRACKETS = re.compile(r"\[(\w[\w:.+-]*)\]|<(\w[\w:.+-]*)>")
_BETWEEN = re.compile(r"\s*[-#$%&*+,./:;=>@\\^|~–—→•·]{1,7}\s+(?=\S)")  # noqa: RUF001 - dashes that people type
_NAMESPACE = re.compile(r"\s*[+-]?\d+(?:\.\d+)?(?: \S+)? ?\|(\w+) ")
NEARLY, MANY = 0.95, 20  # share of the lines that show a mark, where they are as many


def without_marks(pairs: list[Pair], known: frozenset[str], *, tabs: bool) -> tuple[list[Pair], str]:
    """Return labels and texts without the mark that nearly every line has, and what was left out; "" for nothing.

    known: labels of a model; where most labels are such, they stay whole. tabs: these end the labels, so that a mark
    behind them belongs to the text.
    """
    if not _mark_of(pairs[:_SAMPLE]):  # so that a large file is not looked through
        return pairs, ""
    mark = _mark_of(pairs)
    if mark is None:
        return pairs, ""
    what, pattern = mark
    if pattern is _BETWEEN:
        if tabs:
            return pairs, ""
        texts, _ = without_mark_before([text for _, text in pairs])
        return [(label, text) for (label, _), text in zip(pairs, texts, strict=True)], what
    if 2 * share_known((label for label, _ in pairs), known) > 1:
        return pairs, ""
    bare = {label: _inside(pattern, label) for label in {label for label, _ in pairs} if label}
    return [(bare.get(label or "", label), text) for label, text in pairs], what


def _mark_of(pairs: Sequence[Pair]) -> tuple[str, re.Pattern[str]] | None:
    """Return what to say of the mark that nearly every line has, a first one that may name the columns aside."""
    full = [(label, text) for label, text in pairs[len(pairs) > FEW_ROWS :] if label and text.strip()]
    if _nearly_all(_COLON.fullmatch(label) for label, _ in full):
        return "the colon behind each label is left out", _COLON
    if _nearly_all(_BRACKETS.fullmatch(label) for label, _ in full):
        return "the brackets around each label are left out", _BRACKETS
    if _nearly_all(_BETWEEN.match(text) for _, text in full):
        return BETWEEN, _BETWEEN
    return None


def _nearly_all(found: Iterable[re.Match[str] | None]) -> bool:
    """Tell whether nearly all lines match, all if they are few."""
    flags = [match is not None for match in found]
    return bool(flags) and sum(flags) >= (NEARLY if len(flags) >= MANY else 1) * len(flags)


def without_mark_before(texts: list[str]) -> tuple[list[str], str]:
    """Return texts without the mark that stands before nearly all of them, and what to say of it; "" for nothing."""
    if not _nearly_all(_BETWEEN.match(text) for text in texts if text.strip()):
        return texts, ""
    return [_BETWEEN.sub("", text, count=1) if _BETWEEN.match(text) else text for text in texts], BETWEEN


def _inside(pattern: re.Pattern[str], label: str) -> str:
    match = pattern.fullmatch(label)
    return next(filter(None, match.groups())) if match else label


def is_vowpal_wabbit(lines: Sequence[str]) -> bool:
    """Tell whether lines are a number, a bar and one name at once behind it in all of them: `1 |text so good`."""
    full = [line for line in lines[:_SAMPLE] if line.strip()]
    found = [match for line in full if (match := _NAMESPACE.match(line))]
    return 2 < len(full) == len(found) and len({match[1] for match in found}) == 1
