"""Lines as pieces of words (Kudo 2018; Sennrich et al. 2016; the library sentencepiece), for models that write lines.

Not lossless: compatibility forms and white space are normalised (`nmt_nfkc`), and rare characters have no piece.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np

from seqtool.data.encoders.encoder import Ids
from seqtool.data.encoders.pieces import BLANK, LONGEST, Pieces, trained, utf8
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD, UNK
from seqtool.errors import DataError

COVERAGE = 0.9999
"""Share of the running characters that pieces must say; the rarest are left to `unknown`."""


@dataclass(frozen=True)
class Subwords(Pieces):
    """A model whose ids 0 to 3 are PAD, UNK, BOS and EOS."""

    kind: ClassVar[str] = "subwords"

    @classmethod
    def fit(cls, lines: Iterable[str], size: int, model_type: Literal["unigram", "bpe"] = "unigram") -> Subwords:
        """Train on lines; `size` pieces at most. Raises `DataError` where they have no such vocabulary."""
        try:
            model = trained(
                (utf8(line) for line in lines), size, model_type=model_type, character_coverage=COVERAGE,
                normalization_rule_name="nmt_nfkc", add_dummy_prefix=True,
                pad_id=PAD, unk_id=UNK, bos_id=BOS, eos_id=EOS, max_sentence_length=LONGEST,
            )  # fmt: skip
        except (RuntimeError, OSError) as error:
            raise _no_vocabulary(str(error), size) from error
        return cls(model)

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, without BOS and EOS."""
        return np.array(self._processor.encode(utf8(text)), dtype=np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]; PAD, UNK, BOS and EOS say nothing."""
        return str(self._processor.decode([int(number) for number in ids if number > EOS]))

    def tokens(self, text: str) -> list[str]:
        """Return the pieces, one for each id of `encode`."""
        return [str(piece) for piece in self._processor.encode(utf8(text), out_type=str)]

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the piece of each id [T]."""
        return [str(self._processor.id_to_piece(int(number))) for number in ids]

    def unknown(self, text: str) -> Counter[str]:
        """Count the characters of a text that no piece says."""
        pairs = zip(self.tokens(text), self.encode(text), strict=True)
        return Counter(char for piece, number in pairs if number == UNK for char in piece if char != BLANK)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave; raises `ValueError` where that is no model, or one of other ids."""
        made = super().from_json(value)
        processor = made._processor
        if (processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id()) != (PAD, UNK, BOS, EOS):
            raise ValueError("a model of sentencepiece with other ids")
        return made


def _no_vocabulary(said: str, size: int) -> DataError:
    """Say why sentencepiece found no vocabulary, of what it wrote into its error."""
    what = f"sentencepiece finds no vocabulary of {size:,} pieces in the training text"
    if least := re.search(r"required_chars\. [0-9]+ vs ([0-9]+)", said):
        cure = f"--vocabulary {2 * int(least[1])}, at least {least[1]}"
        return DataError(what, where="every character has a place in it", cure=cure)
    if most := re.search(r"value <= ([0-9]+)", said):
        return DataError(what, where="the text is too small for so many", cure=f"--vocabulary {most[1]} or less")
    return DataError(what, where=said.partition("\n")[0], cure="give a longer text")
