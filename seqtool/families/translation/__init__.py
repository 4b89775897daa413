"""Translation: a sentence of one language in, a sentence of another out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.families.translation.config import TranslationConfig
    from seqtool.families.translation.task import TranslationTask

__all__ = ["TranslationConfig", "TranslationTask"]


def __getattr__(name: str) -> object:
    """Load at first use: the runner of this family starts without the task."""
    if name == "TranslationConfig":
        from seqtool.families.translation.config import TranslationConfig

        return TranslationConfig
    if name == "TranslationTask":
        from seqtool.families.translation.task import TranslationTask

        return TranslationTask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
