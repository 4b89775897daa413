"""One in, one out: is a number odd? There is no sequence in it, so a recurrent layer is a feed-forward one here."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated, Literal

from seqtool import ClassificationConfig, ClassificationTask, Opt, hookimpl

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class OneToOneConfig(ClassificationConfig):
    learning_rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 1e-2
    split: Annotated[Literal["distinct", "random"], Opt("ten numbers: copies stand in all parts")] = "random"


class OneToOne(ClassificationTask):
    name, summary, config = "one-to-one", "one number in, odd or even out", OneToOneConfig

    def sample(self) -> bytes:
        dice = random.Random(0)
        drawn = [dice.randrange(10) for _ in range(400)]
        return "".join(f"{('even', 'odd')[one % 2]}\t{NUMBERS[one]}\n" for one in drawn).encode()


@hookimpl
def register_task() -> OneToOne:
    return OneToOne()
