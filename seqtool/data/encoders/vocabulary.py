"""Whole words as numbers: the frequent ones of the training part, all others one `unknown`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from seqtool.data.encoders.encoder import Ids
from seqtool.data.encoders.labels import different_texts
from seqtool.errors import ModelError

PAD, UNK = 0, 1
"""Nothing at all, and a word that the vocabulary lacks; no word shares these ids."""
BOS, EOS = 2, 3
"""Before the first token of a text that is written token by token, and after its last (a `Vocabulary` has neither)."""
FIRST = 2
"""The id of the first word."""


@dataclass(frozen=True)
class Vocabulary:
    """The most frequent words first; tokens[i] has the id i + 2. `lower`: words are lower-cased before a look-up."""

    tokens: tuple[str, ...]
    lower: bool = False
    kind: ClassVar[str] = "vocabulary"

    @classmethod
    def fit(cls, sentences: Iterable[Sequence[str]], size: int, at_least: int = 1, lower: bool = False) -> Vocabulary:
        """Take `size` words at most that occur `at_least` so often; ties go by code point."""
        counts = Counter(word.lower() if lower else word for sentence in sentences for word in sentence)
        often = [word for word, count in counts.items() if count >= at_least]
        return cls(tuple(sorted(often, key=lambda word: (-counts[word], word))[:size]), lower)

    @property
    def size(self) -> int:
        """Ids in all, with PAD and UNK: V."""
        return len(self.tokens) + FIRST

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.tokens, start=FIRST)}

    def encode(self, tokens: Sequence[str]) -> Ids:
        """Return the ids [T] of words."""
        known = self._ids
        return np.array([known.get(word, UNK) for word in self._plain(tokens)], dtype=np.int64)

    def unknown(self, tokens: Sequence[str]) -> Counter[str]:
        """Count the words, as they stand, that the vocabulary lacks."""
        known = self._ids
        plain = self._plain(tokens)
        return Counter(word for word, looked_up in zip(tokens, plain, strict=True) if looked_up not in known)

    def _plain(self, tokens: Sequence[str]) -> Sequence[str]:
        return [word.lower() for word in tokens] if self.lower else tokens

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "tokens": list(self.tokens), "lower": self.lower}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Vocabulary:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        tokens, lower = different_texts(value, cls.kind, "tokens"), value.get("lower")
        if not isinstance(lower, bool):
            raise ModelError("the stored vocabulary is damaged", cure="train and export again")
        return cls(tokens, lower)
