"""`seqtool inspect`: what a model file says of itself, read without ONNX Runtime."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqtool.cli.options import JsonOption, ModelArgument
from seqtool.cli.output import emit, emit_columns, emit_json, escape
from seqtool.task import MOST_NAMES

if TYPE_CHECKING:
    from seqtool.manifest import Manifest, ModelFile

OpsOption = Annotated[bool, typer.Option("--ops", help="list the operators of the graph, the most frequent first")]

Rows = list[tuple[str, str]]
_LONGEST = 500


def command(model: ModelArgument = None, ops: OpsOption = False, json: JsonOption = False) -> None:
    """Show what a model file holds: task, inputs and outputs, limits, data, scores, versions, sizes."""
    from seqtool.manifest import read_file
    from seqtool.runtime.find import find_model

    path = find_model(model)
    data, file = read_file(path)
    if json:
        emit_json({"file": str(path), "bytes": len(data), **dataclasses.asdict(file)})
        return
    emit_columns([(name, _line(text)) for name, text in _rows(path, len(data), file)])
    if ops:
        emit()
        counts = sorted(file.operators.items(), key=lambda item: (-item[1], item[0]))
        emit_columns([(f"{count:,}", _line(name)) for name, count in counts])


def _rows(path: Path, size: int, file: ModelFile) -> Rows:
    manifest = file.manifest
    opsets = ", ".join(f"{domain} {version}" for domain, version in file.opsets.items())
    graph = f"{sum(file.operators.values()):,} operators of {len(file.operators)} kinds ({opsets})"
    return [
        ("file", str(path)),
        ("task", f"{manifest.task} ({manifest.family})"),
        *[("runner", f"of the plugin {manifest.runner}")] * bool(manifest.runner),
        *_signature(manifest),
        ("limits", ", ".join(f"{name} {limit:,}" for name, limit in manifest.limits.items())),
        *_data(manifest),
        *_scores(manifest),
        ("versions", ", ".join(f"{name} {version}" for name, version in manifest.versions.items())),
        ("created", manifest.created),
        ("size", f"{size:,} bytes, {file.parameters:,} parameters in {file.weight_bytes:,} bytes"),
        ("graph", graph),
    ]


def _signature(manifest: Manifest) -> Rows:
    return [
        (side.removesuffix("s"), f"{spec['name']} {spec['dtype']} [{', '.join(map(str, spec['shape']))}]")
        for side in ("inputs", "outputs")
        for spec in manifest.signature[side]
    ]


def _data(manifest: Manifest) -> Rows:
    data = manifest.data
    source = f"source {data['source']}" if data["source"] else "files of the user"
    rows = [("data", "built-in sample (simulated)" if data["sample"] else source)]
    files = [("", f"{file['name']}  sha256 {file['sha256']}") for file in data["files"]]
    more = len(files) - MOST_NAMES
    return rows + files[:MOST_NAMES] + [("", f"and {more} more files")] * (more > 0)


def _scores(manifest: Manifest) -> Rows:
    """Show the scores of the test split; a form that is not known here is shown as JSON."""
    from seqtool.report.family_scores import score_brief
    from seqtool.train.int8 import in_words

    if not manifest.scores:
        return [("scores", "none: exported with --no-scores")]
    try:
        costs = manifest.scores.get("int8")
        said = [] if costs is None else [in_words(costs)]
        if not said or "test" in manifest.scores:
            said += _texts(score_brief(manifest.family, manifest.scores["test"]))
        first, *others = said
    except (AttributeError, KeyError, TypeError, ValueError):
        return [("scores", jsonlib.dumps(manifest.scores, ensure_ascii=False))]
    return [("scores", first), *(("", text) for text in others)]


def _texts(lines: Sequence[Any]) -> list[str]:
    if not all(isinstance(text, str) for text in lines):
        raise TypeError
    return list(lines)


def _line(text: str) -> str:
    """Return a text of the file as one line that no terminal obeys: whoever made the file may mean harm."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return escape(cut).replace("\n", "\\n").replace("\t", "\\t")
