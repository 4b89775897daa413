"""Lines as pieces of words (Kudo 2018; Sennrich et al. 2016), by the library sentencepiece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

from seqtool.data.encoders.pieces import BLANK, LONGEST, Pieces, trained, utf8
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD, UNK
from seqtool.data.kept_spans import JOIN, SLOTS, parted
from seqtool.types import Ids, Json

COVERAGE = 0.9999  # of the running characters have a piece where only the frequent ones have
LEAST = 0.98  # of them the library takes
ROOM = 0.8  # of the pieces that characters may take
Model = Literal["unigram", "bpe"]
Spelled = Literal["all", "frequent"]
Normalisation = Literal["none", "nfkc"]


@dataclass(frozen=True)
class Subwords(Pieces):
    """A model for lines, whose ids 0 to 3 are PAD, UNK, BOS and EOS. Blanks are joined, and stripped at both ends.

    Where all characters are `spelled`, each digit is a piece of its own, and there are slots for spans that are kept.
    """

    kind: ClassVar[str] = "subwords"

    @classmethod
    def fit(
        cls,
        lines: Iterable[str],
        size: int,
        model: Model = "unigram",
        spelled: Spelled = "frequent",
        normalisation: Normalisation = "nfkc",
    ) -> Subwords:
        """Train on lines; `size` is the most pieces. Raises `DataError` where they have no such vocabulary."""
        lines = [utf8(line) for line in lines]
        settings: dict[str, Any] = {"character_coverage": COVERAGE}
        if spelled == "all":
            coverage = _coverage(lines, round(ROOM * size))
            lines = [parted(line) for line in lines]
            settings = {"marks": (*SLOTS, JOIN), "character_coverage": coverage, "split_digits": True}
        fitted = trained(
            lines, size, "every character has a place in it",
            model_type=model, normalization_rule_name="nmt_nfkc" if normalisation == "nfkc" else "identity",
            add_dummy_prefix=True, pad_id=PAD, unk_id=UNK, bos_id=BOS, eos_id=EOS, max_sentence_length=LONGEST,
            **settings,
        )  # fmt: skip
        return cls(fitted)

    @cached_property
    def has_slots(self) -> bool:
        """Whether there are tokens that stand for spans."""
        return int(self._processor.piece_to_id(SLOTS[0])) != UNK

    @cached_property
    def characters(self) -> frozenset[str]:
        """The characters that have a piece."""
        return frozenset("".join(self.pieces(range(EOS + 1, self.size)))) - {BLANK, *SLOTS, JOIN}

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


def _coverage(lines: Iterable[str], room: int) -> float:
    """Return the share of running characters that have a piece: all, where there is room for so many different ones."""
    counts = Counter[str]()
    for line in lines:
        counts.update(line)
    rare = sum(sorted(counts.values(), reverse=True)[room:])
    return max(LEAST, 1 - rare / counts.total()) if rare else 1.0
