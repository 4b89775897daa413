"""The plugin manager: finds plugins by entry point, loads the ones that are needed, and blames the right one.

pluggy checks each plugin's hooks and calls them; it does not search. Its own loader lets an exception escape
without the distribution it came from, and skips a second plugin of the same name in silence. Every plugin has
a manager of its own, so that one that fails takes no other with it.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar, cast

import pluggy

from seqtool import config_check
from seqtool.entries import CELLS as CELLS
from seqtool.entries import EXTENSIONS, OWN, SELECTION, TASKS, distribution, entries, origin
from seqtool.entries import FAMILIES as FAMILIES
from seqtool.errors import SeqtoolError, UsageError, did_you_mean, foreign, reason
from seqtool.hookspecs import PROJECT, ExtensionHooks, TaskHooks
from seqtool.interrupt import is_pressed
from seqtool.say import printable, warn
from seqtool.task import Task

T = TypeVar("T")


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
    entry = _only(_built_in_first(entries(TASKS, name)), f"task {name!r}")
    if entry is None:
        selection = f" ({SELECTION}={os.environ[SELECTION]})" if SELECTION in os.environ else ""
        cure = did_you_mean(name, names())
        more = "; or install the plugin that gives it" if cure.startswith("known") else ""
        raise UsageError(f"unknown task {name!r}{selection}", cure=cure + more)
    return _task(entry)


def _built_in_first(given: Sequence[EntryPoint]) -> Sequence[EntryPoint]:
    """Leave plugins out that give a task which is built in: they must not take it away."""
    own = [entry for entry in given if distribution(entry)[0] == OWN]
    return own or given


def _only(given: Sequence[EntryPoint], what: str) -> EntryPoint | None:
    """Return the one entry point, None without; raises `SeqtoolError` that names both where there are two."""
    if len(given) > 1:
        origins = " and ".join(map(origin, given))
        raise SeqtoolError(f"two plugins give the {what}", where=origins, cure="uninstall one of them")
    return given[0] if given else None


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
    return sorted({entry.name for entry in entries(group)})


def load_object(group: str, name: str, kind: type[T]) -> T | None:
    """Load what the entry point `name` of a group of objects (families, cells) gives; None where there is none.

    Raises `SeqtoolError` naming the distribution where it does not load or is no `kind` of that name, and both
    distributions where two give the same name.
    """
    entry = _only(entries(group, name), f"{kind.__name__.lower()} {name!r}")
    return None if entry is None else _object(entry, kind)


def _object(entry: EntryPoint, kind: type[T]) -> T:
    with _blaming(entry, "does not load"):
        loaded = entry.load()
    if not isinstance(loaded, kind):
        raise _failure(entry, f"gives a {type(loaded).__name__}, not a {kind.__name__}")
    with _blaming(entry, f"gives a {kind.__name__} that cannot be used"):
        plain = _plain(loaded, kind)
    _hold_name(entry, kind, plain.name)
    return loaded


def _plain(record: Any, kind: type[T]) -> Any:
    """Return a dataclass of a plugin's made anew: what changed it after it was made, or what it computes, shows now."""
    return kind(**{field.name: getattr(record, field.name) for field in dataclasses.fields(cast(Any, kind))})


def _hold_name(entry: EntryPoint, kind: type, given: str) -> None:
    # The entry point's name is what the user types and what lists show without an import.
    if given != entry.name:
        raise _failure(entry, f"gives a {kind.__name__} with another name, {printable(given)!r}")
    # It names options, folders and files.
    if not re.fullmatch(r"\w[\w.-]*", given):
        raise _failure(entry, f"gives a {kind.__name__} whose name is no word of letters, digits, - and _")


@functools.cache
def extensions() -> tuple[Extension, ...]:
    """Load every extension; one that fails is reported and left out."""
    loaded = []
    for entry in entries(EXTENSIONS):
        try:
            manager, _ = _load(entry)
        except SeqtoolError as error:
            warn(f"{error.what} ({error.where})")
        else:
            loaded.append(Extension(entry.name, origin(entry), manager.hook))
    return tuple(loaded)


def notify(event: str, run: Path, values: Mapping[str, Any]) -> None:
    """Tell every extension of a training's event; one that fails is reported once and not called again."""
    for extension in extensions():
        if extension.silenced:
            continue
        try:
            # A copy: an extension that writes into it must not change what the next one hears.
            with redirect_stdout(sys.stderr):
                extension.hook.run_event(event=event, run=run, values=dict(values))
        except BaseException as error:  # whatever a plugin raises, the training goes on
            if is_pressed(error):
                raise
            extension.silenced = True
            warn(f"plugin {extension.name!r} failed and is left out: {reason(error)} ({extension.origin})")


def listing(kinds: Mapping[str, type]) -> list[PluginInfo]:
    """Load every plugin and return what it is, with its error when it cannot be used.

    kinds: the groups whose entry points are objects, not modules of hooks, and what each object is.
    """
    return [_info(entry, group, kinds) for group in (TASKS, *kinds, EXTENSIONS) for entry in entries(group)]


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
            if entry not in _built_in_first(entries(TASKS, entry.name)):
                raise _failure(entry, "gives a task that is built in: it needs another name")
            load_task(entry.name)
    except SeqtoolError as failure:
        error = failure.what
    return PluginInfo(entry.name, group, *distribution(entry), hooks, error)


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
        given = results[0] if len(results) == 1 and isinstance(results[0], Task) else None
    if given is None:
        raise _failure(entry, "gives no Task from register_task")
    with _blaming(entry, "gives a task that cannot be used"):
        task: Task = _plain(given, Task)
    _hold_name(entry, Task, task.name)
    if task.config is not None:
        with _blaming(entry, f"has a configuration {task.config.__name__!r} that is wrong"):
            config_check.hold(task.config)
    return task


def _failure(entry: EntryPoint, what: str) -> SeqtoolError:
    return SeqtoolError(f"plugin {entry.name!r} {what}", **_place_and_cure(entry))


def _blaming(entry: EntryPoint, what: str) -> AbstractContextManager[None]:
    return foreign(f"plugin {entry.name!r} {what}", **_place_and_cure(entry))


def _place_and_cure(entry: EntryPoint) -> dict[str, str]:
    name, _ = distribution(entry)
    cure = f"update it, or remove it with pip uninstall {name}; SEQTOOL_DEBUG=1 shows where it fails"
    return {"where": f"{origin(entry)}, {entry.value}", "cure": cure}
