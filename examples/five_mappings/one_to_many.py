"""One in, many out: from one digit, count down to zero. The answer is fed back in, symbol by symbol."""

import random

from seqtool import Task, hookimpl

DEFAULTS = {"learning_rate": 0.01, "batch": 16}


def sample() -> bytes:
    dice = random.Random(0)
    starts = [dice.randrange(1, 10) for _ in range(3000)]
    return "".join(" ".join(map(str, range(start, -1, -1))) + "\n" for start in starts).encode()


@hookimpl
def register_task() -> Task:
    return Task(
        "one-to-many", "one digit in, the count down from it out", "generation", sample=sample, defaults=DEFAULTS
    )
