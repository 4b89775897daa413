"""Every preset of a forecasting task on its own source: trained once, the file scored on the test split, once.

Needs the sources (SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train


def measure(task, name, seed, folder, *, refit=False):
    """Train, export, print and record one preset."""
    config = configured(task, preset=presets_of(task)[name], options={"refit": refit})
    data = choose(task, config, (), sample=False)
    if data.sample and task.sources:
        raise SystemExit("the sources cannot be had: set SEQTOOL_MIRROR")
    name += " --refit" * refit
    run, begun = folder / name.replace(" ", ""), time.monotonic()
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, data, TrainOptions(preset=name, out=run, seed=seed, device="cpu", threads=1))
        minutes = (time.monotonic() - begun) / 60
        exported = export_task(task, run, ExportOptions())
    path, manifest = exported.path, exported.manifest
    scores = manifest.scores["test"]
    print(f"{name}: {minutes:.1f} minutes, {path.stat().st_size:,} bytes, export within {exported.difference:.1g}")
    for line in scores["verdict"]:
        print(f"  {line}")
    rmse = {
        horizon: {who: float(f"{row['rmse']:.5g}") for who, row in rows.items()}
        for horizon, rows in scores["horizons"].items()
    }
    record(task.name, {
        "preset": name, "data": data.name, "sha256": [file["sha256"][:12] for file in manifest.data["files"]],
        "seed": seed, "minutes": round(minutes, 1), "from": scores["from"], "to": scores["to"],
        "origins": scores["origins"], "rmse": rmse,
        "path": {who: float(f"{value:.5g}") for who, value in scores["path"].items()},
        "coverage": scores.get("coverage", {}).get("0.8", {}).get("path"), "refit": config.refit,
        "verdict": scores["verdict"], "bytes": path.stat().st_size,
    })  # fmt: skip


def main(names, seed):
    """Measure every preset of some tasks."""
    for task in map(load_task, names):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            for name in presets_of(task):
                measure(task, name, seed, Path(folder))
            if task.name == "electricity":
                measure(task, "default", seed, Path(folder), refit=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=["bitcoin", "electricity", "sine"])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    main(options.tasks, options.seed)
