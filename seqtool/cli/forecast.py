"""`seqtool forecast`: a table in, its continuation out; with --follow a line in, a line out."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from seqtool.cli.options import data_files, require_plots
from seqtool.cli.verbs import Call, verb
from seqtool.errors import DataError, UsageError, within_memory
from seqtool.say import emit, emit_json, note, warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seqtool.data.series import Series
    from seqtool.families.forecasting.continuation import Continuation
    from seqtool.families.forecasting.runner import Prediction, Runner
    from seqtool.reads import Finding
    from seqtool.types import Floats

_DATA = "table to continue; - is standard input; repeat the option to join several"
DataOption = Annotated[list[str] | None, Option("--data", metavar="FILE", help=_DATA)]
_HORIZON = "time steps to forecast (left out: as many as the model was trained for; with --follow: 1)"
HorizonOption = Annotated[int | None, Option(help=_HORIZON)]
AtOption = Annotated[str | None, Option(metavar="STAMP", help="forecast as if the table ended at this time stamp")]
QuantilesOption = Annotated[bool, Option("--quantiles", help="add a column for each quantile that the model gives")]
_PLOT = "draw the history, the true values where they are known, and the forecast"
PlotOption = Annotated[Path | None, Option(metavar="FILE.png", help=_PLOT)]
_STATE = "start from the state in this file, read the rows after it, then save the new state there"
StateOption = Annotated[Path | None, Option(metavar="FILE", help=_STATE)]
_PATHS = "draw so many sample paths instead, a row for each path and step (needs a model with a distribution)"
PathsOption = Annotated[int | None, Option(metavar="N", help=_PATHS)]
_SEED = "seed of --paths (left out: 0); the same seed gives the same paths"
SeedOption = Annotated[int | None, Option(help=_SEED)]
_FOLLOW = "answer each line of standard input, as it comes, by the forecast after it"
FollowOption = Annotated[bool, Option("--follow", help=_FOLLOW)]


@verb
def command(
    call: Call,
    data: DataOption = None,
    horizon: HorizonOption = None,
    at: AtOption = None,
    quantiles: QuantilesOption = False,
    plot: PlotOption = None,
    state: StateOption = None,
    paths: PathsOption = None,
    seed: SeedOption = None,
    follow: FollowOption = False,
) -> None:
    """Continue a series: reads --data, else a pipe, else the data that the model was trained on; writes CSV.

    With --follow each line of standard input is a row of values, answered by one line: the forecast after it.
    """
    if call.strict and not follow:
        raise UsageError("--strict stops at the first bad line: that needs --follow", cure="leave it out")
    beside = {"--data": data, "--plot": plot, "--at": at, "--state": state, "--quantiles": quantiles}
    for name, value in {**beside, "--paths": paths is not None}.items():
        if follow and value:
            what = f"--follow reads standard input line by line: {name} cannot go with it"
            raise UsageError(what, cure="leave one of them out")
    _check_paths(paths, seed, {name: beside[name] for name in ("--plot", "--state", "--quantiles")})
    if plot is not None:
        require_plots()
    runner, path = call.open("forecasting")
    if follow:
        from seqtool.families.forecasting.pipe import verb as follower

        lines = follower(runner, 1 if horizon is None else horizon, json=call.json)
        encoding = runner.encoders.reading.encoding
        _refuse_wide_letters(encoding)
        call.answer(lines, "each line is a row, answered by its forecast", encoding=encoding)
        return
    steps = runner.horizon if horizon is None else horizon
    runner.check_horizon(steps)
    if paths is not None:
        from seqtool.families.forecasting.sample_paths import check

        check(runner, paths, seed or 0)
    from seqtool.data.series import without_empty_end
    from seqtool.families.forecasting.continuation import Continuation

    series = _history(runner, data, path)
    series = series if at else without_empty_end(series)
    seen = _seen(series, at)
    for text in runner.doubts(seen):
        warn(text)
    if paths is not None:
        _answer_paths(runner, seen, steps, paths, seed or 0, json=call.json)
        return
    if runner.pooled and state is None:
        _answer_many(runner, series, seen, steps, plot, quantiles=quantiles, json=call.json)
        return
    if not call.json:
        from seqtool.data.answer_names import refuse_breaking

        refuse_breaking(seen.columns, "columns")
    read, stream = seen, None
    if state is not None:
        from seqtool.families.forecasting.history import go_on, keep

        read, stream = go_on(runner, seen, state)
    prediction = runner.continuation(read, steps, stream.tensors if stream else None)
    levels = _levels(runner, prediction) if quantiles or (plot and runner.levels) else ()
    if plot is not None:
        from seqtool.families.forecasting.pictures import forecast_picture

        title = f"{runner.model.manifest.task}: {steps} {'step' if steps == 1 else 'steps'} from {seen.stamps()[-1]}"
        forecast_picture(series, len(seen.values), prediction, levels, plot, title)
        note(f"picture: {plot}")
    _write(Continuation.of(read, prediction, levels if quantiles else ()), json=call.json)
    if state is not None:  # last: a saved state has no row in it whose forecast was not written
        keep(runner, state, prediction.state, read)


def _answer_many(
    runner: Runner, series: Series, seen: Series, steps: int, plot: Path | None, *, quantiles: bool, json: bool
) -> None:
    """Write the continuation of every series of a table, of which rows are seen."""
    from seqtool.families.forecasting.many import continued

    if not json:
        from seqtool.data.answer_names import refuse_breaking

        refuse_breaking(seen.columns, "series")
    levels = runner.known_levels() if quantiles or (plot and runner.levels) else ()
    many, findings = continued(runner, seen, steps, levels)
    _tell(findings)
    if levels:
        _say_empty(runner, levels, many.quantiles[:, :, None])
    if plot is not None:
        from seqtool.families.forecasting.pooled_pictures import many_picture

        title = f"{runner.model.manifest.task}: {steps} {'step' if steps == 1 else 'steps'}"
        many_picture(series, many, plot, title)
        note(f"picture: {plot}")
        many = many if quantiles else many.without_quantiles()
    if json:
        for record in many.records():
            emit_json(record)
    else:
        emit(many.csv())


def _answer_paths(runner: Runner, series: Series, steps: int, count: int, seed: int, *, json: bool) -> None:
    """Write sample paths of every series of a table, a batch at a time."""
    from seqtool.families.forecasting.sample_paths import drawn

    paths, findings = drawn(runner, series, steps, count, seed)
    _tell(findings)
    if json:
        for record in paths.records():
            emit_json(record)
    else:
        for text in paths.csv():
            emit(text)


def _check_paths(paths: int | None, seed: int | None, beside: Mapping[str, object]) -> None:
    """Raise `UsageError` for options that do not go with --paths, or need it."""
    if paths is None:
        if seed is not None:
            raise UsageError("--seed is for sample paths", cure="add --paths 100, or leave --seed out")
        return
    for name, value in beside.items():
        if value:
            raise UsageError(f"--paths writes sample paths: {name} cannot go with it", cure="leave one of them out")


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        (warn if finding.level == "warning" else note)(f"{finding.code}: {finding.text}")


def _seen(series: Series, at: str | None) -> Series:
    """Return the rows up to a time stamp, all of them for None."""
    if at is None:
        return series
    from seqtool.families.forecasting.history import cut_at  # it reads any table, and loads slowly

    return cut_at(series, at)


def _history(runner: Runner, words: list[str] | None, path: Path) -> Series:
    """Read the table to continue: --data, else a pipe, else the data that the model was trained on.

    Raises `DataError` or `UsageError` where the model's columns are not in it, `NotFound` where it is not there.
    """
    columns, manifest, reading = runner.columns, runner.model.manifest, runner.encoders.reading
    if words == ["-"] or (not words and _piped()):
        from seqtool.families.forecasting.plain_table import from_plain

        data = _standard_input()
        if (plain := from_plain(data, columns, manifest.config, reading, runner.grid)) is not None:
            return plain
        from seqtool.families.forecasting.history import from_bytes  # most pipes hold plain tables

        return from_bytes(data, columns, manifest.config, reading, "standard input", runner.grid)
    from seqtool.families.forecasting import history

    files = data_files(words) if words else history.trained_on(manifest, path)
    if any(str(file.path) == "-" for file in files):
        raise UsageError("standard input cannot be joined with files", cure="give one table, or files only")
    with within_memory(", ".join(str(file.path) for file in files)):
        return history.from_files(files, columns, manifest.config, reading, runner.grid)


def _piped() -> bool:
    """True where something was piped or redirected into us; a terminal or /dev/null is not a table."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):  # a test's stream, or a closed one
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _refuse_wide_letters(encoding: str) -> None:
    """Raise `UsageError` for an encoding whose lines a byte alone does not end, such as UTF-16."""
    if encoding and "\n".encode(encoding) != b"\n":
        cure = f"iconv -f {encoding} -t UTF-8 in front of seqtool"
        raise UsageError(f"the model's tables are {encoding.upper()}: --follow cannot cut its lines", cure=cure)


