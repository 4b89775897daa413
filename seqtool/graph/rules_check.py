"""The rules of `graph.rules` in plain NumPy, a sequence at a time: what an export is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.data.banned import Table, automaton, walked
from seqtool.graph.rules import NONE
from seqtool.types import Array, Floats

PENALTY, GRAM, PAIRS = 1.3, 2, 3
FEW = 5


@dataclass(frozen=True)
class Asked:
    """Rules of `graph.rules` for V symbols; shortest and eos are of sequences that end."""

    banned: Table
    penalty: float = 1.0
    once: int = 0
    shortest: int = 0
    eos: int = NONE

    def feeds(self) -> Mapping[str, Array]:
        """Return what the graph is given."""
        return {
            "repetition_penalty": np.array(self.penalty, np.float32),
            "no_repeat": np.array(self.once, np.int64),
            "banned": self.banned,
        }

    def likely(self, logits: Floats, written: Sequence[int], forced: int = NONE) -> Floats:
        """Return log p [V] after the symbols `written`, from logits [V]; -inf where a symbol must not follow."""
        logits = logits.copy()
        for symbol in set(written):
            logits[symbol] *= self.penalty if logits[symbol] < 0 else 1 / self.penalty
        likely: Floats = logits - np.logaddexp.reduce(logits)
        if forced != NONE:
            likely[np.arange(len(likely)) != forced] = -np.inf
            return likely
        for symbol in self._forbidden(written, len(likely)):
            likely[symbol] = -np.inf
        if len(written) < self.shortest and np.isfinite(np.delete(likely, self.eos)).any():
            likely[self.eos] = -np.inf
        return likely

    def _forbidden(self, written: Sequence[int], symbols: int) -> list[int]:
        grams = {tuple(written[at : at + self.once]) for at in range(len(written) - self.once + 1)}
        end = tuple(written[len(written) - self.once + 1 :]) if self.once > 1 else ()
        state = walked(self.banned, 0, written)
        return [
            symbol
            for symbol in range(symbols)
            if (self.once and (*end, symbol) in grams) or self.banned[state, symbol] < 0
        ]


def off(symbols: int) -> Asked:
    """Return rules of V symbols that ask for nothing."""
    return Asked(np.zeros((1, symbols), np.int32))


def on(rng: np.random.Generator, symbols: int, first: int, **more: int) -> Asked:
    """Return rules of V symbols that are all on; one symbol from `first` on is banned, another in some pairs."""
    if symbols - first < FEW:  # what is banned might leave nothing
        return off(symbols)
    spelled = [chr(ord("\u0400") + number).encode() if number >= first else b"" for number in range(symbols)]
    alone, last, *before = rng.integers(first, symbols, 2 + PAIRS)
    texts = [spelled[alone], *(spelled[number] + spelled[last] for number in before)]
    banned = automaton([text.decode() for text in texts], spelled)
    return Asked(banned, PENALTY, GRAM, **more)
