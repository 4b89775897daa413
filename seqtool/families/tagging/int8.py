"""What a tagger loses and gains by int8 tables."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from seqtool.families.tagging.data import TagPart, tag_ids
from seqtool.families.tagging.runner import Runner

TOLERANCE = 0.2
"""Of a hundred words so many more may be wrong."""
WORDS, ROUNDS = 5000, 5


def costs(full: Runner, small: Runner, part: TagPart) -> dict[str, Any]:
    """Tag a part by a file and its int8 twin; JSON for the manifest.

    `float` and `int8` in `unit`, of which int8 may cost `tolerance`; `speed`: how many times as fast int8 tags.
    """
    return {
        "split": "validation",
        "unit": "% of the words wrong",
        "float": _wrong(full, part),
        "int8": _wrong(small, part),
        "tolerance": TOLERANCE,
        "speed": _speed(full, small, part),
        "weights": "vectors of words and of their spelling, output",
    }


def _wrong(runner: Runner, part: TagPart) -> float:
    gold = np.concatenate([tag_ids(tags, runner.encoders["tags"]) for tags in part.tags])
    return 100 * float((np.concatenate(runner.tag_all(part.words)) != gold).mean())


def _speed(full: Runner, small: Runner, part: TagPart) -> float:
    """Let both tag the same sentences in turns; return the ratio of their median times."""
    count = int(np.searchsorted(np.cumsum([len(words) for words in part.words]), WORDS)) + 1
    times: dict[Runner, list[float]] = {full: [], small: []}
    for _ in range(ROUNDS):
        for runner, taken in times.items():
            begun = time.perf_counter()
            runner.tag_all(part.words[:count])
            taken.append(time.perf_counter() - begun)
    return round(statistics.median(times[full]) / statistics.median(times[small]), 2)
