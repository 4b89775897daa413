"""What a run was trained by and on is held against what it finds when it goes on, or is exported."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from seqtool import __version__, cells, plugins
from seqtool.config import read_toml
from seqtool.data.part_sums import part_sum
from seqtool.data.splits import Encoders, Splits
from seqtool.entries import FAMILIES, TASKS, origin_of
from seqtool.errors import DataError, SeqtoolError, UsageError
from seqtool.families.family import configured, family_of
from seqtool.runs import RunRecord, read_json, read_run
from seqtool.say import listing, printable
from seqtool.task import Task
from seqtool.task_config import TaskConfig
from seqtool.types import Json

MOST = 4
"""Fields of the configuration that are named one by one."""
NAMES = {"train": "training", "validation": "validation", "test": "test"}


def part_sums(task: Task, splits: Splits[object, Encoders]) -> dict[str, str]:
    """Return the sum of the records of each part, and `reader`: the name and version of what read them."""
    return {**{part: part_sum(getattr(splits, part)) for part in NAMES}, "reader": _reader(task)}


def _reader(task: Task) -> str:
    by_task = origin_of(TASKS, task.name) if task.read is not None else ""
    by_family = "" if family_of(task).is_built_in else origin_of(FAMILIES, task.family)
    return by_task or by_family or f"seqtool {__version__}"


def config_of(task: Task, run: Path, record: RunRecord) -> TaskConfig:
    """Read config.toml of a run; raises `SeqtoolError` where it is not what the run was trained by."""
    hold_cell(run)
    config = configured(task, file=run / "config.toml")
    if record.config is not None:
        _hold_config(run, record.config)
    return config


def hold_cell(run: Path) -> None:
    """Raise `UsageError` where no plugin gives the cell of a run any more."""
    cell = read_toml(run / "config.toml").get("cell", "")
    if isinstance(cell, str) and cell and cell not in cells.every():
        what = f"the run has a cell that is not installed: {printable(cell)}"
        raise UsageError(what, where=str(run), cure="install the plugin that gives it; seqtool plugins lists them")


def task_of(run: Path, record: RunRecord) -> Task:
    """Load the task of a run; raises `UsageError` where no plugin gives it any more."""
    if record.task not in plugins.names():
        what = f"the run is of a task that is not installed: {printable(record.task)}"
        raise UsageError(what, where=str(run), cure="install the plugin that gives it; seqtool plugins lists them")
    return plugins.load_task(record.task)


def _hold_config(run: Path, then: Json) -> None:
    now = read_toml(run / "config.toml")
    names = dict.fromkeys([*then, *now])
    if changed := [name for name in names if now.get(name) != then.get(name)]:
        # as TOML has them: its texts, numbers and lists are JSON
        before = ", ".join(f"{name} = {json.dumps(then.get(name))}" for name in changed[:MOST])
        what = f"config.toml was changed after the training: {listing(changed, MOST)}"
        cure = f"put back what it had ({before}), or train again"
        raise SeqtoolError(what, where=str(run), cure=cure)


def hold_encoders(stored: Json, run: Path, record: RunRecord) -> None:
    """Raise `SeqtoolError` where encoders.json is not what the training wrote."""
    if record.encoders and part_sum(stored) != record.encoders:
        what = "encoders.json was changed after the training"
        cure = f"seqtool train {record.task} --resume {shlex.quote(str(run))} writes it anew"
        if record.init_from is not None:  # they are no longer to be had from the data alone
            cure = "bring the run's own file back, or train again"
        raise SeqtoolError(what, where=f"{run}/encoders", cure=cure)


def read_baselines(folder: Path) -> Json:
    """Read baselines.json of a run, or of its second training, which keeps no sum of it.

    Raises `SeqtoolError` where it is not what the training wrote.
    """
    stored = read_json(folder, "baselines.json")
    record = read_run(folder) if (folder / "run.json").exists() else None
    if record is not None and record.baselines and part_sum(stored) != record.baselines:
        what = "baselines.json was changed after the training"
        cure = f"delete it: seqtool train {record.task} --resume {shlex.quote(str(folder))} writes it anew"
        raise SeqtoolError(what, where=str(folder), cure=cure)
    return stored


def hold_parts(task: Task, splits: Splits[object, Encoders], run: Path, record: RunRecord) -> None:
    """Raise `DataError` that names the reader where a part has other records than at the training."""
    if record.parts is None:
        return
    before, now = record.parts, part_sums(task, splits)
    changed = [name for part, name in NAMES.items() if before.get(part) and now[part] and before[part] != now[part]]
    if not changed:
        return
    reader = now["reader"]
    then = before.get("reader", reader)
    if then != reader:
        by, cure = f"{then} then, by {reader} now", f"install {then} again, or train again"
    else:
        by, cure = reader, "a reader must give the same records in the same order each time: mend it and train again"
    listed = " and ".join(changed)
    what = f"other records than at the training, though the files are the same: {listed}"
    raise DataError(what, where=f"{run}, read by {by}", cure=cure)
