"""Many in, as many out, in step: after each bit, is the number of ones so far odd? One bit of state does it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, Literal

from seqtool import Opt, TaggingConfig, TaggingTask, hookimpl


@dataclass(frozen=True)
class ManyToManyConfig(TaggingConfig):
    field: Annotated[Literal["upos", "xpos"], Opt("word/TAG is read as xpos")] = "xpos"
    learning_rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 1e-2
    characters: Annotated[int, Opt("a bit has no spelling", ge=0, le=64)] = 0
    hidden: Annotated[int, Opt("hidden units", ge=1, le=256)] = 24
    bidirectional: Annotated[bool, Opt("what comes later says nothing")] = False


class ManyToMany(TaggingTask):
    name, summary, config = "many-to-many", "bits in, the parity so far out at each", ManyToManyConfig

    def sample(self) -> bytes:
        dice = random.Random(0)
        rows = [[dice.randrange(2) for _ in range(dice.randint(2, 12))] for _ in range(1200)]
        tagged = [zip(row, accumulate(row), strict=True) for row in rows]
        lines = [" ".join(f"{bit}/{('even', 'odd')[ones % 2]}" for bit, ones in pairs) for pairs in tagged]
        return "\n".join(lines).encode()


@hookimpl
def register_task() -> ManyToMany:
    return ManyToMany()
