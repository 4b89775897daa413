"""`seqtool train TASK`."""

from __future__ import annotations

import importlib.util
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqtool.cli import complete
from seqtool.cli.groups import TaskGroup
from seqtool.cli.options import (
    SIDES,
    ConfigOption,
    DataOption,
    DeviceOption,
    PresetOption,
    SampleOption,
    SetOption,
    SrcOption,
    TgtOption,
    ThreadsOption,
    configure,
    data_files,
    preset_values,
)
from seqtool.cli.output import emit, note
from seqtool.cli.signature import with_config
from seqtool.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from seqtool.task import Data, Fit, Task
    from seqtool.task_config import TaskConfig

OutOption = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="the run's folder (left out: runs/TASK-DATE-TIME)")
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(metavar="RUN", help="go on with an interrupted run, exactly", autocompletion=complete.runs),
]
InitOption = Annotated[
    Path | None,
    typer.Option(
        metavar="RUN",
        help="begin with the weights of a run (or RUN/checkpoints/STEP) of the same network",
        autocompletion=complete.runs,
    ),
]
SeedOption = Annotated[
    int | None, typer.Option(min=0, metavar="INTEGER", help="seed of weights, order and noise (left out: 0)")
]
ShowOption = Annotated[bool, typer.Option("--show-config", help="print the merged configuration as TOML and stop")]


def group() -> TaskGroup:
    """Return the group of `train`, a command a task."""
    return TaskGroup("train", "Train a task; `seqtool train TASK --help` lists its options.", for_task)


def for_task(task: Task) -> Callable[..., None]:
    """Return the function of `seqtool train TASK`."""

    def command(
        data: DataOption = None,
        src: SrcOption = None,
        tgt: TgtOption = None,
        sample: SampleOption = False,
        preset: PresetOption = None,
        config: ConfigOption = None,
        assignments: SetOption = None,
        out: OutOption = None,
        resume: ResumeOption = None,
        init_from: InitOption = None,
        seed: SeedOption = None,
        device: DeviceOption = "auto",
        threads: ThreadsOption = None,
        show_config: ShowOption = False,
        **options: Any,
    ) -> None:
        require_training()
        if resume is not None:
            _refuse(
                {
                    "data": data,
                    "src": src,
                    "tgt": tgt,
                    "sample": sample,
                    "preset": preset,
                    "config": config,
                    "set": assignments,
                }
                | {
                    "out": out,
                    "init_from": init_from,
                    "seed": seed,
                    "threads": threads,
                    "show_config": show_config,
                    **options,
                }
            )
            return _finish(task, _resume(task, resume, device))
        merged, name = configure(task, preset=preset, file=config, assignments=assignments, options=options)
        if show_config:
            return _show(merged)
        files = data_files(data, src, tgt)
        settings = {"out": out, "seed": seed or 0, "device": device, "threads": threads or 0, "init_from": init_from}
        _finish(task, _train(task, merged, files, sample, preset=name, **settings))

    command.__doc__ = f"Train {task.name}: {task.summary}."
    return with_config(command, task.config, preset_values(task), () if task.sides else SIDES)


def require_training(what: str = "training needs PyTorch") -> None:
    """Raise `MissingExtra` when one of the training libraries is not there; imports none of them."""
    missing = [name for name in ("torch", "onnx", "safetensors") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(
            what,
            where=f"not installed: {', '.join(missing)}",
            cure='pip install "seqtool[train]"',
        )


def _refuse(given: dict[str, Any]) -> None:
    """Raise `UsageError` for options that a resumed run already holds."""
    words = [f"--{name.replace('_', '-')}" for name, value in given.items() if value is not None and value is not False]
    if words:
        raise UsageError(
            f"--resume goes on with the run as it was begun: {', '.join(words)} cannot be changed",
            cure="leave those out, or train anew without --resume",
        )


def _resume(task: Task, run: Path, device: str) -> Fit:
    note(f"resuming {task.name}: {run}, device {device}")
    from seqtool.train.run import resume

    return resume(task, run, device=device)


def _train(task: Task, config: TaskConfig, files: Any, sample: bool, *, preset: str, **settings: Any) -> Fit:
    from seqtool.data.choose import choose

    data = choose(task, config, files, sample)
    _refuse_pipes(data)
    plan = f"preset {preset or 'none'}, seed {settings['seed']}, device {settings['device']}"
    note(f"training {task.name} on {data.name}: {plan}")  # before PyTorch, whose import takes seconds
    from seqtool.train.run import train

    return train(task, config, data, preset=preset, **settings)


def _refuse_pipes(data: Data) -> None:
    """Raise `UsageError` for a file that is empty when it is read again: by the check, the training, a `--resume`."""
    if gone := next((file.path for file in data.files if file.path.is_fifo()), None):
        raise UsageError(
            "a training reads its data several times, a pipe only once",
            where=str(gone),
            cure="write it into a file, and give that",
        )


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
