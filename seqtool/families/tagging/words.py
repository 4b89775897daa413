"""Words as a tagger's file has them: what it knows of them, and how far it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary

LETTERS = 20
"""Characters of a word that are read; of a longer one its beginning."""
LIMITS = {"characters": 500_000, "words": 50_000, "letters": LETTERS}
"""Of a line, of a sentence (at 200 units each way so many words take 1.5 GB while they are read), of a word."""


def spell(word: str, characters: Vocabulary, letters: int = LETTERS) -> NDArray[np.int64]:
    """Return the ids [M] of a word's first `letters` characters; of no word one that nobody knows."""
    return characters.encode(list(word[:letters]) or [""])


def encoders_from_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild `words`, `forms`, `tags` and, where words are spelled, `characters`.

    Raises `ModelError` where they are damaged, `KeyError` where one is missing.
    """
    made: dict[str, Any] = {name: Vocabulary.from_json(stored[name]) for name in ("words", "forms")}
    if "characters" in stored:
        made["characters"] = Vocabulary.from_json(stored["characters"])
    return {**made, "tags": Labels.from_json(stored["tags"])}
