"""Entities and chunks in tags such as `B-person`: where they begin and end, by the rule of CoNLL-2000."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

OUTSIDE = "O"
_TAG = re.compile(r"([BILOUES])-(.+)|([BILOUES])")
# the last word of BILOU is the end of BIOES, its only word the single one
_SAME = {"L": "E", "U": "S"}
_BEGINS, _ENDS = frozenset("BS"), frozenset("ES")


class Span(NamedTuple):
    """An entity: its kind, and the words `start` to `end` of a sentence, `end` is not one of them."""

    kind: str
    start: int
    end: int


def are_entities(tags: Iterable[str]) -> bool:
    """Tell whether different tags are those of entities: `O`, and letters of a scheme before a kind."""
    different = set(tags)
    marked = [tag for tag in different if tag != OUTSIDE]
    return OUTSIDE in different and bool(marked) and all(map(_TAG.fullmatch, marked))


def spans(tags: Sequence[str]) -> list[Span]:
    """Return the entities of the tags [T] of a sentence, in order.

    The rule of the shared task CoNLL-2000 (Tjong Kim Sang and Buchholz) reads IOB1, IOB2 and BILOU alike: a word begins
    an entity where its letter says so, where the one before ended one, and where the kind changes.
    """
    found: list[Span] = []
    start, before, kind = 0, OUTSIDE, ""
    for place, tag in enumerate([*tags, OUTSIDE]):
        letter, own = _parts(tag)
        inside = before != OUTSIDE
        new = letter in _BEGINS or before in _ENDS or own != kind
        if inside and (letter == OUTSIDE or new):
            found.append(Span(kind, start, place))
        if letter != OUTSIDE and (not inside or new):
            start = place
        before, kind = letter, own
    return found


def _parts(tag: str) -> tuple[str, str]:
    """Return the letter of a tag, and its kind; a tag of another kind is outside."""
    if not (found := _TAG.fullmatch(tag)):
        return OUTSIDE, ""
    letter = found[1] or found[3]
    return (OUTSIDE, "") if letter == OUTSIDE else (_SAME.get(letter, letter), found[2] or "")


def scheme(sentences: Iterable[Sequence[str]]) -> str:
    """Return the scheme of tags of entities: `BILOU`, `IOB2` where each entity begins with B, else `IOB1`."""
    iob2 = True
    for tags in sentences:
        letters = [_parts(tag)[0] for tag in tags]
        if {*letters} & {"E", "S"}:
            return "BILOU"
        iob2 = iob2 and all(letters[span.start] == "B" for span in spans(tags))
    return "IOB2" if iob2 else "IOB1"


def impossible(tags: Sequence[str]) -> int:
    """Return how many words of the tags [T] of a sentence are inside an entity that nothing began, as in `O I-x`."""
    pairs = [_parts(tag) for tag in (OUTSIDE, *tags)]
    return sum(
        letter in ("I", "E") and (before in (OUTSIDE, "E", "S") or kind != own)
        for (before, kind), (letter, own) in pairwise(pairs)
    )
