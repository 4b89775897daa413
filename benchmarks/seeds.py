"""How much the seed decides: some presets trained with three seeds, the files scored on the test split.

Needs the sources (SEQTOOL_MIRROR, or a network). The recipe of `ld-250` counts in units of the whole series' range;
`mse_of_range` does too.
"""

import contextlib
import dataclasses
import io
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, family_of, presets_of
from seqtool.plugins import load_task
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

SEEDS = (0, 1, 2)
MEASURED = (("electricity", "quarter-hour", False), ("electricity", "default", True), ("sine", "default", False))


def rmse(task, config, data, seed):
    """Train and export; return the RMSE over the whole path of the test split."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        run = Path(folder) / "run"
        train(task, config, data, TrainOptions(out=run, seed=seed, device="cpu", threads=1))
        manifest = export_task(task, run, ExportOptions()).manifest
    return manifest.scores["test"]["path"]["model"]


def main():
    """Measure, print and record each preset."""
    for name, chosen, refit in MEASURED:
        task = load_task(name)
        config = dataclasses.replace(configured(task, preset=presets_of(task)[chosen]), refit=refit)
        data = choose(task, config)
        if data.sample and task.sources:
            raise SystemExit("the sources cannot be had: set SEQTOOL_MIRROR")
        found = [rmse(task, config, data, seed) for seed in SEEDS]
        figures = {"rmse": [float(f"{one:.4g}") for one in found], "mean": float(f"{np.mean(found):.4g}")}
        if chosen == "quarter-hour":
            values = family_of(task).data.read(task, config, data).values
            range_ = float(np.nanmax(values) - np.nanmin(values))
            figures["mse_of_range"] = round(float(np.mean(np.square(found))) / range_**2, 5)
        print(name, chosen, figures)
        record(f"{name} {chosen}{', refit' if refit else ''}, seeds 0 to 2", figures)


if __name__ == "__main__":
    main()
