"""Which data a command works on: the user's files, a named source, the task's own source, or its sample."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqtool.errors import DataError, NotFound, SeqtoolError, UsageError, did_you_mean
from seqtool.paths import write_bytes
from seqtool.task import Data, DataFile, Source, Task
from seqtool.task_config import TaskConfig

IMPATIENT = 5.0
"""Seconds that a source nobody asked for may take to answer."""


def choose(task: Task, config: TaskConfig, files: Sequence[DataFile] = (), sample: bool = False) -> Data:
    """Resolve what was named, strongest first: files, `sample`, `config.source`, else the task's first source.

    When nothing is named and that source cannot be had, the built-in sample stands in (`Data.sample`
    says so: the caller must tell). Raises `NotFound`, `DataError` or `UsageError`.
    """
    from seqtool.data import sources

    if files and sample:
        raise UsageError("your own files and --sample are two data sets", cure="give one of them")
    if files:
        return Data(unfolded(files, task.folders))
    if sample:
        return sample_of(task)
    if config.source:
        return Data(sources.fetch(find_source(task, config.source)), config.source)
    for source in task.sources[:1]:
        try:
            return Data(sources.fetch(source, timeout=IMPATIENT), source.name)
        except NotFound:
            break
    return sample_of(task)


def unfolded(files: Sequence[DataFile], pattern: str) -> tuple[DataFile, ...]:
    """Put the files of a folder that fit `pattern` in its place, `9.txt` before `10.txt`.

    Raises `DataError` where it has none; an empty pattern leaves folders as they are.
    """
    found: list[DataFile] = []
    for file in files:
        inside = sorted(file.path.glob(pattern), key=_natural) if pattern and file.path.is_dir() else None
        if inside == []:
            raise DataError(f"the folder has no file {pattern}", where=str(file.path), cure="name a folder that has")
        found += [file] if inside is None else [DataFile(path) for path in inside]
    return tuple(found)


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", path.name)]


def find_source(task: Task, name: str) -> Source:
    """Return the task's source of that name; raises `UsageError` with a hint."""
    for source in task.sources:
        if source.name == name:
            return source
    known = [source.name for source in task.sources]
    raise UsageError(f"{task.name} has no source {name!r}", cure=did_you_mean(name, known))


def sample_of(task: Task) -> Data:
    """Write the task's sample into the cache and return it."""
    from seqtool.data.sources import cache_folder

    content = task.sample()
    path = cache_folder() / "samples" / f"{task.name}-{hashlib.sha256(content).hexdigest()[:8]}{task.suffix}"
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)
    return Data((DataFile(path),), sample=True)


def fingerprint(data: Data) -> dict[str, Any]:
    """Return what the data is, without its paths: name of the source, sample or not, names and sums of the files."""
    files = [_file_print(file) for file in data.files]
    return {"source": data.source, "sample": data.sample, "name": data.name, "files": files}


def _file_print(file: DataFile) -> dict[str, str]:
    side = {"side": file.side} if file.side else {}
    return {"name": file.path.name, "label": file.label, **side, "sha256": _sum(file.path)}


def remember(data: Data) -> dict[str, Any]:
    """Return the fingerprint and the paths, for run.json."""
    return {**fingerprint(data), "paths": [str(file.path.resolve()) for file in data.files]}


def recall(task: Task, remembered: dict[str, Any]) -> Data:
    """Find the data of a run again; raises `NotFound` when it is gone and `DataError` when it has changed."""
    if remembered["sample"]:
        data = sample_of(task)
    elif remembered["source"]:
        from seqtool.data import sources

        data = Data(sources.fetch(find_source(task, remembered["source"])), remembered["source"])
    else:
        pairs = zip(remembered["paths"], remembered["files"], strict=True)
        data = Data(tuple(DataFile(Path(path), one["label"], side=one.get("side", "")) for path, one in pairs))
    if [_sum(file.path) for file in data.files] != [file["sha256"] for file in remembered["files"]]:
        places = ", ".join(str(file.path) for file in data.files)
        raise DataError("the data has changed since the training", where=places, cure="train again")
    return data


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except FileNotFoundError as error:
        raise NotFound("no such data file", where=str(path), cure="check the path") from error
    except OSError as error:
        raise SeqtoolError(f"cannot read: {error.strerror}", where=str(path), cure="check the file") from error
    return digest.hexdigest()
