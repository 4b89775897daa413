"""How likely texts are to a model, line by line and in all."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Totals:
    """What lines scored so far have in all."""

    lines: int = 0
    nats: float = 0.0
    symbols: int = 0
    characters: int = 0

    def add(self, nats: float, symbols: int, characters: int) -> dict[str, float]:
        """Add a line; return its measures."""
        self.lines += 1
        self.nats, self.symbols, self.characters = (
            self.nats + nats, self.symbols + symbols, self.characters + characters,
        )  # fmt: skip
        return measures(nats, symbols, characters)

    def summary(self) -> str:
        """Return the score of all lines in words; "" where there were none."""
        if not self.lines:
            return ""
        told = measures(self.nats, self.symbols, self.characters)
        lines = "1 line" if self.lines == 1 else f"{self.lines:,} lines"
        return (
            f"{lines}, {self.characters:,} characters: {told['nats']:.6g} nats, "
            f"{told['bits_per_character']:.4f} bits per character, perplexity {told['perplexity']:.4f}"
        )


def measures(nats: float, symbols: int, characters: int) -> dict[str, float]:
    """Return nats in all, bits per character, and the perplexity of a symbol."""
    return {
        "nats": nats,
        "bits_per_character": nats / math.log(2) / max(1, characters),
        "perplexity": math.exp(min(nats / symbols, 700.0)),
    }


def written(told: dict[str, float]) -> str:
    """Return measures as a line of text, a tab between them."""
    return "\t".join(f"{value:.6g}" for value in told.values())
