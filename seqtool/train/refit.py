"""A second training, on the training and validation part, for as long as the first one took to its best.

It starts from the same first weights and lives in `<run>/refit/`. Nothing is chosen by its figures: the
validation part is in its training data. The steps are scaled by the ratio of the steps an epoch, and so is the
learning-rate schedule, which ends where that of the first fit stood at its best.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from seqtool.cli.output import note
from seqtool.paths import write_text
from seqtool.runs import read_json, read_run
from seqtool.task import Fit
from seqtool.train import checkpoint
from seqtool.train.initial import initial_weights
from seqtool.train.setup import Setup, fitted, set_up

FOLDER = "refit"


def refit(first: Setup, best: Fit) -> Fit:
    """Train again, or go on where a refit of this run stood; returns how far it came."""
    folder = first.run / FOLDER
    setup = _set_up(first, best.best_step, folder)
    note(f"refit on the training and validation part: {setup.trainer.stop} steps")
    if (folder / "checkpoints" / "index.json").is_file():
        setup.trainer.restore(checkpoint.load(folder / "checkpoints", checkpoint.index(folder / "checkpoints").last))
    else:
        shutil.rmtree(folder, ignore_errors=True)  # what was killed before its first checkpoint
        folder.mkdir()
        weights = checkpoint.load(first.run / "checkpoints", best.best_step)
        checkpoint.into(first.network, weights.network, first.run)
        if read_run(first.run).get("init_from") is None:
            setup.task.prepare(setup.network, setup.trainer.objective, first.network)
    fit = fitted(setup, lambda fit: _finish(setup, first.run, fit))
    return replace(best, step=fit.step, interrupted=fit.interrupted)


def _set_up(first: Setup, best_step: int, folder: Path) -> Setup:
    """Set up the second training: no patience, as it has no validation part; its steps scaled."""
    described = read_run(first.run)
    config = replace(first.config, patience=0)
    splits = first.task.joined(config, first.splits)
    where, seed, threads = first.trainer.device, described["seed"], described["threads"]
    begun = described.get("init_from")
    weights = begun and initial_weights(Path(begun), first.task, config, splits.encoders)
    setup = set_up(first.task, config, first.data, splits, folder, seed, where, threads, weights)
    ratio = setup.trainer.sampler.steps / first.trainer.sampler.steps
    setup.trainer.stop = max(1, round(best_step * ratio))
    setup.trainer.total = max(setup.trainer.stop, round(first.trainer.total * ratio))
    return setup


def _finish(setup: Setup, run: Path, fit: Fit) -> None:
    """Fit the baselines again too, and note the end in run.json: an export takes the refit from then on."""
    stored = setup.task.refitted_baselines(read_json(run, "baselines.json"), setup.splits)
    write_text(setup.run / "baselines.json", json.dumps(stored) + "\n")
    described = read_run(run)
    described["refit"] = {"steps": fit.step, "seconds": round(setup.trainer.seconds, 1)}
    write_text(run / "run.json", json.dumps(described, indent=1) + "\n")
