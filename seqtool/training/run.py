"""A training, from data to run folder."""

from __future__ import annotations

import contextlib
import platform
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w
import torch

from seqtool import __version__, runs
from seqtool import config as configuration
from seqtool.data.splits import Splits
from seqtool.errors import NotFound, UsageError, within_memory
from seqtool.families.choose import remember
from seqtool.families.family import family_of
from seqtool.families.shared_verbs import refuse_shared_verb
from seqtool.locks import alone
from seqtool.paths import write_text
from seqtool.runs import RunRecord, read_run, write_run
from seqtool.say import note, warn
from seqtool.task import Data, Task
from seqtool.task_config import TaskConfig
from seqtool.training import begun, checkpoint
from seqtool.training.costs import Costs, measured
from seqtool.training.ending import finish, fit_baselines, keep_encoders
from seqtool.training.fresh import fresh
from seqtool.training.loop import Fit
from seqtool.training.minutes import hold_to_minutes, told
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
    tell: measure before the first step what it will take, and print it. began: when by `time.monotonic`, None for now.
    """

    preset: str = ""
    out: Path | None = None
    seed: int = 0
    device: str = "auto"
    threads: int = 0
    init_from: Path | None = None
    tell: bool = False
    began: float | None = None


def train(task: Task, config: TaskConfig, data: Data, options: TrainOptions) -> Fit:
    """Train `task` from the first step; return how far it came. Messages go to stderr."""
    began = time.monotonic() if options.began is None else options.began
    loaded = _loaded(task, config, data, options)
    config, splits = loaded.config, loaded.splits
    # after all that may refuse the data: a training that cannot begin leaves no folder
    with fresh(task.name, options.out) as folder:
        write_text(folder / "config.toml", tomli_w.dumps(configuration.to_dict(config)))
        record = _record(task, data, options, loaded.where, splits.vectors)
        write_run(folder, replace(record, config=configuration.to_dict(config), parts=part_sums(task, splits)))
        keep_encoders(splits.encoders, folder)
        if splits.vectors is not None:
            from seqtool.families.vectors import keep  # most trainings have none

            keep(splits.vectors, folder)
        stored, seconds = fit_baselines(family_of(task), config, splits, folder)
        costs = None
        if options.tell or config.max_minutes:
            costs = measured(loaded.set_up, splits, stored, seconds, whole=bool(config.max_minutes))
        setup = loaded.set_up(folder)
        if loaded.weights is None:
            setup.trainer.objective.prepare(None)
        if costs is not None:
            _tell(setup, costs, began)
        return _go(setup)


def dry_run(task: Task, config: TaskConfig, data: Data, options: TrainOptions) -> str:
    """Say what a training will take; nothing is written."""
    began = time.monotonic() if options.began is None else options.began
    loaded = _loaded(task, config, data, options)
    stored, seconds = fit_baselines(family_of(task), loaded.config, loaded.splits, None)
    costs = measured(loaded.set_up, loaded.splits, stored, seconds, whole=True)
    setup = loaded.set_up(Path())  # whose folder nothing is written into
    if loaded.config.max_minutes:
        hold_to_minutes(setup, costs.to_json(), began)
    return told(setup, costs)


@dataclass(frozen=True)
class _Loaded:
    """What a training is set up from."""

    task: Task
    config: TaskConfig
    data: Data
    options: TrainOptions
    splits: Splits[Any, Any]
    where: torch.device
    weights: checkpoint.Tensors | None

    def set_up(self, folder: Path) -> Setup:
        """Set up a training in a folder: always the same, whatever was trained in this process before."""
        task, config, data, splits, options = self.task, self.config, self.data, self.splits, self.options
        return set_up(
            task, config, data, splits, folder, options.seed, self.where, options.threads, self.weights
        )  # fmt: skip


def _loaded(task: Task, config: TaskConfig, data: Data, options: TrainOptions) -> _Loaded:
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
    return _Loaded(task, config, data, options, splits, where, weights)


def _tell(setup: Setup, costs: Costs, began: float) -> None:
    """Print and record what a training will take, and hold it to its --max-minutes."""
    if setup.config.max_minutes:
        hold_to_minutes(setup, costs.to_json(), began)
    note(told(setup, costs))
    steps, every = setup.trainer.stop, setup.trainer.every
    expected = {**costs.to_json(), "steps": steps, "seconds": costs.training(steps, every)}
    write_run(setup.run, replace(read_run(setup.run), told=expected))


def resume(task: Task, run: Path, *, device: str, began: float | None = None) -> Fit:
    """Go on with a run from its last checkpoint, bit for bit as if it had never stopped.

    A run that was ended before its first checkpoint goes on from the first step. A limit of minutes counts the time
    that was used before; it began now or at the time `began`. Raises `UsageError` where another process trains the run.
    """
    began = time.monotonic() if began is None else began
    record = read_run(run)
    if record.task != task.name:
        raise UsageError(f"{run} is a run of {record.task}", cure=f"seqtool train {record.task} --resume {run}")
    with alone(run / runs.WRITER, runs.BUSY):
        runs.sweep(run)
        config = config_of(task, run, record)
        data = begun.again(task, run, record)
        saved = checkpoint.last(run / "checkpoints")
        if saved is None:
            if record.training is not None:
                raise NotFound("the run has lost its checkpoints", where=str(run), cure="train again")
            note("no checkpoint was written yet: the training begins at its first step")
        where = choose_device(device if device != "auto" else record.device)
        splits = family_of(task).data.load(task, config, data)
        hold_parts(task, splits, run, record)
        weights = None
        if saved is None and record.init_from is not None:
            weights = checkpoint.initial(Path(record.init_from), task, config, splits.encoders)
        setup = set_up(task, config, data, splits, run, record.seed, where, record.threads, weights)
        if saved is not None:
            setup.trainer.restore(saved)
        else:
            (run / "metrics.jsonl").unlink(missing_ok=True)
            keep_encoders(splits.encoders, run)
            if weights is None:
                setup.trainer.objective.prepare(None)
        if config.max_minutes and setup.trainer.step_number < setup.trainer.stop:
            hold_to_minutes(setup, record.told or {}, began - (saved.state.get("used", 0.0) if saved else 0.0))
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
        finish(setup, fit)
    notify_end(setup, fit)
    return refit(setup, fit) if setup.config.refit and not fit.interrupted else fit


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
