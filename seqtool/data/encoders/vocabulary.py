"""Whole words as numbers: the frequent ones of the training part, all others one `unknown`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from seqtool.data.answer_names import fit_names
from seqtool.data.encoders.labels import different_texts, with_new
from seqtool.errors import DataError, ModelError

if TYPE_CHECKING:
    from seqtool.types import Ids, Json

PAD, UNK = 0, 1  # nothing at all, and a word that the vocabulary lacks
BOS, EOS = 2, 3  # before the first and after the last token of a text that a model writes; no ids of a `Vocabulary`
FIRST, LINE_FIRST = 2, 4  # the ids of the first word of a `Vocabulary` and of `TokenWords`
UNKNOWN = "<unk>"
# no words: the vocabulary files of tensorflow/nmt begin with the first three
MARKS = frozenset({UNKNOWN, "<s>", "</s>", "<pad>", "<blank>"})


@dataclass(frozen=True)
class Vocabulary:
    """The most frequent words first; tokens[i] has the id i + 2. `lower`: words are lower-cased before a look-up."""

    tokens: tuple[str, ...]
    lower: bool = False
    kind: ClassVar[str] = "vocabulary"

    @classmethod
    def fit(cls, sentences: Iterable[Sequence[str]], size: int, at_least: int = 1, lower: bool = False) -> Vocabulary:
        """Take at most `size` words that occur at least `at_least` times; ties go by code point."""
        counts = Counter(word.lower() if lower else word for sentence in sentences for word in sentence)
        often = [word for word, times in counts.items() if times >= at_least]
        return cls(tuple(sorted(often, key=lambda word: (-counts[word], word))[:size]), lower)

    def extended(self, tokens: Iterable[str], size: int) -> Vocabulary:
        """Return these words, and behind them others of `tokens` in their order, at most `size` in all."""
        return Vocabulary(with_new(self.tokens, tokens, size), self.lower)

    @property
    def size(self) -> int:
        """Ids in all, with PAD and UNK: V."""
        return len(self.tokens) + FIRST

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.tokens, start=FIRST)}

    @property
    def absent(self) -> str:
        """A word that is not in it, in any spelling: some texts hold even the characters that stand for none."""
        return next(word for length in count(1) if (word := "\uffff" * length) not in self._ids)

    def encode(self, tokens: Sequence[str]) -> Ids:
        """Return the ids [T] of words."""
        table = self._ids
        return np.array([table.get(word, UNK) for word in self._plain(tokens)], dtype=np.int64)

    def unknown(self, tokens: Sequence[str]) -> Counter[str]:
        """Count the words that the vocabulary lacks, in their own spelling."""
        pairs = zip(tokens, self._plain(tokens), strict=True)
        return Counter(word for word, plain in pairs if plain not in self._ids)

    def _plain(self, tokens: Sequence[str]) -> Sequence[str]:
        return [word.lower() for word in tokens] if self.lower else tokens

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"kind": self.kind, "tokens": list(self.tokens), "lower": self.lower}

    @classmethod
    def from_json(cls, value: Json) -> Vocabulary:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        tokens, lower = different_texts(value, cls.kind, "tokens"), value.get("lower")
        if not isinstance(lower, bool):
            raise ModelError("the stored vocabulary is damaged", cure="train and export again")
        return cls(tokens, lower)


@dataclass(frozen=True)
class TokenWords:
    """The words between the blanks of a line, for models that write lines: the most frequent words first.

    words[i] has the id i + 4, after PAD, UNK, BOS and EOS.
    """

    words: tuple[str, ...]
    kind: ClassVar[str] = "token-words"

    @classmethod
    def fit(cls, lines: Iterable[str], size: int) -> TokenWords:
        """Take at most `size` words; ties go by code point."""
        counts = Counter(word for line in lines for word in line.split())
        return cls(tuple(sorted(counts, key=lambda word: (-counts[word], word))[:size]))

    @classmethod
    def read(cls, path: Path) -> TokenWords:
        """Read a vocabulary file, a word a line; raises `NotFound`, and `DataError` for one of other lines."""
        from seqtool.data.decode import read_lines  # a pipe reads no vocabulary file

        lines = read_lines(path).records
        words = tuple(dict.fromkeys(line for line in lines if line.strip() and line not in MARKS))
        several = next((number for number, line in enumerate(lines, start=1) if len(line.split()) > 1), 0)
        if several or not words:
            what = f"line {several:,} holds several words" if several else "there are no words in it"
            raise DataError(what, where=str(path), cure="a vocabulary file holds one word a line")
        return cls(words)

    def extended(self, words: Iterable[str], size: int) -> TokenWords:
        """Return these words, and behind them others of `words` in their order, at most `size` in all."""
        return TokenWords(with_new(self.words, words, size))

    @property
    def size(self) -> int:
        """Ids in all, with PAD, UNK, BOS and EOS: V."""
        return len(self.words) + LINE_FIRST

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=LINE_FIRST)}

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, without BOS and EOS."""
        table = self._ids
        return np.array([table.get(word, UNK) for word in text.split()], dtype=np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the words of ids [T] without PAD, BOS and EOS, `<unk>` for UNK."""
        return " ".join(self.pieces([int(number) for number in ids if number == UNK or number >= LINE_FIRST]))

    def tokens(self, text: str) -> list[str]:
        """Return the words, one for each id of `encode`."""
        return text.split()

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the word of each id [T], `<unk>` where it has none."""
        return [self.words[number - LINE_FIRST] if number >= LINE_FIRST else UNKNOWN for number in map(int, ids)]

    def joined(self, tokens: Sequence[str]) -> str:
        """Return the text of words."""
        return " ".join(tokens)

    def spelled(self) -> list[bytes]:
        """Return the UTF-8 of each id with the blank before it, nothing for PAD, BOS and EOS."""
        marks = ["" if number in (PAD, BOS, EOS) else f" {UNKNOWN}" for number in range(LINE_FIRST)]
        return [text.encode("utf-8", "surrogatepass") for text in (*marks, *(f" {word}" for word in self.words))]

    def unknown(self, text: str) -> Counter[str]:
        """Count the words of a text that the vocabulary lacks."""
        return Counter(word for word in text.split() if word not in self._ids)

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"kind": self.kind, "words": list(self.words)}

    @classmethod
    def from_json(cls, value: Json) -> TokenWords:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        return cls(fit_names(different_texts(value, cls.kind, "words")))
