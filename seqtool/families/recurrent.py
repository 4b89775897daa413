"""Hyper-parameters of recurrent layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from seqtool import cells
from seqtool.config import Opt
from seqtool.task_config import TaskConfig


@dataclass(frozen=True)
class RecurrentConfig(TaskConfig):
    """Hyper-parameters of the recurrent layers; a family sets its own defaults."""

    cell: Annotated[str, Opt("recurrent cell", choices=cells.everywhere)] = "lstm"
    hidden: Annotated[int, Opt("hidden units of a layer, each way", ge=1, le=4096)] = 64
    layers: Annotated[int, Opt("recurrent layers", ge=1, le=16)] = 1
    dropout: Annotated[float, Opt("dropout between layers and before the output", ge=0, lt=1)] = 0.0
