"""Text as symbols of an ordered vocabulary: characters, pairs of characters, words.

What the vocabulary lacks is spelled in its characters. A character that the training text lacks is the symbol `unk`,
and decodes to U+FFFD.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from seqtool.data.encoders.alphabet import alphabet, code_points
from seqtool.data.encoders.labels import with_new
from seqtool.errors import DataError
from seqtool.types import Ids, Json

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

    def extended(self, symbols: Iterable[str], size: int) -> Self:
        """Return these symbols with new ones behind: an id keeps its symbol. size: the most, of words."""
        return type(self)(with_new(self.symbols, symbols))

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
        table = self._ids
        ids: list[int] = []
        for token in self.split(text):
            number = table.get(token)
            if number is None:
                ids.extend(table.get(character, UNK) for character in token)
            else:
                ids.append(number)
        return np.array(ids, dtype=np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]."""
        table = (REPLACEMENT, *self.symbols)
        return "".join(table[number] for number in ids)

    def spelled(self) -> list[bytes]:
        """Return the UTF-8 of each id."""
        return [symbol.encode("utf-8", "surrogatepass") for symbol in (REPLACEMENT, *self.symbols)]

    def unseen(self, text: str) -> dict[str, int]:
        """Count the characters of a text that the training text lacks, the most frequent first."""
        return {char: count for char, count in Counter(text).most_common() if char not in self._ids}

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"kind": self.kind, "symbols": list(self.symbols)}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no vocabulary."""
        symbols = value["symbols"]
        if not isinstance(symbols, list) or not all(isinstance(symbol, str) and symbol for symbol in symbols):
            raise ValueError("symbols that are no texts")
        if not symbols or len(set(symbols)) < len(symbols):
            raise ValueError("symbols that are not different")
        return cls(tuple(symbols))


class Characters(Symbols):
    """Characters in the order of their code points; those that came later stand behind."""

    kind = "characters"

    @classmethod
    def fit(cls, text: str) -> Characters:
        """Take the characters of the training text; raises `DataError` where there are too many or one."""
        return cls(alphabet(text))

    def split(self, text: str) -> list[str]:
        """Return the characters."""
        return list(text)

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where these are no characters."""
        characters = super().from_json(value)
        if any(len(symbol) != 1 for symbol in characters.symbols):
            raise ValueError("symbols of more than a character")
        return characters

    @cached_property
    def _points(self) -> Ids:
        return code_points("".join(self.symbols))

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        points = code_points(text)  # a search in NumPy: a look-up for each character takes far longer
        order = np.argsort(self._points)
        places = order[np.minimum(np.searchsorted(self._points, points, sorter=order), len(order) - 1)]
        return np.where(self._points[places] == points, places + 1, UNK)


class Bigrams(Symbols):
    """Pairs of characters, cut at every second one, then single characters; each group is sorted."""

    kind = "bigrams"

    @classmethod
    def fit(cls, text: str) -> Bigrams:
        """Take the pairs of the training text and its characters; raises `DataError` where there are too many."""
        singles = alphabet(text)
        pairs = {text[start : start + 2] for start in range(0, len(text) - 1, 2)}
        if len(pairs) > MOST_SYMBOLS:
            what = f"the training text has {len(pairs):,} different pairs of characters, more than {MOST_SYMBOLS:,}"
            raise DataError(what, cure="use --encoder characters or sentencepiece")
        return cls((*sorted(pairs), *singles))

    def split(self, text: str) -> list[str]:
        """Return the pairs; the last may be a single character."""
        return [text[start : start + 2] for start in range(0, len(text), 2)]


class Words(Symbols):
    """The most frequent words, each with the blank before it, punctuation and white space; then characters.

    Rarer words are spelled in characters, so that scores per character stay comparable.
    """

    kind = "words"

    @classmethod
    def fit(cls, text: str, size: int) -> Words:
        """Take at most `size` symbols, words that occur at least twice; raises `DataError` where characters fill it."""
        singles = alphabet(text)
        if len(singles) + 2 > size:
            what = f"the training text has {len(singles):,} different characters: no room for words"
            raise DataError(what, cure=f"--vocabulary {2 * len(singles)} or more")
        counts = Counter(match[0] for match in WORD.finditer(text))
        often = [word for word, count in counts.items() if count > 1 and len(word) > 1]
        words = sorted(often, key=lambda word: (-counts[word], word))[: size - 1 - len(singles)]
        return cls((*words, *singles))

    def extended(self, symbols: Iterable[str], size: int) -> Self:
        """Return these symbols, behind them all new characters, then new words, at most `size` in all with `unk`."""
        new = [*symbols]
        # a word that finds no place is spelled, for which no character may be missing
        spelled = with_new(self.symbols, [symbol for symbol in new if len(symbol) == 1])
        return type(self)(with_new(spelled, new, size - 1))

    def split(self, text: str) -> list[str]:
        """Return words with the blank before them, punctuation marks and white space."""
        return WORD.findall(text)
