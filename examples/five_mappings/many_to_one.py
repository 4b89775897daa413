"""Many in, one out: which letter comes first? The answer stands at the far end of what is remembered."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated

from seqtool import ClassificationConfig, ClassificationTask, Opt, hookimpl


@dataclass(frozen=True)
class ManyToOneConfig(ClassificationConfig):
    learning_rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 1e-2
    bidirectional: Annotated[bool, Opt("read the letters from both ends")] = False


class ManyToOne(ClassificationTask):
    name, summary, config = "many-to-one", "letters in, the first of them out", ManyToOneConfig

    def sample(self) -> bytes:
        dice = random.Random(0)
        texts = ["".join(dice.choices("abcd", k=dice.randint(3, 12))) for _ in range(800)]
        return "".join(f"{text[0]}\t{' '.join(text)}\n" for text in texts).encode()


@hookimpl
def register_task() -> ManyToOne:
    return ManyToOne()
