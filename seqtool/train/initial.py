"""First weights from an earlier run, for `train --init-from`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from seqtool.errors import NotFound, SeqtoolError, UsageError
from seqtool.runs import read_json
from seqtool.task import Task
from seqtool.task_config import TaskConfig
from seqtool.train import checkpoint

Weights = Mapping[str, Tensor]
FILE = "network.safetensors"


def initial_weights(path: Path, task: Task, config: TaskConfig, encoders: Mapping[str, Any]) -> Weights:
    """Read the weights of a run (its best ones) or of one checkpoint, for the network of `config`.

    Raises `NotFound` where there are none, `SeqtoolError` where they are damaged, and `UsageError` where they are of
    another network or of other symbols.
    """
    folder = _checkpoint(path)
    try:
        weights: Weights = load_file(folder / FILE)
    except (OSError, SafetensorError) as error:
        raise SeqtoolError("the checkpoint is damaged", where=str(folder), cure="name another one") from error
    run = folder.parent.parent
    stored, own = read_json(run / "encoders", "encoders.json"), task.encoders_to_json(encoders)
    if other := [name for name in task.vocabularies if stored.get(name) != own.get(name)]:
        raise UsageError(
            f"the weights are of another vocabulary ({', '.join(other)})",
            where=str(run),
            cure="train on data with the symbols of that run, or leave --init-from out",
        )
    _compare(weights, task.network(config, encoders).state_dict(), run)
    return weights


def _checkpoint(path: Path) -> Path:
    """Return the folder of a checkpoint: `path` itself, or the best one of the run that it is."""
    if (path / FILE).is_file():
        return path
    if (path / "checkpoints").is_dir():
        return path / "checkpoints" / str(checkpoint.index(path / "checkpoints").best)
    reason = "a model file holds no weights to train on" if path.is_file() else "there is no run and no checkpoint"
    raise NotFound(reason, where=str(path), cure="name the folder of a run, or one of its checkpoints/STEP")


def _compare(weights: Weights, own: Weights, run: Path) -> None:
    """Raise `UsageError` that names the first difference of two networks' shapes."""
    for name in [*own, *weights]:
        there, here = (_shape(tensors.get(name)) for tensors in (weights, own))
        if there != here:
            raise UsageError(
                f"the weights are of another network: {name} is {there} there, {here} here",
                where=str(run),
                cure=f"take that run's own configuration: --config {run / 'config.toml'}",
            )


def _shape(tensor: Tensor | None) -> str:
    return "missing" if tensor is None else " x ".join(map(str, tensor.shape)) or "one number"
