"""The cost of int8: whether such a file may be written, and whether it is recommended."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from seqtool.errors import SeqtoolError
from seqtool.families.phases import Int8

if TYPE_CHECKING:
    from seqtool.types import Json

P = TypeVar("P")
R = TypeVar("R")

FASTER = 1.3
"""The least speed-up of an int8 file that is recommended."""
ROUNDS = 5


def costs(measure: Int8[R, P], full: R, small: R, part: P) -> Json:
    """Measure a file and its int8 twin on the validation part; return JSON for the manifest.

    `float` and `int8` are errors in `unit`, and may differ by `tolerance`. `speed`: how many times as fast int8 is.
    """
    return {
        "split": "validation",
        "unit": measure.unit,
        "float": measure.error(full, part),
        "int8": measure.error(small, part),
        "tolerance": measure.tolerance,
        "speed": times_as_fast(full, small, lambda runner: measure.work(runner, part)),
        "weights": measure.weights,
    }


def times_as_fast(slow: R, fast: R, work: Callable[[R], object]) -> float:
    """Return the ratio of two runners' median times for the same work."""
    # in turns: a slow spell of the machine hits both
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for runner, seconds in zip((slow, fast), taken, strict=True):
            begun = time.perf_counter()
            work(runner)
            seconds.append(time.perf_counter() - begun)
    before, after = map(statistics.median, taken)
    return round(before / after, 2)


def judge(costs: Json) -> None:
    """Raise `SeqtoolError` where int8 costs more than the family tolerates."""
    lost = costs["int8"] - costs["float"]
    if not lost <= costs["tolerance"]:  # written so that NaN is refused too
        raise SeqtoolError(
            f"int8 costs {lost:.3g} {costs['unit']} on the validation part, more than {costs['tolerance']:g}",
            where="nothing was written",
            cure="export without --int8",
        )


def in_words(costs: Json) -> str:
    """Return one line: the errors, the speed, and whether int8 is recommended."""
    scores = f"{costs['int8']:.4f} {costs['unit']} against {costs['float']:.4f} on the validation part"
    advice = "recommended" if costs["speed"] >= FASTER else "not recommended: below 1.3 export without --int8"
    return f"int8: {scores}; {costs['speed']:.3g} times as fast on this machine ({advice})"
