"""Score a model file again, on any tagged sentences."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from seqtool.data.records import read_all
from seqtool.data.tagged import read_tagged
from seqtool.errors import NotFound
from seqtool.families.tagging.data import TagPart
from seqtool.families.tagging.scores import score
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import Data, DataFile


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over all sentences of files, beside the tags that words have most often in its training part.

    Raises `DataError` or `NotFound`.
    """
    runner = runner_of(model, "tagging")
    stored = model.manifest.scores.get("baselines")
    if stored is None:
        raise NotFound("the file was exported without baselines", cure="export it without --no-scores")
    part = TagPart.of(read_all(files, functools.partial(read_tagged, field=runner.field)).records, runner.field)
    return score(
        runner.tag_all,
        part,
        runner.encoders,
        stored,
        model.manifest.config,
        split="whole",
        data=Data(tuple(files)).name,
    )
