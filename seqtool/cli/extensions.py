"""The commands that extensions add to the program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from typer.main import get_group

from seqtool import plugins
from seqtool.cli.groups import typer_app
from seqtool.errors import SeqtoolError, reason
from seqtool.families.family import WORDS
from seqtool.interrupt import is_pressed
from seqtool.say import listing, warn

if TYPE_CHECKING:
    from typer._click import Command  # Typer has it in no public module


def extension_commands() -> dict[str, Command]:
    """Return the commands of every extension; one that fails is reported, a name given twice is an error."""
    commands: dict[str, Command] = {}
    owners: dict[str, str] = {}
    for extension in plugins.extensions():
        try:
            added = _commands_of(extension)
        except SeqtoolError as error:
            warn(f"{error.what} ({error.where})")
            continue
        if taken := _taken(extension, added):
            warn(f"{taken} ({extension.origin})")
        for name, command in added.items():
            if name in owners:
                where = f"{owners[name]} and {extension.origin}"
                raise SeqtoolError(f"two plugins give the command {name!r}", where=where, cure="uninstall one of them")
            commands[name], owners[name] = command, extension.origin
    return commands


def _commands_of(extension: plugins.Extension) -> dict[str, Command]:
    """Return the commands of an extension; raises `SeqtoolError` where it fails."""
    app = typer_app()
    try:
        extension.hook.register_commands(app=app)
        added = dict(get_group(app).commands)
    except BaseException as error:  # foreign code may raise anything; the others still serve
        if is_pressed(error):
            raise
        what = f"plugin {extension.name!r} gives no commands: {reason(error)}"
        raise SeqtoolError(what, where=extension.origin) from error
    return added


def _taken(extension: plugins.Extension, commands: Iterable[str]) -> str:
    """Return what is wrong with commands that are built in, which stay as they are, or ""."""
    taken = sorted(WORDS.intersection(commands))
    return f"plugin {extension.name!r} gives commands that are built in: {listing(taken)}" if taken else ""


def fault_of(name: str) -> str:
    """Return why the commands of the extension `name` cannot be used, or ""."""
    for extension in plugins.extensions():
        if extension.name == name:
            try:
                return _taken(extension, _commands_of(extension))
            except SeqtoolError as error:
                return error.what
    return ""
