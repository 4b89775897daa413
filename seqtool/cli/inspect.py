"""`seqtool inspect`: what a model file says about itself, read without ONNX Runtime."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from seqtool.cli.options import JsonOption, ModelArgument
from seqtool.say import emit, emit_columns, emit_json, one_line
from seqtool.task import MOST_NAMES

if TYPE_CHECKING:
    from seqtool.modelfile.manifest import Manifest, ModelFile
    from seqtool.types import Json

OpsOption = Annotated[bool, Option("--ops", help="list the operators of the graph too, the most frequent first")]

Rows = list[tuple[str, str]]
_LONGEST = 500


def command(model: ModelArgument = None, ops: OpsOption = False, json: JsonOption = False) -> None:
    """Show what a model file holds: task, inputs and outputs, limits, data, scores, versions, sizes."""
    from seqtool.families.load import find_model
    from seqtool.modelfile.manifest import read_file

    path = find_model(model, option="the path of its file")
    data, file = read_file(path)
    if json:
        told = dataclasses.asdict(file)
        del told["tables"]  # what a runner holds the manifest against
        emit_json({"file": str(path), "bytes": len(data), **told})
        return
    emit_columns([(name, _line(text)) for name, text in _rows(path, len(data), file)])
    if ops:
        emit()
        counts = sorted(file.operators.items(), key=lambda item: (-item[1], item[0]))
        emit_columns([(f"{count:,}", _line(name)) for name, count in counts])


def _rows(path: Path, size: int, file: ModelFile) -> Rows:
    manifest = file.manifest
    opsets = ", ".join(f"{domain} {version}" for domain, version in file.opsets.items())
    return [
        ("file", str(path)),
        ("task", f"{manifest.task} ({manifest.family})"),
        *_baseline(manifest),
        *_signature(manifest),
        *_beside(manifest),
        ("limits", ", ".join(f"{name} {limit:,}" for name, limit in manifest.limits.items())),
        *_data(manifest),
        *_metric(manifest),
        *_scores(manifest),
        ("versions", ", ".join(f"{name} {version}" for name, version in manifest.versions.items())),
        ("created", manifest.created),
        ("size", f"{size:,} bytes, {file.parameters:,} parameters in {file.weight_bytes:,} bytes"),
        ("graph", f"{sum(file.operators.values()):,} operators of {len(file.operators)} kinds ({opsets})"),
    ]


def _baseline(manifest: Manifest) -> Rows:
    """Return the name of the baseline that a file holds in the place of a network."""
    name = manifest.encoders.get("baseline")
    return [("holds", f"a baseline: {name}")] if name else []


def _signature(manifest: Manifest) -> Rows:
    return [
        (side.removesuffix("s"), f"{spec['name']} {spec['dtype']} [{', '.join(map(str, spec['shape']))}]")
        for side in ("inputs", "outputs")
        for spec in manifest.signature[side]
    ]


def _beside(manifest: Manifest) -> Rows:
    """Return the columns beside the values that a forecaster reads, in the order of its covariates."""
    rows: Rows = []
    for one in manifest.encoders.get("inputs") or ():
        try:
            role = "known ahead" if one["known"] else "static" if one["static"] else "of the past"
            levels = f": {', '.join(one['levels'][:MOST_NAMES])}" if one.get("levels") else ""
            rows.append(("" if rows else "beside", f"{one['name']}, {role}{levels}"))
        except (KeyError, TypeError, AttributeError):  # a stranger's: shown as it is
            rows.append(("" if rows else "beside", jsonlib.dumps(one, ensure_ascii=False)))
    return rows


def _data(manifest: Manifest) -> Rows:
    data = manifest.data
    rows = _files("data", data)
    rows += _vectors(data["vectors"]) if "vectors" in data else []
    return [*rows, *_earlier(data["earlier"], data.get("replay"))] if "earlier" in data else rows


def _files(name: str, data: Json) -> Rows:
    source = f"source {data['source']}" if data["source"] else "files of the user"
    rows = [(name, "built-in sample (simulated)" if data["sample"] else source)]
    rows += [("", f"{file['name']}  sha256 {file['sha256']}") for file in data["files"][:MOST_NAMES]]
    more = len(data["files"]) - MOST_NAMES
    return [*rows, ("", f"and {more} more files")] if more > 0 else rows


def _earlier(stored: Any, replay: Any) -> Rows:
    """Return the data of the trainings before the last, oldest first."""
    try:
        rows = [row for data in stored for row in _files("before", data)]
        return [*rows, ("replay", f"{replay:.0%} of their training records")] if replay else rows
    except (KeyError, TypeError, ValueError):  # a stranger's: shown as it is
        return [("before", jsonlib.dumps(stored, ensure_ascii=False))]


def _metric(manifest: Manifest) -> Rows:
    """Return the figure that chose the weights, where a person set it."""
    metric = manifest.config.get("metric")
    return [("chosen by", f"validation {metric}")] if metric else []


def _vectors(stored: object) -> Rows:
    """Return the file of vectors that the words of a model began with."""
    from seqtool.families.vectors import in_words

    try:
        if not isinstance(stored, dict):
            raise TypeError("no object")
        return [("vectors", in_words(stored)), ("", f"sha256 {stored['sha256']}")]
    except (ArithmeticError, KeyError, TypeError, ValueError):  # a stranger's: shown as it is
        return [("vectors", jsonlib.dumps(stored, ensure_ascii=False))]


def _scores(manifest: Manifest) -> Rows:
    """Return the scores of the test split, the cost of int8 and what raw texts cost a file that reads texts."""
    from seqtool.errors import SeqtoolError
    from seqtool.families.classification import raw_texts
    from seqtool.families.family import find
    from seqtool.training.int8 import in_words

    stored = manifest.scores
    if not stored:
        return [("scores", "none: exported with --no-scores")]
    try:
        lines = [in_words(stored["int8"])] if stored.get("int8") is not None else []
        if not lines or "test" in stored:
            lines += find(manifest.family).report.Report.from_json(stored["test"]).brief()
        lines += [raw_texts.in_words(stored["raw_texts"])] if "raw_texts" in stored else []
    except (SeqtoolError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        # Another version or a stranger wrote these scores: show them as they are.
        return [("scores", jsonlib.dumps(stored, ensure_ascii=False))]
    return [("scores", lines[0]), *(("", line) for line in lines[1:])]


def _line(text: str) -> str:
    """Return a text of the file as one line that a terminal cannot obey: the author of the file may mean harm."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return one_line(cut)
