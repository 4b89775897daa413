"""The case of letters: texts in capitals or Title Case written as a sentence, and answers written as these were.

A table of the usual case of words, by which a text is made a sentence, is that of a truecaser (Lita et al. 2003).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from seqtool.errors import ModelError
from seqtool.types import Json

Case = Literal["", "capitals", "title"]
"""How a text is written: "" as a sentence."""
CASES: tuple[Case, ...] = ("capitals", "title")
MOST_WORDS = 20_000
"""Words of a table at most: the most frequent ones."""
SELDOM = 0.05
"""The share of training lines up to which a case is one that the model has not learnt."""
_WORD = re.compile(r"[^\W\d_]+")
_FIRST_LETTER = re.compile(r"(?<!\S)([^\s\w]*)([^\W\d_])")
_ENDS = re.compile(r"[.!?\u2026]")


@dataclass(frozen=True)
class Casing:
    """The usual case of words in the training's lines.

    usual: words as they stand most often, where no sentence begins. rare_capital: words that are not among them are
    mostly capitalised, as German nouns are. begins_capital: sentences begin with a capital. restored: the cases that
    the training hardly had.
    """

    usual: tuple[str, ...] = ()
    rare_capital: bool = False
    begins_capital: bool = True
    restored: tuple[Case, ...] = ()

    @classmethod
    def fit(cls, lines: Iterable[str]) -> Casing:
        """Count the words of lines."""
        counts: Counter[str] = Counter()
        lines = [line for line in lines if _WORD.search(line)]
        begins = sum(_WORD.findall(line)[0][0].isupper() for line in lines)
        for line in lines:
            if not line.isupper():
                counts.update(word for word, first in _words(line) if not first and word.upper() != word.lower())
        forms: dict[str, str] = {}
        for word, _ in counts.most_common():
            forms.setdefault(word.upper(), word)
        once = [word for word in forms.values() if counts[word] == 1]
        known = tuple(word for word in forms.values() if counts[word] > 1)[:MOST_WORDS]
        fitted = cls(known, 2 * sum(map(str.istitle, once)) > len(once), 2 * begins > len(lines), CASES)
        seen = Counter(map(fitted.case_of, lines))
        return replace(fitted, restored=tuple(case for case in CASES if seen[case] <= SELDOM * len(lines)))

    @cached_property
    def _table(self) -> dict[str, str]:
        """The usual words by what `str.upper` makes of them: STRASSE leads to Straße."""
        return {word.upper(): word for word in reversed(self.usual)}

    def case_of(self, text: str) -> Case:
        """Return how a text is written.

        In capitals: all of its letters, two words of two letters among them. In Title Case: each word of three or more
        begins with a capital, and one behind the first usually does not.
        """
        if "capitals" in self.restored and text.isupper():
            return "capitals" if sum(len(word) > 1 for word in _WORD.findall(text)) > 1 else ""
        if "title" not in self.restored:
            return ""
        words = 0
        for token in text.split():
            if letters := _WORD.search(token):
                if not letters[0][0].isupper():
                    return ""
                words += 1
        if words < 3 or text.isupper():
            return ""
        behind = (self._table.get(word.upper(), "") for word, first in _words(text) if not first and word[0].isupper())
        return "title" if any(map(str.islower, behind)) else ""

    def as_sentence(self, text: str, case: Case) -> str:
        """Return a text of such a case as a sentence."""
        parts: list[str] = []
        end = 0
        for match, first in _matches(text):
            parts += text[end : match.start()], self._usual(match[0], first, case)
            end = match.end()
        return "".join(parts) + text[end:]

    def _usual(self, word: str, first: bool, case: Case) -> str:
        if word.upper() == word.lower():
            return word
        known = self._table.get(word.upper())
        if known is None and case == "title" and not word.istitle():
            return word  # USA, iPhone
        usual = known or (word.capitalize() if self.rare_capital and len(word) > 1 else word.lower())
        return usual[0].title() + usual[1:] if first and self.begins_capital else usual

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {
            "usual": " ".join(self.usual), "rare_capital": self.rare_capital, "begins_capital": self.begins_capital,
            "restored": list(self.restored),
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Json) -> Casing:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        usual, restored, flags = value["usual"], value["restored"], [value["rare_capital"], value["begins_capital"]]
        sound = isinstance(usual, str) and isinstance(restored, list) and all(isinstance(flag, bool) for flag in flags)
        if not sound or not set(restored) <= set(CASES):
            raise ModelError("the stored table of words is damaged", cure="train and export again")
        return cls(tuple(usual.split(" ")) if usual else (), flags[0], flags[1], tuple(restored))


def restored(text: str, case: Case) -> str:
    """Return a sentence in a case: all of it by `str.upper`, or the first letter of each word."""
    if case == "capitals":
        return text.upper()
    return _FIRST_LETTER.sub(lambda match: match[1] + match[2].title(), text) if case else text


def _matches(text: str) -> Iterable[tuple[re.Match[str], bool]]:
    """Yield the words of a text, and whether each begins a sentence."""
    end, first = 0, True
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        first = _ENDS.search(between) is not None or (first and not any(map(str.isdigit, between)))
        yield match, first
        end, first = match.end(), False


def _words(text: str) -> Iterable[tuple[str, bool]]:
    return ((match[0], first) for match, first in _matches(text))
