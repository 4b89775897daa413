"""Many in, one out: which letter comes first? The answer stands at the far end of what is remembered."""

import random

from seqtool import Task, hookimpl

DEFAULTS = {"learning_rate": 0.01, "bidirectional": False}


def sample() -> bytes:
    dice = random.Random(0)
    texts = ["".join(dice.choices("abcd", k=dice.randint(3, 12))) for _ in range(800)]
    return "".join(f"{text[0]}\t{' '.join(text)}\n" for text in texts).encode()


@hookimpl
def register_task() -> Task:
    return Task("many-to-one", "letters in, the first of them out", "classification", sample=sample, defaults=DEFAULTS)
