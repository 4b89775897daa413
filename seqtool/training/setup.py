"""The device and the parts of a training, and its course with progress and events."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from seqtool import plugins
from seqtool.data.splits import Encoders, Splits
from seqtool.errors import DeviceError, UsageError
from seqtool.families.family import Family, family_of
from seqtool.machine import keep_freed_memory
from seqtool.report.progress import Progress
from seqtool.say import note, printable
from seqtool.task import Data, Task
from seqtool.task_config import TaskConfig
from seqtool.training.checkpoint import Tensors
from seqtool.training.loop import Fit, Trainer
from seqtool.types import Json

SECONDS = 10.0
"""Between two times that free memory is returned to the system."""


def choose_device(name: str) -> torch.device:
    """Return a device: `auto` takes a GPU where there is one, `cuda` raises `DeviceError` where there is none."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"unknown device {name!r}", cure="auto, cpu or cuda")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise DeviceError("PyTorch finds no CUDA device", cure="--device cpu, or see: seqtool doctor")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def reproducible(seed: int, threads: int) -> None:
    """Seed all generators, ask for gradients and deterministic kernels; `threads` 0 lets PyTorch take every core."""
    # cuBLAS gives the same bits only with a workspace of a fixed size
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_grad_enabled(True)  # a plugin's reader may have turned them off
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)  # numpy refuses larger seeds, PyTorch takes 64 bits
    torch.use_deterministic_algorithms(True, warn_only=True)
    # else deterministic mode makes a pass over every new tensor, though none is read before it is written
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # torch hides its type
    if threads:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class Setup:
    """The parts of a training."""

    task: Task
    family: Family
    config: TaskConfig
    data: Data
    splits: Splits[object, Encoders]
    network: nn.Module
    trainer: Trainer
    run: Path


def set_up(
    task: Task, config: TaskConfig, data: Data, splits: Splits[object, Encoders], run: Path,
    seed: int, where: torch.device, threads: int, weights: Tensors | None = None,
) -> Setup:  # fmt: skip
    """Seed all generators, then build the network and its trainer.

    weights: initial ones, which may be of a network with fewer symbols; None for random ones.
    """
    reproducible(seed, threads)
    family = family_of(task)
    network: nn.Module = family.model.network(config, splits.encoders).to(where)
    if weights is not None:
        from seqtool.nn.growth import grown  # most trainings begin with none

        network.load_state_dict(grown(network, weights))
    network.train()
    objective = family.model.objective(network, splits, where, seed)
    _hold_metric(config.metric, objective.measures(), family)
    sampler = family.data.sampler(config, splits, seed)
    trainer = Trainer(network, objective, sampler, config, run, where)
    return Setup(task, family, config, data, splits, network, trainer, run)


def _hold_metric(metric: str, measures: Sequence[str], family: Family) -> None:
    """Raise `UsageError` for a --metric that the family, or this data, does not have."""
    if metric and metric not in measures:
        what = f"no {printable(metric)} can choose the best weights of this {family.name} model"
        raise UsageError(what, cure=f"--metric {' or '.join(measures)}")


class FreedMemory:
    """Keeps freed memory for the steps to come, where the C library can; call it after each step."""

    def __init__(self) -> None:
        self._library = keep_freed_memory()
        self._next = time.monotonic() + SECONDS

    def __call__(self) -> None:
        """Return free memory to the system, if `SECONDS` have gone by."""
        # batches of ragged rows need blocks of ever new sizes, which leave ever more gaps in a heap that is kept
        if self._library is not None and time.monotonic() >= self._next:
            self._library.malloc_trim(0)
            self._next = time.monotonic() + SECONDS


def train_through(setup: Setup) -> Fit:
    """Run the trainer to its end or to an interrupt; show progress and notify extensions."""
    trainer, freed = setup.trainer, FreedMemory()
    _notify("start", setup.run, {"task": setup.task.name, "steps": trainer.stop})
    with Progress(trainer.stop, setup.config.metric) as progress:

        def event(name: str, values: Json) -> None:
            freed()
            progress(name, values)
            if name == "epoch" and (sample := trainer.objective.show(setup.run, values["step"])):
                note(sample)
            _notify(name, setup.run, values)

        return trainer.fit(event)


def _notify(event: str, run: Path, values: Json) -> None:
    # an extension that draws numbers, or seeds, must not change what is trained
    with torch.random.fork_rng(enabled=bool(plugins.extensions())):
        plugins.notify(event, run, values)


def notify_end(setup: Setup, fit: Fit) -> None:
    """Notify extensions that the training, its scores and its pictures are done."""
    plugins.notify("end", setup.run, {"step": fit.step, "best": fit.best, "interrupted": bool(fit.interrupted)})
