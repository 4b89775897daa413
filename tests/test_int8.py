"""`export --int8`: what it writes, what it measures, what it refuses, and where such a file runs."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from seqtool.cli import run as run_in_process
from seqtool.families.generation import scores
from seqtool.runtime import session
from seqtool.runtime.model import open_model
from seqtool.training.int8 import in_words

TEXT = "The cat sat on the mat, and the dog sat by the door. What a day it was, said the cat to the dog.\n"
SMALL = ["--hidden", "24", "--layers", "1", "--embedding", "8", "--window", "20", "--batch", "4", "--max-steps", "20"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A folder with a run of a tiny model of a text."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "text.txt").write_text(TEXT * 40)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run_in_process(["train", "chargen", "--data", "text.txt", *SMALL, "--out", "runs/tiny"]) == 0
    return folder


@pytest.fixture
def here(trained, tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    monkeypatch.chdir(folder)
    return folder


def test_an_int8_file_stands_beside_the_other_and_says_what_it_costs(here, cli):
    assert cli("export").returncode == 0
    answer = cli("export", "--int8")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "runs/tiny/model-int8.onnx\n"
    full, small = (open_model(f"runs/tiny/{name}.onnx", device="cpu") for name in ("model", "model-int8"))
    assert "MatMulInteger" in small.file.operators
    assert not {"LSTM", "MatMul"} & small.file.operators.keys()
    assert small.file.weight_bytes < 0.45 * full.file.weight_bytes  # the float rows: scales, biases
    costs = small.manifest.scores["int8"]
    assert abs(costs["int8"] - costs["float"]) <= costs["tolerance"] == 0.01
    assert in_words(costs) in answer.stderr
    kept = json.loads(Path("runs/tiny/scores.json").read_text())
    assert kept["test"] == full.manifest.scores["test"]
    assert kept["int8"] == {**costs, "test": small.manifest.scores["test"]}
    assert in_words(costs) in cli("inspect", "runs/tiny/model-int8.onnx").stdout


def test_the_newest_model_writes_and_its_state_is_its_own(here, cli):
    assert cli("export", "--no-scores").returncode == 0
    assert cli("generate", "--prompt", "The cat", "-n", "5", "--state", "s.npz").returncode == 0
    assert cli("export", "--int8", "--no-scores").returncode == 0
    whole = cli("generate", "chargen", "--prompt", "The cat", "-n", "30", "--seed", "3")
    assert len(whole.stdout) == 30
    assert cli("generate", "--prompt", "The cat", "-n", "5", "--state", "s.npz").returncode == 2


def test_int8_that_costs_too_much_is_not_written(here, cli, monkeypatch):
    monkeypatch.setattr(scores, "INT8", dataclasses.replace(scores.INT8, tolerance=-1.0))
    answer = cli("export", "--int8")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "bits per character on the validation part, more than -1" in answer.stderr
    assert not list(Path("runs/tiny").glob("*.onnx"))


def test_data_that_is_gone_cannot_be_measured_on(here, cli):
    described = Path("runs/tiny/run.json")
    described.write_text(described.read_text().replace("text.txt", "gone.txt"))
    answer = cli("export", "--int8", "--no-scores")
    assert answer.returncode == 3
    assert "export without --int8" in answer.stderr
    assert not list(Path("runs/tiny").glob("*.onnx"))


def test_int8_runs_on_the_processor(here, cli, monkeypatch, capsys):
    assert cli("export", "--int8", "--no-scores").returncode == 0
    answer = cli("generate", "--prompt", "The", "-n", "5", "--device", "cuda")
    assert (answer.returncode, answer.stdout) == (4, "")
    assert "an int8 file runs on the processor" in answer.stderr
    monkeypatch.setattr(session, "driver", lambda: True)
    assert open_model("runs/tiny/model-int8.onnx", device="auto").device == "cpu"
    assert capsys.readouterr().err == "an int8 file: running on the processor\n"


def test_a_family_without_int8_says_so(project, cli):
    answer = cli("export", "runs/tiny", "--int8", "--out", "small.onnx")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "forecasting models have no --int8" in answer.stderr
    assert not Path("small.onnx").exists()


@pytest.mark.parametrize(("speed", "advice"), [(3.1, "(recommended)"), (1.29, "(not recommended")])
def test_advice_goes_by_the_speed(speed, advice):
    costs = {"unit": "bits", "float": 2.0, "int8": 2.001, "tolerance": 0.01, "speed": speed}
    assert advice in in_words(costs)
