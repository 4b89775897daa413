"""What the shell offers at Tab.

The program runs at each press, so these read names only, and what cannot be read is not offered.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

RUNS = Path("runs")


def tasks(incomplete: str) -> list[str]:
    """Return the names of the tasks; imports no plugin."""
    from seqtool import plugins

    return _offered(plugins.names(), incomplete)


def presets(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the presets of the task whose command is being typed."""
    from seqtool import config, plugins
    from seqtool.errors import SeqtoolError

    with contextlib.suppress(SeqtoolError):
        return _offered(config.preset_files(plugins.load_task(ctx.info_name or "").presets), incomplete)
    return []


def runs(incomplete: str) -> list[str]:
    """Return the runs: the newest first, then the folders in ./runs."""
    folders = [str(path.parent) for path in sorted(RUNS.glob("*/config.toml"), reverse=True)]
    newest = _latest().get("run")
    return _offered([*([_placed(newest)] if newest else []), *folders], incomplete)


def models(incomplete: str) -> list[str]:
    """Return the exported models, newest first, then the .onnx files where the word points."""
    entries = _latest().get("models", [])
    exported = [_placed(entry["path"]) for entry in entries if isinstance(entry, dict) and entry.get("path")]
    files = sorted(glob.glob(f"{glob.escape(incomplete)}*.onnx"))  # noqa: PTH207 (pathlib would drop a leading ./)
    return _offered([*exported, *files], incomplete)


def models_and_runs(incomplete: str) -> list[str]:
    """Return what `-m FILE/RUN` takes."""
    return [*models(incomplete), *runs(incomplete)]


def sources(incomplete: str) -> list[str]:
    """Return the names of the data sets of every task."""
    from seqtool import plugins
    from seqtool.task import Task

    loaded = [task for task in plugins.tasks().values() if isinstance(task, Task)]
    return _offered((source.name for task in loaded for source in task.sources), incomplete)


def _latest() -> dict[str, Any]:
    """Return runs/latest.json, {} when there is none that can be read."""
    try:
        latest = json.loads((RUNS / "latest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return latest if isinstance(latest, dict) else {}


def _placed(path: object) -> str:
    """Return a path that latest.json gives relative to itself as seen from here."""
    return os.path.normpath(RUNS / str(path))


def _offered(words: Iterable[str], incomplete: str) -> list[str]:
    """Keep the words that begin so, once each; a name that no shell could show safely is not offered."""
    unique = dict.fromkeys(words)
    return [word for word in unique if word.startswith(incomplete) and word.isprintable()]
