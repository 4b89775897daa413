"""Entry points: which plugins there are, and which distribution each is of. Imports none of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

TASKS = "seqtool.tasks"
FAMILIES = "seqtool.families"
CELLS = "seqtool.cells"
EXTENSIONS = "seqtool.extensions"
SELECTION = "SEQTOOL_PLUGINS"
OWN = "seqtool"
"""The distribution whose plugins are built in."""


def entries(group: str, name: str | None = None) -> Sequence[EntryPoint]:
    """Return the entry points of `group` that SEQTOOL_PLUGINS lets in, sorted by name."""
    from importlib.metadata import entry_points  # slow, and a pipe asks for no plugin

    # A group without a name is asked for as a whole: `name=None` would match nothing.
    found = list(entry_points(group=group) if name is None else entry_points(group=group, name=name))
    chosen = os.environ.get(SELECTION)
    if chosen is not None:
        allowed = {word.strip() for word in chosen.split(",")}
        found = [entry for entry in found if entry.name in allowed]
    return sorted(found, key=lambda entry: (entry.name, *distribution(entry)))


def distribution(entry: EntryPoint) -> tuple[str, str]:
    """Return the name and the version of the distribution that an entry point is of."""
    if entry.dist is None:
        return "unknown", "unknown"
    return entry.dist.name or "unknown", entry.dist.version or "unknown"


def origin(entry: EntryPoint) -> str:
    """Return name and version as one text."""
    return " ".join(distribution(entry))


def origin_of(group: str, name: str) -> str:
    """Return the origin of what the entry point `name` of a group gives; of both where two give it, "" without."""
    return " and ".join(origin(entry) for entry in entries(group, name))


def outside(*groups: str) -> dict[str, str]:
    """Return the packages that plugins from outside come from, and the origin of each."""
    found = [entry for group in groups for entry in entries(group) if distribution(entry)[0] != OWN]
    return {entry.module.partition(".")[0]: origin(entry) for entry in found}
