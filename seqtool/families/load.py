"""From a model file to what answers with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtool.errors import UsageError
from seqtool.families.family import find

if TYPE_CHECKING:
    from seqtool.runtime.model import Model


def load(path: str | Path, *, device: str = "auto", threads: int = 0) -> Any:
    """Open a model file, or the model of a run folder, and return the object of its family.

    Its verb is a method: `.forecast(table)`, `.classify(texts)`, `.tag(texts)`, `.generate(prompt)` or
    `.translate(texts)`; language models and translators have `.score` too. `.scores`, `.config` and `.labels` say what
    it is. device: `cuda` is a demand, `auto` takes a GPU where there is one. threads: 0 chooses by the model's size.

    The object needs no PyTorch, may be called from several threads, and gives the same bits as the command does.
    Raises `NotFound`, `ModelError`, `DeviceError` or `UsageError`.
    """
    from seqtool.runtime.model import open_model

    if not isinstance(path, (str, Path)):
        raise UsageError(f"a {type(path).__name__} is no path", cure="give the path of a model file or a run folder")
    place = Path(path)
    file = place / "model.onnx" if os.path.isdir(place) else place  # noqa: PTH112 - Path.is_dir raises for a long name
    return runner_of(open_model(file, device=device, threads=threads))


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
