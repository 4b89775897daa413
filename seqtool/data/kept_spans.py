"""What a translation carries over as it is: numbers, codes, placeholders, addresses, characters without a piece.

In front of the network such a span stands as a slot, a token that it learns to copy; behind it the span comes back. A
number keeps its digits behind its slot, so that the network can still write it another way (`2 p.m.`, `14 h`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from seqtool.data.languages import SOLID

SLOTS = tuple(map(chr, range(0xFDD0, 0xFDE0)))  # noncharacters of Unicode: no text means anything by them
JOIN = "\ufdef"  # another one: no blank stands behind it

NUMBER = re.compile(r"\d+")
# A script without blanks has no words to look for: another one may begin and end anywhere between its letters.
_LETTER = rf"[^\W{SOLID.pattern[1:-1]}]"
_BEGINS, _ENDS = rf"(?<!{_LETTER})", rf"(?!{_LETTER})"
_WIDE = "\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u300a-\u300f"  # marks of such scripts
_PLACEHOLDER = (
    r"\$?\{\{?[^\s{}]{1,60}\}\}?"  # {ID_42}, {{name}}, ${HOME}
    rf"|%\([^\s()]{{1,60}}\)[a-z]|{_BEGINS}(?<!%)%(?:\d\$)?[sdif@]{_ENDS}"  # %(name)s, %s, %1$d
)
_DOMAIN = rf"{_LETTER}(?:{_LETTER}|-){{0,62}}"
_ADDRESS = (
    rf"{_BEGINS}(?:https?://|www\.)[^\s<>\"{_WIDE}]*[^\s<>\"{_WIDE}.,;:!?()\[\]{{}}']"
    rf"|{_BEGINS}(?<![.+-])(?:{_LETTER}|[.+-]){{1,64}}@{_DOMAIN}(?:\.{_DOMAIN})+"
)
_CONTROL = r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"  # those that are no white space
_CODE = (  # B52, A-42, ID_7
    rf"{_BEGINS}(?<!-)(?=[A-Z_-]*[0-9])(?=[0-9-]*[A-Z_])[A-Z0-9_]+(?:-[A-Z0-9_]+)*{_ENDS}(?!-)"
)
_DATE = (  # 2.2.1786, 10:30:00, 1.0.2; no 1.000.000
    rf"{_BEGINS}(?<!\.)(?!\d{{1,3}}(?:\.\d{{3}})+(?!\d))\d+(?:[-/.:]\d+){{2,}}{_ENDS}"
)
_PATH = (  # /home/x.txt, ./a, ~/b, C:\c; no and/or
    rf"(?<![^\s(\[\"'{_WIDE}])(?:~|\.{{1,2}}|[A-Za-z]:)?[/\\](?:[\w.+~-]+[/\\])*[\w.+~-]*\w"
)
_MINUS = r"(?<![^\s(\[])[-\u2212](?=\d)"  # -5; no 3-5
_NAME = rf"{_BEGINS}(?:(?!_){_LETTER})+(?:_+(?:(?!_){_LETTER})+)+{_ENDS}"  # of a program: file_name
# signs that all languages write alike: mathematics, currencies, arrows, emoji; no marks of punctuation
_SIGN = (
    r"[$+<=>^|~@#_*%\\\u00a2-\u00a6\u00a9\u00ac\u00ae-\u00b1\u00d7\u00f7"
    r"\u20a0-\u20cf\u2100-\u2bff\U0001f000-\U0001faff]"
)
_SIGNS = rf"{_SIGN}(?:{_SIGN}|[\u200d\ufe0e\ufe0f])*"  # an emoji may be several signs, joined
_ACCENTED = re.compile(r"[^\W\d_][\u0300-\u036f]+")
# An opening bracket or quote stands apart from its word in front of the network: pieces begin words with a blank.
_OPENING = re.compile(rf"(?<!\w)[(\[{{\u201e\u201c\u2018\u00ab\u00bb\"'{''.join(SLOTS)}](?=[^\W\d_])")


class Kept(NamedTuple):
    """A text with slots in place of its spans, and the span of each slot."""

    text: str
    spans: Mapping[str, str]


@dataclass(frozen=True)
class SpanKeeper:
    """Puts slots into texts; known: the characters that the vocabulary of the sources can say, None: any."""

    known: frozenset[str] | None = None

    def source(self, text: str, slots: Sequence[str] = SLOTS) -> Kept:
        """Put the next of `slots` in place of each different span of a source.

        Control characters become blanks, and so do slots that the text itself holds, where none is left for them.
        """
        marks: dict[str, str] = {}

        def slot(match: re.Match[str]) -> str:
            span = match[0]
            if match["control"]:
                return " "
            if span not in marks and len(marks) == len(slots):
                return _MARK.sub(" ", span)
            return marks.setdefault(span, slots[len(marks) % len(slots)]) + (match["number"] or "")

        kept = parted(self._form.sub(slot, self._composed(text)))
        return Kept(kept, {mark: span for span, mark in marks.items()})

    def target(self, text: str, spans: Mapping[str, str]) -> str:
        """Put the slots of a source in place of the same spans of its translation."""
        slots = {span: slot for slot, span in spans.items()}
        if not slots:
            return parted(_MARK.sub(" ", text))
        return parted(self._form.sub(lambda match: slots.get(match[0]) or _MARK.sub(" ", match[0]), text))

    def lost(self, text: str, translation: str) -> list[str]:
        """Return the spans of a source that its translation lacks; one that comes twice has to be there twice."""
        matches = list(self._form.finditer(self._composed(text)))
        missing = set()
        # longest first: a number or a sign inside of an address is none of the text
        for match in sorted(matches, key=lambda match: (bool(match["number"]), -len(match[0]))):
            span = match[0]
            beside = r"(?<!\d)", r"(?!\d)"  # 12 is not in 123, nor A-1 in A-12
            before, behind = (edge if span[end].isdecimal() else "" for edge, end in zip(beside, (0, -1), strict=True))
            translation, there = re.subn(f"{before}{re.escape(span)}{behind}", " ", translation, count=1)
            if not there:
                missing.add(span)
        return [span for span in dict.fromkeys(match[0] for match in matches) if span in missing]

    def _composed(self, text: str) -> str:
        """Write a letter and its accents as one character, where the vocabulary has that and lacks an accent."""
        known = self.known
        if known is None or text.isascii():
            return text

        def one(match: re.Match[str]) -> str:
            composed = unicodedata.normalize("NFC", match[0])
            return composed if known.issuperset(composed) and not known.issuperset(match[0]) else match[0]

        return _ACCENTED.sub(one, text)

    @cached_property
    def _form(self) -> re.Pattern[str]:
        """A span; a word with an unknown character is one as a whole, other unknown characters are in runs."""
        numbers = rf"{_DATE}|{_CODE}|{_NAME}|(?:{_MINUS})?(?P<number>\d+)"
        spans = rf"(?P<control>{_CONTROL}+)|{_ADDRESS}|{_PATH}|{_PLACEHOLDER}|{numbers}|{_SIGNS}"
        if self.known is None:
            return re.compile(spans)
        unknown = f"(?![{_escaped(self.known)}])"
        return re.compile(rf"{spans}|{_BEGINS}{_LETTER}*{unknown}(?!\d){_LETTER}+|(?:{unknown}\S)+")


def _escaped(characters: frozenset[str]) -> str:
    return re.escape("".join(sorted(characters)))


def parted(text: str) -> str:
    """Put a blank, and the mark that there is none, between an opening bracket or quote and its word."""
    return _OPENING.sub(rf"\g<0>{JOIN} ", text)


def restored(text: str, spans: Mapping[str, str]) -> str:
    """Put spans back in place of their slots; a slot without a span goes. Undo `parted`."""
    return _MARK.sub(lambda match: spans.get(match[0], ""), text)


def numbers_kept(sources: Iterable[str], references: Iterable[str], translations: Iterable[str]) -> tuple[int, int]:
    """Count the numbers that a source shares with its reference, and those of them that the translation has too."""
    shared = kept = 0
    for texts in zip(sources, references, translations, strict=True):
        source, reference, translation = (Counter(NUMBER.findall(text)) for text in texts)
        shared += (source & reference).total()
        kept += (source & reference & translation).total()
    return shared, kept


_MARK = re.compile(f"[{''.join(SLOTS)}]|{JOIN} ?")
