"""A training, from data to run folder."""

from __future__ import annotations

import contextlib
import json
import platform
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w
import torch
from torch import nn

from seqtool import __version__, runs
from seqtool import config as configuration
from seqtool.data.part_sums import part_sum
from seqtool.data.splits import Encoders
from seqtool.errors import NotFound, UsageError, within_memory
from seqtool.families.choose import remember
from seqtool.families.family import family_of
from seqtool.families.shared_verbs import refuse_shared_verb
from seqtool.paths import write_text
from seqtool.report import plots
from seqtool.runs import HIGHER, RunRecord, deciding, decisive, read_metrics, read_run, write_run
from seqtool.say import note, warn
from seqtool.task import Data, Task
from seqtool.task_config import TaskConfig
from seqtool.training import begun, checkpoint
from seqtool.training.fresh import fresh
from seqtool.training.loop import Fit, still_falling
from seqtool.training.refit import refit
from seqtool.training.setup import Setup, choose_device, notify_end, set_up, train_through
from seqtool.training.unchanged import config_of, hold_parts, part_sums

if TYPE_CHECKING:
    from seqtool.data.token_vectors import TokenVectors

PACKAGES = ("torch", "onnx", "onnxruntime-gpu", "onnxruntime", "numpy", "polars", "spox", "safetensors")


@dataclass(frozen=True)
class TrainOptions:
    """How to train, beside the configuration.

    preset: for run.json. out: None for a new folder in runs/. threads: 0 for all cores. init_from: a run or checkpoint.
    """

    preset: str = ""
    out: Path | None = None
    seed: int = 0
    device: str = "auto"
    threads: int = 0
    init_from: Path | None = None


def train(task: Task, config: TaskConfig, data: Data, options: TrainOptions) -> Fit:
    """Train `task` from the first step; return how far it came. Messages go to stderr."""
    where, family = choose_device(options.device), family_of(task)
    family.complete()
    refuse_shared_verb(family)
    tell_data(task, config, data)
    with within_memory(data.name):
        splits = family.data.load(task, config, data)
    config = replace(config, **splits.settled)
    weights = None
    if options.init_from is not None:
        weights = checkpoint.initial(options.init_from, task, config, splits.encoders)
    # after all that may refuse the data: a training that cannot begin leaves no folder
    with fresh(task.name, options.out) as folder:
        write_text(folder / "config.toml", tomli_w.dumps(configuration.to_dict(config)))
        record = _record(task, data, options, where, splits.vectors)
        write_run(folder, replace(record, config=configuration.to_dict(config), parts=part_sums(task, splits)))
        _keep_encoders(splits.encoders, folder)
        if splits.vectors is not None and config.refit:
            from seqtool.families.vectors import keep  # most trainings have none

            keep(splits.vectors, folder)
        setup = set_up(task, config, data, splits, folder, options.seed, where, options.threads, weights)
        if weights is None:
            setup.trainer.objective.prepare(None)
        return _go(setup)


def resume(task: Task, run: Path, *, device: str) -> Fit:
    """Go on with a run from its last checkpoint, bit for bit as if it had never stopped."""
    record = read_run(run)
    if record.task != task.name:
        raise UsageError(f"{run} is a run of {record.task}", cure=f"seqtool train {record.task} --resume {run}")
    config = config_of(task, run, record)
    data = begun.again(task, run, record)
    saved = checkpoint.load(run / "checkpoints", checkpoint.index(run / "checkpoints").last)
    where = choose_device(device if device != "auto" else record.device)
    splits = family_of(task).data.load(task, config, data)
    hold_parts(task, splits, run, record)
    setup = set_up(task, config, data, splits, run, record.seed, where, record.threads)
    setup.trainer.restore(saved)
    runs.note_run(run)
    return _go(setup)


def tell_data(task: Task, config: TaskConfig, data: Data) -> None:
    """Print the findings of the data check, and a warning for simulated data."""
    if data.sample:
        warn(f"nothing real to train on: this is {data.name}; its scores say nothing about real data")
    with within_memory(data.name):
        findings = family_of(task).data.check(task, config, data)
    for finding in findings:
        say = warn if finding.level == "warning" else note
        say(f"{finding.code}: {finding.text}")


def _go(setup: Setup) -> Fit:
    fit = train_through(setup)
    if not fit.interrupted:
        _finish(setup, fit)
    notify_end(setup, fit)
    return refit(setup, fit) if setup.config.refit and not fit.interrupted else fit


