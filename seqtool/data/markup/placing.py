"""A translated sentence put back between the marks of its source.

The marks keep their order. What stands inside of marks is looked for in the translation by its own translation, and so
are code and addresses by themselves; what is not found is shared out by its length, at blanks. Where that cannot be,
the parts between the marks are translated one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from seqtool.data.markup.flows import Slot

_WORD = re.compile(r"\S+")
_MARKS_BEHIND = re.compile(r"\s*[^\w\s]*$")
_EDGES = " .,;:!?\u2026\u3002\"'\u00ab\u00bb\u201c\u201d\u201e()"

Span = tuple[int, int]


class _Run(NamedTuple):
    """Neighbouring slots, by their places, that share a stretch of the translation."""

    slots: list[int]
    start: int
    end: int


def placed(slots: Sequence[Slot], whole: str, alone: Sequence[str]) -> list[str] | None:
    """Return the new text of each slot [N] of a sentence, None where its translation cannot be shared out.

    alone: the translation of each slot by itself. Of marks, breaks, blanks, code and addresses nothing is new: their
    text is "".
    """
    units = [place for place, slot in enumerate(slots) if slot.kind in ("text", "kept") and slot.said.strip()]
    for anchored in (True, False):
        if (spans := _spans(slots, units, whole, alone, anchored)) is not None:
            return _texts(slots, units, whole, spans)
    return None


def _spans(
    slots: Sequence[Slot], units: Sequence[int], whole: str, alone: Sequence[str], anchored: bool
) -> list[Span] | None:
    """Return where each unit stands in the translation; anchored: those inside of marks are looked for."""
    outer = min(slots[unit].depth for unit in units)
    found: dict[int, Span] = {}
    place = 0
    for unit in units:
        slot = slots[unit]
        if slot.kind == "kept" or (anchored and slot.spoken and slot.depth > outer):
            sought = slot.said.strip() if slot.kind == "kept" else alone[unit].strip(_EDGES)
            if (span := _find(whole, sought, place)) is not None:
                found[unit], place = span, span[1]
            elif slot.kind == "kept":
                return None
    spans: dict[int, Span] = dict(found)
    for run in _runs(units, found, len(whole)):
        if not run.slots:
            if whole[run.start : run.end].strip():
                return None
        elif (shared := _shared(slots, run, whole)) is None:
            return None
        else:
            spans.update(shared)
    return [spans[unit] for unit in units]


def _find(whole: str, sought: str, begin: int) -> Span | None:
    """Return where whole words stand in a text, whatever their case."""
    if not sought:
        return None
    found = re.compile(rf"(?<!\w){re.escape(sought)}(?!\w)", re.IGNORECASE).search(whole, begin)
    return found.span() if found else None


def _runs(units: Sequence[int], found: dict[int, Span], end: int) -> list[_Run]:
    """Return the neighbours between those that were found, with what is left for them; also where there are none."""
    runs, open_run, start = [], list[int](), 0
    for unit in units:
        if unit in found:
            runs.append(_Run(open_run, start, found[unit][0]))
            open_run, start = [], found[unit][1]
        else:
            open_run.append(unit)
    return [*runs, _Run(open_run, start, end)]


def _shared(slots: Sequence[Slot], run: _Run, whole: str) -> dict[int, Span] | None:
    """Share a stretch out by the lengths of the slots: a word at least for each that has letters or numbers."""
    wordy = [unit for unit in run.slots if any(map(str.isalnum, slots[unit].said))]
    words = [found.span() for found in _WORD.finditer(whole, run.start, run.end)]
    if len(words) < len(wordy):
        return None
    spans: dict[int, Span] = {}
    if not wordy:
        spans = dict.fromkeys(run.slots, (run.end, run.end))
        spans[run.slots[0]] = run.start, run.end
        return spans
    lengths = [len(slots[unit].said.strip()) for unit in wordy]
    first = 0
    for number, unit in enumerate(wordy):
        left = len(wordy) - number - 1
        share = round((len(words) - first) * lengths[number] / sum(lengths[number:]))
        last = max(first + 1, min(first + share, len(words) - left))
        start = run.start if number == 0 else words[first][0]
        spans[unit] = start, run.end if not left else words[last - 1][1]
        first = last
    _give_marks(slots, run, spans, whole)
    return spans


def _give_marks(slots: Sequence[Slot], run: _Run, spans: dict[int, Span], whole: str) -> None:
    """Give slots of signs alone, such as the point behind a link, the signs at the end of what stands before them."""
    before = -1
    for unit in run.slots:
        if unit in spans:
            before = unit
        elif before < 0:
            spans[unit] = run.start, run.start
        else:
            start, end = spans[before]
            signs = _MARKS_BEHIND.search(whole, start, end)
            cut = signs.start() if signs and signs.start() > start else end
            spans[before], spans[unit] = (start, cut), (cut, end)
            before = unit


def _texts(slots: Sequence[Slot], units: Sequence[int], whole: str, spans: Sequence[Span]) -> list[str]:
    """Return the texts of all slots, a blank between two units on one side of the marks between them."""
    texts = [""] * len(slots)
    for unit, (start, end) in zip(units, spans, strict=True):
        texts[unit] = whole[start:end].strip() if slots[unit].kind == "text" else ""
    for (unit, span), (after, beside) in zip(
        zip(units[:-1], spans[:-1], strict=True), zip(units[1:], spans[1:], strict=True), strict=True
    ):
        between = slots[unit + 1 : after]
        parted = span[1] != beside[0] or whole[span[0] : span[1]] != whole[span[0] : span[1]].rstrip()
        parted = parted or whole[beside[0] : beside[1]] != whole[beside[0] : beside[1]].lstrip()
        if not parted or any(slot.kind == "break" or (slot.said and not slot.said.strip()) for slot in between):
            continue
        _put_blank(slots, texts, unit, after)
    first, last = slots[units[0]].said, slots[units[-1]].said
    texts[units[0]] = first[: len(first) - len(first.lstrip())] + texts[units[0]]
    texts[units[-1]] += last[len(last.rstrip()) :]
    return texts


def _put_blank(slots: Sequence[Slot], texts: list[str], unit: int, after: int) -> None:
    """Put a blank where the source has one, else outside of the marks."""
    first, second = slots[unit], slots[after]
    behind = first.said[len(first.said.rstrip()) :] if first.kind == "text" else ""
    ahead = second.said[: len(second.said) - len(second.said.lstrip())] if second.kind == "text" else ""
    if second.kind != "text" or (first.kind == "text" and (behind or (not ahead and first.depth <= second.depth))):
        texts[unit] += behind or " "
    else:
        texts[after] = (ahead or " ") + texts[after]
