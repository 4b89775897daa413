"""How large a language model is, and how long it trains, by the length of its text.

By trainings on tinyshakespeare cut to 1, 10 and 30 %, on held-out text; all of it gives the numbers of the preset.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from seqtool.families.generation.config import GenerationConfig
from seqtool.families.sizes import chosen, evaluated_every, following, on_line, whole

CHARACTERS = {"characters": 1.0, "bytes": 1.0, "bigrams": 2.0, "words": 2.5, "sentencepiece": 3.0}
"""Of a symbol, about: the text is cut before it is encoded."""
SMALL, FULL = 5_000, 1_000_000  # symbols between which settings grow: some pages, and a small book of plays
WIDE = 300_000  # symbols from which on a layer is as wide as in the preset
DEEP = 500_000  # symbols from which on there is a second layer: of a third of a megabyte one alone was better
LEAST_CHUNKS = 4  # an epoch: with fewer, hardly two streams begin where the others end


@dataclass(frozen=True)
class Facts:
    """The text: characters in all."""

    characters: int

    def times(self, share: float) -> Self:
        """Return the facts of a share of the text."""
        return replace(self, characters=round(share * self.characters))


def sized(config: GenerationConfig, facts: Facts) -> dict[str, Any]:
    """Return the settings of `FROM_DATA` for a text; options that give another one are heeded by the rest."""
    follow = partial(following, config)
    symbols = int(facts.characters / CHARACTERS[config.encoder])
    # few characters of validation say little about which weights are best, many leave too little to learn from
    validation = follow("validation", round(on_line(symbols, (SMALL, 0.07), (FULL, 0.02)), 3))
    train = int(symbols * (1 - validation - config.test))
    window = follow("window", max(1, min(50, train // LEAST_CHUNKS)))
    # a short text has room for few streams; with batches below ten it was learnt by heart before it was understood
    room = max(1, train // (window * LEAST_CHUNKS))
    batch = follow("batch", min(room, whole(on_line(symbols, (SMALL, 12), (FULL, 64)), 2)))
    chunks = max(1, train // (batch * window))
    # a short text is read more often: the steps decide how well it is known
    steps = on_line(symbols, (SMALL, 1000), (FULL, 4300))
    epochs = follow("epochs", max(14, round(steps / chunks)))
    rule = {
        "validation": validation,
        "hidden": whole(on_line(symbols, (SMALL, 192), (WIDE, 512)), 32),
        "layers": 1 if symbols < DEEP else 2,
        "window": window,
        "batch": batch,
        "epochs": epochs,
        "evaluate_every": evaluated_every(epochs, chunks),
    }
    return chosen(config, rule)
