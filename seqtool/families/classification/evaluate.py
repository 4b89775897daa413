"""Score a model file again, on any labelled texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from seqtool.data.choose import unfolded
from seqtool.data.labelled import read_labelled
from seqtool.data.records import read_all
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.data import TextPart
from seqtool.families.classification.scores import score
from seqtool.families.classification.task import ClassificationTask
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import Data, DataFile


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over all labelled texts of other files, beside the majority class of its training.

    Raises `DataError`, for a label that the model does not know too, or `NotFound`.
    """
    from seqtool import config

    stored = model.manifest.config
    settings = config.load(ClassificationConfig, options={"separator": stored.get("separator")})
    runner = runner_of(model, "classification")
    data = Data(unfolded(files, ClassificationTask.folders))
    read = read_all(data.files, partial(read_labelled, separator=settings.separator))
    part = TextPart.of(read.records, runner.reader, runner.labels)
    counts = model.manifest.scores.get("baselines") or {"counts": _counts(part)}
    return score(runner.predict, part, counts, split="whole", data=data.name, threshold=runner.threshold)


def _counts(part: TextPart) -> list[int]:
    """Return the classes' counts in the texts themselves: the file was exported without its baselines."""
    found: list[int] = np.bincount(part.gold, minlength=part.labels.size).tolist()
    return found
