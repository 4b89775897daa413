"""Find the model file of a verb: named, from the environment, or the newest exported one."""

from __future__ import annotations

import os
from pathlib import Path

from seqtool.errors import NotFound


def find_model(named: str | None, *, task: str = "", family: str | tuple[str, ...] = "") -> Path:
    """Return the model's path: `named` (a file, a run folder or a task), else `SEQTOOL_MODEL`, else the newest of
    `task`, of `family` (or one of several) or of all. Raises `NotFound`."""
    named = named or os.environ.get("SEQTOOL_MODEL") or ""
    path = Path(named)
    if named and path.is_dir():
        model = path / "model.onnx"
        if not model.is_file():
            if not (path / "run.json").is_file():
                raise NotFound(
                    "the folder is no run and has no model.onnx", where=str(path), cure="name a model's file"
                )
            raise NotFound("the run has no model yet", where=str(path), cure=f"seqtool export {path}")
        return model
    if named and (path.exists() or path.suffix or os.sep in named):
        return path
    from seqtool import runs  # it takes time to load, and a named file does not need it

    task = named or task
    return runs.newest_model(task or family, "task" if task else "family")
