"""From a text to the numbers of its tokens, the same way in training and in a pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.encoder import Encoder
from seqtool.data.encoders.texts import fit as fit_symbols
from seqtool.data.encoders.texts import from_json
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.folding import fold
from seqtool.data.tokenize import tokenize
from seqtool.errors import DataError, UsageError

if TYPE_CHECKING:
    from seqtool.families.classification.config import ClassificationConfig

Ids = NDArray[np.int64]

UNKNOWN = "\x01"
"""A word that no vocabulary has: `tokenize` leaves control characters out."""


@dataclass(frozen=True)
class Reader:
    """How a text is read: made plain, cut, and numbered by the encoder."""

    encoder: Vocabulary | Encoder
    lower: bool

    @classmethod
    def fit(cls, texts: Sequence[str], config: ClassificationConfig) -> Reader:
        """Fit the configured encoder to the training texts; raises `DataError` where there is no vocabulary."""
        plain = [fold(text, lower=config.lower) for text in texts]
        if config.encoder != "words":
            return cls(fit_symbols(config.encoder, "\n".join(plain), config.vocabulary), config.lower)
        words = Vocabulary.fit(map(tokenize, plain), config.vocabulary, config.at_least)
        if not words.tokens:
            raise DataError(
                f"no word occurs {config.at_least} times in the training part", cure="give more texts, or --at-least 1"
            )
        return cls(words, config.lower)

    @property
    def unknown(self) -> int | None:
        """The id of what the vocabulary lacks; None where it can say everything."""
        return UNK if isinstance(self.encoder, Vocabulary) else self.encoder.unk

    @property
    def tokens(self) -> str:
        """What a token is, in the plural."""
        return "words" if isinstance(self.encoder, Vocabulary) else self.encoder.kind

    def words(self, text: str) -> list[str]:
        """Return the words of a text, whatever the encoder."""
        return tokenize(fold(text, lower=self.lower))

    def read(self, text: str) -> Ids:
        """Return the ids [T] of a text, at least one: that of an unknown token where it has none at all."""
        if isinstance(self.encoder, Vocabulary):
            ids = self.encoder.encode(self.words(text))
        else:
            ids = self.encoder.encode(fold(text, lower=self.lower))
        return ids if len(ids) else np.array([self.unknown or 0], dtype=np.int64)

    @classmethod
    def from_json(cls, encoder: Mapping[str, Any], *, lower: bool) -> Reader:
        """Read texts by a stored encoder; raises `ModelError` where it is damaged."""
        words = encoder.get("kind") == Vocabulary.kind
        return cls(Vocabulary.from_json(encoder) if words else from_json(encoder), lower)


def words_of(encoder: Vocabulary | Encoder, *, lower: bool) -> Vocabulary:
    """Return the vocabulary that a file which reads texts holds; raises `UsageError` where tokens are no words."""
    if isinstance(encoder, Vocabulary):
        return Vocabulary(encoder.tokens, lower)
    raise UsageError(f"{encoder.kind} cannot be cut inside a file: only words can", cure="leave --text-input out")
