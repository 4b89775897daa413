"""The one table from a family to its runner, so that an inference verb touches no plugin."""

from __future__ import annotations

import importlib
from typing import Any

from seqtool.errors import ModelError, UsageError

RUNNERS = {
    "classification": ("seqtool.families.classification.runner", "Runner"),
    "forecasting": ("seqtool.families.forecasting.runner", "Runner"),
    "generation": ("seqtool.families.generation.runner", "Runner"),
    "tagging": ("seqtool.families.tagging.runner", "Runner"),
    "translation": ("seqtool.families.translation.runner", "Runner"),
}


def runner(model: Any, family: str | tuple[str, ...]) -> Any:
    """Return the runner of an opened model; raises `UsageError` when it is not of `family`, or one of several."""
    manifest = model.manifest
    families = (family,) if isinstance(family, str) else family
    if manifest.family not in families:
        raise UsageError(
            f"this is a {manifest.family} model ({manifest.task}), not a {' or '.join(families)} one",
            cure="give another -m FILE",
        )
    if manifest.runner:
        from seqtool.plugins import load_task

        return load_task(manifest.runner).runner(model)
    if manifest.family not in RUNNERS:
        raise ModelError(f"unknown family {manifest.family!r}", cure="update seqtool")
    module, name = RUNNERS[manifest.family]
    return getattr(importlib.import_module(module), name)(model)
