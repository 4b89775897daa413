"""Generation: a text in, its continuation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.families.generation.config import GenerationConfig
    from seqtool.families.generation.task import GenerationTask

__all__ = ["GenerationConfig", "GenerationTask"]


def __getattr__(name: str) -> object:
    """Load at first use: the runner of this family starts without the task."""
    if name == "GenerationConfig":
        from seqtool.families.generation.config import GenerationConfig

        return GenerationConfig
    if name == "GenerationTask":
        from seqtool.families.generation.task import GenerationTask

        return GenerationTask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
