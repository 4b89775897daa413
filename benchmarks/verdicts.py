"""Does the verdict tell the truth? Simulated series whose answer is known, through the whole product.

Random walks: nothing beats the last value, so the first sentence must say that the model does not, in at least
19 of 20 seeds. AR(1) log-returns, phi 0.9, one step ahead: the last value is beaten by far, so it must say so
in at least 19 of 20; and it may claim to beat the autoregression only with an interval that excludes zero.
"""

import argparse
import contextlib
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.config import load, preset
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.task import Data
from seqtool.training.export import export_task
from seqtool.training.run import train

ROWS, NEEDED = 1500, 0.95


def prices(seed, phi, deviation):
    """Return prices whose log-returns are AR(1)."""
    noise = np.random.default_rng(seed).normal(0, deviation, ROWS)
    returns = np.zeros(ROWS)
    for step in range(1, ROWS):
        returns[step] = phi * returns[step - 1] + noise[step]
    return 100 * np.exp(np.cumsum(returns))


def scores(seed, values, folder, **settings):
    """Train, export and score with the default preset and some settings."""
    task = load_task("bitcoin")
    file = folder / f"{seed}.csv"
    file.write_text("Close\n" + "\n".join(f"{value:.6f}" for value in values) + "\n")
    config = load(task.config, preset=preset(task.presets, "default"), options=settings)
    run = folder / f"run-{seed}"
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, Data((DataFile(file),)), preset="default", out=run, seed=seed, device="cpu", threads=0)
        _, manifest, _ = export_task(task, run, out=None, which="best", scores=True)
    return manifest.scores["test"]


def count(name, seeds, phi, deviation, wanted, **settings):
    """Count the seeds whose verdict is right, and the claims against the best baseline without an interval."""
    right = claims = beaten = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for seed in range(seeds):
            found = scores(seed, prices(seed, phi, deviation), Path(folder), **settings)
            says = found["verdict"][0].startswith("The model beats the last value")
            right += says == wanted
            second = "beats" in found["verdict"][1] and "does not" not in found["verdict"][1]
            high = found["differences"][found["best_baseline"]][2]
            beaten += second
            claims += second and not (high is not None and high < 0)
    print(f"{name}: right in {right} of {seeds}; beats the best baseline in {beaten}; unfounded claims {claims}")
    record(f"verdict: {name}", {"right": right, "seeds": seeds, "beats_best_baseline": beaten, "unfounded": claims})
    return right >= NEEDED * seeds and claims == 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    os.environ.setdefault("SEQTOOL_PLUGINS", "bitcoin")
    walks = count("random walk, 40 steps", options.seeds, 0.0, 0.03, False)
    waves = count("AR(1) returns, one step", options.seeds, 0.9, 0.005, True, horizon=1)
    raise SystemExit(0 if walks and waves else 1)
