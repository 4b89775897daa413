"""A run as `compare` sees it: its settings, scores and cost, read from its folder without PyTorch."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seqtool import runs
from seqtool.config import read_toml
from seqtool.errors import ModelError, NotFound, SeqtoolError, UsageError, damaged
from seqtool.report.report import Report

if TYPE_CHECKING:
    from seqtool.types import Json


@dataclass(frozen=True)
class Cost:
    """What a training took, and the size of its model file: None where there is none."""

    seconds: float
    steps: int
    best_step: int
    """The step of the best evaluation."""
    parameters: int | None
    bytes: int | None


class Scoring(Protocol):
    """What `compare` needs of a family: its phase `report` has it."""

    PARTS: str

    @property
    def Report(self) -> type[Report]:
        """The dataclass of the family's scores."""

    def same_unit(self, first: Compared, second: Compared) -> bool:
        """Whether the losses of two runs of one task on the same data are in one unit."""


@dataclass(frozen=True)
class Compared:
    """One run."""

    folder: Path
    name: str
    task: str
    family: str
    preset: str
    seed: int
    data: Json
    """As run.json has it, without paths."""
    sums: tuple[tuple[str, str], ...]
    """Label and sha256 of each data file."""
    settings: Json
    """Those of config.toml."""
    encoders: Json
    metrics: Sequence[Mapping[str, float]]
    scores: Mapping[str, Json]
    """Split -> scores; empty before the training has finished."""
    cost: Cost
    scoring: Scoring | None
    """None where no plugin gives the run's family."""

    def report(self, split: str) -> Report | None:
        """Return the scores of a split, None where they or the family are unknown; `SeqtoolError` for damaged ones."""
        if split not in self.scores or self.scoring is None:
            return None
        try:
            return self.scoring.Report.from_json(self.scores[split])
        except ModelError as error:
            raise SeqtoolError("scores.json is damaged", where=str(self.folder), cure="train again") from error


def read(folders: Sequence[Path], scoring_of: Callable[[str], Scoring | None]) -> list[Compared]:
    """Read runs; scoring_of: from a family's name to its scoring.

    Raises `UsageError` for fewer than two runs or the same run twice, `NotFound` and `SeqtoolError` as `runs` does.
    """
    if len(folders) < 2:
        raise UsageError("one run has nothing beside it", cure="name two run folders or more")
    places = [os.path.realpath(folder) for folder in folders]  # a link names the same run
    for number, place in enumerate(places):
        if place in places[:number]:
            raise UsageError("the same run is named twice", where=str(folders[number]), cure="name each run once")
    return [_read(folder, name, scoring_of) for folder, name in zip(folders, distinct_tails(folders), strict=True)]


def distinct_tails(paths: Sequence[Path]) -> list[str]:
    """Return the shortest tail of each path that no other path has."""
    every = [Path(os.path.abspath(path)).parts for path in paths]  # noqa: PTH100 (a link keeps its own name)
    tails = []
    for parts in every:
        length = 1
        while sum(rival[-length:] == parts[-length:] for rival in every) > 1 and length < len(parts):
            length += 1
        tails.append(str(Path(*parts[-length:])))
    return tails


def _read(folder: Path, name: str, scoring_of: Callable[[str], Scoring | None]) -> Compared:
    record = runs.read_run(folder)
    settings = read_toml(folder / "config.toml")
    metrics = runs.read_metrics(folder)
    if not metrics:
        if record.training is not None:
            raise NotFound("the run has lost its metrics.jsonl", where=str(folder), cure="leave it out, or train again")
        cure = f"seqtool train {record.task} --resume {folder}"
        raise NotFound("the run was never evaluated: it has no figures", where=str(folder), cure=cure)
    scores = runs.read_json(folder, "scores.json") if (folder / "scores.json").exists() else {}
    with damaged(SeqtoolError("the run's files are damaged", where=str(folder), cure="train again")):
        data = record.public_data
        return Compared(
            folder, name, record.task, record.family, record.preset, record.seed,
            {**data, "name": str(data["name"])}, tuple((str(f["label"]), str(f["sha256"])) for f in data["files"]),
            settings, runs.read_json(folder, "encoders/encoders.json"), metrics, scores,
            _cost(folder, metrics, record.training or {}, str(settings.get("metric", ""))), scoring_of(record.family),
        )  # fmt: skip


def _cost(folder: Path, metrics: Sequence[Mapping[str, float]], training: Json, metric: str) -> Cost:
    last, best = metrics[-1], min(metrics, key=lambda line: runs.decisive(line, metric))
    path = folder / "model.onnx"
    parameters = size = None
    if path.exists():
        from seqtool.modelfile.manifest import read_file

        data, file = read_file(path)
        parameters, size = file.parameters, len(data)
    return Cost(  # of the last evaluation where the training has not finished
        float(training.get("seconds", last["seconds"])),
        int(training.get("steps", last["step"])),
        int(training.get("best_step", best["step"])),
        parameters,
        size,
    )
