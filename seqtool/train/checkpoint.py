"""Checkpoints: safetensors and JSON, written beside and renamed, so that one is whole or not there.

`checkpoints/<step>/` holds network.safetensors, optimiser.safetensors, random.safetensors and state.json;
`checkpoints/index.json` names the best and the last.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seqtool.errors import NotFound, SeqtoolError, UsageError
from seqtool.paths import fsync_folder, write_text

Tensors = dict[str, Tensor]
PARTS = ("network", "optimiser", "random")


@dataclass(frozen=True)
class Checkpoint:
    """Everything that a training needs to go on as if it had never stopped."""

    network: Tensors
    optimiser: Tensors
    random: Tensors
    state: Mapping[str, Any]


def save(folder: Path, step: int, checkpoint: Checkpoint, *, best: int, kept: Sequence[int]) -> None:
    """Write `folder/<step>`, then the index, then drop what is neither the best nor the last nor to be `kept`."""
    final, temporary = folder / str(step), folder / f".{step}.writing"
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for part in PARTS:
            save_file(_copies(getattr(checkpoint, part)), temporary / f"{part}.safetensors")
        (temporary / "state.json").write_text(json.dumps(checkpoint.state), encoding="utf-8")
        for file in temporary.iterdir():
            _fsync(file)
        shutil.rmtree(final, ignore_errors=True)
        temporary.rename(final)
        fsync_folder(folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise SeqtoolError(
            f"cannot write a checkpoint: {error}", where=str(folder), cure="free space, then --resume"
        ) from error
    write_text(folder / "index.json", json.dumps({"best": best, "last": step, "kept": list(kept)}))
    _prune(folder, keep={str(stays) for stays in (best, step, *kept)})


def _copies(tensors: Tensors) -> Tensors:
    """Return tensors that share no memory, as the format demands: tied weights do."""
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}


def _fsync(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _prune(folder: Path, keep: set[str]) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Index:
    """The steps of the best checkpoint, of the last, and of the last evaluations whose checkpoints stay."""

    best: int
    last: int
    kept: tuple[int, ...]


def index(folder: Path) -> Index:
    """Return which checkpoints there are; raises `NotFound` when there is none."""
    try:
        found = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        return Index(int(found["best"]), int(found["last"]), tuple(map(int, found.get("kept", ()))))
    except FileNotFoundError as error:
        raise NotFound("the run has no checkpoint yet", where=str(folder), cure="train again") from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise SeqtoolError("the checkpoint index is damaged", where=str(folder), cure="train again") from error


def load(folder: Path, step: int) -> Checkpoint:
    """Read `folder/<step>`; raises `SeqtoolError` when it is damaged."""
    place = folder / str(step)
    try:
        state = json.loads((place / "state.json").read_text(encoding="utf-8"))
        network, optimiser, random = (load_file(place / f"{part}.safetensors") for part in PARTS)
    except (OSError, ValueError, SafetensorError) as error:
        raise SeqtoolError("the checkpoint is damaged", where=str(place), cure="train again") from error
    return Checkpoint(network, optimiser, random, state)


def weights(folder: Path, which: str) -> Tensors:
    """Return the weights that an export names: `best`, `last`, or `average:N` of the last N checkpoints.

    Raises `UsageError` for any other word.
    """
    if found := re.fullmatch("average:([0-9]{1,4})", which):
        return average(folder, int(found[1]))
    if which not in ("best", "last"):
        raise UsageError(f"unknown checkpoint {which!r}", cure="--checkpoint best, last or average:N")
    return load(folder, getattr(index(folder), which)).network


def average(folder: Path, count: int) -> Tensors:
    """Return the mean of the weights at the last `count` evaluations (Polyak and Juditsky 1992; Izmailov 2018).

    Raises `UsageError` where there are fewer, `SeqtoolError` where one is damaged.
    """
    kept = index(folder).kept
    if not 1 <= count <= len(kept):
        raise UsageError(
            f"the mean of {count} checkpoints cannot be made: {len(kept)} were kept",
            where=str(folder),
            cure=f"--checkpoint average:{len(kept)}, or train with --keep {max(1, count)}",
        )
    networks = [load(folder, step).network for step in kept[-count:]]
    return {
        name: torch.stack([network[name].double() for network in networks]).mean(0).to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in networks[-1].items()
    }


def flatten(state: Mapping[str, Any]) -> Tensors:
    """Turn an optimiser's state_dict into named tensors (its groups come from the configuration)."""
    return {
        f"{i}.{key}": value for i, entry in state["state"].items() for key, value in entry.items() if value is not None
    }


def unflatten(tensors: Tensors, like: Mapping[str, Any]) -> dict[str, Any]:
    """Turn named tensors back into a state_dict with the groups of `like`."""
    entries: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        entries.setdefault(int(number), {})[key] = tensor
    return {"state": entries, "param_groups": like["param_groups"]}


def into(network: nn.Module, weights: Tensors, run: Path) -> None:
    """Put weights into a network; raises `SeqtoolError` when they are of another one."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise SeqtoolError(
            "the weights do not fit the configuration: config.toml is not that of the training",
            where=str(run),
            cure="bring the run's own config.toml back, or train again",
        ) from error
