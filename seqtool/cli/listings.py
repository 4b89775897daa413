"""`seqtool tasks`, `seqtool plugins` and `seqtool presets`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from seqtool.cli import complete
from seqtool.cli.options import JsonOption
from seqtool.say import emit_columns, emit_json, warn

if TYPE_CHECKING:
    from seqtool.plugins import PluginInfo

_TASK = "list the presets of this task (left out: of every task)"
TaskArgument = Annotated[str | None, Argument(help=_TASK, autocompletion=complete.tasks)]


def tasks(json: JsonOption = False) -> None:
    """List the tasks: name, family, the command that runs its models, summary.

    A task whose plugin does not load is listed with its error.
    """
    from seqtool import plugins
    from seqtool.errors import SeqtoolError
    from seqtool.families.family import config_of, family_of

    rows = []
    for name, task in plugins.tasks().items():
        try:
            if isinstance(task, SeqtoolError):
                raise task
            config_of(task)
            facts = {"family": task.family, "verb": family_of(task).verb, "summary": task.summary}
            rows.append([name, *facts.values()])
        except SeqtoolError as error:  # its family may come from a plugin that fails, too
            facts = {"error": error.what}
            rows.append([name, "-", "-", f"error: {error.what}"])
        if json:
            emit_json({"name": name, **facts})
    if not json:
        emit_columns(rows)


def plugins(json: JsonOption = False) -> None:
    """List the plugins: name, group, distribution, version, hooks, and why one cannot be used."""
    from seqtool.cells import Cell
    from seqtool.families.family import Family
    from seqtool.plugins import CELLS, FAMILIES, listing

    rows = []
    for plugin in map(_with_clash, listing({FAMILIES: Family, CELLS: Cell})):
        state = f"error: {plugin.error}" if plugin.error else ", ".join(plugin.hooks)
        rows.append([plugin.name, plugin.group, f"{plugin.distribution} {plugin.version}", state])
        if json:
            emit_json(dataclasses.asdict(plugin))
    if not json:
        emit_columns(rows)


def _with_clash(plugin: PluginInfo) -> PluginInfo:
    """Return what is shown of a plugin, with the error of a family or an extension whose command is taken."""
    from seqtool.cli.extensions import fault_of
    from seqtool.entries import EXTENSIONS
    from seqtool.errors import SeqtoolError
    from seqtool.families.family import find
    from seqtool.families.shared_verbs import refuse_shared_verb
    from seqtool.plugins import FAMILIES

    if plugin.group == EXTENSIONS and not plugin.error:
        return dataclasses.replace(plugin, error=fault_of(plugin.name))
    if plugin.group == FAMILIES and not plugin.error:
        try:
            refuse_shared_verb(find(plugin.name))
        except SeqtoolError as error:
            return dataclasses.replace(plugin, error=f"{error.what} ({error.where})")
    return plugin


def presets(task: TaskArgument = None, json: JsonOption = False) -> None:
    """List the presets: task, name, what it is for."""
    from seqtool import plugins
    from seqtool.config import preset_summary
    from seqtool.entries import TASKS, origin_of
    from seqtool.errors import SeqtoolError
    from seqtool.families.family import presets_of

    chosen = plugins.tasks() if task is None else {task: plugins.load_task(task)}
    rows = []
    for name, loaded in chosen.items():
        try:
            if isinstance(loaded, SeqtoolError):
                raise loaded
            files = presets_of(loaded)
        except SeqtoolError as error:  # its family may come from a plugin that fails, too
            warn(f"{name}: {error.what} ({error.where or origin_of(TASKS, name)})")
            continue
        for preset, path in files.items():
            try:
                summary = preset_summary(path)
            except SeqtoolError as error:
                warn(f"{name}: the preset {path.name} cannot be used: {error.what} ({origin_of(TASKS, name)})")
                continue
            rows.append([name, preset, summary])
            if json:
                emit_json({"task": name, "name": preset, "summary": summary, "path": str(path)})
    if not json:
        emit_columns(rows)
