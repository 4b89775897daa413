"""Many in, as many out, in step: after each bit, is the number of ones so far odd? One bit of state does it."""

import random
from itertools import accumulate

from seqtool import Task, hookimpl

# word/TAG is read as xpos; a bit has no spelling; what comes later says nothing
DEFAULTS = {
    "field": "xpos",
    "learning_rate": 0.01,
    "characters": 0,
    "hidden": 24,
    "bidirectional": False,
}


def sample() -> bytes:
    dice = random.Random(0)
    rows = [[dice.randrange(2) for _ in range(dice.randint(2, 12))] for _ in range(1200)]
    tagged = [zip(row, accumulate(row), strict=True) for row in rows]
    lines = [" ".join(f"{bit}/{('even', 'odd')[ones % 2]}" for bit, ones in pairs) for pairs in tagged]
    return "\n".join(lines).encode()


@hookimpl
def register_task() -> Task:
    return Task("many-to-many", "bits in, the parity so far out at each", "tagging", sample=sample, defaults=DEFAULTS)
