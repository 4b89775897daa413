"""Tagging: a sentence in, a tag for each of its words out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.families.tagging.config import TaggingConfig
    from seqtool.families.tagging.task import TaggingTask

__all__ = ["TaggingConfig", "TaggingTask"]


def __getattr__(name: str) -> object:
    """Load at first use: the runner of this family starts without the task."""
    if name == "TaggingConfig":
        from seqtool.families.tagging.config import TaggingConfig

        return TaggingConfig
    if name == "TaggingTask":
        from seqtool.families.tagging.task import TaggingTask

        return TaggingTask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
