"""`seqtool inspect` shows a file without opening it in ONNX Runtime."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from seqtool.modelfile.manifest import Manifest, read_file, seal

TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"


@pytest.fixture
def changed(tmp_path):
    """Return `changed(task=..., scores=...)`: the tiny file with another manifest, sealed anew."""

    def make(**fields) -> Path:
        model = onnx.load(TINY)
        del model.metadata_props[:]
        manifest: Manifest = dataclasses.replace(read_file(TINY)[1].manifest, **fields)
        file = tmp_path / "changed.onnx"
        file.write_bytes(seal(model.SerializeToString(deterministic=True), manifest))
        return file

    return make


def test_a_file_is_shown_line_by_line(cli):
    answer = cli("inspect", TINY)
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = [line.split(maxsplit=1) for line in answer.stdout.splitlines()]
    assert ["task", "tiny (forecasting)"] in lines
    assert ["input", "history float32 [B, T, 1]"] in lines
    assert ["input", "horizon int64 []"] in lines
    assert ["output", "forecast float32 [B, N, 1]"] in lines
    assert ["limits", "window 8, horizon 10,000"] in lines
    assert ["data", "built-in sample (simulated)"] in lines
    assert ["tiny.csv", f"sha256 {'0' * 64}"] in lines
    assert "horizon 4: RMSE 2,804.85, last value 3,119.18" in answer.stdout
    assert "test split of built-in sample (simulated): 2023-05-25 to 2024-02-08, 221 origins" in answer.stdout
    assert "The model does not beat the last value over 4 steps" in answer.stdout
    assert ["versions", "seqtool 0.1.0, torch 2.13.0"] in lines
    assert ["created", "2026-01-02T03:04:05+00:00"] in lines


def test_operators_and_sizes_are_those_that_onnx_counts(cli):
    model = onnx.load(TINY)

    def nodes(graph):
        for node in graph.node:
            yield node.op_type
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    yield from nodes(attribute.g)

    shown = cli("inspect", TINY, "--ops").stdout.rpartition("\n\n")[2]
    counts = {name: int(count) for count, name in map(str.split, shown.splitlines())}
    kinds = list(nodes(model.graph))
    assert counts == {kind: kinds.count(kind) for kind in kinds}
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert f"size      {TINY.stat().st_size:,} bytes" in cli("inspect", TINY).stdout


def test_json_holds_the_whole_manifest(cli):
    shown = json.loads(cli("inspect", TINY, "--json").stdout)
    metadata = {entry.key: entry.value for entry in onnx.load(TINY).metadata_props}
    stored = json.loads(metadata["seqtool"])
    assert shown["manifest"] == stored
    assert (shown["file"], shown["bytes"]) == (str(TINY), TINY.stat().st_size)
    assert shown["opsets"] == {"ai.onnx": 20}
    assert shown["inputs"][0] == {"name": "history", "dtype": "float32", "shape": ["B", "T", 1]}


@pytest.mark.parametrize("options", [[], ["--ops"], ["--json"]])
def test_neither_onnx_nor_onnxruntime_nor_numpy_is_imported(options):
    program = (
        "import sys; from seqtool.cli import run; code = run(sys.argv[1:]); "
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    words = [sys.executable, "-P", "-c", program, "inspect", str(TINY), *options]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    modules = set(done.stderr.split())
    assert "seqtool.modelfile.manifest" in modules
    assert not modules & {"numpy", "onnx", "onnxruntime", "torch", "rich", "pluggy", "polars"}


def test_no_text_of_the_file_reaches_a_terminal_raw(cli, changed):
    evil = "\x1b]0;owned\x07\nscores    perfect\u202e"
    file = changed(
        scores={"test": {"verdict": [evil]}},
        versions={evil: evil},
        limits={evil: 1, "horizon": 2},
        data={"source": evil, "sample": False, "files": [{"name": evil, "label": "", "sha256": "a" * 64}]},
    )
    shown = cli("inspect", file).stdout
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}
    assert r"\x1b]0;owned\x07\nscores    perfect\u202e" in shown
    assert not any(line.startswith("scores    perfect") for line in shown.splitlines())


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({}, "none: exported with --no-scores"),
        ({"test": {"accuracy": 0.5}}, '{"test": {"accuracy": 0.5}}'),
        ({"test": []}, '{"test": []}'),
        ({"test": {"best_baseline": [], "horizons": 3, "verdict": 1}}, '{"test": {"best_baseline": []'),
    ],
)
def test_scores_of_another_form_are_shown_as_they_are(cli, changed, scores, said):
    answer = cli("inspect", changed(scores=scores))
    assert answer.returncode == 0
    assert said in answer.stdout


def test_what_is_no_model_is_said_with_its_exit_code(cli, tmp_path):
    (tmp_path / "x.onnx").write_bytes(TINY.read_bytes()[:-1])
    assert cli("inspect", tmp_path / "x.onnx").returncode == 2
    missing = cli("inspect", tmp_path / "none.onnx")
    assert (missing.returncode, missing.stdout) == (3, "")
    assert cli("inspect", tmp_path).returncode == 3  # a folder without a model
