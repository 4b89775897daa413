"""Does the verdict tell the truth? Simulated series whose answer is known, through the whole product.

walk, ar1 and lags (a linear law of 200 lags) have nothing that a linear rival cannot know: the verdict may say "beats
the best baseline" in at most 6 of 100. tent is a threshold autoregression, x' = 1 - 1.8 |x| + noise of 0.05, whose
slope changes its sign at zero: a linear rival knows nothing of it, so that "beats" must be said in at least 75 of 100.
"""

import argparse
import contextlib
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.task import Data
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

ROWS = {"walk": 1500, "ar1": 1500, "lags": 3000, "tent": 3000}
SETTINGS = {"lags": {"window": 224, "highway": 200}}
AT_MOST, AT_LEAST = 6, 75


def series(kind, seed):
    """Return one series [T] of a kind."""
    rng = np.random.default_rng([seed, 17])
    noise = rng.normal(size=ROWS[kind] + 500)
    if kind == "walk":
        return np.cumsum(noise)[500:]
    if kind == "tent":
        noise *= 0.05
    weights = rng.normal(size=200) if kind == "lags" else np.array([rng.uniform(-0.9, 0.9)])
    weights *= 0.95 / np.abs(weights).sum() if kind == "lags" else 1
    values = np.zeros(len(noise))
    for step in range(len(weights), len(noise)):
        past = values[step - len(weights) : step][::-1]
        values[step] = noise[step] + (1 - 1.8 * abs(past[0]) if kind == "tent" else weights @ past)
        if kind == "tent":
            values[step] = np.clip(values[step], -1, 1)
    return values[500:]


def verdict(kind, seed, folder):
    """Train, export and score by the default preset; return the sentences of the verdict on the test part."""
    task = load_task("forecast")
    file = folder / f"{seed}.csv"
    file.write_text("y\n" + "\n".join(f"{value:.6f}" for value in series(kind, seed)) + "\n")
    config = configured(task, preset=presets_of(task)["default"], options=SETTINGS.get(kind, {}))
    run = folder / f"run-{seed}"
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, Data((DataFile(file),)), TrainOptions(out=run, seed=seed, device="cpu", threads=1))
        return export_task(task, run, ExportOptions()).manifest.scores["test"]["verdict"]


def count(kind, seeds):
    """Return how many seeds say that the model beats the best baseline, and how many that a baseline is best."""
    beaten = behind = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            sentences = verdict(kind, seed, Path(folder))
        beaten += sentences[-1].startswith("The model beats") or sentences[-1].endswith("the model beats it.")
        behind += sentences[0].startswith("The best forecast")
        print(f"{kind} {seed}: {sentences[-1]}", flush=True)
    return beaten, behind


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=[*ROWS])
    parser.add_argument("--seeds", type=int, default=100)
    options = parser.parse_args()
    os.environ.setdefault("SEQTOOL_PLUGINS", "forecast")
    held = []
    for kind in options.kinds:
        beaten, behind = count(kind, range(options.seeds))
        record(f"verdict: {kind}", {"seeds": options.seeds, "beats_best_baseline": beaten, "baseline_is_best": behind})
        share = 100 * beaten / options.seeds
        held.append(share >= AT_LEAST if kind == "tent" else share <= AT_MOST)
    raise SystemExit(0 if all(held) else 1)
