"""`seqtool tasks`."""

from __future__ import annotations

from seqtool.cli.options import JsonOption
from seqtool.cli.output import emit_columns, emit_json


def command(json: JsonOption = False) -> None:
    """List the tasks: name, family, the command that runs its models, summary.

    A task whose plugin does not load is listed with its error.
    """
    from seqtool import plugins
    from seqtool.task import Task

    rows = []
    for name, task in plugins.tasks().items():
        if isinstance(task, Task):
            facts = {"family": task.family, "verb": task.verb, "summary": task.summary}
            row = [name, task.family, task.verb, task.summary]
        else:
            facts = {"error": task.what}
            row = [name, "-", "-", f"error: {task.what}"]
        rows.append(row)
        if json:
            emit_json({"name": name, **facts})
    if not json:
        emit_columns(rows)
