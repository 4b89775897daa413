"""What the encoders share that cut text into pieces of words (the library sentencepiece)."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

BLANK = "\u2581"
"""How sentencepiece writes a blank; a text that holds it itself gets a blank back."""
LONGEST = 16_000
"""Bytes of a line that the trainer takes; it leaves longer ones out."""


@dataclass(frozen=True)
class Pieces:
    """A model of sentencepiece as the library's own bytes."""

    model: bytes
    kind: ClassVar[str]

    @cached_property
    def _processor(self) -> Any:
        from sentencepiece import SentencePieceProcessor

        try:
            return SentencePieceProcessor(model_proto=self.model)
        except RuntimeError as error:
            raise ValueError("no model of sentencepiece") from error

    @property
    def size(self) -> int:
        """Ids in all, V."""
        return int(self._processor.vocab_size())

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: the model as base64."""
        return {"kind": self.kind, "model": base64.b64encode(self.model).decode("ascii")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no model."""
        made = cls(base64.b64decode(value["model"], validate=True))
        _ = made.size
        return made


def trained(lines: Iterable[str], size: int, **settings: Any) -> bytes:
    """Train a model of `size` pieces at most with the settings of sentencepiece; raises what the library raises."""
    from sentencepiece import SentencePieceTrainer

    made = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=made, vocab_size=size, hard_vocab_limit=False,
        num_threads=1, minloglevel=2, **settings,
    )  # fmt: skip
    return made.getvalue()


def utf8(text: str) -> str:
    """Return a text that UTF-8 can say: a lone surrogate is a `?`."""
    return text.encode("utf-8", "replace").decode()
