"""What the encoders by pieces of words share: a model of the library sentencepiece, its training."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from seqtool.errors import DataError
from seqtool.types import Ids, Json

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

BLANK = "\u2581"  # how sentencepiece writes a blank; a text that holds it itself gets a blank back
LONGEST = 16_000  # bytes of a line: the trainer leaves longer ones out


@dataclass(frozen=True)
class Pieces:
    """A model of sentencepiece as the library's own bytes."""

    model: bytes
    kind: ClassVar[str]

    @cached_property
    def _processor(self) -> SentencePieceProcessor:
        from sentencepiece import SentencePieceProcessor

        try:
            return SentencePieceProcessor(model_proto=self.model)
        except RuntimeError as error:
            raise ValueError("no model of sentencepiece") from error

    @property
    def size(self) -> int:
        """Ids in all, V."""
        return int(self._processor.vocab_size())

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, without BOS and EOS."""
        return np.array(self._processor.encode(utf8(text)), dtype=np.int64)

    def spelled(self) -> list[bytes]:
        """Return the UTF-8 of each id, a blank for U+2581 and nothing for marks such as UNK."""
        return [self._spelling(number) for number in range(self.size)]

    def _spelling(self, number: int) -> bytes:
        processor, piece = self._processor, str(self._processor.id_to_piece(number))
        if processor.is_byte(number):
            return bytes([int(piece[1:-1], 16)])  # <0xE2>
        if processor.is_control(number) or processor.is_unknown(number):
            return b""
        return piece.replace(BLANK, " ").encode()

    def to_json(self) -> Json:
        """Return plain JSON values: the model as base64."""
        return {"kind": self.kind, "model": base64.b64encode(self.model).decode("ascii")}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no model."""
        pieces = cls(base64.b64decode(value["model"], validate=True))
        _ = pieces.size  # loads the model
        return pieces


def trained(lines: Iterable[str], size: int, minimum: str, *, marks: Sequence[str] = (), **settings: Any) -> bytes:
    """Train a model of at most `size` pieces, and marks; `minimum` says why it needs some. Raises `DataError`."""
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    if marks:
        settings["user_defined_symbols"] = list(marks)
    try:
        SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=model, vocab_size=size + len(marks), hard_vocab_limit=False,
            num_threads=1, minloglevel=2, **settings,
        )  # fmt: skip
    except (RuntimeError, OSError) as error:
        # the numbers stand in the library's message alone
        where, cure = str(error).partition("\n")[0], "give a longer text"
        if least := re.search(r"required_chars\. [0-9]+ vs ([0-9]+)", str(error)):
            where, cure = (
                minimum,
                f"--vocabulary {2 * (int(least[1]) - len(marks))}, at least {int(least[1]) - len(marks)}",
            )
        elif most := re.search(r"value <= ([0-9]+)", str(error)):
            where, cure = "the text is too small for so many", f"--vocabulary {int(most[1]) - len(marks)} or less"
        what = f"sentencepiece finds no vocabulary of {size:,} pieces in the training text"
        raise DataError(what, where=where, cure=cure) from error
    return model.getvalue()


def utf8(text: str) -> str:
    """Replace lone surrogates, which the library refuses, by `?`."""
    return text.encode("utf-8", "replace").decode()
