"""How much faster one model file answers than another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")
ROUNDS = 5


def times_as_fast(slow: R, fast: R, work: Callable[[R], object]) -> float:
    """Let two runners do the same work in turns; return the ratio of their median times."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for runner, seconds in zip((slow, fast), taken, strict=True):
            begun = time.perf_counter()
            work(runner)
            seconds.append(time.perf_counter() - begun)
    before, after = map(statistics.median, taken)
    return round(before / after, 2)
