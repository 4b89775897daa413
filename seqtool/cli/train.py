"""`seqtool train TASK`."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from seqtool.cli import complete
from seqtool.cli.groups import TaskGroup
from seqtool.cli.options import TRAINING, DeviceOption, ThreadsOption, require
from seqtool.cli.signature import Inputs, task_command
from seqtool.errors import UsageError
from seqtool.run_check import SEEDS
from seqtool.say import emit, listing, note
from seqtool.task import Task

if TYPE_CHECKING:
    from seqtool.reads import DataFile
    from seqtool.task import Data
    from seqtool.task_config import TaskConfig
    from seqtool.training.loop import Fit

OutOption = Annotated[Path | None, Option(metavar="FOLDER", help="the run's folder (left out: runs/TASK-DATE-TIME)")]
_RESUME = "continue an interrupted run, exactly as if it had not been interrupted"
ResumeOption = Annotated[Path | None, Option(metavar="RUN", help=_RESUME, autocompletion=complete.runs)]
_SEED = "seed of the first weights, the order of the data and all noise (left out: 0)"
SeedOption = Annotated[int | None, Option(min=0, max=SEEDS - 1, metavar="INTEGER", help=_SEED)]
_DRY = "say after a few measured steps what the training would take in time and memory, and stop; no run is made"
DryOption = Annotated[bool, Option("--dry-run", help=_DRY)]
ShowOption = Annotated[bool, Option("--show-config", help="print the merged configuration as TOML and stop")]


def group() -> TaskGroup:
    """Return the group of `train`, one command for each task."""
    text = "Train a task; `seqtool train TASK --help` lists its options."
    return TaskGroup("train", text, lambda task: task_command(command, task, f"Train {task.name}: {task.summary}."))


def command(
    task: Task,
    inputs: Inputs,
    out: OutOption = None,
    resume: ResumeOption = None,
    seed: SeedOption = None,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    show_config: ShowOption = False,
    dry_run: DryOption = False,
) -> None:
    """Train a task, or go on with a run that was interrupted."""
    began = time.monotonic()
    require("training needs PyTorch", *TRAINING)
    if resume is not None:
        begun = {"out": out, "seed": seed, "threads": threads, "show_config": show_config, "dry_run": dry_run}
        _refuse({**vars(inputs), "options": None, **begun, **inputs.options})
        return _finish(task, _resume(task, resume, device, began))
    config, preset = inputs.configured(task)
    if show_config:
        return _show(config)
    data = inputs.begun(task, config, _choose(task, config, inputs.files, inputs.sample))
    plan = f"preset {preset or 'none'}, seed {seed or 0}, device {device}"
    note(f"training {task.name} on {data.name}: {plan}")  # before PyTorch, whose import takes seconds
    from seqtool.training.run import TrainOptions, train
    from seqtool.training.run import dry_run as tried

    settings = TrainOptions(preset, out, seed or 0, device, threads or 0, inputs.init_from, tell=True, began=began)
    if dry_run:
        return emit(tried(task, config, data, settings))
    _finish(task, train(task, config, data, settings))


def _refuse(options: Mapping[str, object]) -> None:
    """Raise `UsageError` for options that the run to be resumed already holds."""
    # By identity: 0, which equals False, is a value of --seed.
    names = [name for name, value in options.items() if value is not None and value is not False]
    words = [f"--{name.replace('_', '-')}" for name in names]
    if words:
        raise UsageError(
            f"--resume goes on with the options that the run was begun with, and takes no {' and no '.join(words)}",
            cure=f"leave {listing(words)} out, or train anew without --resume",
        )


def _resume(task: Task, run: Path, device: str, began: float) -> Fit:
    note(f"resuming {task.name}: {run}, device {device}")
    from seqtool.training.run import resume

    return resume(task, run, device=device, began=began)


def _choose(task: Task, config: TaskConfig, files: Sequence[DataFile], sample: bool) -> Data:
    """Resolve the data; raises `UsageError` for a pipe: check, training and `--resume` read the data again."""
    from seqtool.families.choose import choose

    data = choose(task, config, files, sample)
    for file in data.files:
        if file.path.is_fifo():
            what = "a training reads its data several times, a pipe only once"
            raise UsageError(what, where=str(file.path), cure="write it into a file, and give that")
    return data


def _show(config: TaskConfig) -> None:
    import tomli_w

    from seqtool.config import to_dict

    emit(tomli_w.dumps(to_dict(config)).rstrip("\n"))


def _finish(task: Task, fit: Fit) -> None:
    """Print the run's folder and what comes next; an interrupted training ends by its signal."""
    emit(str(fit.run))
    run = shlex.quote(str(fit.run))
    if fit.interrupted:
        note(f"interrupted at step {fit.step}; go on with: seqtool train {task.name} --resume {run}")
        raise typer.Exit(128 + fit.interrupted)
    note(f"next: seqtool export {run}")
