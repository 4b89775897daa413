"""Typer commands made from functions, and groups that build a command only when it is chosen."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from seqtool.say import records_alone

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter  # Typer has these in no public module

    from seqtool.task import Task

EXIT_CODES = (
    "Exit codes: 0 done; 1 the work failed; 2 usage, configuration or malformed data; "
    "3 data or model not found; 4 missing extra or device; 128 + number when ended by a signal."
)


def typer_app(**settings: Any) -> typer.Typer:
    """Return a `typer.Typer` with plain help and plain errors."""
    # Markup would import rich, and would read a help text's brackets as styles.
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, **settings)


def plain_command(name: str, function: Callable[..., None]) -> Command:
    """Return the command of one function with Annotated Typer parameters.

    What its work prints by itself, a plugin's phases for instance, goes to stderr. The help and the commands of
    extensions are none of it.
    """

    @functools.wraps(function)
    def apart(**values: Any) -> None:
        with records_alone():
            function(**values)

    app = typer_app()
    app.command(name, epilog=EXIT_CODES)(apart)
    return get_command(app)


def parameters_of(function: Callable[..., object]) -> dict[str, inspect.Parameter]:
    """Return the parameters of a function, or the fields of a dataclass, by name, as keyword-only parameters."""
    # eval_str: with `from __future__ import annotations` they are texts.
    parameters = inspect.signature(function, eval_str=True).parameters
    return {name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for name, parameter in parameters.items()}


def with_parameters(
    function: Callable[..., None], parameters: Iterable[inspect.Parameter], text: str | None
) -> Callable[..., None]:
    """Let Typer see `parameters` as those of `function(**values)`, and `text` as its help."""
    signature = inspect.Signature(list(parameters))
    function.__signature__ = signature  # type: ignore[attr-defined]  # inspect reads it, types do not know it
    function.__annotations__ = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    function.__doc__ = text
    return function


class LazyGroup(TyperGroup):
    """A group that lists `summaries` (name -> line of help) and calls `build(name)` for the chosen command."""

    def __init__(self, *, summaries: Mapping[str, str], build: Callable[[str], Command], **settings: Any) -> None:
        # A stub has the help alone: the module of a command is imported when it is chosen.
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
    """A group with one command for each task; `function_of(task)` is that command's function."""

    def __init__(self, name: str, text: str, function_of: Callable[[Task], Callable[..., None]]) -> None:
        from seqtool import plugins

        def build(task: str) -> Command:
            return plain_command(task, function_of(plugins.load_task(task)))

        names = dict.fromkeys(plugins.names(), "")
        super().__init__(name=name, summaries=names, build=build, help=text, subcommand_metavar="TASK [OPTIONS]")

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """List the tasks with their summaries, or with the error of a broken plugin."""
        from seqtool import plugins
        from seqtool.errors import SeqtoolError

        for name, task in plugins.tasks().items():  # loads every plugin: too slow for any other path
            text = f"error: {task.what}" if isinstance(task, SeqtoolError) else task.summary
            self.commands[name].help = text
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Load the plugin of the named task; raises `UsageError` for an unknown one."""
        from seqtool import plugins
        from seqtool.errors import SeqtoolError

        if ctx.resilient_parsing:
            try:
                return super().resolve_command(ctx, args)
            except SeqtoolError:  # Tab offers nothing of a broken plugin; running its task shows the error
                return None, None, []
        if args[0] not in self.commands and not args[0].startswith("-"):
            plugins.load_task(args[0])  # raises with a hint; Typer's own message would not know the tasks
        return super().resolve_command(ctx, args)
