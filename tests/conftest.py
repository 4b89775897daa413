"""What every test has: its own folders, no network, and the command line as a function."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from seqtool import cells, plugins
from seqtool.cli import run as run_in_process

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny networks: more threads only wait for each other on a busy machine

EXAMPLES = Path(__file__).parent.parent / "examples"
NOWHERE = "http://127.0.0.1:9"  # the discard port: refuses at once


def pytest_make_parametrize_id(val: object) -> str | None:
    # gzip and zip hold the time when they were made: the processes of a run would name a test differently
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("data") and not os.environ.get("SEQTOOL_MIRROR"):
        pytest.skip("needs the real data sets: set SEQTOOL_MIRROR")


@pytest.fixture(autouse=True)
def surroundings(tmp_path_factory, request, monkeypatch) -> None:
    """Give each test an empty home and cache, no settings of the caller's, and no way out to the network."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "SEQTOOL_CACHE"):
        monkeypatch.setenv(name, str(home / name.lower()))
    keep = {"SEQTOOL_CACHE"} | ({"SEQTOOL_MIRROR"} if request.node.get_closest_marker("data") else set())
    for name in [name for name in os.environ if name.startswith("SEQTOOL_") and name not in keep]:
        monkeypatch.delenv(name)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")  # servers that a test starts itself
    monkeypatch.setenv("COLUMNS", "100")
    plugins.extensions.cache_clear()
    cells._cells.cache_clear()


Command = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def seqtool_cmd(tmp_path: Path) -> Command:
    """Return `run("train", "bitcoin", stdin="", cwd=..., env={...})`: the program in a process of its own.

    The working folder is `tmp_path` unless given; `env` is added to the test's environment; text in and out.
    """

    def run(
        *args: str | Path,
        stdin: str | bytes = "",
        cwd: Path = tmp_path,
        env: Mapping[str, str] | None = None,
        text: bool = True,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess:
        # bytes in the pipes, decoded here: text=True would turn \r\n into \n and hide a fault
        finished = subprocess.run(
            [sys.executable, "-P", "-m", "seqtool", *map(str, args)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        if text:
            finished.stdout, finished.stderr = finished.stdout.decode(), finished.stderr.decode()
        return finished

    return run


@dataclass(frozen=True)
class Answer:
    """What one command line gave."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture) -> Callable[..., Answer]:
    """Return `cli("tasks", "--json")`: the same boundary in this process, many times faster."""

    def run(*args: str | Path) -> Answer:
        capsys.readouterr()
        code = run_in_process([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return `write(text, "a.csv")`: a file of that text in the folder of the test."""

    def to(text: str, name: str = "a.txt") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return to


@pytest.fixture
def ok(cli: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return `ok("check", ...)`: the answer of a command that ends well."""

    def run(*args: str | Path) -> Answer:
        answer = cli(*args)
        assert answer.returncode == 0, answer.stderr
        return answer

    return run


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """Return `with interrupted(5): ...`: a training in it is interrupted behind that step."""
    from seqtool.training.loop import Trainer

    original = Trainer.step

    @contextlib.contextmanager
    def at(last: int) -> Iterator[None]:
        def step(trainer: Trainer) -> None:
            original(trainer)
            if trainer.step_number == last:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(Trainer, "step", step)
            yield

    return at


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything under a folder, hidden files too."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.fixture
def refused(cli):
    """Return `refused(*args, code=2, said=[...])`: run, and hold the answer against what every error owes."""

    def run(*args, code: int, said: list[str]) -> str:
        before = tree(Path.cwd())
        answer = cli(*args)
        assert answer.stdout == ""
        error = answer.stderr[answer.stderr.index("error: ") :]
        assert len(error.splitlines()) <= 3, error
        assert "internal error" not in error
        assert "\n  cure: " in error
        assert "Traceback" not in answer.stderr
        assert answer.returncode == code, error
        for words in said:
            assert words in error
        assert tree(Path.cwd()) == before
        return error

    return run


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a tiny bitcoin model was trained on the sample and exported, once: copy it, do not write.

    `runs/tiny` is the run, `runs/tiny/model.onnx` the file, `cache` holds the sample.
    """
    folder = tmp_path_factory.mktemp("exported")
    small = ["--epochs", "1", "--hidden", "4", "--max-steps", "10"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        assert run_in_process(["train", "bitcoin", "--sample", *small, "--out", "runs/tiny"]) == 0
        assert run_in_process(["export"]) == 0
    return folder


@pytest.fixture
def project(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `exported` as the working folder, to break things in."""
    folder = tmp_path / "project"
    shutil.copytree(exported, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
    return folder


@pytest.fixture(scope="session")
def example_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example distributions, built and installed by pip into one folder, for PYTHONPATH."""
    site = tmp_path_factory.mktemp("site")
    folders = [str(path.parent) for path in sorted(EXAMPLES.glob("*/pyproject.toml"))]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), *folders], check=True, capture_output=True)
    return site


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return `install("dist", "1.0", {"module": source}, tasks={...}, extensions={...})`.

    It lays a distribution down as pip would, here and for every process that the test starts.
    """

    def lay(
        distribution: str,
        version: str,
        modules: Mapping[str, str],
        *,
        tasks: Mapping[str, str] | None = None,
        extensions: Mapping[str, str] | None = None,
        families: Mapping[str, str] | None = None,
        cells: Mapping[str, str] | None = None,
    ) -> Path:
        site = tmp_path / f"site-{distribution}"
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        groups = {
            "seqtool.tasks": tasks or {}, "seqtool.extensions": extensions or {},
            "seqtool.families": families or {}, "seqtool.cells": cells or {},
        }  # fmt: skip
        lines = [
            line
            for group, entries in groups.items()
            for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
        ]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        for name, source in modules.items():
            (site / f"{name}.py").write_text(source)
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(site)
        path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
        monkeypatch.setenv("PYTHONPATH", path)
        return site

    return lay


TINY = """
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from seqtool.config import Opt
from seqtool.hookspecs import hookimpl
from seqtool.task import Source, SourceFile, Task
from seqtool.families.forecasting.config import Config
@dataclass(frozen=True)
class TinyConfig(Config):
    hidden: Annotated[int, Opt("hidden units", ge=1, le=4096)] = 8
    rate: Annotated[float, Opt("rate", gt=0)] = 0.5
    cell: Annotated[Literal["lstm", "gru"], Opt("recurrent cell")] = "lstm"
    columns: Annotated[tuple[str, ...], Opt("columns to use")] = ("open", "close")
    both: Annotated[bool, Opt("both ways")] = False
SOURCES = (Source("tiny-data", "numbers", "https://example.org", "CC0-1.0",
                  (SourceFile("tiny/numbers.csv", "ab" * 32, 1234),)),)
@hookimpl
def register_task():
    presets = Path(__file__).parent / "presets"
    return Task("tiny", "a tiny task", "forecasting", config=TinyConfig, sources=SOURCES, presets=presets)
"""


@pytest.fixture
def tiny(install: Callable[..., Path]) -> Path:
    """A task `tiny` with a source and two presets, installed; the folder it lies in."""
    site = install("tiny", "1.0", {"tiny_module": TINY}, tasks={"tiny": "tiny_module"})
    (site / "presets").mkdir()
    (site / "presets" / "default.toml").write_text("# What most people want.\nhidden = 16\n")
    (site / "presets" / "large.toml").write_text("# For a GPU.\nhidden = 512\n")
    return site
