"""What the shell offers at Tab.

The program runs at each press, so these functions read names only, and do not offer what cannot be read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from seqtool.types import Json


def tasks(incomplete: str) -> list[str]:
    """Return the names of the tasks; imports no plugin."""
    from seqtool import plugins

    return _offered(plugins.names(), incomplete)


def presets(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the presets of the task whose command is being typed."""
    from seqtool import plugins
    from seqtool.errors import SeqtoolError
    from seqtool.families.family import presets_of

    with contextlib.suppress(SeqtoolError):
        return _offered(presets_of(plugins.load_task(ctx.info_name or "")), incomplete)
    return []


def runs(incomplete: str) -> list[str]:
    """Return the newest run, then the folders in ./runs."""
    from seqtool.runs import RUNS

    # Folders are named by date: the newest comes first.
    folders = [str(path.parent) for path in sorted(RUNS.glob("*/config.toml"), reverse=True)]
    return _offered([_latest()["run"] or "", *folders], incomplete)


def models(incomplete: str) -> list[str]:
    """Return the exported models, newest first, then the .onnx files that match the word."""
    exported = [model["path"] for model in _latest()["models"]]
    import glob  # only a person who presses Tab needs it

    files = sorted(glob.glob(f"{glob.escape(incomplete)}*.onnx"))  # noqa: PTH207 (pathlib would drop a leading ./)
    return _offered([*exported, *files], incomplete)


def models_and_runs(incomplete: str) -> list[str]:
    """Return what `-m` takes."""
    return [*models(incomplete), *runs(incomplete)]


def sources(incomplete: str) -> list[str]:
    """Return the names of the data sets of every task."""
    from seqtool import plugins
    from seqtool.task import Task

    loaded = [task for task in plugins.tasks().values() if isinstance(task, Task)]
    return _offered((source.name for task in loaded for source in task.sources), incomplete)


def _latest() -> Json:
    from seqtool.errors import SeqtoolError
    from seqtool.runs import latest

    try:
        return latest()
    except SeqtoolError:  # the verbs say that the list is damaged; Tab has no place for it
        return {"run": None, "models": []}


def _offered(words: Iterable[str], incomplete: str) -> list[str]:
    """Keep the words that begin with `incomplete`, once each."""
    unique = dict.fromkeys(words)
    # No shell could show a name with control characters safely.
    return [word for word in unique if word and word.startswith(incomplete) and word.isprintable()]
