"""The plugin manager: finds plugins by entry point, loads the ones that are needed, and blames the right one.

pluggy checks each plugin's hooks and calls them; it does not search. Its own loader lets an exception escape
without the distribution it came from, and skips a second plugin of the same name in silence. Every plugin has
a manager of its own, so that one that fails takes no other with it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from seqtool.errors import SeqtoolError, UsageError, did_you_mean, foreign, reason
from seqtool.hookspecs import PROJECT, ExtensionHooks, TaskHooks
from seqtool.say import warn
from seqtool.task import Task

T = TypeVar("T")

TASKS = "seqtool.tasks"
FAMILIES = "seqtool.families"
CELLS = "seqtool.cells"
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
    return entry_names(TASKS)


def load_task(name: str) -> Task:
    """Load the one plugin that gives the task `name`.

    Raises `UsageError` for an unknown name, `SeqtoolError` naming the distribution of a plugin that fails
    and both distributions when two give the same name.
    """
    entry = _only(_entries(TASKS, name), f"task {name!r}")
    if entry is None:
        selection = f" ({SELECTION}={os.environ[SELECTION]})" if SELECTION in os.environ else ""
        raise UsageError(f"unknown task {name!r}{selection}", cure=did_you_mean(name, names()))
    return _task(entry)


def _only(entries: Sequence[EntryPoint], what: str) -> EntryPoint | None:
    """Return the one entry point, None without; raises `SeqtoolError` that names both where there are two."""
    if len(entries) > 1:
        origins = " and ".join(_origin(entry) for entry in entries)
        raise SeqtoolError(f"two plugins give the {what}", where=origins, cure="uninstall one of them")
    return entries[0] if entries else None


def tasks() -> dict[str, Task | SeqtoolError]:
    """Load every task, each on its own; a plugin that fails leaves its error under its name."""
    loaded: dict[str, Task | SeqtoolError] = {}
    for name in names():
        try:
            loaded[name] = load_task(name)
        except SeqtoolError as error:
            loaded[name] = error
    return loaded


def entry_names(group: str) -> list[str]:
    """Return the names of a group's entry points, sorted; imports none."""
    return sorted({entry.name for entry in _entries(group)})


def load_object(group: str, name: str, kind: type[T]) -> T | None:
    """Load what the entry point `name` of a group of objects (families, cells) gives; None where there is none.

    Raises `SeqtoolError` naming the distribution where it does not load or is no `kind` of that name, and both
    distributions where two give the same name.
    """
    entry = _only(_entries(group, name), f"{kind.__name__.lower()} {name!r}")
    return None if entry is None else _object(entry, kind)


def _object(entry: EntryPoint, kind: type[T]) -> T:
    with _blaming(entry, "does not load"):
        loaded = entry.load()
    if not isinstance(loaded, kind):
        raise _failure(entry, f"gives a {type(loaded).__name__}, not a {kind.__name__}")
    if (given := getattr(loaded, "name", None)) != entry.name:
        raise _failure(entry, f"gives a {kind.__name__} with another name, {given!r}")
    return loaded


@functools.cache
def extensions() -> tuple[Extension, ...]:
    """Load every extension; one that fails is reported and left out."""
    loaded = []
    for entry in _entries(EXTENSIONS):
        try:
            manager, _ = _load(entry)
        except SeqtoolError as error:
            warn(f"{error.what} ({error.where})")
        else:
            loaded.append(Extension(entry.name, _origin(entry), manager.hook))
    return tuple(loaded)


def notify(event: str, run: Path, values: Mapping[str, Any]) -> None:
    """Tell every extension of a training's event; one that fails is reported once and not called again."""
    for extension in extensions():
        if extension.silenced:
            continue
        try:
            # A copy: an extension that writes into it must not change what the next one hears.
            extension.hook.run_event(event=event, run=run, values=dict(values))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever a plugin raises, the training goes on
            extension.silenced = True
            warn(f"plugin {extension.name!r} failed and is left out: {reason(error)} ({extension.origin})")


def listing(kinds: Mapping[str, type]) -> list[PluginInfo]:
    """Load every plugin and return what it is, with its error when it cannot be used.

    kinds: the groups whose entry points are objects, not modules of hooks, and what each object is.
    """
    return [_info(entry, group, kinds) for group in (TASKS, *kinds, EXTENSIONS) for entry in _entries(group)]


def _info(entry: EntryPoint, group: str, kinds: Mapping[str, type]) -> PluginInfo:
    hooks: tuple[str, ...] = ()
    error = ""
    try:
        if group in kinds:
            load_object(group, entry.name, kinds[group])
        else:
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
    # A group without a name is asked for as a whole: `name=None` would match nothing.
    entries = list(entry_points(group=group) if name is None else entry_points(group=group, name=name))
    chosen = os.environ.get(SELECTION)
    if chosen is not None:
        allowed = {word.strip() for word in chosen.split(",")}
        entries = [entry for entry in entries if entry.name in allowed]
    return sorted(entries, key=lambda entry: (entry.name, *_distribution(entry)))


def _load(entry: EntryPoint) -> tuple[pluggy.PluginManager, Any]:
    """Import one plugin and register it; any failure is a `SeqtoolError` that names its distribution."""
    # A manager for each plugin: in a common one a plugin that fails would take the others with it.
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(TaskHooks)
    manager.add_hookspecs(ExtensionHooks)
    with _blaming(entry, "does not load"):
        plugin = entry.load()
        manager.register(plugin, entry.name)
        manager.check_pending()  # a hook that nobody calls is a misspelt one
    return manager, plugin


def _task(entry: EntryPoint) -> Task:
    manager, _ = _load(entry)
    with _blaming(entry, "fails in register_task"):
        results = manager.hook.register_task()
    if len(results) != 1 or not isinstance(results[0], Task):
        raise _failure(entry, "gives no Task from register_task")
    task = results[0]
    # The entry point's name is what the user types and what lists show without an import.
    if getattr(task, "name", None) != entry.name:
        raise _failure(entry, f"gives a task with another name, {getattr(task, 'name', None)!r}")
    return task


def _failure(entry: EntryPoint, what: str) -> SeqtoolError:
    return SeqtoolError(f"plugin {entry.name!r} {what}", **_place_and_cure(entry))


def _blaming(entry: EntryPoint, what: str) -> AbstractContextManager[None]:
    return foreign(f"plugin {entry.name!r} {what}", **_place_and_cure(entry))


def _place_and_cure(entry: EntryPoint) -> dict[str, str]:
    distribution, _ = _distribution(entry)
    cure = f"update it, or remove it with pip uninstall {distribution}; SEQTOOL_DEBUG=1 shows where it fails"
    return {"where": f"{_origin(entry)}, {entry.value}", "cure": cure}


def _distribution(entry: EntryPoint) -> tuple[str, str]:
    if entry.dist is None:
        return "unknown", "unknown"
    return entry.dist.name or "unknown", entry.dist.version or "unknown"


def _origin(entry: EntryPoint) -> str:
    return " ".join(_distribution(entry))
