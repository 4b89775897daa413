"""Checkpoints: safetensors and JSON, written beside and renamed, so that one is whole or not there.

`checkpoints/<step>/` holds network.safetensors, optimiser.safetensors, random.safetensors and state.json;
`checkpoints/index.json` names the best and the last.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seqtool.errors import NotFound, SeqtoolError
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


def save(folder: Path, step: int, checkpoint: Checkpoint, *, best: int) -> None:
    """Write `folder/<step>`, then the index, then drop what is neither best nor last."""
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
    write_text(folder / "index.json", json.dumps({"best": best, "last": step}))
    _prune(folder, keep={str(best), str(step)})


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


def index(folder: Path) -> dict[str, int]:
    """Return the steps of the best and the last checkpoint; raises `NotFound` when there is none."""
    try:
        found = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        return {"best": int(found["best"]), "last": int(found["last"])}
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


def into(network: nn.Module, saved: Checkpoint, run: Path) -> None:
    """Put weights into a network; raises `SeqtoolError` when they are of another one."""
    try:
        network.load_state_dict(saved.network)
    except RuntimeError as error:
        raise SeqtoolError(
            "the weights do not fit the configuration: config.toml is not that of the training",
            where=str(run),
            cure="bring the run's own config.toml back, or train again",
        ) from error
