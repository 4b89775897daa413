"""seqtool: train recurrent sequence models, own them as one portable .onnx file."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from seqtool.config import Opt
    from seqtool.data.labelled import Labelled
    from seqtool.data.pairs import Pair
    from seqtool.data.tagged import Sentence
    from seqtool.errors import DataError, SeqtoolError, UsageError
    from seqtool.families.classification.config import ClassificationConfig
    from seqtool.families.forecasting.config import ForecastingConfig
    from seqtool.families.generation.config import GenerationConfig
    from seqtool.families.load import load
    from seqtool.families.tagging.config import TaggingConfig
    from seqtool.families.translation.config import TranslationConfig
    from seqtool.hookspecs import hookimpl
    from seqtool.reads import DataFile, Finding, Read
    from seqtool.runtime.model import open_model
    from seqtool.task import Source, SourceFile, Task

_HOMES = {
    "ClassificationConfig": "seqtool.families.classification.config",
    "DataError": "seqtool.errors",
    "DataFile": "seqtool.reads",
    "Finding": "seqtool.reads",
    "ForecastingConfig": "seqtool.families.forecasting.config",
    "GenerationConfig": "seqtool.families.generation.config",
    "Labelled": "seqtool.data.labelled",
    "Opt": "seqtool.config",
    "Pair": "seqtool.data.pairs",
    "Read": "seqtool.reads",
    "SeqtoolError": "seqtool.errors",
    "Sentence": "seqtool.data.tagged",
    "Source": "seqtool.task",
    "SourceFile": "seqtool.task",
    "TaggingConfig": "seqtool.families.tagging.config",
    "Task": "seqtool.task",
    "TranslationConfig": "seqtool.families.translation.config",
    "UsageError": "seqtool.errors",
    "hookimpl": "seqtool.hookspecs",
    "load": "seqtool.families.load",
    "open_model": "seqtool.runtime.model",
}

__all__ = [
    "ClassificationConfig",
    "DataError",
    "DataFile",
    "Finding",
    "ForecastingConfig",
    "GenerationConfig",
    "Labelled",
    "Opt",
    "Pair",
    "Read",
    "Sentence",
    "SeqtoolError",
    "Source",
    "SourceFile",
    "TaggingConfig",
    "Task",
    "TranslationConfig",
    "UsageError",
    "__version__",
    "hookimpl",
    "load",
    "open_model",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home at first use (PEP 562): importing seqtool stays free."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seqtool' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
