"""Find the model file of a verb: named, from the environment, or the newest exported one."""

from __future__ import annotations

import os
from pathlib import Path

from seqtool.errors import NotFound


def find_model(
    named: str | None, *, task: str = "", family: str | tuple[str, ...] = "", option: str = "-m FILE"
) -> Path:
    """Return the model's path: `named` (a file, a run folder or a task), else `SEQTOOL_MODEL`, else the newest of
    `task`, of `family` (or one of several) or of all. Raises `NotFound`; `option`: how its cure says to name a file."""
    named = named or os.environ.get("SEQTOOL_MODEL") or ""
    path = Path(named)
    if named and path.is_dir():
        return _in_folder(path)
    if named and (path.exists() or path.suffix or os.sep in named):
        return path
    from seqtool import runs  # it takes time to load, and a named file does not need it

    task = named or task
    return runs.newest_model(task or family, "task" if task else "family", option)


def _in_folder(path: Path) -> Path:
    """Return the model of a run's folder; raises `NotFound`."""
    if (model := path / "model.onnx").is_file():
        return model
    import shlex  # a cure alone needs it

    if (path / "run.json").is_file():
        raise NotFound("the run has no model yet", where=str(path), cure=f"seqtool export {shlex.quote(str(path))}")
    outer = next(
        (folder for folder in (*path.parents, *path.absolute().parents) if (folder / "run.json").is_file()), None
    )
    cure = (
        "name a model's file, or the folder of a run" if outer is None else f"name the run: {shlex.quote(str(outer))}"
    )
    raise NotFound("the folder is no run and has no model.onnx", where=str(path), cure=cure)
