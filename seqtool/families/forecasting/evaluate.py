"""Score a model file again: on any data, or by a rolling origin over the test part of what it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqtool.data.calendar import calendar, future_times
from seqtool.errors import DataError, NotFound, UsageError
from seqtool.families.forecasting.baselines import unfitted
from seqtool.families.forecasting.data import Windows, windows
from seqtool.families.forecasting.history import from_files, trained_on
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.scores import score
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import Data, DataFile, Task


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over all windows of a series, beside the baselines that need no fitting.

    MASE is scaled by the mean step of that series. Raises `DataError`, `NotFound` or `UsageError`.
    """
    runner = runner_of(model, "forecasting")
    part = _whole(runner, files, runner.horizon)
    return _score(runner, part, unfitted(part.values, runner.season), split="whole", data=_names(files))


def backtest(
    model: Any, path: Path, files: Sequence[DataFile] = (), *, horizon: int | None = None, stride: int = 1
) -> dict[str, Any]:
    """Forecast from every `stride`-th origin over the test part, or over all of `files`, with the fitted baselines.

    `path` is where the model lies: the run beside it knows the user's own data. `horizon` in steps, left out: as
    trained. Returns the scores and their `stride`. Raises `DataError`, `NotFound` or `UsageError`.
    """
    runner = runner_of(model, "forecasting")
    steps = runner.horizon if horizon is None else horizon
    runner.check_horizon(steps)
    if files:
        split, data, part = "whole", _names(files), _whole(runner, files, steps)
        known = part.values
    else:
        task = _task(model.manifest)
        recalled = _recalled(task, model.manifest, path)
        splits = task.load(_config(task, model.manifest), recalled)
        split, data, part = "test", recalled.name, _of_horizon(splits.test, steps)
        known = splits.train.values
    stored = model.manifest.scores.get("baselines") or unfitted(known, runner.season)
    part = replace(part, starts=part.starts[(part.starts - part.starts[0]) % stride == 0])
    return {**_score(runner, part, stored, split=split, data=data), "stride": stride}


def _score(runner: Runner, part: Windows, stored: Mapping[str, Any], *, split: str, data: str) -> dict[str, Any]:
    return score(runner.over, part, stored, split=split, data=data, levels=runner.levels)


def _whole(runner: Runner, files: Sequence[DataFile], horizon: int) -> Windows:
    """Read a series of the model's columns and cut all its windows."""
    series = from_files(files, runner.columns, runner.model.manifest.config)
    part = windows(series, slice(0, None), runner.window, horizon, "whole")
    names = runner.calendar
    return replace(part, calendar=calendar(future_times(series, 0), names)) if names else part


def _names(files: Sequence[DataFile]) -> str:
    return ", ".join(file.path.name for file in files)


def _of_horizon(part: Windows, horizon: int) -> Windows:
    """Cut a part again for another horizon, from its first usable window on."""
    if horizon == part.horizon:
        return part
    cut = windows(part.series, slice(int(part.starts[0]), None), part.window, horizon, "test")
    return replace(cut, calendar=part.calendar)


def _task(manifest: Any) -> Task:
    from seqtool.plugins import load_task

    return load_task(manifest.task)


def _config(task: Task, manifest: Any) -> Any:
    from seqtool import config

    return config.load(task.config, options=manifest.config)


def _recalled(task: Task, manifest: Any, path: Path) -> Data:
    """Find the data that a model was trained on, unchanged; raises `NotFound` or `DataError`."""
    from seqtool.data.choose import recall

    try:
        files = trained_on(manifest, path)
        return recall(task, {**manifest.data, "paths": [str(file.path) for file in files]})
    except NotFound as error:
        raise NotFound(
            "the data that the model was trained on is not to be found",
            where=error.where,
            cure="bring it back, or give --data FILE",
        ) from error
    except (DataError, UsageError) as error:
        error.cure = "bring the data back as it was, or give --data FILE"
        raise
