"""`seqtool forecast`: a table in, its continuation out."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqtool.cli import complete
from seqtool.cli.options import DeviceOption, JsonOption, ThreadsOption, data_files
from seqtool.cli.output import emit, emit_json, note, warn
from seqtool.errors import DataError, MissingExtra, UsageError

if TYPE_CHECKING:
    from seqtool.data.series import Series

TaskArgument = Annotated[
    str | None,
    typer.Argument(metavar="[TASK]", help="use the newest model of this task", autocompletion=complete.tasks),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        metavar="FILE",
        help="model file or run folder",
        autocompletion=complete.models_and_runs,
    ),
]
DataOption = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="FILE", help="table to continue; - is standard input; repeat it to join several"),
]
HorizonOption = Annotated[int | None, typer.Option(help="steps to forecast (left out: as many as it was trained for)")]
AtOption = Annotated[
    str | None, typer.Option(metavar="STAMP", help="forecast as if the table ended at this time stamp")
]
PlotOption = Annotated[Path | None, typer.Option(metavar="FILE.png", help="draw seen, true where known, and forecast")]


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    data: DataOption = None,
    horizon: HorizonOption = None,
    at: AtOption = None,
    json: JsonOption = False,
    plot: PlotOption = None,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Continue a series: reads --data, else a pipe, else the data that the model was trained on; writes CSV."""
    if plot is not None:
        _need_plots()
    from seqtool.families.forecasting.rows import cut_at
    from seqtool.runtime.find import find_model
    from seqtool.runtime.model import open_model
    from seqtool.runtime.runners import runner as runner_of

    path = find_model(model, task=task or "")
    opened = open_model(path, device=device, threads=threads or 0)
    runner = runner_of(opened, "forecasting")
    if task and opened.manifest.task != task:
        warn(f"{path} is a model of {opened.manifest.task}, not of {task}")
    steps = runner.horizon if horizon is None else horizon
    runner.check_horizon(steps)
    series = _series(runner.columns, data, opened.manifest, path)
    _tell(series, runner, opened.manifest)
    known = cut_at(series, at)
    forecast = runner.predict(runner.last_window(known.values, known.columns), steps)[0]
    if plot is not None:
        from seqtool.families.forecasting.pictures import forecast_picture

        title = f"{opened.manifest.task}: {steps} steps from {known.stamps()[-1]}"
        forecast_picture(series, len(known.values), forecast, plot, title)
        note(f"picture: {plot}")
    _write(known, forecast, json)


def _need_plots() -> None:
    import importlib.util

    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("plots need matplotlib", cure='pip install "seqtool[train]"')


def _series(columns: Sequence[str], words: list[str] | None, manifest: Any, path: Path) -> Series:
    """Read the series from --data, else from a pipe, else from what the model was trained on."""
    from seqtool.families.forecasting import history

    if words == ["-"] or (not words and _piped()):
        from seqtool.data.text_table import parse_table

        return history.from_table(parse_table(_standard_input()), columns, manifest.config, "standard input")
    files = data_files(words) if words else history.trained_on(manifest, path)
    if any(str(file.path) == "-" for file in files):
        raise UsageError("standard input cannot be joined with files", cure="give one table, or files only")
    return history.from_files(files, columns, manifest.config)


def _piped() -> bool:
    """True where something was piped or redirected into us; a terminal or /dev/null is no table."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _standard_input() -> str:
    raw = sys.stdin.buffer.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("standard input is not valid UTF-8", cure="convert it with iconv") from error
    if not text.strip():
        raise DataError("standard input is empty", cure="pipe a table, or </dev/null to continue its training data")
    return text


def _tell(series: Series, runner: Any, manifest: Any) -> None:
    if manifest.data.get("sample"):
        warn("this model was trained on a simulated sample: its forecasts say nothing about real data")
    for finding in series.findings:
        if finding.level == "warning":
            warn(f"{finding.code}: {finding.text}")
    import numpy as np

    if series.step is not None and runner.step is not None:
        seconds = int(series.step / np.timedelta64(1, "s"))
        if seconds != runner.step:
            warn(f"the table has a step of {seconds} s, the model was trained on {runner.step} s")


def _write(known: Series, forecast: Any, json: bool) -> None:
    stamps = known.future(len(forecast))
    if json:
        for stamp, row in zip(stamps, forecast, strict=True):
            emit_json({"time": stamp, **dict(zip(known.columns, map(float, row), strict=True))})
    else:
        import csv
        import io

        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["time", *known.columns])
        writer.writerows(
            [stamp, *(f"{value:.8g}" for value in row)] for stamp, row in zip(stamps, forecast, strict=True)
        )
        emit(text.getvalue().rstrip("\n"))
    if sys.stderr.isatty():
        from seqtool.families.forecasting.rows import sparkline

        for name, column in zip(known.columns, forecast.T, strict=True):
            note(f"{name} {sparkline(column)} {column[0]:.6g} to {column[-1]:.6g}")
