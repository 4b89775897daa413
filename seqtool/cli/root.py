"""The root command: a static table of built-in commands; the extensions are asked for an unknown word."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from typer.core import TyperOption
from typer.main import get_install_completion_arguments

from seqtool import __version__
from seqtool.cli.groups import LazyGroup, plain_command

if TYPE_CHECKING:
    from typer._click import Command, Context, Parameter  # Typer has these in no public module

PROGRAM = "seqtool"
COMPLETING = "_SEQTOOL_COMPLETE"

# Name -> (module:function, line of help). A table of words, so that the help of the root imports no command.
COMMANDS = {
    "train": ("train:group", "Train a task on your data, a named source or its sample."),
    "check": ("check:group", "Say what is odd in the data before training on it."),
    "export": ("export:command", "Write a run as one .onnx file, checked and scored."),
    "forecast": ("forecast:command", "Continue a series: a table in, a table out."),
    "generate": ("generate:command", "Continue a text: a prompt, or each line of a pipe."),
    "score": ("score:command", "Say how likely each line is, or each translation."),
    "classify": ("classify:command", "Say which class each line belongs to."),
    "tag": ("tag:command", "Tag the words of each line, or of CoNLL-U."),
    "translate": ("translate:command", "Translate each line into another language."),
    "evaluate": ("evaluate:command", "Show or measure a model's scores beside the baselines."),
    "compare": ("compare:command", "Show runs side by side: settings, scores, cost, curves."),
    "tasks": ("listings:tasks", "List the tasks."),
    "plugins": ("listings:plugins", "List the plugins, their distributions and load errors."),
    "presets": ("listings:presets", "List the presets of tasks."),
    "sources": ("sources:group", "List, fetch, describe and verify the named data sets."),
    "inspect": ("inspect:command", "Show what a model file holds."),
    "doctor": ("doctor:command", "Show versions, devices, what is missing and the cure."),
}


class Root(LazyGroup):
    """The built-in commands; an unknown first word loads the extensions."""

    def invoke(self, ctx: Context) -> object:
        """Run the chosen command; what the code of a plugin raises becomes an error that names the plugin."""
        try:
            return super().invoke(ctx)
        except BaseException as error:
            from seqtool.cli.blame import blamed  # what goes well blames nobody

            if (fault := blamed(error)) is None:
                raise
            raise fault from error

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Ask the extensions for a word that is no built-in command, then resolve it."""
        word = args[0]
        # Last: loading plugins is slow, and a built-in command must not depend on them.
        if word not in self.commands and not word.startswith("-") and not ctx.resilient_parsing:
            from seqtool.cli.extensions import extension_commands

            self.commands = {**extension_commands(), **_family_commands(), **self.commands}
        return super().resolve_command(ctx, args)


def root(args: Sequence[str]) -> Root:
    """Return the root command for these arguments."""
    params: list[Parameter] = [_version_option()]
    if COMPLETING in os.environ or not args or args[0].startswith("-"):
        params += get_install_completion_arguments()  # slow imports, needed only here
    return Root(
        name=PROGRAM,
        summaries={name: text for name, (_, text) in COMMANDS.items()},
        build=_build,
        params=params,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Train recurrent sequence models on your own text or series, and own them as one .onnx file.",
    )


def _build(name: str) -> Command:
    module, _, function = COMMANDS[name][0].partition(":")
    value = getattr(importlib.import_module(f"seqtool.cli.{module}"), function)
    command: Command = value() if function == "group" else plain_command(name, value)
    return command


def _version_option() -> TyperOption:
    def show(ctx: Context, param: Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            from seqtool.say import emit

            emit(f"{PROGRAM} {__version__}")
            raise typer.Exit

    text = "Show the version and exit."
    return TyperOption(
        param_decls=["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help=text
    )


def _family_commands() -> dict[str, Command]:
    """Return the verbs of families from plugins; one that does not load is reported."""
    from seqtool import plugins
    from seqtool.cli.verbs import verb_of
    from seqtool.entries import FAMILIES, origin_of
    from seqtool.errors import SeqtoolError
    from seqtool.families.family import find
    from seqtool.say import warn

    commands: dict[str, Command] = {}
    for name in plugins.entry_names(FAMILIES):
        try:
            family = find(name)
        except SeqtoolError as error:
            warn(f"{error.what} ({error.where or FAMILIES})")
            continue
        if family.verb in commands:
            warn(f"the command {family.verb!r} of the family {name!r} is taken ({origin_of(FAMILIES, name)})")
            continue
        commands[family.verb] = plain_command(family.verb, verb_of(family))
    return commands
