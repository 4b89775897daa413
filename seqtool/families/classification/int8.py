"""What a classifier loses and gains by int8 weights."""

from __future__ import annotations

from typing import Any

from seqtool.families.classification.data import TextPart
from seqtool.families.classification.decision import answers
from seqtool.families.classification.runner import Runner
from seqtool.runtime.speed import times_as_fast

TOLERANCE = 0.2
"""Points of accuracy, in percent, that int8 may cost."""
TEXTS = 1000


def costs(full: Runner, small: Runner, part: TextPart) -> dict[str, Any]:
    """Score a file and its int8 twin on a part, and classify texts with each; JSON for the manifest.

    `float` and `int8` in `unit`, of which int8 may cost `tolerance`; `speed`: how many times as fast int8 answers.
    """
    return {
        "split": "validation",
        "unit": "percent wrong",
        "float": _wrong(full, part),
        "int8": _wrong(small, part),
        "tolerance": TOLERANCE,
        "speed": times_as_fast(full, small, lambda runner: runner.predict(part.ids[:TEXTS])),
        "weights": "embedding and output; the recurrent layers stay float",
    }


def _wrong(runner: Runner, part: TextPart) -> float:
    return 100 * float((answers(runner.predict(part.ids), runner.threshold) != part.gold).mean())
