"""Text as pieces of words that come back as they were (Kudo 2018), by the library sentencepiece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from seqtool.data.encoders.pieces import BLANK, LONGEST, Pieces, trained
from seqtool.types import Ids


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
        model = trained(
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
