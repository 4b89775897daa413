"""What a translator loses and gains by int8 weights."""

from __future__ import annotations

from typing import Any

from seqtool.families.translation.bleu import measured
from seqtool.families.translation.data import PairPart
from seqtool.families.translation.runner import Runner
from seqtool.runtime.speed import times_as_fast

TOLERANCE = 0.3
"""BLEU that int8 may cost."""
SENTENCES = 64


def costs(full: Runner, small: Runner, part: PairPart) -> dict[str, Any]:
    """Translate a part by a file and its int8 twin, beam 5; JSON for the manifest.

    `float` and `int8` in `unit`, of which int8 may cost `tolerance`; `speed`: how many times as fast int8 translates.
    """
    some = [pair.source for pair in part.pairs[:SENTENCES]]
    return {
        "split": "validation",
        "unit": "BLEU short of 100",
        "float": _lost(full, part),
        "int8": _lost(small, part),
        "tolerance": TOLERANCE,
        "speed": times_as_fast(full, small, lambda runner: runner.translate_all(some)),
        "weights": "layers of the decoder, output, vectors of tokens",
    }


def _lost(runner: Runner, part: PairPart) -> float:
    translations = runner.translate_all([pair.source for pair in part.pairs])
    return 100 - measured(translations, [pair.target for pair in part.pairs]).of()
