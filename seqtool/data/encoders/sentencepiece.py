"""Text as pieces of words (Kudo 2018, the library sentencepiece), with bytes for what no piece says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from seqtool.data.encoders.encoder import Ids
from seqtool.data.encoders.pieces import BLANK, LONGEST, Pieces, trained, utf8
from seqtool.errors import DataError


@dataclass(frozen=True)
class SentencePiece(Pieces):
    """A unigram model."""

    kind: ClassVar[str] = "sentencepiece"
    unk: ClassVar[None] = None

    @classmethod
    def fit(cls, text: str, size: int) -> SentencePiece:
        """Train on the training text; `size` pieces at most. Raises `DataError` where that cannot be.

        The text is taken as it is, with its blanks and line ends.
        """
        try:
            model = trained(
                _lines(text), size, model_type="unigram", byte_fallback=True, character_coverage=1.0,
                normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False,
                user_defined_symbols=["\n"], bos_id=-1, eos_id=-1, pad_id=-1, unk_id=0,
                max_sentence_length=4 * LONGEST,
            )  # fmt: skip
        except (RuntimeError, OSError) as error:
            least = re.search(r"required_chars\. [0-9]+ vs ([0-9]+)", str(error))
            raise DataError(
                f"sentencepiece finds no vocabulary of {size:,} pieces in the training text",
                where="256 bytes and every character have a place in it" if least else str(error).partition("\n")[0],
                cure=f"--vocabulary {2 * int(least[1])}, at least {least[1]}" if least else "give a longer text",
            ) from error
        return cls(model)

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        return np.array(self._processor.encode(utf8(text)), dtype=np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]; bytes that are no UTF-8 become U+FFFD."""
        return str(self._processor.decode([int(number) for number in ids]))

    def unseen(self, text: str) -> dict[str, int]:
        """Count the one character that is not given back, U+2581; for all others there are bytes."""
        count = text.count(BLANK)
        return {BLANK: count} if count else {}


def _lines(text: str) -> list[str]:
    """Return the lines of a text, long ones cut, for a trainer that reads lines."""
    return [
        line[start : start + LONGEST] for line in text.split("\n") for start in range(0, max(1, len(line)), LONGEST)
    ]
