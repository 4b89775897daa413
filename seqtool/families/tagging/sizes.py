"""How large a tagger is, and how long it trains, by the words of its sentences.

Tried on English Web Treebank cut to 1 and 3 %, on its validation part; all of it gives the numbers of the preset.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from seqtool.data.tagged import Sentence
from seqtool.families.sizes import chosen, evaluated_every, following, on_line, whole
from seqtool.families.tagging.config import TaggingConfig

SMALL, FULL, LARGE = 2_000, 200_000, 4_000_000  # words: an afternoon of tagging, a treebank, and a tagged newspaper
DEEP = 20_000  # words from which on a second layer is better than none
LEAST_STEPS = 800


@dataclass(frozen=True)
class Facts:
    """The training part: its sentences and their words."""

    sentences: int
    words: int

    @classmethod
    def of(cls, sentences: Sequence[Sentence]) -> Self:
        """Count what the rule needs."""
        return cls(len(sentences), sum(len(sentence.words) for sentence in sentences))


def sized(config: TaggingConfig, facts: Facts) -> dict[str, Any]:
    """Return the settings that a configuration leaves to the sentences; what it gives itself the others heed."""
    words = facts.words
    batch = following(config, "batch", whole(on_line(words, (SMALL, 8), (FULL, 32)), 4))
    of_an_epoch = math.ceil(max(1, facts.sentences) / batch)
    least = math.ceil(LEAST_STEPS / of_an_epoch)
    # many sentences say in a few readings what few say in many
    epochs = max(26, least) if words < FULL else round(on_line(words, (FULL, 26), (LARGE, 4)))
    epochs = following(config, "epochs", epochs)
    rule = {
        "hidden": whole(on_line(words, (SMALL, 100), (FULL, 200)), 20),
        "layers": 1 if words < DEEP else 2,
        "batch": batch,
        "epochs": epochs,
        "evaluate_every": evaluated_every(epochs, of_an_epoch),
    }
    return chosen(config, rule)
