"""What a training is made of, and its course with progress and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from seqtool import plugins
from seqtool.cli.output import note
from seqtool.data.splits import Splits
from seqtool.report.progress import Progress
from seqtool.task import Data, Fit, Task
from seqtool.task_config import TaskConfig
from seqtool.train.device import reproducible
from seqtool.train.initial import Weights
from seqtool.train.loop import Trainer
from seqtool.train.memory import FreedMemory


@dataclass(frozen=True)
class Setup:
    """Everything that a training is made of, before its first step."""

    task: Task
    config: TaskConfig
    data: Data
    splits: Splits[Any]
    network: Any
    trainer: Trainer
    run: Path


def set_up(
    task: Task, config: TaskConfig, data: Data, splits: Splits[Any], run: Path,
    seed: int, where: torch.device, threads: int, weights: Weights | None = None,
) -> Setup:  # fmt: skip
    """Seed everything, then build the network, with first `weights` where some are given, and what trains it."""
    reproducible(seed, threads)
    network = task.network(config, splits.encoders).to(where)
    if weights is not None:
        network.load_state_dict(weights)
    network.train()
    objective = task.objective(network, splits, where, seed)
    sampler = task.sampler(config, splits, seed)
    trainer = Trainer(network, objective, sampler, config, run, where, lambda event, values: None)
    return Setup(task, config, data, splits, network, trainer, run)


def fitted(setup: Setup, finish: Callable[[Fit], None]) -> Fit:
    """Run the trainer under a progress bar, with events for extensions; `finish` what comes to its end."""
    trainer, freed = setup.trainer, FreedMemory()
    plugins.notify("start", setup.run, {"task": setup.task.name, "steps": trainer.stop})
    with Progress(trainer.stop) as progress:

        def event(name: str, values: Mapping[str, Any]) -> None:
            freed()
            progress(name, values)
            if name == "epoch":
                shown = setup.task.evaluated(setup.network, setup.splits, setup.run, values["step"])
                if shown:
                    note(shown)
            plugins.notify(name, setup.run, values)

        trainer.event = event
        fit = trainer.fit()
    if not fit.interrupted:
        finish(fit)
    plugins.notify("end", setup.run, {"step": fit.step, "best": fit.best, "interrupted": bool(fit.interrupted)})
    return fit
