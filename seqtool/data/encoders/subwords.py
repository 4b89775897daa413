"""Lines as pieces of words (Kudo 2018; Sennrich et al. 2016), by the library sentencepiece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from seqtool.data.encoders.pieces import BLANK, LONGEST, Pieces, trained, utf8
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD, UNK
from seqtool.types import Ids, Json

COVERAGE = 0.9999  # of the running characters have a piece: the rarest would take the place of words


@dataclass(frozen=True)
class Subwords(Pieces):
    """A model for lines, whose ids 0 to 3 are PAD, UNK, BOS and EOS.

    Not lossless: compatibility forms and white space are normalised (`nmt_nfkc`), and rare characters have no piece.
    """

    kind: ClassVar[str] = "subwords"

    @classmethod
    def fit(cls, lines: Iterable[str], size: int, model_type: Literal["unigram", "bpe"] = "unigram") -> Subwords:
        """Train on lines; `size` is the most pieces. Raises `DataError` where they have no such vocabulary."""
        model = trained(
            (utf8(line) for line in lines), size, "every character has a place in it",
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
        return [str(piece) for piece in self._processor.encode(utf8(text), out_type=str)]

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the piece of each id [T]."""
        return [str(self._processor.id_to_piece(int(number))) for number in ids]

    def joined(self, tokens: Sequence[str]) -> str:
        """Return the text of pieces; UNK is left out, as `decode` leaves it out."""
        unknown = self._processor.id_to_piece(UNK)
        return "".join(token for token in tokens if token != unknown).replace(BLANK, " ").lstrip(" ")

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
