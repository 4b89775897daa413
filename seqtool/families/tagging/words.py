"""Words as a tagger's file has them: what it knows of them, and how far it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders import Labels, Vocabulary

LONGEST = 20
"""Characters of a word that are read; of a longer one its beginning."""
MOST = 50_000
"""Words of a sentence: at 200 units each way they take a gigabyte while they are read."""


def spell(word: str, characters: Vocabulary) -> NDArray[np.int64]:
    """Return the ids [M] of a word's first characters; of no word one that nobody knows."""
    return characters.encode(list(word[:LONGEST]) or [""])


def encoders_from_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild `words`, `forms`, `tags` and, where words are spelled, `characters`.

    Raises `ModelError` where they are damaged, `KeyError` where one is missing.
    """
    made: dict[str, Any] = {name: Vocabulary.from_json(stored[name]) for name in ("words", "forms")}
    if "characters" in stored:
        made["characters"] = Vocabulary.from_json(stored["characters"])
    return {**made, "tags": Labels.from_json(stored["tags"])}
