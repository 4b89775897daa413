"""From a run to an .onnx file: built, checked against the weights, scored, and only then put in its place."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import onnx
from torch import nn

from seqtool import config as configuration
from seqtool import runs
from seqtool.cells import BUILT_IN
from seqtool.data.splits import Encoders, Splits
from seqtool.entries import CELLS, FAMILIES, origin_of
from seqtool.errors import DataError, NotFound, SeqtoolError, UsageError
from seqtool.families.family import ExportOptions, Family, family_of
from seqtool.graph.check import Probe, check
from seqtool.graph.model import plain_bytes, to_bytes
from seqtool.graph.step_check import check_steps
from seqtool.modelfile.manifest import Manifest, signature_of
from seqtool.paths import replacing, write_text
from seqtool.runs import RunRecord, read_json, read_run, sound
from seqtool.runtime.model import Model, open_model
from seqtool.task import Data, Task
from seqtool.task_config import TaskConfig
from seqtool.training import checkpoint, int8
from seqtool.training.begun import again
from seqtool.training.refit import FOLDER
from seqtool.training.run import versions
from seqtool.training.unchanged import config_of, hold_encoders, hold_parts, read_baselines, task_of
from seqtool.types import Json


@dataclass(frozen=True)
class Exported:
    """A written file; difference: its largest deviation from the network, in network units."""

    path: Path
    manifest: Manifest
    difference: float


@dataclass(frozen=True)
class _Trained:
    """What an export reads from a run; weights: the run folder, or the folder of its refit."""

    run: Path
    task: Task
    family: Family
    config: TaskConfig
    record: RunRecord
    encoders: Encoders
    weights: Path


def export(run: Path, options: ExportOptions, *, out: Path | None, which: str, scores: bool) -> Exported:
    """Export a run of an installed task; see `export_task`."""
    return export_task(task_of(run, read_run(run)), run, options, out=out, which=which, scores=scores)


def export_task(
    task: Task, run: Path, options: ExportOptions, *, out: Path | None = None, which: str = "best", scores: bool = True
) -> Exported:
    """Write a run as a model file; `which`: the checkpoint, `best`, `last` or `average:N`.

    Raises `UsageError` for an option that the family does not have, and `SeqtoolError` where the file differs from the
    network or int8 costs too much; no file is written then.
    """
    family = family_of(task)
    family.refuse(options)
    if options.int8 and options.text_input:
        raise UsageError("a file that reads texts has no int8 form", cure="--int8 or --text-input")
    trained = _read(task, run, which)
    network = _network(trained, which)
    # int8 differs from the weights by design: its float twin is checked, and int8 is compared with that
    checked = options._replace(int8=False)
    model = family.export.build(network, trained.encoders, checked)
    manifest = _manifest(trained, model)
    target = out or run / _file_name(options)
    with replacing(target) as temporary:
        with _naming_plugin(trained):
            opened = _place(temporary, model, manifest)
            difference = _difference(trained, network, opened, checked)
        if options.int8:
            with _naming_plugin(trained, "update that plugin, or export without --int8; nothing was written"):
                check_steps(network)
            model = family.export.build(network, trained.encoders, options)
            full, opened = opened, _place(temporary, model, manifest)
            manifest = replace(manifest, scores={"int8": _weigh(trained, full, opened)})
        if scores:
            manifest = replace(manifest, scores=manifest.scores | _score(trained, opened))
        if manifest.scores:
            _place(temporary, model, manifest)
    if scores:
        _keep_scores(run, manifest)
    runs.note_model(task.name, task.family, target, manifest.created)
    return Exported(target, manifest, difference)


def export_baseline(run: Path, name: str, *, out: Path | None, scores: bool) -> Exported:
    """Write a baseline of a run as a model file, checked against its rule and scored as the network is.

    Of a forecaster any of them, of a classifier its linear part. Raises `UsageError` for a run of another family and
    for a name that it has not.
    """
    task = task_of(run, read_run(run))
    family = family_of(task)
    if family.name == "classification":
        made = _of_classifier(name, _read(task, run, "best"))
    elif "backtest" in family.abilities:
        made = _of_forecaster(name, _read(task, run, "best"), scores)
    else:
        raise UsageError(f"{family.name} models have no baseline of their own", cure="leave --baseline out")
    target, manifest = out or run / f"model-{name.replace(' ', '-')}.onnx", made.manifest
    with replacing(target) as temporary:
        opened = _place(temporary, made.model, manifest)
        difference = check(opened, made.probe)
        if scores:
            manifest = replace(manifest, scores=_score(made.trained, opened))
            _place(temporary, made.model, manifest)
    runs.note_model(task.name, task.family, target, manifest.created)
    return Exported(target, manifest, difference)


class _Baseline(NamedTuple):
    """A baseline to write: its graph, what the file says of itself, the cases that it is checked by, and the run."""

    model: onnx.ModelProto
    manifest: Manifest
    probe: Probe
    trained: _Trained


def _of_classifier(name: str, trained: _Trained) -> _Baseline:
    from seqtool.families.classification.baseline_file import baseline_file
    from seqtool.families.classification.encoders import ClassificationEncoders
    from seqtool.families.classification.model import Classifier

    network = _network(trained, "best")
    assert isinstance(network, Classifier), "a classification task has a network of its family"
    assert isinstance(trained.encoders, ClassificationEncoders), "and its encoders"
    made = baseline_file(name, network, trained.encoders)
    manifest = _manifest(replace(trained, encoders=made.encoders), made.model)
    return _Baseline(made.model, manifest, made.probe, trained)


def _of_forecaster(name: str, trained: _Trained, scores: bool) -> _Baseline:
    from seqtool.families.forecasting.baseline_file import baseline_file
    from seqtool.families.forecasting.config import ForecastingConfig
    from seqtool.families.forecasting.encoders import ForecastingEncoders

    if not (trained.weights / "baselines.json").exists():
        raise _unfinished(trained, "export without --baseline")
    assert isinstance(trained.config, ForecastingConfig), "a forecasting task has a configuration of its family"
    assert isinstance(trained.encoders, ForecastingEncoders), "and its encoders"
    stored = read_baselines(trained.weights)
    splits = _splits(trained, _data(trained, "with --no-scores"), "with --no-scores") if scores else None
    made = baseline_file(name, stored, trained.config, trained.encoders, splits)
    named = replace(trained, config=made.config, encoders=made.encoders)
    manifest = replace(_manifest(named, made.model), limits=made.limits)
    return _Baseline(made.model, manifest, made.probe, trained)


def _difference(trained: _Trained, network: nn.Module, opened: Model, options: ExportOptions) -> float:
    """Compare a file with the network over the family's probe; raises `SeqtoolError` where it has no case."""
    probe = trained.family.export.probe(network, trained.encoders, options)
    if not probe:
        what = f"the family {trained.family.name!r} gives no case to check the file by"
        raise SeqtoolError(what, cure="update the plugin that gives it")
    return check(opened, probe)


