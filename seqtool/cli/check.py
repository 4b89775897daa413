"""`seqtool check TASK`: the data check alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated

from typer import Option

from seqtool.cli.groups import TaskGroup
from seqtool.cli.options import TRAINING, DeviceOption, JsonOption, ThreadsOption, require
from seqtool.cli.signature import Inputs, task_command
from seqtool.errors import within_memory
from seqtool.families.family import family_of
from seqtool.reads import Finding
from seqtool.say import emit, emit_json, note, warn
from seqtool.task import Task

_CURVE = "train on a tenth, a third and all of the training part too, and say what twice as much would likely bring"
CurveOption = Annotated[bool, Option("--curve", help=_CURVE)]


def group() -> TaskGroup:
    """Return the group of `check`, one command for each task."""
    text = "Say what is odd in the data{} before training on it."
    return TaskGroup(
        "check", text.format(""), lambda task: task_command(command, task, text.format(f" of {task.name}"))
    )


def command(
    task: Task, inputs: Inputs, json: JsonOption = False, curve: CurveOption = False, device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:  # fmt: skip
    """Print what a person should know about the data; nothing is trained, unless for a curve."""
    if curve:
        require("a learning curve needs PyTorch", *TRAINING)
    from seqtool.families.choose import choose

    config, _ = inputs.configured(task)
    data = inputs.begun(task, config, choose(task, config, inputs.files, inputs.sample))
    if data.sample:
        warn(f"nothing real to check: this is {data.name}")
    with within_memory(data.name):
        findings = family_of(task).data.check(task, config, data)
    _show(findings, json)
    if curve:
        from seqtool.training.curve import curve as learning_curve  # PyTorch takes seconds

        _show(learning_curve(task, config, data, device, threads or 0), json)
    elif not findings:
        note(f"nothing odd in {data.name}")


def _show(findings: Sequence[Finding], json: bool) -> None:
    for finding in findings:
        if json:
            emit_json(dataclasses.asdict(finding))
        else:
            emit(f"{finding.level} {finding.code}: {finding.text}")
