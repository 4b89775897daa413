"""Which model file a verb runs: named, from the environment, or the newest exported one."""

from __future__ import annotations

import os
from pathlib import Path

from seqtool.errors import NotFound


def find_model(named: str | None, *, task: str = "", family: str | tuple[str, ...] = "") -> Path:
    """Return the model's path: `named` (a file, a run folder or a task), else `SEQTOOL_MODEL`, else the newest of
    `task`, of `family` (or one of several) or of all. Raises `NotFound`."""
    named = named or os.environ.get("SEQTOOL_MODEL") or None
    if named is None:
        return _newest(task or family, "task" if task else "family")
    path = Path(named)
    if path.is_dir():
        return _in_run(path)
    if path.exists() or path.suffix or os.sep in named:
        return path
    return _newest(named, "task")


def _newest(name: str | tuple[str, ...], key: str) -> Path:
    from seqtool import runs  # not needed, and not loaded, where a file is named

    return runs.newest_model(name, key)


def _in_run(run: Path) -> Path:
    path = run / "model.onnx"
    if not path.is_file():
        raise NotFound("the run has no model yet", where=str(run), cure=f"seqtool export {run}")
    return path
