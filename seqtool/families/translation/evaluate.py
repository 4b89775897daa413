"""Score a model file again, on any pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqtool.cli.output import warn
from seqtool.data.pair_check import exchanged
from seqtool.families.translation.data import read_whole
from seqtool.families.translation.scores import score
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import Data, DataFile


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over all pairs of files, beside copies of their sources; says what of them is left out.

    Raises `DataError` or `NotFound`.
    """
    runner = runner_of(model, "translation")
    read = read_whole(files, reverse=model.manifest.config.get("reverse") is True)
    for found in read.findings:
        warn(f"{found.code}: {found.text}")
    made: list[str] = []

    def translate(texts: Sequence[str]) -> list[str]:
        made.extend(runner.translate_all(texts))
        return made

    scores = score(translate, read.records, runner.target, split="whole", data=Data(tuple(files)).name)
    if exchanged(made, read.records):
        warn("the translations have the words of the sources, not of the targets: are the two sides exchanged?")
    return scores
