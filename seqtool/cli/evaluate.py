"""`seqtool evaluate`: the scores of a model file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqtool.cli.options import DataOption, DeviceOption, JsonOption, ModelArgument, ThreadsOption, data_files
from seqtool.cli.output import emit, emit_json
from seqtool.errors import NotFound

if TYPE_CHECKING:
    from seqtool.runtime.model import Model


def command(
    model: ModelArgument = None,
    data: DataOption = None,
    json: JsonOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Show a model's stored scores; with --data, score the file again beside the baselines that need no fitting."""
    from seqtool.runtime.find import find_model
    from seqtool.runtime.model import open_model

    opened = open_model(find_model(model), device=device, threads=threads or 0)
    scores = _again(opened, data) if data else _stored(opened)
    if json:
        emit_json(scores)
        return
    from seqtool.report.tables import forecast_scores

    for line in forecast_scores(scores):
        emit(line)


def _stored(model: Model) -> dict[str, Any]:
    scores = model.manifest.scores.get("test")
    if scores is None:
        raise NotFound("the file was exported without scores", cure="give --data FILE, or export without --no-scores")
    found: dict[str, Any] = scores
    return found


def _again(model: Model, words: list[str]) -> dict[str, Any]:
    from seqtool.families.forecasting.evaluate import evaluate

    return evaluate(model, data_files(words))
