"""Classification: a text in, its label out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.families.classification.config import ClassificationConfig
    from seqtool.families.classification.task import ClassificationTask

__all__ = ["ClassificationConfig", "ClassificationTask"]


def __getattr__(name: str) -> object:
    """Load at first use: the runner of this family starts without the task."""
    if name == "ClassificationConfig":
        from seqtool.families.classification.config import ClassificationConfig

        return ClassificationConfig
    if name == "ClassificationTask":
        from seqtool.families.classification.task import ClassificationTask

        return ClassificationTask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
