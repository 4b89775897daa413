"""What a training takes from the run whose weights it begins with: settings, encoders, and the chain of data.

No PyTorch: `check` asks here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from seqtool import config as configuration
from seqtool.errors import NotFound, SeqtoolError, UsageError
from seqtool.families.choose import recall
from seqtool.families.family import configured, family_of
from seqtool.plugins import load_task
from seqtool.runs import RunRecord, read_json, read_run
from seqtool.say import printable
from seqtool.task import Begun, Data, Earlier, Task
from seqtool.task_config import TaskConfig
from seqtool.training.unchanged import config_of, hold_encoders, task_of
from seqtool.types import Json

ENCODERS = "encoders/encoders.json"
GENTLE = 0.5
"""Of the learning rate of the preset, for a trained model that goes on: a half gains much more on new texts than a
quarter does, and with a replay keeps nearly as much of the old ones."""


class Before(NamedTuple):
    """A run that a training begins with."""

    run: Path
    record: RunRecord
    config: TaskConfig

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.run.resolve().name


def run_of(path: Path) -> Path:
    """Return the run of a checkpoint, or the run `path` itself; raises `NotFound` where there is neither."""
    if (path / "network.safetensors").is_file():
        return path.parent.parent
    if (path / "checkpoints").is_dir():
        return path
    reason = "a model file holds no weights to train on" if path.is_file() else "there is no run and no checkpoint"
    raise NotFound(reason, where=str(path), cure="name the folder of a run, or one of its checkpoints/STEP")


def read(path: Path, task: Task) -> Before:
    """Read the run of `path`, which `task` is to begin with.

    Raises `NotFound` where there is none, `SeqtoolError` where it is damaged, `UsageError` for one of another family.
    """
    run = run_of(path)
    record = read_run(run)
    if record.family != task.family:
        what = f"the run is of another family: its task is {printable(record.task)}, a {printable(record.family)} model"
        raise UsageError(what, where=str(run), cure=f"name a run of a {task.family} model")
    return Before(run, record, config_of(task_of(run, record), run, record))


def settings(before: Before, usual: TaskConfig) -> dict[str, Any]:
    """Return the settings of a run that a training takes over where nobody gives others, and a gentle learning rate.

    usual: the configuration by task and preset alone. Nothing is taken over where a family says of no setting that it
    decides the network.
    """
    if not usual.NETWORK:
        return {}
    kept = {name: getattr(before.config, name) for name in (*usual.NETWORK, *usual.INHERITED)}
    return {**kept, "learning_rate": GENTLE * usual.learning_rate}


def held(before: Before, config: TaskConfig) -> TaskConfig:
    """Return a configuration with the run's own settings where it says `auto`.

    Raises `UsageError` for a setting that would make another network, and for one that is to follow the data.
    """
    if following := [name for name in config.from_data if name in config.NETWORK]:
        what = f"--from-data names what the run has settled: {', '.join(following)}"
        raise UsageError(what, where=str(before.run), cure="leave them out, or --init-from")
    for name in config.NETWORK:
        then, now = getattr(before.config, name), getattr(config, name)
        if now == "auto":
            config = replace(config, **{name: then})
        elif now != then:
            what = f"{_option(name, now)} asks for another network than the run has: {_option(name, then)}"
            raise UsageError(what, where=str(before.run), cure=f"leave {_option(name, now)} out, or --init-from")
    return config


def _option(name: str, value: object) -> str:
    word = name.replace("_", "-")
    return f"--{'' if value else 'no-'}{word}" if isinstance(value, bool) else f"--{word} {value}"


def begin(before: Before, config: TaskConfig, replay: float) -> Begun:
    """Return what a training takes over from a run; replay: the share of earlier training records to read again.

    Raises `SeqtoolError` for encoders that were changed, `UsageError` for a replay that the family does not have,
    `NotFound` and `DataError` for a replay of data that are gone or changed.
    """
    if replay and not config.NETWORK:
        what = f"a {before.record.family} model trains on its own data alone: there is no replay"
        raise UsageError(what, cure="leave --replay out")
    encoders = _encoders(before.run, before.record)
    earlier, lost = [], []
    for entry in _distinct(chain(before)):
        try:
            earlier.append(_earlier(entry))
        except SeqtoolError as error:
            if replay:
                error.cure = f"bring the data of {entry['name']} back, or leave --replay out"
                raise
            lost.append(str(entry["name"]))
    return Begun(before.name, encoders, tuple(earlier), tuple(lost), replay)


def chain(before: Before) -> list[Json]:
    """Return what a run that begins with `before` keeps of the trainings before it, oldest first."""
    record = before.record
    own = {
        "name": before.name, "task": record.task, "data": dict(record.data), "parts": dict(record.parts or {}),
        "config": configuration.to_dict(before.config),
    }  # fmt: skip
    return [*record.earlier, own]


def again(task: Task, run: Path, record: RunRecord) -> Data:
    """Find the data of a run that goes on, or is exported; raises what `recall` raises."""
    data = replace(recall(task, record.data), run=run)
    if record.init_from is None:
        return data
    earlier = tuple(map(_earlier, _distinct(record.earlier))) if record.replay else ()
    return replace(data, begun=Begun(run.name, _encoders(run, record), earlier, (), record.replay))


def _distinct(entries: Sequence[Json]) -> list[Json]:
    """Return trainings of different data: of several with the same files and test part the last one."""
    # else a replay would read the same records as often as they were trained on
    files = [tuple(file["sha256"] for file in entry["data"]["files"]) for entry in entries]
    return list({(own, entry["parts"].get("test")): entry for own, entry in zip(files, entries, strict=True)}.values())


def _encoders(run: Path, record: RunRecord) -> Json:
    stored = read_json(run, ENCODERS)
    hold_encoders(stored, run, record)
    task = task_of(run, record)
    try:
        family_of(task).data.encoders_from_json(stored)
    except SeqtoolError as error:
        cure = "name another run, or train again"
        raise SeqtoolError("encoders.json is damaged", where=str(run), cure=cure) from error
    return stored


def _earlier(entry: Json) -> Earlier:
    task = load_task(entry["task"])
    config = configured(task, options=entry["config"])
    return Earlier(entry["name"], task, config, recall(task, entry["data"]))
