"""The wheel as a user gets it: built, installed into a clean environment without the train extra, and used there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CURE = 'cure: pip install "seqtool[train]"'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@dataclass(frozen=True)
class Clean:
    """An environment with the wheel and its core dependencies alone."""

    python: Path
    program: Path


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory) -> Clean:
    """The one slow step of the suite: an environment of its own, filled by pip as this machine has it set up."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    scripts, suffix = (folder / "Scripts", ".exe") if os.name == "nt" else (folder / "bin", "")
    made = Clean(scripts / f"python{suffix}", scripts / f"seqtool{suffix}")
    pip = [made.python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", wheel]
    installed = subprocess.run([*map(str, pip)], capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr[-2000:]
    return made


@pytest.fixture
def installed(clean, project) -> Callable[..., subprocess.CompletedProcess]:
    """Return `installed("tasks", stdin="")`: the program of the clean environment, beside an exported model."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(*args: str | Path, stdin: str = "") -> subprocess.CompletedProcess:
        command = [str(clean.program), *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=outside)

    return run


def test_the_wheel_holds_the_program_and_the_task_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = next(archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
        metadata = next(archive.read(name).decode() for name in names if name.endswith("/METADATA"))
    tasks = ("bitcoin", "chargen", "electricity", "nmt", "own", "pos", "sentiment", "sine")
    packages = {"seqtool", *(f"seqtool_{name}" for name in tasks)}
    assert {name.split("/")[0].split("-")[0] for name in names} == packages
    tracked = subprocess.run(["git", "ls-files", "seqtool", "plugins"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode == 0:  # not in an unpacked sdist
        assert {name.removeprefix("plugins/") for name in tracked.stdout.split()} <= names
    assert "seqtool/py.typed" in names
    presets = {name for name in names if name.endswith(".toml")}
    folders = [*(ROOT / "seqtool").rglob("presets"), *(ROOT / "plugins").glob("*/presets")]
    on_disk = {path.relative_to(ROOT).as_posix() for folder in folders for path in folder.glob("*.toml")}
    assert presets == {name.removeprefix("plugins/") for name in on_disk}
    assert {"seqtool/families/tagging/presets/default.toml", "seqtool_pos/presets/treebank-gru.toml"} < presets
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "seqtool = seqtool.cli:main" in entry_points
    assert "bitcoin = seqtool_bitcoin" in entry_points
    assert "License-Expression: Apache-2.0" in metadata
    assert "Provides-Extra: train" in metadata


def test_without_the_extra_no_training_library_is_there(clean):
    names = ("torch", "onnx", "spox", "matplotlib", "safetensors", "tomli_w", "sklearn", "pytest")
    program = f"import importlib.util as u; print([n for n in {names!r} if u.find_spec(n)])"
    found = subprocess.run([clean.python, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_a_forecast_is_that_of_the_machine_that_trained(installed, project, cli):
    table = next((project / "cache" / "samples").glob("*.csv"))
    ours = cli("forecast", "bitcoin", "--data", table, "--horizon", "30").stdout
    for args, stdin in (([], table.read_text()), (["--data", table], ""), (["--data", "-"], table.read_text())):
        done = installed("forecast", "bitcoin", "--horizon", "30", *args, stdin=stdin)
        assert (done.returncode, done.stdout) == (0, ours), done.stderr


COMMANDS = {
    "evaluate": (["evaluate"], "last value"),
    "evaluate again": (["evaluate", "--data", "table.csv"], "last value"),
    "compare": (["compare", "runs/tiny", "runs/other"], "path RMSE"),
    "inspect": (["inspect", "runs/tiny/model.onnx"], "bitcoin"),
    "doctor": (["doctor"], "seqtool[train]"),
    "tasks": (["tasks"], "bitcoin"),
    "plugins": (["plugins"], "register_task"),
    "presets": (["presets", "bitcoin"], "gru-seq2seq"),
    "sources": (["sources"], "btc-usd"),
    "describe": (["sources", "describe", "btc-usd"], "sha256"),
    "check": (["check", "bitcoin", "--sample"], "1500 rows of Close"),
    "version": (["--version"], "seqtool "),
    "help": (["--help"], "forecast"),
    "help of train": (["train", "bitcoin", "--help"], "--hidden"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_needs_no_training_works(installed, project, name):
    args, said = COMMANDS[name]
    table = next((project / "cache" / "samples").glob("*.csv"))
    Path("table.csv").write_bytes(table.read_bytes())
    shutil.copytree("runs/tiny", "runs/other")
    done = installed(*args)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "Traceback" not in done.stderr


def test_json_of_evaluate_inspect_and_doctor(installed, project):
    for args in (["evaluate"], ["inspect", "runs/tiny/model.onnx"], ["doctor"]):
        assert isinstance(json.loads(installed(*args, "--json").stdout), dict)


@pytest.mark.parametrize(
    "args",
    [
        ["train", "bitcoin", "--sample"],
        ["train", "bitcoin", "--show-config"],
        ["export"],
        ["forecast", "bitcoin", "--plot", "forecast.png"],
        ["compare", "runs/tiny", "runs/other", "--plot", "forecast.png"],
    ],
)
def test_what_needs_the_extra_gives_its_line(installed, project, args):
    shutil.copytree("runs/tiny", "runs/other")
    done = installed(*args)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.rstrip().endswith(CURE)
    assert len(done.stderr.splitlines()) <= 3
    assert not Path("forecast.png").exists()
