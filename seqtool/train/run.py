"""One training from data to run folder."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from seqtool import __version__, runs
from seqtool import config as configuration
from seqtool.cli.output import note, warn
from seqtool.data.choose import recall, remember
from seqtool.errors import UsageError
from seqtool.paths import write_text
from seqtool.report import plots
from seqtool.report.family_scores import loss_unit, score_lines
from seqtool.runs import read_metrics, read_run
from seqtool.task import Data, Fit, Task, deciding
from seqtool.task_config import TaskConfig
from seqtool.train import checkpoint
from seqtool.train.device import device as choose_device
from seqtool.train.initial import initial_weights
from seqtool.train.refit import refit
from seqtool.train.setup import Setup, fitted, set_up

PACKAGES = ("torch", "onnx", "onnxruntime-gpu", "onnxruntime", "numpy", "polars", "spox", "safetensors")


def train(
    task: Task, config: TaskConfig, data: Data, *, preset: str, out: Path | None, seed: int, device: str, threads: int,
    init_from: Path | None = None,
) -> Fit:  # fmt: skip
    """Train `task` from the first step; returns how far it came. Everything is said on stderr.

    `init_from` is a run or a checkpoint of the same network, whose weights are the first.
    """
    where = choose_device(device)
    tell_data(task, config, data)
    splits = task.load(config, data)
    weights = None if init_from is None else initial_weights(init_from, task, config, splits.encoders)
    folder = runs.new_folder(task.name, out)
    description = _describe(task, data, preset, seed, where, threads) | {"init_from": init_from and str(init_from)}
    write_text(folder / "config.toml", _toml(config))
    write_text(folder / "run.json", json.dumps(description, indent=1) + "\n")
    _keep_encoders(task, splits.encoders, folder)
    runs.note_run(folder)
    setup = set_up(task, config, data, splits, folder, seed, where, threads, weights)
    if weights is None:
        task.prepare(setup.network, setup.trainer.objective)
    return _go(setup)


def resume(task: Task, run: Path, *, device: str) -> Fit:
    """Go on with a run from its last checkpoint, as if it had never stopped."""
    described = read_run(run)
    if described["task"] != task.name:
        raise UsageError(
            f"{run} is a run of {described['task']}", cure=f"seqtool train {described['task']} --resume {run}"
        )
    config = configuration.load(task.config, file=run / "config.toml")
    data = recall(task, described["data"])
    saved = checkpoint.load(run / "checkpoints", checkpoint.index(run / "checkpoints").last)
    where = choose_device(device if device != "auto" else described["device"])
    splits = task.load(config, data)
    setup = set_up(task, config, data, splits, run, described["seed"], where, described["threads"])
    setup.trainer.restore(saved)
    runs.note_run(run)
    return _go(setup)


def tell_data(task: Task, config: TaskConfig, data: Data) -> None:
    """Say what the data check found, loudest where the data is not real."""
    if data.sample:
        warn(f"nothing real to train on: this is {data.name}; its scores say nothing about real data")
    for finding in task.check(config, data):
        say = warn if finding.level == "warning" else note
        say(f"{finding.code}: {finding.text}")


def _go(setup: Setup) -> Fit:
    fit = fitted(setup, lambda fit: _finish(setup, fit))
    return refit(setup, fit) if setup.config.refit and not fit.interrupted else fit


def _finish(setup: Setup, fit: Fit) -> None:
    """Take the best weights and calibrate; fit baselines, score the validation part, draw the pictures."""
    started = time.monotonic()
    network = _calibrated(setup, fit.best_step)
    stored = setup.task.baselines(setup.config, setup.splits)
    write_text(setup.run / "baselines.json", json.dumps(stored) + "\n")
    scores = setup.task.validation_scores(network, setup.splits, stored, setup.data.name)
    write_text(setup.run / "scores.json", json.dumps({"validation": scores}, indent=1) + "\n")
    title = f"{setup.task.name} on {setup.data.name}"
    unit = loss_unit(setup.task.family)
    metrics = read_metrics(setup.run)
    drawn = [plots.curves(metrics, setup.run / "plots" / "curves.png", title, unit)]
    drawn += setup.task.pictures(network, setup.splits, setup.run / "plots", f"{title}, validation")
    described = read_run(setup.run)
    described["training"] = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(setup.trainer.seconds, 1),
        "steps": fit.step, "best_step": fit.best_step, "scoring_seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    write_text(setup.run / "run.json", json.dumps(described, indent=1) + "\n")
    by = deciding(metrics[-1])
    note(f"best on validation: {by} {fit.best:.4f} at step {fit.best_step}, {setup.trainer.seconds:.0f} s of training")
    for line in score_lines(setup.task.family, scores):
        note(line)
    for path in drawn:
        note(f"picture: {path}")


def _calibrated(setup: Setup, step: int) -> Any:
    """Return a network of the weights of `step`, its errors on validation noted in the run's encoders."""
    task, config, splits = setup.task, setup.config, setup.splits
    saved = checkpoint.load(setup.run / "checkpoints", step)
    setup.network.load_state_dict(saved.network)
    encoders = {**splits.encoders, **task.calibrate(setup.network.eval(), splits, config)}
    _keep_encoders(task, encoders, setup.run)
    network = task.network(config, encoders).to(setup.trainer.device)
    checkpoint.into(network, saved.network, setup.run)
    return network.eval()


def _keep_encoders(task: Task, encoders: Mapping[str, Any], run: Path) -> None:
    write_text(run / "encoders" / "encoders.json", json.dumps(task.encoders_to_json(encoders)) + "\n")


def versions() -> dict[str, str]:
    """Return the versions of what takes part."""
    found = {"seqtool": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _toml(config: TaskConfig) -> str:
    import tomli_w

    return tomli_w.dumps(configuration.to_dict(config))


def _describe(
    task: Task, data: Data, preset: str, seed: int, where: torch.device, threads: int
) -> dict[str, Any]:  # fmt: skip
    return {
        "task": task.name,
        "family": task.family,
        "preset": preset,
        "seed": seed,
        "device": where.type,
        "threads": threads or torch.get_num_threads(),
        "data": remember(data),
        "versions": versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
