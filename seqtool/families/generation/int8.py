"""What a language model loses and gains by int8 weights."""

from __future__ import annotations

import math
from typing import Any

from seqtool.families.generation.data import TextPart
from seqtool.families.generation.noise import Key
from seqtool.families.generation.runner import Request, Runner
from seqtool.runtime.speed import times_as_fast

TOLERANCE = 0.01
"""Bits per character that int8 may cost."""
SYMBOLS = 200


def costs(full: Runner, small: Runner, part: TextPart) -> dict[str, Any]:
    """Score a file and its int8 twin on a part, and write one text with each; JSON for the manifest.

    `float` and `int8` in `unit`, of which int8 may cost `tolerance`; `speed`: how many times as fast int8 writes.
    """
    return {
        "split": "validation",
        "unit": "bits per character",
        "float": _bits(full, part),
        "int8": _bits(small, part),
        "tolerance": TOLERANCE,
        "speed": times_as_fast(full, small, lambda runner: _write(runner, part)),
        "weights": "recurrent layers, embedding and output",
    }


def _bits(runner: Runner, part: TextPart) -> float:
    return float(runner.nats(part.ids).mean()) * len(part.ids) / part.characters / math.log(2)


def _write(runner: Runner, part: TextPart) -> None:
    for _ in runner.write(runner.read([part.ids[:1]]), Request(SYMBOLS), [Key(1, 0)]):
        pass
