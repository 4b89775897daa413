"""A rolling origin: a model file forecasts from one origin after another, over its test part or other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqtool.errors import DataError, NotFound, UsageError
from seqtool.families.choose import recall
from seqtool.families.evaluate import config_in, say_findings
from seqtool.families.forecasting import data, known_rivals
from seqtool.families.forecasting.baselines import unfitted
from seqtool.families.forecasting.config import ForecastingConfig, Statistic
from seqtool.families.forecasting.history import from_files, trained_on
from seqtool.families.forecasting.pooled import scorable
from seqtool.families.forecasting.pooled_scores import score_pooled
from seqtool.families.forecasting.report import Report
from seqtool.families.forecasting.scores import horizons, score_part
from seqtool.families.forecasting.statistical import require, statistical
from seqtool.families.forecasting.windows import Windows, windows
from seqtool.families.load import runner_of
from seqtool.plugins import load_task

if TYPE_CHECKING:
    from seqtool.families.forecasting.runner import Runner
    from seqtool.modelfile.manifest import Manifest
    from seqtool.reads import DataFile
    from seqtool.runtime.model import Model
    from seqtool.task import Data, Task


def backtest(
    model: Model, path: Path, files: Sequence[DataFile] = (), *, horizon: int | None = None, stride: int = 1,
    more: Sequence[Statistic] = (),
) -> Report:  # fmt: skip
    """Forecast from every `stride`-th origin over the test part, or over all of `files`, with the fitted baselines.

    path: of the model; the run beside it names the user's own data. horizon in steps, None: as trained. more: baselines
    of statistics, fitted to the training part of the model's data. Raises `DataError`, `MissingExtra`, `NotFound` or
    `UsageError`.
    """
    runner: Runner = runner_of(model, "forecasting")
    steps = runner.horizon if horizon is None else horizon
    runner.check_horizon(steps)
    require(more)
    if more and runner.pooled:
        raise UsageError("a pooled model is not compared with ets, theta and arima yet", cure="leave --baselines out")
    own = None if files and not more else _own_data(model.manifest, path)
    if files:
        series = from_files(files, runner.columns, runner.config, runner.encoders.reading, runner.grid)
        part = data.whole(series, runner.window, steps, runner.calendar, runner.encoders.inputs, pooled=runner.pooled)
        part, lacking = scorable(part, runner.encoders.scaler.kind)
        say_findings([*series.findings, *lacking])
        split, name = "whole", ", ".join(file.path.name for file in files)
    else:
        assert own is not None
        part = _of_horizon(own.splits.test, steps)
        split, name = "test", own.name
    train = part if own is None else own.splits.train
    # A file that was exported without scores has no fitted baselines.
    stored = runner.scores.get("baselines") or unfitted(train.values, runner.season)
    # Gaps leave windows out, so strides are counted in steps, not in windows.
    part = part.some(np.flatnonzero((part.starts - part.starts.min()) % stride == 0))
    seeing = known_rivals.over(stored, part, runner.encoders, known_rivals.unit_of(runner.encoders, train))
    if part.members is not None:
        stored = runner.scores.get("baselines") or {"season": runner.season}
        seen = (
            None if own is None else (own.splits.validation if runner.config.get("refit") else own.splits.train).values
        )
        report = score_pooled(
            runner.predict, part, stored, train.values, split=split, data=name, levels=runner.levels,
            reported=horizons(steps), own=seen, seeing=seeing,
        )  # fmt: skip
        return replace(report, stride=stride)
    rivals = statistical(more, train.values, runner.season)
    report = score_part(
        runner.predict, part, stored, split=split, data=name, levels=runner.levels, more=rivals, seeing=seeing
    )
    return replace(report, stride=stride)


class _Own(NamedTuple):
    """The parts of the data that a model was trained on, and the name of that data."""

    splits: data.Parts
    name: str


def _own_data(manifest: Manifest, path: Path) -> _Own:
    task = load_task(manifest.task)
    recalled = _recalled(task, manifest, path)
    config = config_in(manifest, task)
    assert isinstance(config, ForecastingConfig), "a forecasting task has a configuration of its family"
    return _Own(data.load(task, config, recalled), recalled.name)


def _of_horizon(part: Windows, horizon: int) -> Windows:
    """Cut a part again for another horizon, from its first usable window on."""
    if horizon == part.horizon:
        return part
    begin, pooled = int(part.starts.min()), part.members is not None
    cut = windows(part.series, slice(begin, None), part.window, horizon, "test", pooled=pooled)
    return replace(cut, calendar=part.calendar, inputs=part.inputs, past=part.past)


def _recalled(task: Task, manifest: Manifest, path: Path) -> Data:
    """Return the unchanged data that a model was trained on; raises `NotFound` or `DataError`."""
    try:
        files = trained_on(manifest, path)
        return recall(task, {**manifest.data, "paths": [str(file.path) for file in files]})
    except NotFound as error:
        missing = "the data that the model was trained on is not to be found"
        raise NotFound(missing, where=error.where, cure="bring it back, or give --data FILE") from error
    except (DataError, UsageError) as error:
        error.cure = "bring the data back as it was, or give --data FILE"
        raise
