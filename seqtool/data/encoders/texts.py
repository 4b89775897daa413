"""The encoders of text by their kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from seqtool.data.encoders.bytes import Bytes
from seqtool.data.encoders.encoder import Encoder
from seqtool.data.encoders.sentencepiece import SentencePiece
from seqtool.data.encoders.symbols import Bigrams, Characters, Words
from seqtool.errors import ModelError

TextKind = Literal["characters", "bytes", "bigrams", "words", "sentencepiece"]


def fit(kind: TextKind, text: str, size: int) -> Encoder:
    """Fit an encoder of text to the training text; `size`: symbols at most, of words and sentencepiece.

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


def from_json(value: Mapping[str, Any]) -> Encoder:
    """Rebuild what an encoder of text gave as JSON; raises `ModelError` where it is none."""
    kinds = (Characters, Bytes, Bigrams, Words, SentencePiece)
    try:
        return {kind.kind: kind for kind in kinds}[value["kind"]].from_json(value)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the stored encoder is damaged ({error!r})", cure="train and export again") from error
