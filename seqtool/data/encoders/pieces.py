"""Text as pieces of words (Kudo 2018; Sennrich et al. 2016), by the library sentencepiece."""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from seqtool.data.encoders.vocabulary import BOS, EOS, PAD, UNK
from seqtool.errors import DataError
from seqtool.types import Ids, Json

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

BLANK = "\u2581"  # how sentencepiece writes a blank; a text that holds it itself gets a blank back
LONGEST = 16_000  # bytes of a line: the trainer leaves longer ones out
COVERAGE = 0.9999  # of the running characters have a piece: the rarest would take the place of words


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
        return np.array(self._processor.encode(_utf8(text)), dtype=np.int64)

    def to_json(self) -> Json:
        """Return plain JSON values: the model as base64."""
        return {"kind": self.kind, "model": base64.b64encode(self.model).decode("ascii")}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no model."""
        pieces = cls(base64.b64decode(value["model"], validate=True))
        _ = pieces.size  # loads the model
        return pieces


@dataclass(frozen=True)
class SentencePiece(Pieces):
    """A unigram model, with bytes for what no piece says. The text is taken as it is, with blanks and line ends."""

    kind: ClassVar[str] = "sentencepiece"
    unk: ClassVar[None] = None

    @classmethod
    def fit(cls, text: str, size: int) -> SentencePiece:
        """Train on the training text; `size` is the most pieces. Raises `DataError` where that cannot be."""
        # the trainer reads lines, and leaves long ones out
        lines = [line[at : at + LONGEST] for line in text.split("\n") for at in range(0, max(1, len(line)), LONGEST)]
        model = _trained(
            lines, size, "256 bytes and every character have a place in it",
            model_type="unigram", byte_fallback=True, character_coverage=1.0,
            normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False,
            user_defined_symbols=["\n"], bos_id=-1, eos_id=-1, pad_id=-1, unk_id=0,
            max_sentence_length=4 * LONGEST,  # a character has at most four bytes
        )  # fmt: skip
        return cls(model)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]; bytes that are no UTF-8 become U+FFFD."""
        return str(self._processor.decode([int(number) for number in ids]))

    def unseen(self, text: str) -> dict[str, int]:
        """Count the one character that does not come back, U+2581; for all others there are bytes."""
        count = text.count(BLANK)
        return {BLANK: count} if count else {}


@dataclass(frozen=True)
class Subwords(Pieces):
    """A model for lines, whose ids 0 to 3 are PAD, UNK, BOS and EOS.

    Not lossless: compatibility forms and white space are normalised (`nmt_nfkc`), and rare characters have no piece.
    """

    kind: ClassVar[str] = "subwords"

    @classmethod
    def fit(cls, lines: Iterable[str], size: int, model_type: Literal["unigram", "bpe"] = "unigram") -> Subwords:
        """Train on lines; `size` is the most pieces. Raises `DataError` where they have no such vocabulary."""
        model = _trained(
            (_utf8(line) for line in lines), size, "every character has a place in it",
            model_type=model_type, character_coverage=COVERAGE,
            normalization_rule_name="nmt_nfkc", add_dummy_prefix=True,
            pad_id=PAD, unk_id=UNK, bos_id=BOS, eos_id=EOS, max_sentence_length=LONGEST,
        )  # fmt: skip
        return cls(model)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T] without PAD, UNK, BOS and EOS."""
        return str(self._processor.decode([int(number) for number in ids if number > EOS]))

    def tokens(self, text: str) -> list[str]:
        """Return the pieces, one for each id of `encode`."""
        return [str(piece) for piece in self._processor.encode(_utf8(text), out_type=str)]

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the piece of each id [T]."""
        return [str(self._processor.id_to_piece(int(number))) for number in ids]

    def unknown(self, text: str) -> Counter[str]:
        """Count the characters of a text that no piece says."""
        pairs = zip(self.tokens(text), self.encode(text), strict=True)
        return Counter(char for piece, number in pairs if number == UNK for char in piece if char != BLANK)

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no model, or one with different ids."""
        subwords = super().from_json(value)
        processor = subwords._processor
        if (processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id()) != (PAD, UNK, BOS, EOS):
            raise ValueError("a model of sentencepiece with other ids")
        return subwords


def _trained(lines: Iterable[str], size: int, minimum: str, **settings: Any) -> bytes:
    """Train a model of at most `size` pieces; `minimum` says why it needs some. Raises `DataError`."""
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=model, vocab_size=size, hard_vocab_limit=False,
            num_threads=1, minloglevel=2, **settings,
        )  # fmt: skip
    except (RuntimeError, OSError) as error:
        # the numbers stand in the library's message alone
        where, cure = str(error).partition("\n")[0], "give a longer text"
        if least := re.search(r"required_chars\. [0-9]+ vs ([0-9]+)", str(error)):
            where, cure = minimum, f"--vocabulary {2 * int(least[1])}, at least {least[1]}"
        elif most := re.search(r"value <= ([0-9]+)", str(error)):
            where, cure = "the text is too small for so many", f"--vocabulary {most[1]} or less"
        what = f"sentencepiece finds no vocabulary of {size:,} pieces in the training text"
        raise DataError(what, where=where, cure=cure) from error
    return model.getvalue()


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # the library refuses a lone surrogate
