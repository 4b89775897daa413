"""Text as symbols of an ordered vocabulary: characters, pairs of characters, words.

What the vocabulary lacks is spelled in its characters, so that no text is lost; a character that the training text
never had is the symbol `unk`, and decodes to U+FFFD.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from seqtool.data.encoders.alphabet import alphabet, code_points
from seqtool.data.encoders.encoder import Ids
from seqtool.errors import DataError

REPLACEMENT = "\ufffd"
MOST_SYMBOLS = 50_000
UNK = 0

# a word or a punctuation mark with the blank before it, or white space: they join to the text again
WORD = re.compile(r" ?\w+| ?[^\w\s]|\s")


@dataclass(frozen=True)
class Symbols:
    """A vocabulary: id 0 is `unk`, symbols[i] has the id i + 1."""

    symbols: tuple[str, ...]
    kind: ClassVar[str]
    unk: ClassVar[int] = UNK

    @property
    def size(self) -> int:
        """Symbols in the vocabulary with `unk`, V."""
        return len(self.symbols) + 1

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols, start=1)}

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """Cut a text into what may be symbols; joined they are the text."""

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        known = self._ids
        found: list[int] = []
        for token in self.split(text):
            number = known.get(token)
            if number is None:
                found.extend(known.get(character, UNK) for character in token)
            else:
                found.append(number)
        return np.array(found, dtype=np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]."""
        table = (REPLACEMENT, *self.symbols)
        return "".join(table[number] for number in ids)

    def unseen(self, text: str) -> dict[str, int]:
        """Count the characters of a text that the training text never had, the most frequent first."""
        known = self._ids
        return {one: count for one, count in Counter(text).most_common() if one not in known}

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "symbols": list(self.symbols)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no vocabulary."""
        symbols = value["symbols"]
        if not isinstance(symbols, list) or not all(isinstance(one, str) and one for one in symbols):
            raise ValueError("symbols that are no texts")
        if not symbols or len(set(symbols)) < len(symbols):
            raise ValueError("symbols that are not different")
        return cls(tuple(symbols))


class Characters(Symbols):
    """Characters in the order of their code points."""

    kind = "characters"

    @classmethod
    def fit(cls, text: str) -> Characters:
        """Take the characters of the training text; raises `DataError` where there are too many or one."""
        return cls(alphabet(text))

    def split(self, text: str) -> list[str]:
        """Return the characters."""
        return list(text)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that are no characters."""
        made = super().from_json(value)
        if any(len(symbol) != 1 for symbol in made.symbols):
            raise ValueError("symbols of more than a character")
        return made

    @cached_property
    def _points(self) -> Ids:
        return code_points("".join(self.symbols))

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text: a search among the code points, at the speed of numpy."""
        points = code_points(text)
        order = np.argsort(self._points)
        places = np.minimum(np.searchsorted(self._points, points, sorter=order), len(order) - 1)
        found = order[places]
        return np.where(self._points[found] == points, found + 1, UNK)


class Bigrams(Symbols):
    """Pairs of characters at a fixed phase, then single characters; both in order."""

    kind = "bigrams"

    @classmethod
    def fit(cls, text: str) -> Bigrams:
        """Take the pairs of the training text and its characters; raises `DataError` where there are too many."""
        singles = alphabet(text)
        pairs = {pair for pair in _pairs(text) if len(pair) == 2}
        if len(pairs) > MOST_SYMBOLS:
            raise DataError(
                f"the training text has {len(pairs):,} different pairs of characters, more than {MOST_SYMBOLS:,}",
                cure="use --encoder characters or sentencepiece",
            )
        return cls((*sorted(pairs), *singles))

    def split(self, text: str) -> list[str]:
        """Return the pairs; the last may be a single character."""
        return _pairs(text)


class Words(Symbols):
    """The most frequent words, each with the blank before it, punctuation and white space; then characters.

    Rarer words are spelled in characters: nothing hides behind `unk`, and figures a character stay comparable.
    """

    kind = "words"

    @classmethod
    def fit(cls, text: str, size: int) -> Words:
        """Take `size` symbols at most, words of two occurrences or more; raises `DataError` where characters fill it.

        Ties go by code point.
        """
        singles = alphabet(text)
        if len(singles) + 2 > size:
            raise DataError(
                f"the training text has {len(singles):,} different characters: no room for words",
                cure=f"--vocabulary {2 * len(singles)} or more",
            )
        counts = Counter(WORD.findall(text))
        often = [word for word, count in counts.items() if count > 1 and len(word) > 1]
        words = sorted(often, key=lambda word: (-counts[word], word))[: size - 1 - len(singles)]
        return cls((*words, *singles))

    def split(self, text: str) -> list[str]:
        """Return words with the blank before them, punctuation marks and white space."""
        return WORD.findall(text)


def _pairs(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]
