"""`seqtool forecast`: a table in, its continuation out; with --follow a line in, a line out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqtool.cli.history import read_history
from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption, need_plots
from seqtool.cli.output import emit, emit_json, note, warn
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.data.series import Series
    from seqtool.families.forecasting.runner import Prediction, Runner

DataOption = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="FILE", help="table to continue; - is standard input; repeat it to join several"),
]
HorizonOption = Annotated[
    int | None, typer.Option(help="steps to forecast (left out: as many as it was trained for; with --follow: 1)")
]
AtOption = Annotated[
    str | None, typer.Option(metavar="STAMP", help="forecast as if the table ended at this time stamp")
]
PlotOption = Annotated[Path | None, typer.Option(metavar="FILE.png", help="draw seen, true where known, and forecast")]
StateOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="go on from this state with the rows that it has not read, then keep it there"),
]
FollowOption = Annotated[
    bool, typer.Option("--follow", help="answer each line of standard input by the forecast after it, for ever")
]
QuantilesOption = Annotated[bool, typer.Option("--quantiles", help="add the quantiles that the model gives")]


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    data: DataOption = None,
    horizon: HorizonOption = None,
    at: AtOption = None,
    quantiles: QuantilesOption = False,
    json: JsonOption = False,
    plot: PlotOption = None,
    state: StateOption = None,
    follow: FollowOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Continue a series: reads --data, else a pipe, else the data that the model was trained on; writes CSV.

    With --follow each line of standard input is a row of values, answered by one line: the forecast after it.
    """
    if follow:
        from seqtool.cli.follow import alone, answer_lines

        alone({"--data": data, "--plot": plot, "--at": at, "--state": state, "--quantiles": quantiles})
    elif strict:
        raise UsageError("--strict stops at the first bad line: that needs --follow", cure="leave it out")
    if plot is not None:
        need_plots()
    path, opened, runner = open_runner("forecasting", model, task, device, threads)
    if follow:
        answer_lines(runner, 1 if horizon is None else horizon, json=json, strict=strict)
        return
    steps = runner.horizon if horizon is None else horizon
    runner.check_horizon(steps)
    from seqtool.families.forecasting.rows import cut_at

    series = read_history(runner.columns, data, opened.manifest, path)
    _tell(series, runner)
    known = cut_at(series, at)
    read, stream = known, None
    if state is not None:
        from seqtool.cli.state import go_on, keep

        read, stream = go_on(runner, known, state)
    made = runner.continuation(read, steps, stream.tensors if stream else None)
    levels = _levels(runner, steps) if quantiles or (plot and runner.levels) else ()
    if plot is not None:
        from seqtool.families.forecasting.pictures import forecast_picture

        title = f"{opened.manifest.task}: {steps} steps from {known.stamps()[-1]}"
        forecast_picture(series, len(known.values), made, levels, plot, title)
        note(f"picture: {plot}")
    _write(read, made, levels if quantiles else (), json)
    if state is not None:
        keep(runner, state, made.state, read)


def _levels(runner: Runner, steps: int) -> tuple[float, ...]:
    """Return the levels of the quantiles; raises `UsageError` where the model gives none."""
    if not runner.levels:
        raise UsageError(
            "the model gives no quantiles", cure="export a finished training whose configuration names some"
        )
    if steps > runner.horizon:
        warn(f"quantiles are known for {runner.horizon} steps, as far as the training measured its errors")
    return runner.levels


def _tell(series: Series, runner: Any) -> None:
    for finding in series.findings:
        if finding.level == "warning":
            warn(f"{finding.code}: {finding.text}")
    import numpy as np

    if series.step is not None and runner.step is not None:
        seconds = int(series.step / np.timedelta64(1, "s"))
        if seconds != runner.step:
            warn(f"the table has a step of {seconds} s, the model was trained on {runner.step} s")


def _write(known: Series, prediction: Prediction, levels: Sequence[float], json: bool) -> None:
    from seqtool.families.forecasting import rows

    forecast = prediction.forecast[0]
    quantiles = prediction.quantiles[0] if levels and prediction.quantiles is not None else forecast[..., None][..., :0]
    steps = list(zip(known.future(len(forecast)), forecast, quantiles, strict=True))
    if json:
        for stamp, values, spread in steps:
            emit_json(rows.record(stamp, known.columns, values, spread, levels))
    else:
        import csv
        import io

        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(rows.header(known.columns, levels))
        writer.writerows(rows.cells(*step) for step in steps)
        emit(text.getvalue().rstrip("\n"))
    if sys.stderr.isatty():
        for name, column in zip(known.columns, forecast.T, strict=True):
            note(f"{name} {rows.sparkline(column)} {column[0]:.6g} to {column[-1]:.6g}")
