"""Score a model file again, on any data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqtool.families.forecasting.baselines import mean_step
from seqtool.families.forecasting.data import windows
from seqtool.families.forecasting.history import from_files
from seqtool.families.forecasting.scores import score
from seqtool.runtime.runners import runner as runner_of
from seqtool.task import DataFile


def evaluate(model: Any, files: Sequence[DataFile]) -> dict[str, Any]:
    """Score a file over all windows of a series, beside the baselines that need no fitting.

    MASE is scaled by the mean step of that series. Raises `DataError`, `NotFound` or `UsageError`.
    """
    runner = runner_of(model, "forecasting")
    series = from_files(files, runner.columns, model.manifest.config)
    part = windows(series, slice(0, None), runner.window, runner.horizon, "whole")
    stored = {"season": runner.season, "mase_scale": mean_step(series.values)}
    names = ", ".join(file.path.name for file in files)
    return score(runner.over, part, stored, split="whole", data=names)
