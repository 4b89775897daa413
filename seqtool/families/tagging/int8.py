"""What a tagger loses and gains by int8 tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqtool.families.tagging.data import TagPart, tag_ids
from seqtool.families.tagging.runner import Runner
from seqtool.runtime.speed import times_as_fast

TOLERANCE = 0.2
"""Of a hundred words so many more may be wrong."""
WORDS = 5000


def costs(full: Runner, small: Runner, part: TagPart) -> dict[str, Any]:
    """Tag a part by a file and its int8 twin; JSON for the manifest.

    `float` and `int8` in `unit`, of which int8 may cost `tolerance`; `speed`: how many times as fast int8 tags.
    """
    count = int(np.searchsorted(np.cumsum([len(words) for words in part.words]), WORDS)) + 1
    return {
        "split": "validation",
        "unit": "% of the words wrong",
        "float": _wrong(full, part),
        "int8": _wrong(small, part),
        "tolerance": TOLERANCE,
        "speed": times_as_fast(full, small, lambda runner: runner.tag_all(part.words[:count])),
        "weights": "vectors of words and of their spelling, output",
    }


def _wrong(runner: Runner, part: TagPart) -> float:
    gold = np.concatenate([tag_ids(tags, runner.encoders["tags"]) for tags in part.tags])
    return 100 * float((np.concatenate(runner.tag_all(part.words)) != gold).mean())
