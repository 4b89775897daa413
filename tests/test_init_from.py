"""`train --init-from`: an earlier run's weights are the first of another."""

import json
import shutil

import pytest
from safetensors.numpy import load_file

from seqtool.runs import read_metrics
from seqtool.training import checkpoint

SMALL = ["--sample", "--window", "8", "--horizon", "4", "--epochs", "1", "--max-steps", "6", "--evaluate-every", "3"]
TRAIN = ["train", "bitcoin", *SMALL, "--hidden", "4"]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A folder with one small run, `first`."""
    from seqtool.cli import run

    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        assert run([*TRAIN, "--out", "first"]) == 0
    return folder


@pytest.fixture(autouse=True)
def folder(first, tmp_path, monkeypatch):
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def weights(run, which="best"):
    step = getattr(checkpoint.index(run / "checkpoints"), which)
    return load_file(run / "checkpoints" / str(step) / "network.safetensors")


@pytest.mark.parametrize("which", ["run", "checkpoint"])
def test_a_training_begins_with_the_weights_of_another(cli, folder, which):
    """A step so small that it changes nothing leaves the weights as they were begun with."""
    best = checkpoint.index(folder / "first" / "checkpoints").best
    begin = "first" if which == "run" else f"first/checkpoints/{best}"
    still = ["--learning-rate", "1e-12", "--max-steps", "1", "--seed", "7", "--out", "second"]
    assert cli(*TRAIN, "--init-from", begin, *still).returncode == 0
    for name, tensor in weights(folder / "second").items():
        assert abs(tensor - weights(folder / "first")[name]).max() < 1e-6
    assert json.loads((folder / "second" / "run.json").read_text())["init_from"] == begin


def test_it_is_one_training_more_and_resumes(cli, folder):
    """The loss goes on from where the first run's stood, and the second run stands on its own."""
    assert cli(*TRAIN, "--init-from", "first", "--out", "second").returncode == 0
    assert read_metrics(folder / "second")[0]["train_loss"] < read_metrics(folder / "first")[0]["train_loss"]
    shutil.rmtree(folder / "first")
    assert cli("train", "bitcoin", "--resume", "second").returncode == 0


def test_a_refit_begins_with_the_same_weights(cli, folder):
    still = ["--learning-rate", "1e-12", "--refit", "--out", "second"]
    assert cli(*TRAIN, "--init-from", "first", *still).returncode == 0
    for name, tensor in weights(folder / "second" / "refit", "last").items():
        assert abs(tensor - weights(folder / "first")[name]).max() < 1e-6


def test_another_network_is_named(cli, folder):
    answer = cli("train", "bitcoin", *SMALL, "--hidden", "5", "--init-from", "first", "--out", "second")
    assert answer.returncode == 2
    assert "weight_ih_l0 is 16 x" in answer.stderr
    assert "20 x" in answer.stderr
    assert "--config first/config.toml" in answer.stderr
    assert not (folder / "second").exists()


@pytest.mark.parametrize(("place", "words"), [
    ("nowhere", "no run and no checkpoint"), ("model.onnx", "holds no weights"), ("runs", "no run and no checkpoint"),
])  # fmt: skip
def test_what_is_no_run_is_said(cli, folder, place, words):
    (folder / "model.onnx").write_bytes(b"x")
    answer = cli(*TRAIN, "--init-from", place)
    assert answer.returncode == 3
    assert words in answer.stderr


def test_damaged_weights_are_said(cli, folder):
    for file in (folder / "first" / "checkpoints").glob("*/network.safetensors"):
        file.write_bytes(file.read_bytes()[:100])
    answer = cli(*TRAIN, "--init-from", "first")
    assert answer.returncode == 1
    assert "the checkpoint is damaged" in answer.stderr


def test_resume_has_its_weights_already(cli, folder):
    answer = cli("train", "bitcoin", "--resume", "first", "--init-from", "first")
    assert answer.returncode == 2
    assert "takes no --init-from" in answer.stderr
