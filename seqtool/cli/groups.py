"""Groups whose commands are known by name and one line of help, and built only when chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from typer._click import Command, Context  # Typer names these in no public module

    from seqtool.task import Task

EXIT_CODES = (
    "Exit codes: 0 done; 1 the work failed; 2 usage, configuration or malformed data; "
    "3 data or model not found; 4 missing extra or device; 128 + number when ended by a signal."
)


def typer_app(**settings: Any) -> typer.Typer:
    """Return a `typer.Typer` with plain help and plain errors."""
    # Markup would import rich, and show a help text's brackets for styles.
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, **settings)


def plain_command(name: str, function: Callable[..., Any]) -> Command:
    """Return the command of one function with Annotated Typer parameters."""
    app = typer_app()
    app.command(name, epilog=EXIT_CODES)(function)
    return get_command(app)


class LazyGroup(TyperGroup):
    """A group that shows `summaries` (name to line of help) and calls `build(name)` for the chosen one."""

    def __init__(self, *, summaries: Mapping[str, str], build: Callable[[str], Command], **settings: Any) -> None:
        stubs: dict[str, Command] = {
            name: TyperCommand(name, help=text, rich_markup_mode=None) for name, text in summaries.items()
        }
        super().__init__(commands=stubs, no_args_is_help=True, rich_markup_mode=None, epilog=EXIT_CODES, **settings)
        self._summaries, self._build = summaries, build

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Find the command as Typer does, then put the real one in its stub's place."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self._summaries:
            command = self._build(name)
        return name, command, rest


class TaskGroup(LazyGroup):
    """A group with a command a task; `function(task)` is that command's function."""

    def __init__(self, name: str, text: str, function: Callable[[Task], Callable[..., None]]) -> None:
        from seqtool import plugins

        def build(task_name: str) -> Command:
            task = plugins.load_task(task_name)
            return plain_command(task_name, function(task))

        super().__init__(
            name=name,
            summaries=dict.fromkeys(plugins.names(), ""),
            build=build,
            help=text,
            subcommand_metavar="TASK [OPTIONS]",
        )

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Load the plugin of the named task; `UsageError` for an unknown one, nothing while completing."""
        from seqtool import plugins
        from seqtool.errors import SeqtoolError

        if ctx.resilient_parsing:
            try:
                return super().resolve_command(ctx, args)
            except SeqtoolError:  # at Tab a broken plugin offers nothing; naming the task shows its error
                return None, None, []
        if args[0] not in self.commands and not args[0].startswith("-"):
            plugins.load_task(args[0])  # raises, with the names that are known
        return super().resolve_command(ctx, args)
