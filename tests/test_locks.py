"""One writer a run: locks belong to a living process, and a killed training can always go on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from seqtool import locks, runs
from seqtool.errors import SeqtoolError
from seqtool.training import checkpoint

SMALL = [
    "--sample",
    "--max-steps",
    "40",
    "--evaluate-every",
    "10",
    "--hidden",
    "4",
    "--threads",
    "1",
    "--device",
    "cpu",
]
HOLD = """
import sys
from pathlib import Path
from seqtool import locks
with locks.waiting(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
# a training that ends by a signal that nobody can catch, at a call of its choice
KILLED = """
import os, signal, sys
from seqtool.training import loop
from seqtool.cli import run
loop.Trainer.{method} = lambda *words, **named: os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEQTOOL_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def holder(here):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, "lock"], cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_lock_that_another_process_holds_is_refused_with_its_number(holder):
    with (
        pytest.raises(SeqtoolError, match=f"it is written by the process {holder.pid}"),
        locks.alone(Path("lock"), "it is written"),
    ):
        pass


def test_who_waits_says_for_whom_and_goes_on_when_that_process_dies(holder, monkeypatch, capsys):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 5:
            holder.send_signal(signal.SIGKILL)
            holder.wait()

    monkeypatch.setattr(locks, "SAID", 0.0)
    monkeypatch.setattr(locks.time, "sleep", pause)
    with locks.waiting(Path("lock")):
        assert Path("lock").read_text() == f"{os.getpid()}\n"
    assert len(pauses) == 5
    assert capsys.readouterr().err.count(f"waiting for the process {holder.pid}") == 1
    assert not Path("lock").exists()


def test_nobody_waits_for_ever(holder, monkeypatch):
    monkeypatch.setattr(locks, "MOST", 0.0)
    with pytest.raises(SeqtoolError, match=f"the process {holder.pid} holds the lock"), locks.waiting(Path("lock")):
        pass


def weights(run):
    step = checkpoint.index(Path(run) / "checkpoints").last
    return load_file(Path(run) / "checkpoints" / str(step) / "network.safetensors")


@pytest.mark.parametrize("method", ["fit", "save"])
@pytest.mark.parametrize("task", ["bitcoin", "sentiment"])
def test_a_training_killed_before_its_first_checkpoint_goes_on_from_the_first_step(task, method, cli):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED.format(method=method), "train", task, *SMALL, "--out", "a"], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert Path("a/.lock").exists()
    Path("a/plots").mkdir(exist_ok=True)
    Path("a/plots/.curves.png.abc123_x.png").touch()
    Path("a/.gitignore").touch()
    again = cli("train", task, *SMALL, "--out", "a")
    assert again.returncode == 2
    assert "--resume it" in again.stderr
    resumed = cli("train", task, "--resume", "a")
    assert resumed.returncode == 0, resumed.stderr
    assert cli("train", task, *SMALL, "--out", "b").returncode == 0
    assert {name: array.tobytes() for name, array in weights("a").items()} == {
        name: array.tobytes() for name, array in weights("b").items()
    }
    steps = [[json.loads(line)["step"] for line in Path(run, "metrics.jsonl").read_text().splitlines()] for run in "ab"]
    assert steps[0] == steps[1] == [10, 20, 30, 40]
    assert sorted(path.name for path in Path("a").rglob(".*")) == [".gitignore"]


def test_a_run_has_one_writer(cli):
    words = ["train", "bitcoin", *SMALL, "--max-steps", "100000", "--out", "a"]
    first = subprocess.Popen([sys.executable, "-m", "seqtool", *words], stderr=subprocess.PIPE)
    try:
        while not Path("a/checkpoints/index.json").exists():
            assert first.poll() is None
            time.sleep(0.05)
        for second in (["--resume", "a"], [*SMALL, "--out", "a"]):
            answer = cli("train", "bitcoin", *second)
            assert answer.returncode == 2
            assert f"the run is being trained by the process {first.pid}" in answer.stderr
    finally:
        first.kill()
        first.communicate()
    lines = Path("a/metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert steps == sorted({*steps})


def test_an_export_that_goes_on_beside_a_resumed_run_keeps_its_file(here):
    half, old = here / "run" / ".model.onnx.aaaaaaaa.onnx", here / "run" / ".model.onnx.bbbbbbbb.onnx"
    half.parent.mkdir()
    half.touch()
    old.touch()
    os.utime(old, (0, 0))
    assert runs.sweep(half.parent) == [old]
    assert half.exists()
