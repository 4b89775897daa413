"""What the verbs that run a model file share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from seqtool.cli import complete
from seqtool.cli.output import warn

TaskArgument = Annotated[
    str | None,
    typer.Argument(metavar="[TASK]", help="use the newest model of this task", autocompletion=complete.tasks),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        metavar="FILE",
        help="model file or run folder",
        autocompletion=complete.models_and_runs,
    ),
]


def open_runner(
    family: str | tuple[str, ...], named: str | None, task: str | None, device: str, threads: int | None
) -> tuple[Path, Any, Any]:
    """Return the model's path, the opened model and its runner; say what it should be doubted for.

    Raises `UsageError` where the model is not of `family`, or of one of several.
    """
    from seqtool.memory import keep_freed_memory
    from seqtool.runtime.find import find_model
    from seqtool.runtime.model import open_model
    from seqtool.runtime.runners import runner

    path = find_model(named, task=task or "", family=family)
    keep_freed_memory()  # of a command's own process, never of a program that uses `open_model`
    opened = open_model(path, device=device, threads=threads or 0)
    made = runner(opened, family)
    if task and opened.manifest.task != task:
        warn(f"{path} is a model of {opened.manifest.task}, not of {task}")
    if opened.manifest.data.get("sample"):
        what = "forecasts" if family == "forecasting" else "answers"
        warn(f"this model was trained on a simulated sample: its {what} say nothing about real data")
    return path, opened, made