def _finish(setup: Setup, fit: Fit) -> None:
    """Calibrate the best weights, fit the baselines, score the validation part, draw the pictures."""
    started = time.monotonic()
    if not (metrics := read_metrics(setup.run)):
        raise NotFound("the run has lost its metrics.jsonl", where=str(setup.run), cure="train again")
    network, encoders = _calibrated(setup, fit.best_step)
    family, config, splits = setup.family, setup.config, setup.splits
    note("fitting the baselines")
    fitting = time.monotonic()
    stored = family.scores.baselines(config, splits, None)
    fitting = time.monotonic() - fitting
    write_text(setup.run / "baselines.json", json.dumps(stored) + "\n")
    predict = family.model.predictor(network, encoders)
    report = family.scores.score(predict, splits, "validation", stored, config, setup.data.name)
    write_text(setup.run / "scores.json", json.dumps({"validation": report.to_json()}, indent=1) + "\n")
    title = f"{setup.task.name} on {setup.data.name}"
    drawn = [plots.curves(metrics, setup.run / "plots" / "curves.png", title, family.report.LOSS, config.metric)]
    drawn += family.scores.pictures(predict, splits, config, setup.run / "plots", f"{title}, validation")
    ended = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(setup.trainer.seconds, 1),
        "steps": fit.step, "best_step": fit.best_step, "scoring_seconds": round(time.monotonic() - started, 1),
        "baselines_seconds": round(fitting, 1),
    }  # fmt: skip
    write_run(setup.run, replace(read_run(setup.run), training=ended))
    by = deciding(metrics[-1], config.metric)
    spent = f"{setup.trainer.seconds:.0f} s of training, {fitting:.1f} s of baselines"
    note(f"best on validation: {by} {fit.best:.4f} at step {fit.best_step}, {spent}")
    if still_falling([decisive(line, config.metric) for line in metrics]):
        change = "rising" if by in HIGHER else "falling"
        longer = "a higher --max-steps" if fit.step == setup.config.max_steps else "more --epochs"
        note(f"the training ended while {by} was still {change}: {longer} may make the model better")
    for line in report.lines():
        note(line)
    if not report.beats_best:
        rival = f"{report.best_baseline} ({report.MEASURES[report.main_measure]} {report.main(report.best_baseline)})"
        note(f"no-better: these data and settings give no more than {rival}")
        note(f"  seqtool check {setup.task.name} --curve, with the same data, says whether more would help")
    for path in drawn:
        note(f"picture: {path}")


def _calibrated(setup: Setup, step: int) -> tuple[nn.Module, Encoders]:
    saved = checkpoint.load(setup.run / "checkpoints", step)
    setup.network.load_state_dict(saved.network)
    setup.network.eval()
    encoders = setup.trainer.objective.calibrated(setup.splits.encoders)
    _keep_encoders(encoders, setup.run)
    # a new network: calibrated encoders may add to it, such as offsets of quantiles
    network: nn.Module = setup.family.model.network(setup.config, encoders).to(setup.trainer.device)
    checkpoint.into(network, saved.network, setup.run)
    return network.eval(), encoders


def _keep_encoders(encoders: Encoders, run: Path) -> None:
    text = json.dumps(encoders.to_json())
    write_text(run / "encoders" / "encoders.json", f"{text}\n")
    write_run(run, replace(read_run(run), encoders=part_sum(json.loads(text))))


def versions() -> dict[str, str]:
    """Return the versions of the packages that a training and an export use."""
    installed = {"seqtool": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):  # onnxruntime or onnxruntime-gpu
            installed[name] = version(name)
    return installed


def _record(
    task: Task, data: Data, options: TrainOptions, where: torch.device, outside: TokenVectors | None
) -> RunRecord:
    remembered = remember(data)
    if outside is not None:
        remembered["vectors"] = outside.facts
    return RunRecord(
        task=task.name,
        family=task.family,
        seed=options.seed,
        device=where.type,
        threads=options.threads or torch.get_num_threads(),
        data=remembered,
        preset=options.preset,
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        init_from=None if options.init_from is None else str(options.init_from),
        earlier=() if options.init_from is None else begun.chain(begun.read(options.init_from, task)),
        replay=0.0 if data.begun is None else data.begun.replay,
    )