def _standard_input() -> bytes:
    data = sys.stdin.buffer.read()
    if not data.strip():
        raise DataError("standard input is empty", cure="pipe a table, or </dev/null to continue its training data")
    return data


def _levels(runner: Runner, prediction: Prediction) -> tuple[float, ...]:
    """Return the levels of the quantiles; say which stay empty."""
    levels = runner.known_levels()
    assert prediction.quantiles is not None, "a file that has levels gives quantiles"
    _say_empty(runner, levels, prediction.quantiles)
    return levels


def _say_empty(runner: Runner, levels: Sequence[float], quantiles: Floats) -> None:
    """Say which levels of quantiles [B,N,F,Q] are known at no step, and where all end."""
    steps = quantiles.shape[1]
    if steps > runner.horizon:
        warn(f"quantiles are known for {runner.horizon} steps, as far as the training measured its errors")
    known = (quantiles == quantiles).any(axis=(0, 1, 2))  # NaN is not itself
    if empty := [f"{level:g}" for level, is_known in zip(levels, known, strict=True) if not is_known]:
        warn(f"quantiles {', '.join(empty)} are empty: the training had too few errors to know them")


def _write(steps: Continuation, *, json: bool) -> None:
    if json:
        for record in steps.records():
            emit_json(record)
    else:
        emit(steps.csv())
    if sys.stderr.isatty():
        for line in steps.drawn():
            note(line)
