"""Score a model file again, on any text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqtool.data.choose import unfolded
from seqtool.errors import DataError
from seqtool.families.generation.baselines import fitted
from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.data import TextPart, read
from seqtool.families.generation.scores import score
from seqtool.families.generation.task import GenerationTask
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import Data, DataFile

FOLDING = ("lower", "ascii", "join_lines")


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over the whole of a text, made as plain as its training text, beside what needs no fitting.

    Raises `DataError` or `NotFound`.
    """
    from seqtool import config

    stored = model.manifest.config
    settings = config.load(GenerationConfig, options={key: stored[key] for key in FOLDING if key in stored})
    runner = runner_of(model, "generation")
    data = Data(unfolded(files, GenerationTask.folders))
    part = TextPart.of(read(data.files, settings).text, runner.encoder)
    if len(part.ids) < 2:
        raise DataError("the text is too short to be scored", where=data.name, cure="give a longer text")
    counts = model.manifest.scores.get("baselines") or fitted(part)
    return score(runner.nats, part, counts, split="whole", data=data.name)
