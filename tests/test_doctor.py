"""`seqtool doctor` says what is missing and the cure, and ends well."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import numpy
import onnxruntime
import pytest

from seqtool.cli import doctor
from seqtool.runtime import session


@pytest.fixture
def facts(cli):
    """Return what `doctor --json` says."""

    def ask():
        answer = cli("doctor", "--json")
        assert answer.returncode == 0
        return json.loads(answer.stdout)

    return ask


@pytest.fixture
def installed(monkeypatch):
    """Return `installed(name=version or None)`: pretend that distributions are there or not."""
    real = importlib.metadata.version

    def pretend(**versions):
        names = {name.replace("_", "-"): found for name, found in versions.items()}

        def version(name):
            found = names[name] if name in names else real(name)
            if found is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return found

        monkeypatch.setattr(doctor, "version", version)

    return pretend


def test_versions_are_those_of_the_installed_packages(facts):
    said = facts()
    assert said["versions"]["numpy"] == numpy.__version__
    assert said["versions"]["python"] == "{}.{}.{}".format(*sys.version_info[:3])
    assert {"typer", "polars", "sentencepiece", "torch", "onnx", "spox"} <= said["versions"].keys()
    assert not {"pytest", "mypy"} & said["versions"].keys()
    assert said["machine"]["providers"] == onnxruntime.get_available_providers()
    assert said["machine"]["cores"] >= 1


def test_neither_torch_nor_onnx_is_imported():
    program = "import sys; from seqtool.cli import run; run(['doctor']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert not set(done.stderr.split()) & {"torch", "onnx", "spox", "polars", "matplotlib"}


def test_a_missing_extra_is_said_with_the_cure(facts, installed):
    installed(torch=None, spox=None)
    said = facts()
    assert said["versions"]["torch"] is None
    (advice,) = [one for one in said["advice"] if "training" in one["problem"]]
    assert set(advice["problem"].rpartition(": ")[2].split(", ")) == {"torch", "spox"}
    assert advice["cure"] == 'pip install "seqtool[train]"'


def test_two_runtimes_overwrite_each_other(facts, installed, cli):
    installed(onnxruntime="1.23.0", onnxruntime_gpu="1.23.0")
    assert any("overwrite" in one["problem"] for one in facts()["advice"])
    assert "warning: onnxruntime and onnxruntime-gpu overwrite each other's files\n  cure: pip" in cli("doctor").stdout


@pytest.mark.parametrize("one", ["onnxruntime", "onnxruntime-gpu"])
def test_one_runtime_is_enough(facts, installed, one):
    installed(**{"onnxruntime": None, "onnxruntime_gpu": None} | {one.replace("-", "_"): "1.23.0"})
    said = facts()
    assert said["versions"][one] == "1.23.0"
    assert not any("overwrite" in advice["problem"] for advice in said["advice"])
    assert not any("not installed: onnx" in advice["problem"] for advice in said["advice"])


def test_no_runtime_at_all_is_said_and_ends_well(facts, installed, monkeypatch):
    installed(onnxruntime=None, onnxruntime_gpu=None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    said = facts()
    assert said["machine"]["providers"] == []
    assert {"ONNX Runtime does not load", "not installed: onnxruntime"} <= {one["problem"] for one in said["advice"]}


def test_a_driver_without_a_cuda_runtime_is_said(facts, monkeypatch, tmp_path):
    (tmp_path / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar 5\n")
    monkeypatch.setattr(doctor, "_DRIVER", tmp_path / "version")
    monkeypatch.setattr(session, "driver", lambda: True)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [session.CPU])
    said = facts()
    assert said["machine"]["nvidia driver"] == "550.54.15"
    assert [one["cure"] for one in said["advice"] if "no CUDA" in one["problem"]] == ["pip install onnxruntime-gpu"]


def test_text_names_every_version(cli, installed):
    installed(torch=None)
    shown = cli("doctor").stdout
    assert ["torch", "not", "installed"] in map(str.split, shown.splitlines())
    assert ["numpy", numpy.__version__] in map(str.split, shown.splitlines())
