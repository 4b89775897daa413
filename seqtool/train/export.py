"""From a run to one .onnx file: built, checked against the weights, scored, and only then put in its place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seqtool import config as configuration
from seqtool import plugins, runs
from seqtool.data.choose import recall
from seqtool.errors import NotFound, SeqtoolError, UsageError
from seqtool.graph.check import Probe, check
from seqtool.graph.model import plain_bytes, to_bytes
from seqtool.manifest import Manifest, signature_of
from seqtool.paths import replacing, write_text
from seqtool.runs import read_json, read_run
from seqtool.runtime.model import open_model
from seqtool.task import Task
from seqtool.train import checkpoint
from seqtool.train.int8 import judge
from seqtool.train.refit import FOLDER
from seqtool.train.run import versions


def export(
    run: Path, *, out: Path | None, which: str, scores: bool, int8: bool = False, text: bool = False,
    extras: Sequence[str] = (),
) -> tuple[Path, Manifest, float]:  # fmt: skip
    """Export a run; returns the file, its manifest and the largest difference from the weights (network units).

    With `int8` the file that agrees with the weights is only what its int8 twin is measured against; with `text` the
    file reads texts; `extras` ("sampling", "attention") are more inputs and outputs. Raises `UsageError` for what the
    family has not, `SeqtoolError` when the file does not compute what was trained, or int8 costs too much: nothing is
    written then.
    """
    task = plugins.load_task(read_run(run)["task"])
    return export_task(task, run, out=out, which=which, scores=scores, int8=int8, text=text, extras=extras)


def export_task(
    task: Task, run: Path, *, out: Path | None, which: str, scores: bool, int8: bool = False, text: bool = False,
    extras: Sequence[str] = (),
) -> tuple[Path, Manifest, float]:  # fmt: skip
    """Export a run of a task at hand; see `export`."""
    if int8 and text:
        raise UsageError("a file that reads texts has no int8 form", cure="--int8 or --text-input")
    for name in extras:
        if name not in task.extras:
            raise UsageError(f"{task.family} models have nothing of --{name}", cure=f"leave --{name} out")
    described = read_run(run)
    config = configuration.load(task.config, file=run / "config.toml")
    stored = read_json(run, "encoders/encoders.json")
    encoders = task.encoders_from_json(stored)
    config = replace(config, refit=config.refit and which == "best")  # what the file is, not what the run holds
    folder = _refit_of(task, run) if config.refit else run
    network = _network(task, config, encoders, folder, "last" if config.refit else which)
    more = {"extras": tuple(extras)} if extras else {}
    model, probe = _built(task, network, config, encoders, text, more)
    manifest = _manifest(task, config, described, stored, model)
    small = task.int8_graph(network, encoders, **more) if int8 else None
    target = out or run / _file_name(int8, text, extras)
    with replacing(target) as temporary:
        temporary.write_bytes(to_bytes(model, manifest))
        opened = open_model(temporary, device="cpu")
        worst = check(opened, probe)
        if small is not None:
            full, model = opened, small
            temporary.write_bytes(to_bytes(model, manifest))
            opened = open_model(temporary, device="cpu")
            costs = task.int8_costs(full, opened, _splits(task, config, described, "--int8"))
            judge(costs)
            manifest = replace(manifest, scores={"int8": costs})
        if scores:
            manifest = replace(manifest, scores=manifest.scores | _scores(task, config, described, opened, folder))
        if manifest.scores:
            temporary.write_bytes(to_bytes(model, manifest))
            open_model(temporary, device="cpu")
    if scores:
        _keep_scores(run, manifest)
    runs.note_model(task.name, task.family, target, manifest.created)
    return target, manifest, worst


def _file_name(int8: bool, text: bool, extras: Sequence[str]) -> str:
    parts = ["model", *(["int8"] if int8 else []), *(["text"] if text else []), *extras]
    return "-".join(parts) + ".onnx"


def _built(
    task: Task, network: Any, config: Any, encoders: Any, text: bool, more: Mapping[str, Any]
) -> tuple[Any, Probe]:
    if text:
        return task.text_graph(network, encoders), task.text_probe(network, config, encoders)
    return task.graph(network, encoders, **more), task.probe(network, config, encoders, **more)


def _refit_of(task: Task, run: Path) -> Path:
    """Return the folder of a run's second training, whose last weights are its best; raises `NotFound`."""
    if "refit" not in read_run(run):
        raise NotFound(
            "the refit did not finish",
            where=str(run),
            cure=f"seqtool train {task.name} --resume {run}, or export --checkpoint last of the first training",
        )
    return run / FOLDER


def _network(task: Task, config: Any, encoders: Any, run: Path, which: str) -> Any:
    network = task.network(config, encoders)
    checkpoint.into(network, checkpoint.weights(run / "checkpoints", which), run)
    return network.eval()


def _manifest(task: Task, config: Any, described: dict[str, Any], encoders: dict[str, Any], model: Any) -> Manifest:
    public = {key: value for key, value in described["data"].items() if key != "paths"}
    return Manifest(
        task=task.name,
        family=task.family,
        config=configuration.to_dict(config),
        encoders=encoders,
        signature=signature_of(plain_bytes(model)),
        limits=task.limits(config),
        data=public,
        scores={},
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _scores(task: Task, config: Any, described: dict[str, Any], model: Any, run: Path) -> dict[str, Any]:
    """Run the file once over the test split, beside the baselines that the training (`run`, or its refit) fitted."""
    if not (run / "baselines.json").exists():
        raise NotFound(
            "the training did not finish: it has no baselines yet",
            where=str(run),
            cure=f"seqtool train {task.name} --resume {run}, or export with --no-scores",
        )
    stored = read_json(run, "baselines.json")
    splits = _splits(task, config, described, "--no-scores")
    scores: dict[str, Any] = task.test_scores(model, splits, stored, recall(task, described["data"]).name)
    return {"test": {**scores, "refit": True} if config.refit else scores, "baselines": stored}


def _splits(task: Task, config: Any, described: dict[str, Any], option: str) -> Any:
    """Load what the run was trained on; `option` is what decides on needing it."""
    try:
        data = recall(task, described["data"])
    except SeqtoolError as error:
        error.cure = f"bring the data back, or export {'with' if option == '--no-scores' else 'without'} {option}"
        raise
    return task.load(config, data)


def _keep_scores(run: Path, manifest: Manifest) -> None:
    """Keep the scores in the run, those of an int8 file beside those of the other."""
    file = run / "scores.json"
    known = read_json(run, "scores.json") if file.exists() else {}
    costs = manifest.scores.get("int8")
    test = manifest.scores["test"]
    new = {"test": test} if costs is None else {"int8": {**costs, "test": test}}
    write_text(file, json.dumps({**known, **new}, indent=1) + "\n")
