"""The encoders of text by their kind, and what each of them can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, cast

import numpy as np

from seqtool.data.encoders.sentencepiece import SentencePiece
from seqtool.data.encoders.symbols import Bigrams, Characters, Symbols, Words
from seqtool.errors import ModelError, damaged
from seqtool.types import Array, Ids, Json

BLOCK = 1 << 20  # characters that are encoded at a time, an even number: pairs of characters do not reach over it
TextKind = Literal["characters", "bytes", "bigrams", "words", "sentencepiece"]


class Encoder(Protocol):
    """Turns text into ids [T] of a vocabulary and back."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """Symbols in the vocabulary, V."""

    @property
    def unk(self) -> int | None:
        """The id of a character that the vocabulary lacks; None where it lacks none."""

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]."""

    def spelled(self) -> list[bytes]:
        """Return the UTF-8 of each id, as `decode` joins them."""

    def unseen(self, text: str) -> dict[str, int]:
        """Count the characters of a text that do not come back from their ids."""

    def to_json(self) -> Json:
        """Return plain JSON values."""


@dataclass(frozen=True)
class Bytes:
    """Text as the bytes of its UTF-8; a lone surrogate is a `?`."""

    kind: ClassVar[str] = "bytes"
    size: ClassVar[int] = 256
    unk: ClassVar[None] = None

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        return np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8).astype(np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]; bytes that are no UTF-8 become U+FFFD."""
        return bytes(np.asarray(ids, dtype=np.uint8)).decode("utf-8", "replace")

    def spelled(self) -> list[bytes]:
        """Return the bytes."""
        return [bytes([number]) for number in range(self.size)]

    def unseen(self, text: str) -> dict[str, int]:
        """Return {}: there are bytes for every character."""
        return {}

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"kind": self.kind}

    @classmethod
    def from_json(cls, value: Json) -> Bytes:
        """Rebuild what `to_json` gave."""
        return cls()


def fit(kind: TextKind, text: str, size: int) -> Encoder:
    """Fit an encoder to the training text; `size` is the most symbols of words and sentencepiece.

    Raises `DataError` where the text does not have such a vocabulary.
    """
    match kind:
        case "characters":
            return Characters.fit(text)
        case "bytes":
            return Bytes()
        case "bigrams":
            return Bigrams.fit(text)
        case "words":
            return Words.fit(text, size)
        case "sentencepiece":
            return SentencePiece.fit(text, size)


def extended(known: Encoder, text: str, size: int) -> Encoder:
    """Return an encoder with the ids of `known`, and behind them those of the symbols that a text has beside.

    Bytes and pieces of sentencepiece stay as they are: they spell every text. Raises as `fit` does.
    """
    if not isinstance(known, Symbols):
        return known
    return known.extended(cast("Symbols", fit(cast("TextKind", known.kind), text, size)).symbols, size)


def encode_whole(encoder: Encoder, text: str) -> Array:
    """Return the ids [T] of a text that may be long, in the smallest type of integer that holds them."""
    # PyTorch has no whole support of the unsigned types of two and four bytes
    type_ = np.uint8 if encoder.size <= 1 << 8 else np.int16 if encoder.size <= 1 << 15 else np.int32
    return np.concatenate([encoder.encode(block).astype(type_) for block in _blocks(text, encoder.kind)])


def _blocks(text: str, kind: str) -> Iterator[str]:
    """Yield a text in blocks of which each is encoded as in the whole."""
    start = 0
    while len(text) - start > BLOCK:
        end = start + BLOCK
        if kind in ("words", "sentencepiece"):  # a line's end is a symbol of its own
            end = text.find("\n", end) + 1 or len(text)
        yield text[start:end]
        start = end
    yield text[start:]


def from_json(value: Json) -> Encoder:
    """Rebuild what an encoder of text gave as JSON; raises `ModelError` where it is none."""
    kinds = (Characters, Bytes, Bigrams, Words, SentencePiece)
    with damaged(ModelError("the stored encoder is damaged", cure="train and export again")):
        return {kind.kind: kind for kind in kinds}[value["kind"]].from_json(value)
