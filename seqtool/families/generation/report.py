"""How the scores of the family are kept and shown. No numpy: `inspect` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from seqtool.report import report as base
from seqtool.report.compared import Compared

LOSS = "cross-entropy, nats a symbol"
PARTS = "parts of the text, or on one made plainer in another way"
FOLDING = ("lower", "ascii", "join_lines")  # settings that decide which text is scored


@dataclass(frozen=True, kw_only=True)
class Report(base.Report):
    """Scores of a language model over the whole of a part, the state carried from symbol to symbol.

    `whole` has nats_per_symbol, nats_per_character, bits_per_character, perplexity (of a symbol) and skill (1 - bits /
    bits of the best baseline), None where xz has no such figure; `differences` are in bits a character.
    """

    MEASURES: ClassVar[Mapping[str, str]] = {
        "bits_per_character": "bits/char", "nats_per_character": "nats/char", "nats_per_symbol": "nats/symbol",
        "perplexity": "perplexity", "skill": "skill",
    }  # fmt: skip
    MAIN: ClassVar[str] = "bits_per_character"

    characters: int = 0
    symbols: int = 0
    unseen: int = 0  # characters that the vocabulary lacks
    encoder: str = ""  # what a symbol is, such as `characters`

    def extent(self) -> str:
        """Return one line about the scored part."""
        units = "" if self.encoder == "characters" else f" in {self.symbols:,} {self.encoder}"
        unseen = f", {self.unseen:,} of them unseen in training" if self.unseen else ""
        return f"{self.split} split of {self.data}: {self.characters:,} characters{units}{unseen}"

    def gist(self) -> str:
        """Return the model beside the best baseline."""
        return f"{self.main(base.MODEL)} bits a character, {self.best_baseline} {self.main(self.best_baseline)}"

    def measured_on(self, run: Compared) -> object:
        """Return the part's length and the settings that made its text plainer."""
        return self.characters, *(run.settings.get(key) for key in FOLDING)


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare the encoders: nats a symbol are comparable only for the same symbols."""
    return bool(first.encoders["encoder"] == second.encoders["encoder"])
