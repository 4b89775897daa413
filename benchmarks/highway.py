"""What a network adds to the linear highway beside it: electricity's default, with and without a refit.

The highway alone is the same training, stopped before the network has learnt anything: its output begins as zero.
Both files forecast the test part; their squared errors are compared by the paired block bootstrap of the scores.
Needs the sources (SEQTOOL_MIRROR, or a network).
"""

import contextlib
import dataclasses
import io
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.data.bootstrap import paired
from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, family_of, presets_of
from seqtool.families.load import runner_of
from seqtool.plugins import load_task
from seqtool.runtime.model import open_model
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

SILENT = {"max_steps": 1, "learning_rate": 1e-12}


def losses(task, config, data, splits, folder):
    """Train and export; return the mean squared error [W] of each origin of the test part."""
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, data, TrainOptions(out=folder, seed=0, device="cpu", threads=1))
        path = export_task(task, folder, ExportOptions(), scores=False).path
    _, truth = splits.test.batch(np.arange(len(splits.test)))
    forecast = runner_of(open_model(path, device="cpu"), "forecasting").predict(splits.test).values
    return ((forecast - truth) ** 2).mean(axis=(1, 2))


def measure(task, config, data, folder):
    """Print and record both, and the interval of the difference."""
    splits = family_of(task).data.load(task, config, data)
    both = losses(task, config, data, splits, folder / "both")
    alone = losses(task, dataclasses.replace(config, **SILENT), data, splits, folder / "highway")
    difference = paired(both, alone, block=2 * config.horizon)
    share = [
        round(100 * float(value) / float(alone.mean()), 1)
        for value in (difference.mean, difference.low, difference.high)
    ]
    figures = {
        "refit": config.refit, "rmse": round(float(np.sqrt(both.mean())), 1),
        "highway_alone": round(float(np.sqrt(alone.mean())), 1),
        "difference_percent": share[0], "interval_95": share[1:], "origins": len(both),
    }  # fmt: skip
    print(figures)
    record(f"electricity default against its highway alone{', refit' if config.refit else ''}", figures)


def main():
    """Measure without and with the refit."""
    task = load_task("electricity")
    config = configured(task, preset=presets_of(task)["default"])
    data = choose(task, config)
    if data.sample:
        raise SystemExit("the sources cannot be had: set SEQTOOL_MIRROR")
    for refit in (False, True):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            measure(task, dataclasses.replace(config, refit=refit), data, Path(folder))


if __name__ == "__main__":
    main()
