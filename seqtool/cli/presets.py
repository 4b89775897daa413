"""`seqtool presets`."""

from __future__ import annotations

from typing import Annotated

import typer

from seqtool.cli import complete
from seqtool.cli.options import JsonOption
from seqtool.cli.output import emit_columns, emit_json, warn

TaskArgument = Annotated[
    str | None, typer.Argument(help="one task; every task when left out", autocompletion=complete.tasks)
]


def command(task: TaskArgument = None, json: JsonOption = False) -> None:
    """List the presets: task, name, what it is for."""
    from seqtool import plugins
    from seqtool.config import preset_files, preset_summary
    from seqtool.task import Task

    chosen = plugins.tasks() if task is None else {task: plugins.load_task(task)}
    rows = []
    for name, loaded in chosen.items():
        if not isinstance(loaded, Task):
            warn(f"{loaded.what} ({loaded.where})")
            continue
        for preset, path in preset_files(loaded.presets).items():
            rows.append([name, preset, preset_summary(path)])
            if json:
                emit_json({"task": name, "name": preset, "summary": rows[-1][2], "path": str(path)})
    if not json:
        emit_columns(rows)
