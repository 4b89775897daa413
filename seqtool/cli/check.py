"""`seqtool check TASK`: the data check alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seqtool.cli.groups import TaskGroup
from seqtool.cli.options import (
    SIDES,
    ConfigOption,
    DataOption,
    JsonOption,
    PresetOption,
    SampleOption,
    SetOption,
    SrcOption,
    TgtOption,
    configure,
    data_files,
    preset_values,
)
from seqtool.cli.output import emit, emit_json, note, warn
from seqtool.cli.signature import with_config

if TYPE_CHECKING:
    from seqtool.task import Task


def group() -> TaskGroup:
    """Return the group of `check`, a command a task."""
    return TaskGroup("check", "Say what is odd in the data before training on it.", for_task)


def for_task(task: Task) -> Callable[..., None]:
    """Return the function of `seqtool check TASK`."""

    def command(
        data: DataOption = None,
        src: SrcOption = None,
        tgt: TgtOption = None,
        sample: SampleOption = False,
        preset: PresetOption = None,
        config: ConfigOption = None,
        assignments: SetOption = None,
        json: JsonOption = False,
        **options: Any,
    ) -> None:
        from seqtool.data.choose import choose

        merged, _ = configure(task, preset=preset, file=config, assignments=assignments, options=options)
        chosen = choose(task, merged, data_files(data, src, tgt), sample)
        if chosen.sample:
            warn(f"nothing real to check: this is {chosen.name}")
        findings = task.check(merged, chosen)
        for finding in findings:
            if json:
                emit_json(dataclasses.asdict(finding))
            else:
                emit(f"{finding.level} {finding.code}: {finding.text}")
        if not findings:
            note(f"nothing odd in {chosen.name}")

    command.__doc__ = f"Say what is odd in the data of {task.name} before training on it."
    return with_config(command, task.config, preset_values(task), () if task.sides else SIDES)
