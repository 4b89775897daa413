"""`seqtool evaluate`: the scores of a model file."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from seqtool.cli.options import (
    DataOption,
    DeviceOption,
    IsolateOption,
    JsonOption,
    ModelArgument,
    SrcOption,
    TgtOption,
    ThreadsOption,
    TimeLimitOption,
    data_files,
    require_plots,
)
from seqtool.errors import ModelError, NotFound, SeqtoolError, UsageError
from seqtool.report.report import MODEL
from seqtool.say import emit, emit_json, note

if TYPE_CHECKING:
    from seqtool.families.family import Family
    from seqtool.runtime.model import Model
    from seqtool.types import Json

_BACKTEST = "forecast from a rolling origin: over the test part of the model's data, or over all of --data"
BacktestOption = Annotated[bool, Option("--backtest", help=_BACKTEST)]
_HORIZON = "time steps to forecast from each origin (left out: as many as the model was trained for)"
HorizonOption = Annotated[int | None, Option(help=_HORIZON)]
StrideOption = Annotated[int | None, Option(min=1, help="time steps from one origin to the next (left out: 1)")]
_BASELINES = "further baselines, with commas: ets, theta, arima (pip install 'seqtool[stats]'; minutes)"
BaselinesOption = Annotated[str | None, Option(metavar="NAMES", help=_BASELINES)]
_FAIL = "exit with code 1 when the skill over the whole path is below this number"
FailOption = Annotated[float | None, Option(metavar="SKILL", help=_FAIL)]
_PLOT = "draw the error of each step of the forecast, and the coverage of its intervals"
PlotOption = Annotated[Path | None, Option(metavar="FILE.png", help=_PLOT)]
_COLUMN = "column of the {} in --data, where it is called otherwise than in the training's files"
TextColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("texts"))]
LabelColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("labels"))]
WordColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("words"))]
TagColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("tags"))]
SentenceColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("numbers of sentences"))]
SourceColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("sources"))]
TargetColumn = Annotated[str | None, Option(metavar="NAME", help=_COLUMN.format("targets"))]


def command(
    model: ModelArgument = None,
    data: DataOption = None,
    src: SrcOption = None,
    tgt: TgtOption = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    word_column: WordColumn = None,
    tag_column: TagColumn = None,
    sentence_column: SentenceColumn = None,
    source_column: SourceColumn = None,
    target_column: TargetColumn = None,
    backtest: BacktestOption = False,
    horizon: HorizonOption = None,
    stride: StrideOption = None,
    baselines: BaselinesOption = None,
    fail_under: FailOption = None,
    plot: PlotOption = None,
    json: JsonOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    isolate: IsolateOption = False,
    time_limit: TimeLimitOption = None,
) -> None:
    """Show a model's stored scores; measure them again with --data (any file) or --backtest (a rolling origin).

    To score a translator on two files of pairs, give --src and --tgt.
    """
    for name, value in (("--horizon", horizon), ("--stride", stride), ("--baselines", baselines)):
        if value is not None and not backtest:
            raise UsageError(f"{name} is for a rolling origin", cure=f"add --backtest, or leave {name} out")
    named = {
        "text_column": text_column, "label_column": label_column, "word_column": word_column, "tag_column": tag_column,
        "sentence_column": sentence_column, "source_column": source_column, "target_column": target_column,
    }  # fmt: skip
    columns = {name: value for name, value in named.items() if value is not None}
    if columns and not data:
        option = f"--{next(iter(columns)).replace('_', '-')}"
        raise UsageError(f"{option} names a column of --data", cure=f"add --data FILE, or leave {option} out")
    if plot is not None:
        require_plots()
    from seqtool.families.family import find
    from seqtool.families.load import find_model
    from seqtool.runtime.model import open_model

    path = find_model(model, option="the path of its file")
    with _naming_data(path):
        opened = open_model(path, device=device, threads=threads or 0, time_limit=time_limit, isolate=isolate)
    family = find(opened.manifest.family)
    backtesting = {"--backtest": backtest, "--plot": plot is not None, "--fail-under": fail_under is not None}
    for name, wanted in backtesting.items():
        if wanted and "backtest" not in family.abilities:
            raise UsageError(f"{name} is for forecasts; this is a {family.name} model", cure=f"leave {name} out")
    if not family.sides and (src or tgt):
        raise UsageError(f"--src and --tgt are for pairs; this is a {family.name} model", cure="give --data FILE")
    if columns:
        from seqtool.families.evaluate import refuse_columns

        refuse_columns(columns, family)
    files = data_files(data, src, tgt)
    if backtest:
        from seqtool.families.forecasting import statistical
        from seqtool.families.forecasting.backtest import backtest as walk

        more = statistical.named(baselines or "")
        scores = walk(opened, path, files, horizon=horizon, stride=stride or 1, more=more).to_json()
    elif files:
        from seqtool.families.evaluate import evaluate

        scores = evaluate(opened, files, columns).to_json()
    else:
        scores = _stored(opened)
    _show(family, scores, plot, json=json)
    if fail_under is not None:
        _judge(scores, fail_under)


@contextmanager
def _naming_data(path: Path) -> Iterator[None]:
    """Say how data is given where a file that stands in the place of the model is none."""
    try:
        yield
    except ModelError as error:
        if path.suffix != ".onnx":
            error.cure = f"{error.cure}; data is given so: seqtool evaluate MODEL --data {shlex.quote(str(path))}"
        raise


def _stored(model: Model) -> Json:
    scores = model.manifest.scores.get("test")
    if not isinstance(scores, dict):
        raise NotFound("the file was exported without scores", cure="give --data FILE, or export without --no-scores")
    return scores


def _show(family: Family, scores: Json, plot: Path | None, *, json: bool) -> None:
    lines = [] if json else family.report.Report.from_json(scores).lines()
    if plot is not None:  # drawn before anything is printed: a picture may fail
        from seqtool.families.forecasting.pictures import steps_picture
        from seqtool.families.forecasting.report import Report

        steps_picture(Report.from_json(scores), plot)
    if json:
        emit_json(scores)
    for line in lines:
        emit(line)
    if plot is not None:
        note(f"picture: {plot}")


def _judge(scores: Json, least: float) -> None:
    """Raise `SeqtoolError` where the skill over the whole path is below `least`, or is not known."""
    from seqtool.families.forecasting.report import Report

    report = Report.from_json(scores)
    skill = report.whole.get(MODEL, {}).get("skill")  # scores of older versions have no `whole`
    if skill is None:
        raise SeqtoolError("the skill over the whole path is not known", cure="measure it with --backtest")
    if skill < least:
        raise SeqtoolError(
            f"the skill over the whole path is {skill:+.3f}, under {least:g}",
            where=f"against the best baseline, {report.best_baseline}",
            cure="train longer or another preset, or lower --fail-under",
        )
