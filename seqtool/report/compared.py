"""A run as `compare` sees it: what it was, what it scored, what it cost. Read from its folder, without PyTorch."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqtool import config as configuration
from seqtool import runs
from seqtool.errors import NotFound, SeqtoolError, UsageError
from seqtool.task import decisive


@dataclass(frozen=True)
class Cost:
    """Seconds of training, steps, the step of the best evaluation; the model file's numbers and bytes, None without."""

    seconds: float
    steps: int
    best_step: int
    parameters: int | None
    bytes: int | None


@dataclass(frozen=True)
class Compared:
    """One run: its `data` without paths and the label and sha256 of each file of it, the `settings` of config.toml,
    the `scores` by split ({} before the training has finished)."""

    folder: Path
    name: str
    task: str
    family: str
    preset: str
    seed: int
    data: Mapping[str, Any]
    sums: tuple[tuple[str, str], ...]
    settings: Mapping[str, Any]
    encoders: Mapping[str, Any]
    metrics: Sequence[Mapping[str, float]]
    scores: Mapping[str, Any]
    cost: Cost


def read(folders: Sequence[Path]) -> list[Compared]:
    """Read runs. Raises `UsageError` for fewer than two or one twice, `NotFound` and `SeqtoolError` as `runs` does."""
    if len(folders) < 2:
        raise UsageError("one run has nothing beside it", cure="name two run folders or more")
    places = [os.path.realpath(folder) for folder in folders]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise UsageError("the same run is named twice", where=str(folders[number]), cure="name each run once")
    return [_read(folder, name) for folder, name in zip(folders, distinct_tails(folders), strict=True)]


def distinct_tails(paths: Sequence[Path]) -> list[str]:
    """Return the shortest tail of each path that no other one has."""
    parts = [Path(os.path.abspath(path)).parts for path in paths]  # noqa: PTH100 (a link keeps its own name)
    tails = []
    for own in parts:
        others = [other for other in parts if other is not own]
        length = next(n for n in range(1, len(own) + 1) if not any(other[-n:] == own[-n:] for other in others))
        tails.append(str(Path(*own[-length:])))
    return tails


def _read(folder: Path, name: str) -> Compared:
    described = runs.read_run(folder)
    settings = configuration.read_toml(folder / "config.toml")
    metrics = runs.read_metrics(folder)
    if not metrics:
        cure = f"seqtool train {described['task']} --resume {folder}"
        raise NotFound("the run was never evaluated: it has no figures", where=str(folder), cure=cure)
    scores = runs.read_json(folder, "scores.json") if (folder / "scores.json").exists() else {}
    try:
        data = {key: value for key, value in described["data"].items() if key != "paths"}
        return Compared(
            folder, name, described["task"], described["family"], described["preset"], described["seed"],
            {**data, "name": str(data["name"])}, tuple((str(f["label"]), str(f["sha256"])) for f in data["files"]),
            settings, runs.read_json(folder, "encoders/encoders.json"), metrics, scores,
            _cost(folder, metrics, described.get("training", {})),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SeqtoolError("the run's files are damaged", where=str(folder), cure="train again") from error


def _cost(folder: Path, metrics: Sequence[Mapping[str, float]], training: Mapping[str, Any]) -> Cost:
    """Return the cost: of the whole training where it has finished, up to the last evaluation where not."""
    last, best = metrics[-1], min(metrics, key=decisive)
    parameters, size = _model(folder / "model.onnx")
    return Cost(
        float(training.get("seconds", last["seconds"])),
        int(training.get("steps", last["step"])),
        int(training.get("best_step", best["step"])),
        parameters,
        size,
    )


def _model(path: Path) -> tuple[int | None, int | None]:
    if not path.exists():
        return None, None
    from seqtool.manifest import read_file

    data, file = read_file(path)
    return file.parameters, len(data)
