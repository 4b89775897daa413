"""Files of a run that a person edited: what is wrong is said with its file, and no other figures come of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seqtool.cli import run as run_in_process
from seqtool.errors import SeqtoolError
from seqtool.training import checkpoint


@pytest.fixture(scope="module")
def classifier(tmp_path_factory) -> Path:
    """A folder with a tiny classifier in `run`: 6 steps, checkpoints at 3 and 6."""
    folder = tmp_path_factory.mktemp("classifier")
    small = ["--max-steps", "6", "--evaluate-every", "3", "--hidden", "4", "--embedding", "4", "--keep", "2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        assert run_in_process(["train", "classify", "--sample", *small, "--out", "run"]) == 0
    return folder


@pytest.fixture
def run(classifier, tmp_path, monkeypatch) -> Path:
    """A copy of the run, in a working folder of its own."""
    shutil.copytree(classifier, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("SEQTOOL_CACHE", str(tmp_path / "here" / "cache"))
    return Path("run")


def change(file: Path, **values) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize(
    "values",
    [
        {"penalty": -1},
        {"penalty": 0},
        {"penalty": "x"},
        {"penalty": float("nan")},
        {"penalty": None},
        {"counts": "ab"},
        {"counts": [10**400, 1]},
        {"counts": [True, False]},
        {"counts": [-1, 5]},
        {"counts": [7, 11]},
    ],
)
def test_baselines_that_were_edited_are_refused(run, refused, values):
    change(run / "baselines.json", **values)
    refused("export", run, code=1, said=["baselines"])


RECORDS = [
    ({"seed": 2**70}, "'seed'"),
    ({"threads": 10**6}, "'threads'"),
    ({"versions": 5}, "'versions'"),
    ({"created": 5}, "'created'"),
    ({"training": 5}, "'training'"),
    ({"init_from": 5}, "'init_from'"),
]
DATA = [
    ({"source": 5}, "'source' of the data"),
    ({"sample": "yes"}, "'sample' of the data"),
    ({"name": 5}, "'name' of the data"),
    ({"paths": ["a\0b"]}, "'paths' of the data"),
    ({"paths": []}, "not as many paths as files"),
    ({"files": [{"name": "x", "label": 5, "sha256": "0"}]}, "'files' of the data"),
    ({"files": [{"name": "x", "label": "", "sha256": "0", "side": "up"}]}, "'files' of the data"),
]


@pytest.mark.parametrize("command", [("export",), ("train", "classify", "--resume")])
@pytest.mark.parametrize(("values", "said"), [*RECORDS, *(({"data": data}, said) for data, said in DATA)])
def test_a_record_that_was_edited_is_refused(run, refused, command, values, said):
    if "data" in values:
        values = {"data": json.loads((run / "run.json").read_text())["data"] | values["data"]}
    change(run / "run.json", **values)
    refused(*command, run, code=1, said=["run.json is damaged", said])


@pytest.mark.parametrize("command", [("export",), ("train", "classify", "--resume")])
@pytest.mark.parametrize(
    "text", ['{"best": Infinity, "last": 6}', '{"best": 4.7, "last": 6}', '{"best": "3", "last": 6}']
)
def test_an_index_of_no_whole_steps_is_refused(run, refused, command, text):
    (run / "checkpoints" / "index.json").write_text(text)
    refused(*command, run, code=1, said=["the checkpoint index is damaged"])


@pytest.mark.parametrize(
    "values",
    [
        {"step": 3},
        {"step": -1},
        {"step": 6.0},
        {"best_step": 99},
        {"sampler": {"epoch": "x", "position": 0}},
        {"sampler": {"epoch": -1, "position": 0}},
        {"sampler": {}},
        {"kept": "36"},
        {"seconds": float("nan")},
    ],
)
def test_a_state_that_was_edited_is_refused(run, values):
    change(run / "checkpoints" / "6" / "state.json", **values)
    with pytest.raises(SeqtoolError, match=r"the checkpoint is damaged .*state\.json has changed"):
        checkpoint.load(run / "checkpoints", 6)
    (run / "checkpoints" / "6" / "sums.json").unlink()  # as in runs of earlier versions
    if values != {"sampler": {}}:  # of which the sampler knows
        with pytest.raises(SeqtoolError, match="the checkpoint is damaged"):
            checkpoint.load(run / "checkpoints", 6)


LINE = '{"step": 3, "train_loss": 0.5, "loss": 0.5}'


@pytest.mark.parametrize(
    "text", ["[1]", "null", LINE.replace("3", '"six"'), LINE.replace("3", "-3"), LINE.replace("0.5}", '"0.5"}'),
             LINE.replace("0.5}", "NaN}"), LINE.replace("}", ', "accuracy": "x"}')],
)  # fmt: skip
def test_evaluations_that_were_edited_are_refused(run, refused, text):
    (run / "metrics.jsonl").write_text(text + "\n")
    said = ["metrics.jsonl is damaged: line 1"]
    refused("train", "classify", "--resume", run, code=1, said=said)
    shutil.copytree(run, "other")
    refused("compare", "run", "other", code=1, said=said)


def test_a_sound_run_is_resumed_and_exported(run, cli):
    before = (run / "metrics.jsonl").read_text()
    assert cli("train", "classify", "--resume", run).returncode == 0
    assert (run / "metrics.jsonl").read_text() == before
    assert cli("export", run).returncode == 0


@pytest.mark.parametrize("seed", [2**64 - 1, 2**64])
def test_a_seed_has_64_bits(run, cli, seed):
    small = ("--sample", "--max-steps", "1", "--hidden", "4", "--embedding", "4", "--out", "seeded")
    assert cli("train", "classify", *small, "--seed", seed).returncode == (0 if seed < 2**64 else 2)
