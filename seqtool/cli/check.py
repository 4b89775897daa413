"""`seqtool check TASK`: the data check alone."""

from __future__ import annotations

import dataclasses

from seqtool.cli.groups import TaskGroup
from seqtool.cli.options import JsonOption
from seqtool.cli.signature import Inputs, task_command
from seqtool.families.family import family_of
from seqtool.say import emit, emit_json, note, warn
from seqtool.task import Task


def group() -> TaskGroup:
    """Return the group of `check`, one command for each task."""
    text = "Say what is odd in the data{} before training on it."
    return TaskGroup(
        "check", text.format(""), lambda task: task_command(command, task, text.format(f" of {task.name}"))
    )


def command(task: Task, inputs: Inputs, json: JsonOption = False) -> None:
    """Print what a person should know about the data; nothing is trained."""
    from seqtool.families.choose import choose

    config, _ = inputs.configured(task)
    data = inputs.begun(task, config, choose(task, config, inputs.files, inputs.sample))
    if data.sample:
        warn(f"nothing real to check: this is {data.name}")
    findings = family_of(task).data.check(task, config, data)
    for finding in findings:
        if json:
            emit_json(dataclasses.asdict(finding))
        else:
            emit(f"{finding.level} {finding.code}: {finding.text}")
    if not findings:
        note(f"nothing odd in {data.name}")
