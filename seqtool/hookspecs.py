"""The extension surface: every hook that a plugin may implement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from seqtool.task import Task

PROJECT = "seqtool"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class TaskHooks:
    """Hooks of the entry-point group `seqtool.tasks`."""

    @hookspec
    def register_task(self) -> Task:
        """Return the task; its name must be the entry point's name."""
        raise AssertionError("a specification is never called")


class ExtensionHooks:
    """Hooks of the entry-point group `seqtool.extensions`."""

    @hookspec
    def register_commands(self, app: typer.Typer) -> None:
        """Add commands to `app`; called when the first word is no built-in command."""

    @hookspec
    def run_event(self, event: str, run: Path, values: Mapping[str, Any]) -> None:
        """Hear of a training: event is "start", "step", "epoch" or "end", run its folder."""
