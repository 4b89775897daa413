"""Lines as words between blanks, for models that write lines: text that was cut into words before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from seqtool.data.encoders.encoder import Ids
from seqtool.data.encoders.labels import different_texts
from seqtool.data.encoders.vocabulary import EOS, UNK
from seqtool.errors import DataError

FIRST = EOS + 1
"""The id of the first word."""
UNKNOWN = "<unk>"
"""How a word that the vocabulary lacks is written."""
MARKS = frozenset({UNKNOWN, "<s>", "</s>", "<pad>", "<blank>"})
"""Lines of vocabulary files that are no words; the first three begin those of tensorflow/nmt."""


@dataclass(frozen=True)
class TokenWords:
    """The most frequent words first; words[i] has the id i + 4, after PAD, UNK, BOS and EOS."""

    words: tuple[str, ...]
    kind: ClassVar[str] = "token-words"

    @classmethod
    def fit(cls, lines: Iterable[str], size: int) -> TokenWords:
        """Take `size` words at most; ties go by code point."""
        counts = Counter(word for line in lines for word in line.split())
        return cls(tuple(sorted(counts, key=lambda word: (-counts[word], word))[:size]))

    @classmethod
    def read(cls, path: Path) -> TokenWords:
        """Read a vocabulary file, a word a line; raises `NotFound`, and `DataError` for one of other lines."""
        from seqtool.data.lines import read_lines  # a pipe reads no vocabulary file

        lines = read_lines(path).lines
        words = tuple(dict.fromkeys(line for line in lines if line.strip() and line not in MARKS))
        several = next((number for number, line in enumerate(lines, start=1) if len(line.split()) > 1), 0)
        if several or not words:
            what = f"line {several:,} holds several words" if several else "there are no words in it"
            raise DataError(what, where=str(path), cure="a vocabulary file holds one word a line")
        return cls(words)

    @property
    def size(self) -> int:
        """Ids in all, with PAD, UNK, BOS and EOS: V."""
        return len(self.words) + FIRST

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, start=FIRST)}

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, without BOS and EOS."""
        known = self._ids
        return np.array([known.get(word, UNK) for word in text.split()], dtype=np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the words of ids [T], `<unk>` for UNK; PAD, BOS and EOS say nothing."""
        named = (int(number) for number in ids if number == UNK or number >= FIRST)
        return " ".join(UNKNOWN if number == UNK else self.words[number - FIRST] for number in named)

    def tokens(self, text: str) -> list[str]:
        """Return the words, one for each id of `encode`."""
        return text.split()

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the word of each id [T], `<unk>` where it has none."""
        return [self.words[number - FIRST] if number >= FIRST else UNKNOWN for number in map(int, ids)]

    def unknown(self, text: str) -> Counter[str]:
        """Count the words of a text that the vocabulary lacks."""
        known = self._ids
        return Counter(word for word in text.split() if word not in known)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "words": list(self.words)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TokenWords:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        return cls(different_texts(value, cls.kind, "words"))
