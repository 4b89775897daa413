"""Which data a command works on: the user's files, a named source, the task's own source, or its sample."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.entries import TASKS, origin_of
from seqtool.errors import DataError, NotFound, SeqtoolError, UsageError, did_you_mean, foreign
from seqtool.families.family import family_of
from seqtool.paths import write_bytes
from seqtool.reads import DataFile
from seqtool.task import Data, Source, Task
from seqtool.task_config import TaskConfig

if TYPE_CHECKING:
    from seqtool.types import Json

IMPATIENT = 5.0
"""Seconds that a source nobody asked for may take to answer."""


def choose(task: Task, config: TaskConfig, files: Sequence[DataFile] = (), sample: bool = False) -> Data:
    """Resolve what was named, strongest first: files, `sample`, `config.source`, else the task's first source.

    When nothing is named and that source cannot be had, the built-in sample stands in (`Data.sample` says so: the
    caller must tell); a task with neither source nor sample of its own needs data. Raises `NotFound`, `DataError` or
    `UsageError`.
    """
    from seqtool.data import sources

    if files and sample:
        raise UsageError("your own files and --sample are two data sets", cure="give one of them")
    if files:
        pattern = family_of(task).folders
        resolved = unfolded(files, pattern)
        return Data(resolved, left_out=_left_out(files, resolved) if pattern else ())
    if sample:
        return sample_of(task)
    if config.source:
        return Data(sources.fetch(find_source(task, config.source)), config.source)
    if not task.sources and task.sample is None:
        raise UsageError(f"{task.name} has no data of its own", cure="give --data FILE, or --sample to try it")
    # Nobody asked for the source by name, so its absence is no error: the sample stands in, loudly.
    for source in task.sources[:1]:
        try:
            return Data(sources.fetch(source, timeout=IMPATIENT), source.name)
        except NotFound:
            break
    return sample_of(task)


def unfolded(files: Sequence[DataFile], pattern: str) -> tuple[DataFile, ...]:
    """Put the files of a folder that fit `pattern` (or one of several, a blank between two) in its place.

    Those of its folders count, too, hidden ones aside. `9.txt` comes before `10.txt`. Raises `DataError` where it has
    none; an empty pattern leaves folders as they are.
    """
    resolved: list[DataFile] = []
    for file in files:
        if not (pattern and file.path.is_dir()):
            resolved.append(file)
            continue
        inside = _inside(file.path, pattern)
        if not inside:
            raise DataError(
                f"the folder has no file {' or '.join(pattern.split())}",
                where=str(file.path),
                cure="name a folder that has",
            )
        resolved += [DataFile(path) for path in inside]
    return tuple(resolved)


def _inside(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder and its folders that fit, in natural order, without what is hidden."""
    forms = pattern.lower().split()  # A.TXT is a text as well
    fit = [path for path in folder.rglob("*") if path.is_file() and any(map(Path(str(path).lower()).match, forms))]
    shown = [path for path in fit if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    return sorted(shown, key=_natural)


def _left_out(files: Sequence[DataFile], resolved: Sequence[DataFile]) -> tuple[str, ...]:
    """Return the names of what stands in the folders among `files`, and neither it nor what it holds is `resolved`."""
    read = {path for file in resolved for path in (file.path, *file.path.parents)}
    folders = [file.path for file in files if file.path.is_dir()]
    inside = (path for folder in folders for path in sorted(folder.iterdir(), key=_natural))
    return tuple(path.name + "/" * path.is_dir() for path in inside if path not in read)


def _natural(path: Path) -> list[list[tuple[int, str]]]:
    """Return what sorts paths folder by folder, numbers as numbers."""
    # -1 puts words before numbers and keeps tuples of one type at each place.
    pieces = (re.split(r"([0-9]+)", part) for part in path.parts)
    return [[(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in parts] for parts in pieces]


def find_source(task: Task, name: str) -> Source:
    """Return the task's source of that name; raises `UsageError` with a hint."""
    for source in task.sources:
        if source.name == name:
            return source
    names = [source.name for source in task.sources]
    raise UsageError(f"{task.name} has no source {name!r}", cure=did_you_mean(name, names))


def sample_of(task: Task) -> Data:
    """Write the task's sample into the cache and return it."""
    from seqtool.data.sources import cache_folder

    family = family_of(task)
    content = sample_bytes(task)
    # The sum in the name: a newer version with another sample must not change what older runs remember.
    path = cache_folder() / "samples" / f"{task.name}-{hashlib.sha256(content).hexdigest()[:8]}{family.suffix}"
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)
    return Data((DataFile(path),), sample=True)


def sample_bytes(task: Task) -> bytes:
    """Return the built-in sample of a task: its own, else its family's.

    Raises `UsageError` where there is none: the task's reader does not read the family's sample.
    """
    if task.sample is not None:
        origin = origin_of(TASKS, task.name)
        with foreign(f"the sample of the task {task.name!r} fails", where=origin):
            content = task.sample()
        if not isinstance(content, bytes):
            raise SeqtoolError(
                f"the sample of the task {task.name!r} is no bytes", where=origin, cure="update that plugin"
            )
        return content
    if task.read is not None:
        raise UsageError(f"{task.name} has no built-in sample", cure="give --data FILE")
    return family_of(task).sample()


def fingerprint(data: Data) -> Json:
    """Return what the data is, without its paths: name of the source, sample or not, names and sums of the files."""
    files = [_file_print(file) for file in data.files]
    return {"source": data.source, "sample": data.sample, "name": data.name, "files": files}


def _file_print(file: DataFile) -> dict[str, str]:
    side = {"side": file.side} if file.side else {}
    return {"name": file.path.name, "label": file.label, **side, "sha256": checksum(file.path)}


def remember(data: Data) -> Json:
    """Return the fingerprint and the paths, for run.json."""
    # Absolute: `--resume` and `export` may be called from another folder.
    return {**fingerprint(data), "paths": [str(file.path.resolve()) for file in data.files]}


def recall(task: Task, remembered: Json) -> Data:
    """Find the data of a run again; raises `NotFound` when it is gone and `DataError` when it has changed."""
    if remembered["sample"]:
        data = sample_of(task)
    elif remembered["source"]:
        from seqtool.data import sources

        data = Data(sources.fetch(find_source(task, remembered["source"])), remembered["source"])
    else:
        pairs = zip(remembered["paths"], remembered["files"], strict=True)
        data = Data(tuple(DataFile(Path(path), file["label"], side=file.get("side", "")) for path, file in pairs))
    if [checksum(file.path) for file in data.files] != [file["sha256"] for file in remembered["files"]]:
        places = ", ".join(str(file.path) for file in data.files)
        raise DataError("the data has changed since the training", where=places, cure="train again")
    return data


def checksum(path: Path) -> str:
    """Return the sha256 of a file; of a folder, that of the names and the sums of the files in it."""
    digest = hashlib.sha256()
    try:
        if path.is_dir():
            for inside in sorted(found for found in path.rglob("*") if found.is_file()):
                digest.update(
                    f"{inside.relative_to(path).as_posix()}\0{checksum(inside)}\n".encode("utf-8", "surrogateescape")
                )
            return digest.hexdigest()
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except FileNotFoundError as error:
        raise NotFound("no such data file", where=str(path), cure="check the path") from error
    except OSError as error:
        raise SeqtoolError(f"cannot read: {error.strerror}", where=str(path), cure="check the file") from error
    return digest.hexdigest()
