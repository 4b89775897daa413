"""`seqtool sources`: the named data sets of every task."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.main import get_group

from seqtool.cli import complete
from seqtool.cli.groups import EXIT_CODES, typer_app
from seqtool.cli.options import JsonOption
from seqtool.cli.output import emit, emit_columns, emit_json, note, warn
from seqtool.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from typer.core import TyperGroup

    from seqtool.task import Source

NameArgument = Annotated[str, typer.Argument(metavar="NAME", autocompletion=complete.sources)]

app = typer_app(
    name="sources",
    invoke_without_command=True,
    epilog=EXIT_CODES,
    help="List, fetch, describe and verify the named data sets.",
)


def group() -> TyperGroup:
    """Return the group of `sources`."""
    return get_group(app)


@app.callback()
def _default(ctx: typer.Context, json: JsonOption = False) -> None:
    if ctx.invoked_subcommand is None:
        list_sources(json)


@app.command("list")
def list_sources(json: JsonOption = False) -> None:
    """List the data sets: name, on this machine or not, size, licence, what it is."""
    from seqtool.data.sources import cached

    rows = []
    for source in _sources().values():
        here, size = cached(source), sum(file.size for file in source.files)
        if json:
            facts = {"summary": source.summary, "home": source.home, "licence": source.licence}
            emit_json({"name": source.name, "cached": here, "size": size, **facts})
        rows.append([source.name, "here" if here else "-", f"{size:,} bytes", source.licence, source.summary])
    if not json:
        emit_columns(rows)


@app.command()
def fetch(name: NameArgument, json: JsonOption = False) -> None:
    """Download a data set into the cache, checked; print its files' paths."""
    from seqtool.data import sources

    for file in sources.fetch(_source(name)):
        if json:
            emit_json({"name": name, "path": str(file.path), "label": file.label})
        else:
            emit(str(file.path))


@app.command()
def describe(name: NameArgument, json: JsonOption = False) -> None:
    """Show a data set: home, licence, citation, files with sums and sizes."""
    facts = dataclasses.asdict(_source(name))
    if json:
        emit_json(facts)
        return
    for key in ("name", "summary", "home", "licence", "citation"):
        if facts[key]:
            emit(f"{key}: {facts[key]}")
    for file in facts["files"]:
        pinned = f"{file['size']:,} bytes  sha256 {file['sha256']}" if file["sha256"] else "no sum: put there by hand"
        emit(f"file: {file['name']}  {pinned}")


@app.command()
def verify(name: NameArgument, json: JsonOption = False) -> None:
    """Check the cached files of a data set against their sums and sizes."""
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

    found: dict[str, Source] = {}
    for loaded in plugins.tasks().values():
        if isinstance(loaded, Task):
            found.update({source.name: source for source in loaded.sources})
        else:
            warn(f"{loaded.what} ({loaded.where})")
    return found


def _source(name: str) -> Any:
    known = _sources()
    if name not in known:
        raise UsageError(f"unknown source {name!r}", cure=did_you_mean(name, known))
    return known[name]
