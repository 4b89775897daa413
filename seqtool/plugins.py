"""The plugin manager: finds plugins by entry point, loads the ones that are needed, and blames the right one.

pluggy checks each plugin's hooks and calls them; it does not search. Its own loader lets an exception escape
without the distribution it came from, and skips a second plugin of the same name in silence. Every plugin has
a manager of its own, so that one that fails takes no other with it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from seqtool.errors import SeqtoolError, UsageError, did_you_mean
from seqtool.hookspecs import PROJECT, ExtensionHooks, TaskHooks
from seqtool.task import Task

TASKS = "seqtool.tasks"
EXTENSIONS = "seqtool.extensions"
SELECTION = "SEQTOOL_PLUGINS"


@dataclass(frozen=True)
class PluginInfo:
    """What `seqtool plugins` shows of one plugin."""

    name: str
    group: str
    distribution: str
    version: str
    hooks: tuple[str, ...]
    error: str
    """Why it cannot be used, "" when it can."""


@dataclass
class Extension:
    """A loaded plugin of the group `seqtool.extensions`."""

    name: str
    origin: str
    """Its distribution and version."""
    hook: pluggy.HookRelay
    silenced: bool = False
    """True once it has failed in `run_event`."""


def names() -> list[str]:
    """Return the names of all tasks, sorted; imports no plugin."""
    return sorted({entry.name for entry in _entries(TASKS)})


def load_task(name: str) -> Task:
    """Load the one plugin that gives the task `name`.

    Raises `UsageError` for an unknown name, `SeqtoolError` naming the distribution of a plugin that fails
    and both distributions when two give the same name.
    """
    entries = _entries(TASKS, name)
    if not entries:
        selection = f" ({SELECTION}={os.environ[SELECTION]})" if SELECTION in os.environ else ""
        raise UsageError(f"unknown task {name!r}{selection}", cure=did_you_mean(name, names()))
    if len(entries) > 1:
        raise SeqtoolError(
            f"two plugins give the task {name!r}",
            where=" and ".join(_origin(entry) for entry in entries),
            cure="uninstall one of them",
        )
    return _task(entries[0])


def tasks() -> dict[str, Task | SeqtoolError]:
    """Load every task, each on its own; a plugin that fails leaves its error under its name."""
    found: dict[str, Task | SeqtoolError] = {}
    for name in names():
        try:
            found[name] = load_task(name)
        except SeqtoolError as error:
            found[name] = error
    return found


@functools.cache
def extensions() -> tuple[Extension, ...]:
    """Load every extension; one that fails is reported and left out."""
    loaded = []
    for entry in _entries(EXTENSIONS):
        try:
            manager, _ = _load(entry)
        except SeqtoolError as error:
            _warn(f"{error.what} ({error.where})")
        else:
            loaded.append(Extension(entry.name, _origin(entry), manager.hook))
    return tuple(loaded)


def notify(event: str, run: Path, values: Mapping[str, Any]) -> None:
    """Tell every extension of a training's event; one that fails is reported once and not called again."""
    for extension in extensions():
        if extension.silenced:
            continue
        try:
            extension.hook.run_event(event=event, run=run, values=dict(values))
        except (Exception, SystemExit) as error:  # whatever a plugin raises, the training goes on
            extension.silenced = True
            _warn(f"plugin {extension.name!r} failed and is left out: {_reason(error)} ({extension.origin})")


def listing() -> list[PluginInfo]:
    """Load every plugin and return what it is, with its error when it cannot be used."""
    return [_info(entry, group) for group in (TASKS, EXTENSIONS) for entry in _entries(group)]


def _info(entry: EntryPoint, group: str) -> PluginInfo:
    hooks: tuple[str, ...] = ()
    error = ""
    try:
        manager, plugin = _load(entry)
        hooks = tuple(sorted(caller.name for caller in manager.get_hookcallers(plugin) or ()))
        if group == TASKS:
            load_task(entry.name)
    except SeqtoolError as failure:
        error = failure.what
    distribution, version = _distribution(entry)
    return PluginInfo(entry.name, group, distribution, version, hooks, error)


def _entries(group: str, name: str | None = None) -> Sequence[EntryPoint]:
    """Return the entry points of `group` that SEQTOOL_PLUGINS lets in, sorted by name."""
    found = list(entry_points(group=group) if name is None else entry_points(group=group, name=name))
    chosen = os.environ.get(SELECTION)
    if chosen is not None:
        allowed = {word.strip() for word in chosen.split(",")}
        found = [entry for entry in found if entry.name in allowed]
    return sorted(found, key=lambda entry: (entry.name, *_distribution(entry)))


def _load(entry: EntryPoint) -> tuple[pluggy.PluginManager, Any]:
    """Import one plugin and register it; any failure is a `SeqtoolError` that names its distribution."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(TaskHooks)
    manager.add_hookspecs(ExtensionHooks)
    try:
        plugin = entry.load()
        manager.register(plugin, entry.name)
        manager.check_pending()  # a hook that nobody calls is a misspelt one
    except (Exception, SystemExit) as error:  # an import runs foreign code, which may raise anything
        raise _failure(entry, f"does not load: {_reason(error)}") from error
    return manager, plugin


def _task(entry: EntryPoint) -> Task:
    manager, _ = _load(entry)
    try:
        results = manager.hook.register_task()
    except (Exception, SystemExit) as error:  # foreign code again
        raise _failure(entry, f"fails in register_task: {_reason(error)}") from error
    if len(results) != 1 or not isinstance(results[0], Task):
        raise _failure(entry, "gives no Task from register_task")
    task = results[0]
    if getattr(task, "name", None) != entry.name:
        raise _failure(entry, f"gives a task with another name, {getattr(task, 'name', None)!r}")
    return task


def _failure(entry: EntryPoint, what: str) -> SeqtoolError:
    distribution, _ = _distribution(entry)
    cure = f"update it, or remove it with pip uninstall {distribution}; SEQTOOL_DEBUG=1 shows where it fails"
    return SeqtoolError(f"plugin {entry.name!r} {what}", where=f"{_origin(entry)}, {entry.value}", cure=cure)


def _distribution(entry: EntryPoint) -> tuple[str, str]:
    if entry.dist is None:
        return "unknown", "unknown"
    return entry.dist.name or "unknown", entry.dist.version or "unknown"


def _origin(entry: EntryPoint) -> str:
    return " ".join(_distribution(entry))


def _reason(error: BaseException) -> str:
    """Return the kind and the first line of an exception."""
    return f"{type(error).__name__}: {error}".partition("\n")[0].removesuffix(": ")


def _warn(text: str) -> None:
    from seqtool.cli.output import warn

    warn(text)
