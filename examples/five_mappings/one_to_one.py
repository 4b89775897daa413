"""One in, one out: is a number odd? There is no sequence in it, so a recurrent layer is a feed-forward one here."""

import random

from seqtool import Task, hookimpl

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DEFAULTS = {"learning_rate": 0.01, "split": "random"}  # of ten numbers copies stand in all parts


def sample() -> bytes:
    dice = random.Random(0)
    drawn = [dice.randrange(10) for _ in range(400)]
    return "".join(f"{('even', 'odd')[one % 2]}\t{NUMBERS[one]}\n" for one in drawn).encode()


@hookimpl
def register_task() -> Task:
    return Task("one-to-one", "one number in, odd or even out", "classification", sample=sample, defaults=DEFAULTS)
