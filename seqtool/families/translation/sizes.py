"""How large a translator is, and how long it trains, by its pairs.

By trainings on Multi30k cut to 1 and 10 %, on its validation part, and on 80 phrases; all of Multi30k gives the numbers
of the preset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from seqtool.data.pairs import Pair
from seqtool.families.sizes import chosen, evaluated_every, following, on_line, whole
from seqtool.families.translation.config import TranslationConfig

SMALL, FULL = 80, 29_000  # pairs between which settings grow: a page of phrases, and Multi30k
SHORT, LONG = 1_500, 1_700_000  # characters of the targets of the same
DEEP = 15_000  # pairs from which on there is a second layer: with fewer it takes time that steps need more


@dataclass(frozen=True)
class Facts:
    """The pairs: their number, the characters of all targets, and the different characters of both sides."""

    pairs: int
    characters: int
    alphabet: int

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> Self:
        """Count what the rule needs."""
        alphabet = set[str]().union(*(text for pair in pairs for text in (pair.source, pair.target)))
        return cls(len(pairs), sum(len(pair.target) for pair in pairs), len(alphabet))

    def times(self, share: float) -> Self:
        """Return the facts of a share of the pairs; a character comes in many of them."""
        return replace(self, pairs=round(share * self.pairs), characters=round(share * self.characters))


def sized(config: TranslationConfig, facts: Facts) -> dict[str, Any]:
    """Return the settings that a configuration leaves to the pairs; what it gives itself is heeded by the others."""
    follow = partial(following, config)
    # four pairs say nothing about which weights are best
    validation = follow("validation", round(on_line(facts.pairs, (SMALL, 0.1), (FULL, 0.05)), 3))
    batch = follow("batch", whole(on_line(facts.pairs, (SMALL, 8), (FULL, 96)), 4))
    # below FULL fewer than its 16 epochs would take: five minutes on one core are the most for a third of it
    steps = on_line(facts.pairs, (SMALL, 1000), (FULL, 2400))
    of_an_epoch = max(1, round(facts.pairs / batch))
    epochs = follow("epochs", max(16, round(steps / of_an_epoch)))
    # a piece that training has a handful of times is learnt by nobody; each character needs one
    pieces = whole(on_line(facts.characters, (SHORT, 120), (LONG, 5000)), 20)
    pieces = min(5000, max(pieces, 2 * facts.alphabet))
    rule = {
        "validation": validation,
        # words are as few as the pairs have
        "vocabulary": 5000 if config.vocabulary_kind == "words" else pieces,
        "embedding": whole(on_line(facts.characters, (SHORT, 128), (LONG, 256)), 32),
        "hidden": whole(on_line(facts.characters, (SHORT, 256), (LONG, 512)), 32),
        "layers": 1 if facts.pairs < DEEP else 2,
        "batch": batch,
        "epochs": epochs,
        "evaluate_every": evaluated_every(epochs, of_an_epoch),
    }
    return chosen(config, rule)
