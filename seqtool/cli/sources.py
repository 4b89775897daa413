"""`seqtool sources`: the named data sets of every task."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_group

from seqtool.cli import complete
from seqtool.cli.groups import EXIT_CODES, typer_app
from seqtool.cli.options import JsonOption
from seqtool.errors import UsageError, did_you_mean
from seqtool.say import emit, emit_columns, emit_json, note, warn

if TYPE_CHECKING:
    from typer.core import TyperGroup

    from seqtool.task import Source

NameArgument = Annotated[str, typer.Argument(metavar="NAME", autocompletion=complete.sources)]

_HELP = "List, fetch, describe and verify the named data sets."
app = typer_app(name="sources", invoke_without_command=True, epilog=EXIT_CODES, help=_HELP)


def group() -> TyperGroup:
    """Return the group of `sources`."""
    return get_group(app)


@app.callback()
def _default(ctx: typer.Context, json: JsonOption = False) -> None:
    if ctx.invoked_subcommand is None:
        list_sources(json)


@app.command("list")
def list_sources(json: JsonOption = False) -> None:
    """List the data sets: name, whether it is on this machine, size, licence, what it is."""
    from seqtool.data.sources import cached

    rows = []
    for source in _sources().values():
        is_here, size = cached(source), sum(file.size for file in source.files)
        if json:
            facts = {"summary": source.summary, "home": source.home, "licence": source.licence}
            emit_json({"name": source.name, "cached": is_here, "size": size, **facts})
        rows.append([source.name, "here" if is_here else "-", f"{size:,} bytes", source.licence, source.summary])
    if not json:
        emit_columns(rows)


@app.command()
def fetch(name: NameArgument, json: JsonOption = False) -> None:
    """Download a data set into the cache, check it, and print the paths of its files."""
    from seqtool.data import sources

    for file in sources.fetch(_source(name)):
        if json:
            emit_json({"name": name, "path": str(file.path), "label": file.label})
        else:
            emit(str(file.path))


@app.command()
def describe(name: NameArgument, json: JsonOption = False) -> None:
    """Show a data set: home, licence, citation, and the size and sha256 of each file."""
    facts = dataclasses.asdict(_source(name))
    if json:
        emit_json(facts)
        return
    for key in ("name", "summary", "home", "licence", "citation"):
        if facts[key]:
            emit(f"{key}: {facts[key]}")
    for file in facts["files"]:
        # Without a sum where the home needs a login: a person puts that file into the cache.
        pinned = f"{file['size']:,} bytes  sha256 {file['sha256']}" if file["sha256"] else "no sum: put there by hand"
        emit(f"file: {file['name']}  {pinned}")


@app.command()
def verify(name: NameArgument, json: JsonOption = False) -> None:
    """Check the size and sha256 of each cached file of a data set."""
    from seqtool.data import sources

    sources.verify(_source(name))
    if json:
        emit_json({"name": name, "ok": True})
    else:
        note(f"{name}: every file is whole")


def _sources() -> dict[str, Source]:
    """Return the data sets of every task that loads, by name."""
    from seqtool import plugins
    from seqtool.task import Task

    sources: dict[str, Source] = {}
    for loaded in plugins.tasks().values():
        if isinstance(loaded, Task):
            sources.update({source.name: source for source in loaded.sources})
        else:
            warn(f"{loaded.what} ({loaded.where})")
    return sources


def _source(name: str) -> Source:
    sources = _sources()
    if name not in sources:
        raise UsageError(f"unknown source {name!r}", cure=did_you_mean(name, sources))
    return sources[name]
