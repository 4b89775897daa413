"""One in, many out: from one digit, count down to zero. The answer is fed back in, symbol by symbol."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated

from seqtool import GenerationConfig, GenerationTask, Opt, hookimpl


@dataclass(frozen=True)
class OneToManyConfig(GenerationConfig):
    learning_rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 1e-2
    batch: Annotated[int, Opt("streams a step", ge=1, le=1000)] = 16


class OneToMany(GenerationTask):
    name, summary, config = "one-to-many", "one digit in, the count down from it out", OneToManyConfig

    def sample(self) -> bytes:
        dice = random.Random(0)
        starts = [dice.randrange(1, 10) for _ in range(3000)]
        return "".join(" ".join(map(str, range(start, -1, -1))) + "\n" for start in starts).encode()


@hookimpl
def register_task() -> OneToMany:
    return OneToMany()
