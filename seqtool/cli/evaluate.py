"""`seqtool evaluate`: the scores of a model file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqtool.cli.options import (
    DataOption,
    DeviceOption,
    JsonOption,
    ModelArgument,
    SrcOption,
    TgtOption,
    ThreadsOption,
    data_files,
    need_plots,
)
from seqtool.cli.output import emit, emit_json, note
from seqtool.errors import ModelError, NotFound, SeqtoolError, UsageError

if TYPE_CHECKING:
    from seqtool.runtime.opened import Model
    from seqtool.task import DataFile

EVALUATE = {
    "classification": "seqtool.families.classification.evaluate",
    "forecasting": "seqtool.families.forecasting.evaluate",
    "generation": "seqtool.families.generation.evaluate",
    "tagging": "seqtool.families.tagging.evaluate",
    "translation": "seqtool.families.translation.evaluate",
}
"""Where each family scores a file on other data, `evaluate(model, files)`."""

BacktestOption = Annotated[
    bool,
    typer.Option(
        "--backtest", help="rolling origin over the test part of its data, or over all of --data; fitted baselines too"
    ),
]
HorizonOption = Annotated[
    int | None, typer.Option(help="steps to forecast from each origin (left out: as many as it was trained for)")
]
StrideOption = Annotated[int | None, typer.Option(min=1, help="steps from one origin to the next (left out: 1)")]
FailOption = Annotated[
    float | None,
    typer.Option(metavar="SKILL", help="exit with 1 when the skill over the whole path is under this number"),
]
PlotOption = Annotated[
    Path | None, typer.Option(metavar="FILE.png", help="draw the error of each step, and the coverage of intervals")
]


def command(
    model: ModelArgument = None,
    data: DataOption = None,
    src: SrcOption = None,
    tgt: TgtOption = None,
    backtest: BacktestOption = False,
    horizon: HorizonOption = None,
    stride: StrideOption = None,
    fail_under: FailOption = None,
    plot: PlotOption = None,
    json: JsonOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Show a model's stored scores; measure them again with --data (any file) or --backtest (a rolling origin).

    To score a translator on two files of pairs, give --src and --tgt.
    """
    for name, value in (("--horizon", horizon), ("--stride", stride)):
        if value is not None and not backtest:
            raise UsageError(f"{name} shapes a rolling origin", cure=f"add --backtest, or leave {name} out")
    if plot is not None:
        need_plots()
    from seqtool.runtime.find import find_model
    from seqtool.runtime.model import open_model

    path = find_model(model)
    opened = open_model(path, device=device, threads=threads or 0)
    family = opened.manifest.family
    asked = {"--backtest": backtest, "--plot": plot is not None, "--fail-under": fail_under is not None}
    for name, given in asked.items():
        if given and family != "forecasting":
            raise UsageError(f"{name} is for forecasts; this is a {family} model", cure=f"leave {name} out")
    if family != "translation" and (src or tgt):
        raise UsageError(f"--src and --tgt are for pairs; this is a {family} model", cure="give --data FILE")
    files = data_files(data, src, tgt)
    if backtest:
        from seqtool.families.forecasting.evaluate import backtest as walk

        scores = walk(opened, path, files, horizon=horizon, stride=stride or 1)
    else:
        scores = _again(opened, files) if files else _stored(opened)
    _show(family, scores, plot, json=json)
    if fail_under is not None:
        _judge(scores, fail_under)


def _stored(model: Model) -> dict[str, Any]:
    scores = model.manifest.scores.get("test")
    if scores is None:
        raise NotFound("the file was exported without scores", cure="give --data FILE, or export without --no-scores")
    found: dict[str, Any] = scores
    return found


def _again(model: Model, files: Sequence[DataFile]) -> dict[str, Any]:
    import importlib

    family = model.manifest.family
    if family not in EVALUATE:
        raise UsageError(f"{family} models are not scored on other data", cure="leave --data out")
    found: dict[str, Any] = importlib.import_module(EVALUATE[family]).evaluate(model, files)
    return found


def _show(family: str, scores: Mapping[str, Any], plot: Path | None, *, json: bool) -> None:
    from seqtool.report.family_scores import score_lines

    try:
        lines = [] if json else score_lines(family, scores)
        if plot is not None:
            from seqtool.families.forecasting.pictures import steps_picture

            steps_picture(scores, plot)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError("the stored scores have another form", cure="export the model again") from error
    if json:
        emit_json(scores)
    for line in lines:
        emit(line)
    if plot is not None:
        note(f"picture: {plot}")


def _judge(scores: Mapping[str, Any], least: float) -> None:
    """Raise `SeqtoolError` where the skill over the whole path is under `least`, or is not known."""
    skill = scores.get("whole", {}).get("model", {}).get("skill")
    if skill is None:
        raise SeqtoolError("the skill over the whole path is not known", cure="measure it with --backtest")
    if skill < least:
        raise SeqtoolError(
            f"the skill over the whole path is {skill:+.3f}, under {least:g}",
            where=f"against the best baseline, {scores['best_baseline']}",
            cure="train longer or another preset, or lower --fail-under",
        )
