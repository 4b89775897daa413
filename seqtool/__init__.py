"""seqtool: train recurrent sequence models, own them as one portable .onnx file."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from seqtool.config import Opt
    from seqtool.errors import SeqtoolError
    from seqtool.families.classification import ClassificationConfig, ClassificationTask
    from seqtool.families.forecasting import ForecastingConfig, ForecastingTask
    from seqtool.families.generation import GenerationConfig, GenerationTask
    from seqtool.families.tagging import TaggingConfig, TaggingTask
    from seqtool.families.translation import TranslationConfig, TranslationTask
    from seqtool.hookspecs import hookimpl
    from seqtool.runtime.model import open_model
    from seqtool.task import Source, SourceFile, Task

_HOMES = {
    "ClassificationConfig": "seqtool.families.classification",
    "ClassificationTask": "seqtool.families.classification",
    "ForecastingConfig": "seqtool.families.forecasting",
    "ForecastingTask": "seqtool.families.forecasting",
    "GenerationConfig": "seqtool.families.generation",
    "GenerationTask": "seqtool.families.generation",
    "Opt": "seqtool.config",
    "SeqtoolError": "seqtool.errors",
    "Source": "seqtool.task",
    "SourceFile": "seqtool.task",
    "TaggingConfig": "seqtool.families.tagging",
    "TaggingTask": "seqtool.families.tagging",
    "Task": "seqtool.task",
    "TranslationConfig": "seqtool.families.translation",
    "TranslationTask": "seqtool.families.translation",
    "hookimpl": "seqtool.hookspecs",
    "open_model": "seqtool.runtime.model",
}

__all__ = [
    "ClassificationConfig",
    "ClassificationTask",
    "ForecastingConfig",
    "ForecastingTask",
    "GenerationConfig",
    "GenerationTask",
    "Opt",
    "SeqtoolError",
    "Source",
    "SourceFile",
    "TaggingConfig",
    "TaggingTask",
    "Task",
    "TranslationConfig",
    "TranslationTask",
    "__version__",
    "hookimpl",
    "open_model",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home at first use (PEP 562): importing seqtool stays free."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seqtool' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
