"""From a name or a path to what answers: a model's file is found, and opened by its family."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtool.errors import NotFound, UsageError
from seqtool.families.family import find

if TYPE_CHECKING:
    from seqtool.runtime.model import Model


def load(
    path: str | Path, *, device: str = "auto", threads: int = 0, time_limit: float | None = None, isolate: bool = False
) -> Any:
    """Open a model file, or the model of a run folder, and return the object of its family.

    Its verb is a method: `.forecast(table)`, `.classify(texts)`, `.tag(texts)`, `.generate(prompt)` or
    `.translate(texts)`; language models and translators have `.score` too. `.scores`, `.config` and `.labels` say what
    it is. device: `cuda` is a demand, `auto` takes a GPU where there is one. threads: 0 chooses by the model's size.
    isolate: run the graph, a stranger's perhaps, in a process of its own; time_limit: the most seconds of a load or a
    call, in such a process (`open_model`).

    The object needs no PyTorch, may be called from several threads, and gives the same bits as the command does.
    Raises `NotFound`, `ModelError`, `DeviceError` or `UsageError`.
    """
    from seqtool.runtime.model import open_model

    if not isinstance(path, (str, Path)):
        raise UsageError(f"a {type(path).__name__} is no path", cure="give the path of a model file or a run folder")
    place = Path(path)
    file = place / "model.onnx" if os.path.isdir(place) else place  # noqa: PTH112 - Path.is_dir raises for a long name
    return runner_of(open_model(file, device=device, threads=threads, time_limit=time_limit, isolate=isolate))


def runner_of(model: Model, family: str | Sequence[str] = ()) -> Any:
    """Return the runner of an opened model file; raises `UsageError` where it is not of `family`, or one of several."""
    families = (family,) if isinstance(family, str) else family
    manifest = model.manifest
    if families and manifest.family not in families:
        raise UsageError(
            f"this is a {manifest.family} model ({manifest.task}), not a {' or '.join(families)} one",
            cure="give another -m FILE",
        )
    return find(manifest.family).runner.Runner(model)


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
