"""One writer a run: locks belong to a living process, and a killed training can always go on."""

import json
import os
import shutil
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


@pytest.mark.parametrize("kind", ["link", "second name", "pipe", "folder"])
def test_a_lock_that_leads_elsewhere_is_refused_and_nothing_is_written_there(here, kind):
    """A run may come from a stranger, in an archive."""
    own = here / "letter.txt"
    own.write_text("dear all")
    lock = here / "lock"
    make = {"link": lambda: lock.symlink_to(own), "second name": lambda: lock.hardlink_to(own),
            "pipe": lambda: os.mkfifo(lock), "folder": lock.mkdir}  # fmt: skip
    make[kind]()
    for held in (locks.alone(lock, "busy"), locks.waiting(lock)):
        with pytest.raises(SeqtoolError) as refused, held:
            pass
        assert refused.value.where == str(lock)
    assert own.read_text() == "dear all"
    assert lock.is_symlink() or lock.exists()


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
    assert Path("a/.writer.lock").exists()
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


FLIPPED = ["network.safetensors", "optimiser.safetensors", "random.safetensors", "state.json", "sums.json"]


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 0x80 >> (place % 8)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of four evaluations, whose last checkpoint is not the best one."""
    from seqtool.cli import run

    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        assert run(["train", "bitcoin", *SMALL, "--keep", "3", "--out", "run"]) == 0
    return folder / "run"


@pytest.mark.parametrize("name", FLIPPED)
def test_every_flipped_bit_of_a_checkpoint_is_noticed_and_the_one_before_is_taken(whole, here, name):
    """At 60 places spread over the file, its first and last byte among them."""
    for part in range(60):
        run = shutil.copytree(whole, here / f"{part}")
        checkpoints = run / "checkpoints"
        last = checkpoints / str(checkpoint.index(checkpoints).last)
        before = checkpoint.index(checkpoints).kept[-2]
        path = last / name
        flip(path, part * (path.stat().st_size - 1) // 59)
        with pytest.raises(SeqtoolError, match="the checkpoint is damaged"):
            checkpoint.load(checkpoints, int(last.name))
        assert checkpoint.last(checkpoints).state["step"] == before
        shutil.rmtree(run)


def test_a_run_whose_last_checkpoint_is_damaged_ends_as_it_would_have(whole, here, cli):
    run = shutil.copytree(whole, here / "run")
    flip(run / "checkpoints" / "40" / "network.safetensors", 1000)
    resumed = cli("train", "bitcoin", "--resume", "run")
    assert resumed.returncode == 0, resumed.stderr
    assert "network.safetensors has changed since it was written" in resumed.stderr
    assert "going on from step 30" in resumed.stderr
    ended = weights(whole)
    assert {name: array.tobytes() for name, array in weights(run).items()} == {
        name: array.tobytes() for name, array in ended.items()
    }


def test_changed_baselines_are_named(whole, here, cli):
    run = shutil.copytree(whole, here / "run")
    stored = json.loads((run / "baselines.json").read_text())
    (run / "baselines.json").write_text(json.dumps({**stored, "more": 1}))
    for verb in (["export", "run"], ["export", "run", "--baseline", "ridge"]):
        answer = cli(*verb)
        assert answer.returncode == 1
        assert "baselines.json was changed after the training" in answer.stderr