@contextlib.contextmanager
def _naming_plugin(trained: _Trained, cure: str = "update that plugin; nothing was written") -> Iterator[None]:
    """Name the plugins of family and cell in an error of what they gave: it is then no fault of seqtool."""
    try:
        yield
    except SeqtoolError as error:
        cell = getattr(trained.config, "cell", "")
        origins = [origin_of(FAMILIES, trained.family.name), "" if cell in BUILT_IN else origin_of(CELLS, cell)]
        if plugins_used := " and ".join(filter(None, origins)):
            error.where = ", ".join(filter(None, (plugins_used, error.where)))
            error.cure = cure
        raise


def _read(task: Task, run: Path, which: str) -> _Trained:
    """Read a run; `config.refit` says whether the file will have the weights of the refit."""
    family, record = family_of(task), read_run(run)
    config = config_of(task, run, record)
    stored = read_json(run, "encoders/encoders.json")
    try:
        with sound("encoders/encoders.json", run):
            encoders = family.data.encoders_from_json(stored)
    except SeqtoolError as error:  # the family knows those of a file, which another export would mend
        error.where, error.cure = error.where or f"{run}, encoders/encoders.json", "train again"
        raise
    hold_encoders(stored, run, record)
    # any other checkpoint is one of the first training
    config = replace(config, refit=config.refit and which == "best")
    if config.refit and record.refit is None:
        raise NotFound(
            "the refit did not finish",
            where=str(run),
            cure=f"seqtool train {task.name} --resume {run}, or export --checkpoint last of the first training",
        )
    return _Trained(run, task, family, config, record, encoders, run / FOLDER if config.refit else run)


