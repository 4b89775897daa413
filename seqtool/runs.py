"""Run folders, what they hold, and `runs/latest.json`, which verbs read to find the newest run and models."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtool.errors import NotFound, SeqtoolError, UsageError, damaged
from seqtool.locks import alone, waiting
from seqtool.paths import write_text
from seqtool.run_check import is_evaluation, record_fault

if TYPE_CHECKING:
    from seqtool.types import Json

RUNS = Path("runs")
KEPT_MODELS = 100
DAY = 86_400.0  # seconds
# files being written, as checkpoints and `paths.replacing` name them
HALF = re.compile(r"\.\d+\.writing|\.[\w.-]+\.[a-z0-9_]{8}(\.[a-z0-9]+)?")
LOCK = ".lock"  # of the list of runs
WRITER = ".writer.lock"  # of a run, while it is trained; `--out runs` has both
BUSY = "the run is being trained"
REMEMBERED = {"source", "sample", "files", "paths"}


@dataclass(frozen=True)
class RunRecord:
    """What run.json says of a training."""

    task: str
    family: str
    seed: int
    device: str
    threads: int
    data: Json
    """Its data: `source`, `sample`, `name`, `files` (name, label, sha256) and their `paths` on this machine."""
    preset: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    """ISO 8601."""
    config: Json | None = None
    """What config.toml held then; None in runs of earlier versions."""
    parts: Mapping[str, str] | None = None
    """The sum of the records of each part, "" where none could be made, and their `reader`; None in earlier runs."""
    encoders: str = ""
    """The sum of what encoders.json holds; "" in earlier runs."""
    baselines: str = ""
    """The sum of what baselines.json holds; "" in earlier runs."""
    init_from: str | None = None
    """The run whose weights were the first ones."""
    earlier: Sequence[Json] = ()
    """The trainings before it, oldest first: `name` of the run, `task`, `data`, `parts` and `config` of each."""
    replay: float = 0.0
    """The share of the training records of each of those that was read again."""
    told: Json | None = None
    """What was measured before the first step: seconds of a `step`, an `evaluation`, the `end` and the `baselines`,
    `megabytes`, `steps`, and `seconds` of them all; None where nothing was."""
    training: Json | None = None
    """How it ended: finished, seconds, steps, best_step, scoring_seconds, baselines_seconds, limit; None before."""
    refit: Json | None = None
    """Steps and seconds of the second training; None before its end, and where there is none."""

    @property
    def public_data(self) -> Json:
        """The data without paths, as a model file may tell it, and those of the trainings before, oldest first."""
        told = _public(self.data)
        if self.earlier:
            told["earlier"] = [
                {"task": entry["task"], **_public(entry["data"]), "parts": entry["parts"]} for entry in self.earlier
            ]
        return {**told, "replay": self.replay} if self.replay else told


def _public(data: Json) -> Json:
    return {key: value for key, value in data.items() if key != "paths"}


def new_folder(task: str, out: Path | None) -> Path:
    """Make the folder of a new run; raises `UsageError` when `out` holds something."""
    if out is not None:
        if out.exists() and (not out.is_dir() or any(path.name not in (LOCK, WRITER) for path in out.iterdir())):
            if (out / WRITER).is_file():
                with alone(out / WRITER, BUSY):  # raises where it is
                    pass
            resumed = ", or --resume it" if (out / "run.json").exists() else ""
            raise UsageError("the folder is not empty", where=str(out), cure=f"choose another --out{resumed}")
        _make(out)
        return out
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    # Two trainings may begin in one second; mkdir is the one test that both cannot pass.
    for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
        folder = RUNS / f"{task}-{stamp}{suffix}"
        if _make(folder, exist_ok=False):
            return folder
    raise SeqtoolError("too many runs in one second", where=str(RUNS), cure="wait a second")


def _make(folder: Path, *, exist_ok: bool = True) -> bool:
    """Make a folder; False where it is there and may not be: another training began in the same second."""
    try:
        folder.mkdir(parents=True, exist_ok=exist_ok)
    except OSError as error:
        if isinstance(error, FileExistsError) and not exist_ok:
            return False
        raise SeqtoolError(
            f"cannot make the run folder: {error.strerror}", where=str(folder), cure="choose another --out"
        ) from error
    return True


def latest() -> Json:
    """Return {"run": path, "models": [...]} with paths as they stand from here; empty where nothing was made yet."""
    file = RUNS / "latest.json"
    try:
        with damaged(SeqtoolError("the list of runs is damaged", where=str(file), cure="delete that file")):
            stored: Json = json.loads(file.read_text(encoding="utf-8"))
            models = [{**model, "path": os.path.normpath(RUNS / model["path"])} for model in stored.get("models", [])]
            run = stored.get("run")
            return {"run": os.path.normpath(RUNS / run) if run else None, "models": models}
    except FileNotFoundError:
        return {"run": None, "models": []}


def newest_run() -> Path:
    """Return the newest run; raises `NotFound` when there is none."""
    run = latest()["run"]
    if run is None or not Path(run).is_dir():
        raise NotFound("no run here yet", where=str(RUNS), cure="seqtool train TASK first, or name a run folder")
    return Path(run)


def newest_model(name: str | tuple[str, ...], key: str, option: str = "-m FILE") -> Path:
    """Return the newest exported model whose `key` (task or family) is `name` or one of several, "": any.

    Raises `NotFound`; `option`: how its cure says to name a file.
    """
    names = (name,) if isinstance(name, str) else name
    for model in latest()["models"]:
        if (names == ("",) or model.get(key) in names) and Path(model["path"]).is_file():
            return Path(model["path"])
    what = f"exported model of {' or '.join(names)}" if names != ("",) else "exported model"
    raise NotFound(f"no {what} here", where=str(RUNS), cure=f"seqtool export first, or give {option}")


def read_run(run: Path) -> RunRecord:
    """Read run.json; raises `NotFound` where there is no run and `SeqtoolError` where it is damaged."""
    if not (run / "run.json").is_file():
        raise NotFound("this is no run folder", where=str(run), cure="name a folder that seqtool train made")
    stored = read_json(run, "run.json")
    fields = {attribute.name for attribute in dataclasses.fields(RunRecord)}
    # What versions before wrote; all else has a default, so that older and newer runs are read.
    needed = {"task", "family", "seed", "device", "threads", "data"}
    if needed - stored.keys() or REMEMBERED - stored["data"].keys():
        raise SeqtoolError("run.json is damaged: parts are missing", where=str(run), cure="train again")
    if fault := record_fault(stored):
        raise SeqtoolError(f"run.json is damaged: {fault}", where=str(run), cure="train again")
    return RunRecord(**{name: value for name, value in stored.items() if name in fields})


def write_run(run: Path, record: RunRecord) -> None:
    """Write run.json, without what has not come yet."""
    stored = {key: value for key, value in dataclasses.asdict(record).items() if value is not None}
    write_text(run / "run.json", json.dumps(stored, indent=1) + "\n")


def read_json(run: Path, name: str) -> Json:
    """Read a JSON object of a run; raises `NotFound` where it is not there and `SeqtoolError` where it is damaged."""
    try:
        with sound(name, run):
            value = json.loads((run / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"the run has lost its {name}", where=str(run), cure="train again") from error
    if not isinstance(value, dict) or not isinstance(value.get("data", {}), dict):
        raise SeqtoolError(f"{name} is damaged", where=str(run), cure="train again")
    return value


@contextlib.contextmanager
def sound(name: str, *folders: Path) -> Iterator[None]:
    """Raise `SeqtoolError` where the JSON of a run has another shape than the code expects that uses it.

    folders: the runs that the file `name` may belong to.
    """
    where, owner = ", ".join(map(str, folders)), " in one of them" if len(folders) > 1 else ""
    with damaged(SeqtoolError(f"{name} is damaged{owner}", where=where, cure="train again")):
        yield


def read_metrics(run: Path) -> list[dict[str, float]]:
    """Read metrics.jsonl, the only source of every plot; [] where nothing was evaluated yet.

    Raises `SeqtoolError` where it is damaged.
    """
    file = run / "metrics.jsonl"
    with sound("metrics.jsonl", run):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
        # A last line without its end is being written by a training, or was when it was killed.
        metrics: list[dict[str, float]] = [json.loads(line) for line in lines if line.endswith("\n")]
    for number, line in enumerate(metrics, start=1):
        if not is_evaluation(line):
            what = f"metrics.jsonl is damaged: line {number} is not what a training writes"
            raise SeqtoolError(what, where=str(run), cure="train again")
    return metrics


def note_run(run: Path) -> None:
    """Make `run` the newest."""
    with _locked():
        _write(run, latest()["models"])


def sweep(run: Path) -> list[Path]:
    """Remove the half-written files that a killed process left in a run that nobody trains; return what they were.

    A file beside a model may be that of an export which is going on; only one that is a day old is removed.
    """
    swept = []
    for path in sorted(run.rglob(".*")):
        if path.is_symlink() or not HALF.fullmatch(path.name):
            continue
        if path.suffix != ".onnx" or time.time() - path.stat().st_mtime > DAY:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            swept.append(path)
    return swept


def unnote_run(run: Path, before: str | None) -> None:
    """Make the run `before` the newest again, where `run` is."""
    with _locked():
        listed = latest()
        if listed["run"] == os.path.normpath(RUNS / _from_runs(run)):
            _write(Path(before) if before else None, listed["models"])


def note_model(task: str, family: str, path: Path, created: str) -> None:
    """Put a model in front of the list."""
    as_listed = os.path.normpath(RUNS / _from_runs(path))  # one name for a file, however it was named
    entry = {"family": family, "task": task, "path": as_listed, "created": created}
    with _locked():
        listed = latest()
        older = [model for model in listed["models"] if model["path"] != entry["path"]]
        _write(Path(listed["run"]) if listed["run"] else None, [entry, *older][:KEPT_MODELS])


def _write(run: Path | None, models: list[Json]) -> None:
    value = {
        "run": None if run is None else _from_runs(run),
        "models": [{**model, "path": _from_runs(Path(model["path"]))} for model in models],
    }
    write_text(RUNS / "latest.json", json.dumps(value, indent=1) + "\n")


def _from_runs(path: Path) -> str:
    # Relative to runs/, so that a project folder can be moved as a whole.
    return Path(os.path.relpath(path, RUNS)).as_posix()


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """Hold the lock of the list of runs and models."""
    _make(RUNS)
    with waiting(RUNS / LOCK):
        yield


HIGHER = frozenset({"accuracy", "micro_f1", "macro_f1", "entity_f1", "bleu", "chrf"})
"""Figures of an evaluation of which more is better; of any other less is."""


def deciding(figures: Mapping[str, Any], metric: str = "") -> str:
    """Return the name of the figure of an evaluation that decides on the best weights: `metric`, where one is set.

    Else "error" where a family has one, and "loss" where not: a network that is surer of its mistakes has more loss, no
    more errors.
    """
    return metric or ("error" if "error" in figures else "loss")


def decisive(figures: Mapping[str, Any], metric: str = "") -> float:
    """Return the value of the figure that is `deciding`, less of which is better: negative where more of it is."""
    name = deciding(figures, metric)
    return -float(figures[name]) if name in HIGHER else float(figures[name])
