"""The root command: a static table of built-in commands; an unknown word is put to the extensions."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperOption
from typer.main import get_group, get_install_completion_arguments

from seqtool import __version__
from seqtool.cli.groups import LazyGroup, plain_command, typer_app

if TYPE_CHECKING:
    from typer._click import Command, Context, Parameter  # Typer names these in no public module

PROGRAM = "seqtool"
COMPLETING = "_SEQTOOL_COMPLETE"

COMMANDS = {
    "train": ("seqtool.cli.train", "Train a task on your data, a named source or its sample."),
    "check": ("seqtool.cli.check", "Say what is odd in the data before training on it."),
    "export": ("seqtool.cli.export", "Write a run as one .onnx file, checked and scored."),
    "forecast": ("seqtool.cli.forecast", "Continue a series: a table in, a table out."),
    "generate": ("seqtool.cli.generate", "Continue a text: a prompt, or each line of a pipe."),
    "score": ("seqtool.cli.score", "Say how likely each line is, or each translation."),
    "classify": ("seqtool.cli.classify", "Say which class each line is of."),
    "tag": ("seqtool.cli.tag", "Tag the words of each line, or of CoNLL-U."),
    "translate": ("seqtool.cli.translate", "Translate each line into another language."),
    "evaluate": ("seqtool.cli.evaluate", "Show or measure a model's scores beside the baselines."),
    "compare": ("seqtool.cli.compare", "Show runs side by side: settings, scores, cost, curves."),
    "tasks": ("seqtool.cli.tasks", "List the tasks."),
    "plugins": ("seqtool.cli.plugins", "List the plugins, their distributions and load errors."),
    "presets": ("seqtool.cli.presets", "List the presets of tasks."),
    "sources": ("seqtool.cli.sources", "List, fetch, describe and verify the named data sets."),
    "inspect": ("seqtool.cli.inspect", "Show what a model file holds."),
    "doctor": ("seqtool.cli.doctor", "Show versions, devices, what is missing and the cure."),
}


class Root(LazyGroup):
    """The built-in commands; an unknown first word loads the extensions."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Ask the extensions for a word that is no built-in command, then resolve it."""
        word = args[0]
        if word not in self.commands and not word.startswith("-") and not ctx.resilient_parsing:
            self.commands = {**_extension_commands(), **self.commands}
        return super().resolve_command(ctx, args)


def root(args: Sequence[str]) -> Root:
    """Return the root command for these arguments."""
    params: list[Parameter] = [_version_option()]
    if COMPLETING in os.environ or not args or args[0].startswith("-"):
        params += get_install_completion_arguments()  # imports much, needed only here
    return Root(
        name=PROGRAM,
        summaries={name: text for name, (_, text) in COMMANDS.items()},
        build=_build,
        params=params,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Train recurrent sequence models on your own text or series, and own them as one .onnx file.",
    )


def _build(name: str) -> Command:
    """Import a built-in command: its module has `command`, or `group()` where it is a group."""
    module = importlib.import_module(COMMANDS[name][0])
    if hasattr(module, "group"):
        group: Command = module.group()
        return group
    return plain_command(name, module.command)


def _version_option() -> TyperOption:
    def show(ctx: Context, param: Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            from seqtool.cli.output import emit

            emit(f"{PROGRAM} {__version__}")
            raise typer.Exit

    return TyperOption(
        param_decls=["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show,
        help="Show the version and exit.",
    )  # fmt: skip


def _extension_commands() -> dict[str, Any]:
    """Return the commands of every extension; one that fails is reported, one name twice is an error."""
    from seqtool import plugins
    from seqtool.cli.output import warn
    from seqtool.errors import SeqtoolError

    found: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for extension in plugins.extensions():
        app = typer_app()
        try:
            extension.hook.register_commands(app=app)
            commands = get_group(app).commands
        except (Exception, SystemExit) as error:  # foreign code may raise anything; the others still serve
            reason = f"{type(error).__name__}: {error}"
            warn(f"plugin {extension.name!r} gives no commands: {reason} ({extension.origin})")
            continue
        for name, command in commands.items():
            if name in owners:
                raise SeqtoolError(
                    f"two plugins give the command {name!r}",
                    where=f"{owners[name]} and {extension.origin}",
                    cure="uninstall one of them",
                )
            found[name], owners[name] = command, extension.origin
    return found
