"""Score a model file again, on any pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqtool.families.translation.data import read_whole
from seqtool.families.translation.scores import score
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import Data, DataFile


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over all pairs of files, beside copies of their sources; raises `DataError` or `NotFound`."""
    runner = runner_of(model, "translation")
    pairs = read_whole(files, reverse=model.manifest.config.get("reverse") is True)
    return score(runner.translate_all, pairs, runner.target, split="whole", data=Data(tuple(files)).name)
