"""The hyper-parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from seqtool.config import Opt
from seqtool.task_config import RecordConfig


@dataclass(frozen=True)
class CountingConfig(RecordConfig):
    learning_rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 0.05
    letters: Annotated[str, Opt("letters that are told from others")] = "aeiou"


Config = CountingConfig