def _network(trained: _Trained, which: str) -> nn.Module:
    network: nn.Module = trained.family.model.network(trained.config, trained.encoders)
    if trained.config.refit:
        which = "last"  # a refit has no validation part to choose by, and ends where its best is expected
    checkpoint.into(network, checkpoint.weights(trained.weights / "checkpoints", which), trained.weights)
    return network.eval()


def _manifest(trained: _Trained, model: onnx.ModelProto) -> Manifest:
    return Manifest(
        task=trained.task.name,
        family=trained.family.name,
        config=configuration.to_dict(trained.config),
        encoders=trained.encoders.to_json(),
        signature=signature_of(plain_bytes(model)),
        limits=trained.family.data.limits(trained.config),
        data=trained.record.public_data,
        scores={},
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _file_name(options: ExportOptions) -> str:
    chosen = [name.removesuffix("_input") for name, value in options._asdict().items() if value]
    return "-".join(["model", *chosen]) + ".onnx"


def _place(temporary: Path, model: onnx.ModelProto, manifest: Manifest) -> Model:
    """Write a file and open it as any file: what is checked and scored is what users run."""
    temporary.write_bytes(to_bytes(model, manifest))
    return open_model(temporary, device="cpu")


def _weigh(trained: _Trained, full: Model, small: Model) -> Json:
    """Return the costs of int8 on the validation part, for the manifest; raises `SeqtoolError` for too high ones."""
    family = trained.family
    measure = family.scores.INT8
    assert measure is not None, "a family with the ability int8 says how int8 is weighed"
    splits = _splits(trained, _data(trained, "without --int8"), "without --int8")
    costs = int8.costs(measure, family.runner.Runner(full), family.runner.Runner(small), splits.validation)
    int8.judge(costs)
    return costs


def _score(trained: _Trained, model: Model) -> Json:
    """Score the file on the test part, beside the baselines of the training or its refit."""
    run, family = trained.weights, trained.family
    if not (run / "baselines.json").exists():
        raise _unfinished(trained, "export with --no-scores")
    stored = read_baselines(run)
    data = _data(trained, "with --no-scores")
    splits = _splits(trained, data, "with --no-scores")
    predict = family.runner.Runner(model).predict
    scores = family.scores.score(predict, splits, "test", stored, trained.config, data.name).to_json()
    test = {**scores, "refit": True} if trained.config.refit else scores
    return {"test": test, "baselines": stored, **_score_raw(family, model, splits)}


def _score_raw(family: Family, model: Model, splits: Splits[Any, Any]) -> Json:
    """Return how a classifier's file that reads texts answers raw ones; empty for any other file."""
    if family.name != "classification" or not model.reads_texts:
        return {}
    from seqtool.families.classification.raw_texts import compare

    return {"raw_texts": compare(family.runner.Runner(model), splits.test, "test")}


def _unfinished(trained: _Trained, otherwise: str) -> NotFound:
    cure = f"seqtool train {trained.task.name} --resume {trained.weights}, or {otherwise}"
    return NotFound("the training did not finish: it has no baselines yet", where=str(trained.weights), cure=cure)


def _data(trained: _Trained, otherwise: str) -> Data:
    """Find the data of the training; otherwise: how to export without it, for the message."""
    try:
        return again(trained.task, trained.run, trained.record)
    except SeqtoolError as error:
        error.cure = f"bring the data back, or export {otherwise}"
        raise


def _splits(trained: _Trained, data: Data, otherwise: str) -> Splits[Any, Any]:
    """Read the parts again; raises `DataError` where their records are not those of the training."""
    splits = trained.family.data.load(trained.task, trained.config, data)
    try:
        hold_parts(trained.task, splits, trained.run, trained.record)
    except DataError as error:
        error.cure += f", or export {otherwise}"
        raise
    return splits


def _keep_scores(run: Path, manifest: Manifest) -> None:
    file = run / "scores.json"
    stored = read_json(run, "scores.json") if file.exists() else {}
    test, costs = manifest.scores["test"], manifest.scores.get("int8")
    stored |= {"test": test} if costs is None else {"int8": {**costs, "test": test}}
    write_text(file, json.dumps(stored, indent=1) + "\n")
