"""What a run was trained by and on is held against what it finds when it goes on, or is exported."""

from __future__ import annotations

import json
from pathlib import Path

from seqtool import __version__
from seqtool.config import read_toml
from seqtool.data.part_sums import part_sum
from seqtool.data.splits import Encoders, Splits
from seqtool.entries import FAMILIES, TASKS, origin_of
from seqtool.errors import DataError, SeqtoolError
from seqtool.families.family import family_of
from seqtool.runs import RunRecord
from seqtool.say import listing
from seqtool.task import Task

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


def hold_config(run: Path, record: RunRecord) -> None:
    """Raise `SeqtoolError` where config.toml is not what the run was trained by."""
    if record.config is None:
        return
    now = read_toml(run / "config.toml")
    names = dict.fromkeys([*record.config, *now])
    if changed := [name for name in names if now.get(name) != record.config.get(name)]:
        # as TOML has them: its texts, numbers and lists are JSON
        before = ", ".join(f"{name} = {json.dumps(record.config.get(name))}" for name in changed[:MOST])
        what = f"config.toml was changed after the training: {listing(changed, MOST)}"
        cure = f"put back what it had ({before}), or train again"
        raise SeqtoolError(what, where=str(run), cure=cure)


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
