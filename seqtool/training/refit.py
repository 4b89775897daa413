"""A second training, on the training and validation part, for as many epochs as the first one took to its best.

It starts from the same initial weights and lives in `<run>/refit/`. Its validation figures choose nothing.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from seqtool.paths import write_text
from seqtool.runs import read_run, write_run
from seqtool.say import note
from seqtool.training import checkpoint
from seqtool.training.loop import Fit
from seqtool.training.setup import Setup, notify_end, set_up, train_through
from seqtool.training.unchanged import read_baselines

FOLDER = "refit"


def refit(first: Setup, best: Fit) -> Fit:
    """Train again, or resume a refit of this run; return how far it came."""
    folder = first.run / FOLDER
    setup = _set_up(first, best.best_step, folder)
    note(f"refit on the training and validation part: {setup.trainer.stop} steps")
    if (folder / "checkpoints" / "index.json").is_file():
        setup.trainer.restore(checkpoint.load(folder / "checkpoints", checkpoint.index(folder / "checkpoints").last))
    else:
        shutil.rmtree(folder, ignore_errors=True)  # a refit killed before its first checkpoint
        folder.mkdir()
        weights = checkpoint.load(first.run / "checkpoints", best.best_step)
        checkpoint.into(first.network, weights.network, first.run)
        if read_run(first.run).init_from is None:
            setup.trainer.objective.prepare(first.network)
    fit = train_through(setup)
    if not fit.interrupted:
        _finish(setup, first.run, fit)
    notify_end(setup, fit)
    return replace(best, step=fit.step, interrupted=fit.interrupted)


def _set_up(first: Setup, best_step: int, folder: Path) -> Setup:
    record = read_run(first.run)
    # no patience: the validation part is in the training data, so its figures say nothing
    config = replace(first.config, patience=0)
    splits = first.family.data.joined(config, first.splits)
    weights, device = None, first.trainer.device
    if record.init_from is not None:
        weights = checkpoint.initial(Path(record.init_from), first.task, config, splits.encoders)
    setup = set_up(first.task, config, first.data, splits, folder, record.seed, device, record.threads, weights)
    # an epoch has more steps now; the learning rate ends where the first training's stood at its best
    ratio = setup.trainer.sampler.steps / first.trainer.sampler.steps
    setup.trainer.stop = max(1, round(best_step * ratio))
    setup.trainer.total = max(setup.trainer.stop, round(first.trainer.total * ratio))
    return setup


def _finish(setup: Setup, run: Path, fit: Fit) -> None:
    """Fit the baselines again, and record the end in run.json: from then on an export takes the refit."""
    stored = setup.family.scores.baselines(setup.config, setup.splits, read_baselines(run))
    write_text(setup.run / "baselines.json", json.dumps(stored) + "\n")
    write_run(run, replace(read_run(run), refit={"steps": fit.step, "seconds": round(setup.trainer.seconds, 1)}))
