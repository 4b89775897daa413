"""Entities and chunks in tags such as `B-person`: their schemes, where they begin and end, which tags may follow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple, get_args

OUTSIDE = "O"
Scheme = Literal["iob2", "iob1", "bilou", "io"]
"""How tags mark entities.

iob2: the first word is B, the others are I. iob1: B only where an entity of the same kind ends right before. bilou: the
last of several words is L (or E), a single word is U (or S). io: a tag is a kind, without a letter.
"""
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
# BMES and BIOES are BILOU by other letters
_SAME = {"L": "E", "U": "S", "W": "S", "M": "I"}
_TAG = re.compile(r"([BILOUESMW])([-_:])(.+)|([BILOUESMW])")
# in lower case, or behind the kind, by any mark: what people take for a scheme
_LOOSE = re.compile(r"([BILUESMWbiluesmw])[\W_](.+)|(.+)[\W_]([BILUESMWbiluesmw])")
_AFTER_B = frozenset("LEM")
_BEGINS, _ENDS = frozenset("BS"), frozenset("ES")
_OPEN = frozenset("BI")
_SHARE = 0.5
"""Least share of `O` among words for tags without letters to be taken as kinds of entities."""


SLIPS = 10
"""Letters of BILOU are slips where to read all as BILOU would change more than so many times the tags."""


class Span(NamedTuple):
    """An entity: its kind, and the words `start` to `end` of a sentence, `end` is not one of them."""

    kind: str
    start: int
    end: int


def are_entities(tags: Iterable[str]) -> bool:
    """Tell whether different tags are those of entities: `O`, and letters of a scheme before a kind.

    Letters alone need no `O` where a word may begin and go on: they part a text into words.
    """
    different = set(tags)
    if not any(tag != OUTSIDE for tag in different) or not _in_letters(different):
        return False
    return OUTSIDE in different or ("B" in different and len(different) > 1 and all(len(tag) == 1 for tag in different))


def _in_letters(different: AbstractSet[str]) -> bool:
    """Whether all tags have a letter, and letters that go on or end come with one that begins: E-mail is a kind."""
    found = [_TAG.fullmatch(tag) for tag in different]
    letters = {match[1] or match[4] for match in found if match}
    return all(found) and (letters.isdisjoint(_AFTER_B) or "B" in letters)


def have_letters(tags: Iterable[str]) -> bool | None:
    """Tell whether all of different tags have a letter of a scheme; None where some have, before a kind.

    What the data are is known: a part of them may lack `O`.
    """
    different = set(tags)
    if all(map(_TAG.fullmatch, different)):
        return True
    return None if any(_opens(tag) for tag in different) else False


def odd_tags(tags: Iterable[str]) -> list[str]:
    """Return the different tags for which the others are no entities, sorted; [] where there are none such.

    Those without a letter beside those of entities; or all, where letters in lower case, behind the kind or by another
    mark (`b-x`, `x-B`, `B.x`) are no scheme that is read.
    """
    different = set(tags) - {OUTSIDE}
    if are_entities(different | {OUTSIDE}):
        return []
    letters: defaultdict[str, set[str]] = defaultdict(set)
    for match in filter(None, map(_LOOSE.fullmatch, different)):
        letters[match[2] or match[3]].add((match[1] or match[4]).upper())
    # a kind with two letters is no chance, as E-mail would be
    if not any(map(_opens, different)) and not any("B" in own and len(own) > 1 for own in letters.values()):
        return []
    return sorted(tag for tag in different if not has_kind(tag))


def _opens(tag: str) -> bool:
    """Whether a tag is B or I before a kind: other letters may begin a word, as in E-mail."""
    match = _TAG.fullmatch(tag)
    return match is not None and match[2] is not None and match[1] in _OPEN


def has_kind(tag: str) -> bool:
    """Whether a tag is a letter before a kind."""
    match = _TAG.fullmatch(tag)
    return match is not None and match[2] is not None


def is_odd(tag: str) -> bool:
    """Whether a tag has no letter of a scheme."""
    return _TAG.fullmatch(tag) is None


def may_be_kinds(tags: Iterable[str]) -> bool:
    """Tell whether different tags may be `O` and kinds of entities, as the scheme `io` has them."""
    different = set(tags)
    return OUTSIDE in different and len(different) > 1


def spans(tags: Sequence[str], scheme: Scheme | None = None) -> list[Span]:
    """Return the entities of the tags [T] of a sentence, in order.

    The rule of the shared task CoNLL-2000 (Tjong Kim Sang and Buchholz) reads IOB1, IOB2 and BILOU alike: a word begins
    an entity where its letter says so, where the one before ended one, and where the kind changes. In `io` a run of
    one tag is an entity.
    """
    found: list[Span] = []
    start, before, kind = 0, OUTSIDE, ""
    for place, tag in enumerate([*tags, OUTSIDE]):
        letter, own = parts(tag, scheme)
        inside = before != OUTSIDE
        new = letter in _BEGINS or before in _ENDS or own != kind
        if inside and (letter == OUTSIDE or new):
            found.append(Span(kind, start, place))
        if letter != OUTSIDE and (not inside or new):
            start = place
        before, kind = letter, own
    return found


def parts(tag: str, scheme: Scheme | None = None) -> tuple[str, str]:
    """Return one of the letters B, I, E, S and O of a tag, and its kind; a tag of another form is outside."""
    if scheme == "io":
        return (OUTSIDE, "") if tag == OUTSIDE else ("I", tag)
    if not (match := _TAG.fullmatch(tag)):
        return OUTSIDE, ""
    letter = match[1] or match[4]
    return (OUTSIDE, "") if letter == OUTSIDE else (_SAME.get(letter, letter), match[3] or "")


def in_order_of_kinds(tags: Sequence[str]) -> list[int]:
    """Return the places of different tags with those of one kind together, O in front; as they are where none mark."""
    if not are_entities(tags):
        return [*range(len(tags))]

    def key(place: int) -> tuple[str, int]:
        letter, kind = parts(tags[place])
        return kind, "OBIES".index(letter)

    return sorted(range(len(tags)), key=key)


def may_follow(before: str | None, after: str | None, scheme: Scheme) -> bool:
    """Tell whether the tag `after` may stand behind the tag `before`; None: before the first word, behind the last."""
    first, kind = (OUTSIDE, "") if before is None else parts(before, scheme)
    second, own = (OUTSIDE, "") if after is None else parts(after, scheme)
    same = first != OUTSIDE and kind == own
    if scheme == "iob2":
        return second != "I" or same
    if scheme == "iob1":
        return second != "B" or same
    if scheme == "io":
        return True
    return (second in ("I", "E") and same) if first in _OPEN else second not in ("I", "E")


def impossible(tags: Sequence[str], scheme: Scheme) -> int:
    """Return how many neighbours in the tags [T] of a sentence, and in its two ends, no entity of the scheme has."""
    ends = [None, *tags, None]
    return sum(not may_follow(ends[place], ends[place + 1], scheme) for place in range(len(tags) + 1))


class Writer:
    """Writes entities as tags of a scheme, by the letters and the mark of the `different` tags of the data."""

    def __init__(self, different: Iterable[str], scheme: Scheme) -> None:
        self.scheme, self._letters, self._mark = scheme, {}, "-"
        for tag in sorted(different):
            if scheme != "io" and (match := _TAG.fullmatch(tag)) and tag != OUTSIDE:
                letter, self._mark = match[1] or match[4], match[2] or self._mark
                self._letters[_SAME.get(letter, letter)] = letter
        if scheme == "bilou" and not self._letters.keys() & _ENDS:
            self._letters |= {"E": "L", "S": "U"}  # as the scheme is called

    def __call__(self, entities: Iterable[Span], words: int) -> list[str]:
        """Return the tags [T] of a sentence of so many words."""
        tags, before = [OUTSIDE] * words, Span("", -1, -1)
        for span in entities:
            adjacent = before.end == span.start and before.kind == span.kind
            for place in range(span.start, span.end):
                letter = self._letter(place == span.start, place == span.end - 1, adjacent)
                tags[place] = self._tag(letter, span.kind)
            before = span
        return tags

    def _letter(self, first: bool, last: bool, adjacent: bool) -> str:
        if self.scheme == "bilou":
            return "S" if first and last else "B" if first else "E" if last else "I"
        return "B" if first and (self.scheme == "iob2" or adjacent) else "I"

    def _tag(self, letter: str, kind: str) -> str:
        if self.scheme == "io":
            return kind
        letter = self._letters.get(letter, letter)
        return f"{letter}{self._mark}{kind}" if kind else letter


class Told(NamedTuple):
    """The scheme that changes the fewest tags, and how many words of how many entities it changes."""

    scheme: Scheme
    changed: int
    words: int


def scheme_of(sentences: Sequence[Sequence[str]]) -> Told | None:
    """Tell the scheme of the tags [T] of sentences: that by which the entities are written with the fewest changes.

    None where tags are of words alone.
    """
    different = {tag for tags in sentences for tag in tags}
    words = sum(map(len, sentences))
    if not are_entities(different):
        outside = sum(tag == OUTSIDE for tags in sentences for tag in tags)
        # where some have letters, one of the others is a slip, and B-x no kind
        kinds = may_be_kinds(different) and have_letters(different) is False and not odd_tags(different)
        return Told("io", 0, words) if kinds and outside > _SHARE * words else None
    changes: dict[Scheme, int] = {scheme: changed(sentences, scheme) for scheme in ("iob2", "iob1")}
    best = min(changes, key=lambda scheme: changes[scheme])
    if {parts(tag)[0] for tag in different} & _ENDS:
        # BILOU is told by letters that the others do not have, where these are more than slips
        changes["bilou"] = changed(sentences, "bilou")
        best = "bilou" if changes["bilou"] <= SLIPS * changes[best] else best
    return Told(best, changes[best], words)


def changed(sentences: Sequence[Sequence[str]], scheme: Scheme) -> int:
    """Return how many words have another tag where the entities of sentences are written by a scheme."""
    write = Writer({tag for tags in sentences for tag in tags}, scheme)
    return sum(
        old != new for tags in sentences for old, new in zip(tags, write(spans(tags, scheme), len(tags)), strict=True)
    )
