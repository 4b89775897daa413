"""Checkpoints: `checkpoints/<step>/` holds three .safetensors and state.json, `checkpoints/index.json` the steps.

`sums.json` beside them has the SHA-256 of each, which is held when they are read: a flipped bit of a weight is a number
like any other. Checkpoints of earlier versions have none.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_of
from safetensors.torch import save_file
from torch import Tensor, nn

from seqtool.data.splits import Encoders
from seqtool.errors import NotFound, SeqtoolError, UsageError, damaged
from seqtool.families.family import family_of
from seqtool.paths import fsync_folder, write_text
from seqtool.run_check import is_counts, is_state
from seqtool.runs import read_json
from seqtool.say import warn
from seqtool.task import Task
from seqtool.task_config import TaskConfig
from seqtool.training.begun import run_of
from seqtool.training.unchanged import hold_cell
from seqtool.types import Json

Tensors = dict[str, Tensor]
PARTS = ("network", "optimiser", "random")
FILES = (*(f"{part}.safetensors" for part in PARTS), "state.json")


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs to go on bit for bit."""

    network: Tensors
    optimiser: Tensors
    random: Tensors
    state: Json


def save(folder: Path, step: int, checkpoint: Checkpoint, *, best: int, kept: Sequence[int]) -> None:
    """Write `folder/<step>` and the index; delete all checkpoints but this one, the `best` and those `kept`."""
    final, temporary = folder / str(step), folder / f".{step}.writing"
    # written beside and renamed: a checkpoint is whole or not there
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for part in PARTS:
            tensors = getattr(checkpoint, part).items()
            # safetensors refuses tensors that share memory, as tied weights do
            copies = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors}
            save_file(copies, temporary / f"{part}.safetensors")
        (temporary / "state.json").write_text(json.dumps(checkpoint.state), encoding="utf-8")
        sums = {name: _sum((temporary / name).read_bytes()) for name in FILES}
        (temporary / "sums.json").write_text(json.dumps(sums), encoding="utf-8")
        for file in temporary.iterdir():
            # without it the rename may reach the disk before the bytes do
            with file.open("rb+") as stream:
                os.fsync(stream.fileno())
        shutil.rmtree(final, ignore_errors=True)
        temporary.rename(final)
        fsync_folder(folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise SeqtoolError(
            f"cannot write a checkpoint: {error}", where=str(folder), cure="free space, then --resume"
        ) from error
    write_text(folder / "index.json", json.dumps({"best": best, "last": step, "kept": list(kept)}))
    # after the index: what it names must never be missing
    for path in folder.iterdir():
        if path.is_dir() and path.name not in map(str, (best, step, *kept)):
            shutil.rmtree(path, ignore_errors=True)


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(place: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Read files of a checkpoint; raises `ValueError` for one that has changed since it was written."""
    sums = json.loads((place / "sums.json").read_bytes()) if (place / "sums.json").exists() else {}
    files = {name: (place / name).read_bytes() for name in names}
    for name, data in files.items():
        if sums and _sum(data) != sums[name]:
            raise ValueError(f"{name} has changed since it was written")
    return files


@dataclass(frozen=True)
class Index:
    """The steps of the best and the last checkpoint, and of the last evaluations, whose checkpoints are kept."""

    best: int
    last: int
    kept: tuple[int, ...]


def index(folder: Path) -> Index:
    """Read the index; raises `NotFound` where no checkpoint was written, `SeqtoolError` where the index is damaged."""
    try:
        with damaged(SeqtoolError("the checkpoint index is damaged", where=str(folder), cure="train again")):
            stored = json.loads((folder / "index.json").read_text(encoding="utf-8"))
            best, last = stored["best"], stored["last"]
            # runs of the first versions have no `kept`
            kept = stored.get("kept", [])
            if not is_counts([best, last]) or not is_counts(kept):
                raise ValueError("a step is no whole number")
            return Index(best, last, tuple(kept))
    except FileNotFoundError as error:
        cure = f"seqtool train TASK --resume {folder.parent}"
        raise NotFound("the run has no checkpoint yet", where=str(folder), cure=cure) from error


def load(folder: Path, step: int) -> Checkpoint:
    """Read `folder/<step>`; raises `SeqtoolError` where it is damaged."""
    place = folder / str(step)
    with damaged(SeqtoolError("the checkpoint is damaged", where=str(place), cure="train again")):
        if not all((place / name).is_file() for name in FILES):
            raise ValueError("a part is missing")
        files = _read(place, FILES)
        state = json.loads(files["state.json"])
        network, optimiser, random = (tensors_of(files[f"{part}.safetensors"]) for part in PARTS)
        if not (is_state(state, step) and {"torch", "sum"} <= random.keys()):
            raise ValueError("a part has another form")
    return Checkpoint(network, optimiser, random, state)


def last(folder: Path) -> Checkpoint | None:
    """Read the last checkpoint that is as it was written; None where a training ended before its first one was whole.

    Raises what is wrong with the last one where no other is sound.
    """
    if not (folder / "index.json").exists():
        return None
    listed = index(folder)
    faults: list[SeqtoolError] = []
    for step in sorted({listed.best, listed.last, *listed.kept}, reverse=True):
        try:
            checkpoint = load(folder, step)
        except SeqtoolError as error:
            faults.append(error)
            continue
        if faults:
            warn(f"{faults[0].what}: {folder / str(listed.last)}; going on from step {step:,}")
        return checkpoint
    raise faults[0]


def weights(folder: Path, which: str) -> Tensors:
    """Return the weights of `which`: `best`, `last`, or `average:N`, the mean of the last N checkpoints.

    Raises `UsageError` for another word or too large an N, `SeqtoolError` where a checkpoint is damaged.
    """
    if match := re.fullmatch("average:([0-9]{1,4})", which):
        return _average(folder, int(match[1]))
    if which not in ("best", "last"):
        raise UsageError(f"unknown checkpoint {which!r}", cure="--checkpoint best, last or average:N")
    return load(folder, getattr(index(folder), which)).network


def _average(folder: Path, count: int) -> Tensors:
    """Return the mean of the weights at the last `count` evaluations (Polyak and Juditsky 1992; Izmailov 2018)."""
    kept = index(folder).kept
    if not 1 <= count <= len(kept):
        raise UsageError(
            f"the mean of {count} checkpoints cannot be made: {len(kept)} were kept",
            where=str(folder),
            cure=f"--checkpoint average:{len(kept)}, or train with --keep {max(1, count)}",
        )
    networks = [load(folder, step).network for step in kept[-count:]]
    mean = dict(networks[-1])
    for name, tensor in mean.items():
        # a mean of whole numbers would be cut off
        if tensor.is_floating_point():
            mean[name] = torch.stack([network[name].double() for network in networks]).mean(0).to(tensor.dtype)
    return mean


def flatten(state: Json) -> Tensors:
    """Turn an optimiser's state_dict into named tensors, without its groups: the configuration gives those."""
    entries = state["state"].items()
    # older versions of PyTorch store None for the momentum of sgd without one
    return {f"{i}.{key}": value for i, entry in entries for key, value in entry.items() if value is not None}


def unflatten(tensors: Tensors, like: Json) -> Json:
    """Turn named tensors back into a state_dict with the groups of `like`."""
    entries: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        entries.setdefault(int(number), {})[key] = tensor
    return {"state": entries, "param_groups": like["param_groups"]}


def into(network: nn.Module, weights: Tensors, run: Path) -> None:
    """Load weights into a network; raises `SeqtoolError` where they do not fit it."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise SeqtoolError(
            "the weights do not fit the configuration: config.toml was changed after the training",
            where=str(run),
            cure="bring the run's own config.toml back, or train again",
        ) from error


def initial(path: Path, task: Task, config: TaskConfig, encoders: Encoders) -> Tensors:
    """Read the best weights of a run, or the weights of a checkpoint, for `train --init-from`.

    They may lack symbols that `encoders` has behind those of the run. Raises `NotFound`, `SeqtoolError` for damaged
    ones, and `UsageError` where the network or the known symbols differ.
    """
    folder = _checkpoint(path)
    name = "network.safetensors"
    with damaged(SeqtoolError("the checkpoint is damaged", where=str(folder), cure="name another one")):
        weights: Tensors = tensors_of(_read(folder, [name])[name])
    run, family = folder.parent.parent, family_of(task)
    there, here = read_json(run / "encoders", "encoders.json"), encoders.to_json()
    # shapes of equally large vocabularies fit by chance, but each row of the weights is of another symbol
    if names := [name for name in family.vocabularies if not _begins_with(here.get(name), there.get(name))]:
        raise UsageError(
            f"the weights are of another vocabulary ({', '.join(names)})",
            where=str(run),
            cure="train on data with the symbols of that run, or leave --init-from out",
        )
    # without vocabularies nothing may have grown
    then = family.data.encoders_from_json(there) if family.vocabularies else encoders
    _compare(weights, family.model.network(config, then).state_dict(), run)
    return weights


def _begins_with(now: object, then: object) -> bool:
    """Whether stored encoders are those of a run, or have other symbols behind theirs."""
    if isinstance(now, dict) and isinstance(then, dict):
        return now.keys() == then.keys() and all(_begins_with(now[key], then[key]) for key in now)
    if not (isinstance(now, list) and isinstance(then, list)):
        return now == then
    if all(isinstance(symbol, str) for symbol in then):
        return now[: len(then)] == then
    return len(now) == len(then) and all(map(_begins_with, now, then))


def _checkpoint(path: Path) -> Path:
    """Return the folder of a checkpoint: `path`, or the best one of the run `path`; raises as `run_of` does."""
    run = run_of(path)
    return path if run != path else run / "checkpoints" / str(index(run / "checkpoints").best)


def _compare(stored: Tensors, fresh: Tensors, run: Path) -> None:
    for name in [*fresh, *stored]:
        there, here = (_shape(tensors.get(name)) for tensors in (stored, fresh))
        if there != here:
            hold_cell(run)
            raise UsageError(
                f"the weights are of another network: {name} is {there} there, {here} here",
                where=str(run),
                cure=f"take that run's own configuration: --config {run / 'config.toml'}",
            )


def _shape(tensor: Tensor | None) -> str:
    return "missing" if tensor is None else " x ".join(map(str, tensor.shape)) or "one number"
