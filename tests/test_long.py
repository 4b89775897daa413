"""Minutes, not seconds: what only a release needs to know. Run by `make test-long`."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from safetensors.numpy import load_file

from seqtool.plugins import load_task
from seqtool.training import checkpoint

pytestmark = pytest.mark.long
TRAIN = [
    "train", "bitcoin", "--sample", "--hidden", "16", "--epochs", "150", "--evaluate-every", "10", "--patience", "0",
    "--threads", "1",
]  # fmt: skip


def start(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "seqtool", *words],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def weights(run):
    last = checkpoint.index(run / "checkpoints").last
    return load_file(run / "checkpoints" / str(last) / "network.safetensors")


def test_killed_again_and_again_it_ends_with_the_same_weights(tmp_path):
    """kill -9 at twenty random moments of a training; each time it goes on from its last checkpoint."""
    assert start(tmp_path, *TRAIN, "--out", "whole").wait(timeout=300) == 0
    rng = random.Random(0)
    run = tmp_path / "cut"
    process, kills = start(tmp_path, *TRAIN, "--out", "cut"), 0
    while kills < 20:
        while not (run / "checkpoints" / "index.json").exists():
            time.sleep(0.05)
            assert process.poll() is None
        time.sleep(rng.uniform(0.0, 5.0))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        process = start(tmp_path, "train", "bitcoin", "--resume", "cut")
    assert process.wait(timeout=300) == 0
    print(f"killed {kills} times")
    assert kills >= 5
    whole, cut = weights(tmp_path / "whole"), weights(run)
    assert whole.keys() == cut.keys()
    assert all((whole[name] == cut[name]).all() for name in whole)


def test_a_million_rows_are_forecast_from_a_pipe(tmp_path):
    assert start(tmp_path, *TRAIN[:5], "--max-steps", "2").wait(timeout=300) == 0
    assert start(tmp_path, "export", "--no-scores").wait(timeout=300) == 0
    header, *rows = load_task("bitcoin").sample().decode().splitlines()
    values = [row.partition(",")[2] for row in rows]
    table = "\n".join(["Close", *(values[i % len(values)] for i in range(1_000_000))])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "seqtool", "forecast", "--horizon", "3"],
        input=table.encode(), cwd=tmp_path, capture_output=True, timeout=300, check=True, env=dict(os.environ),
    )  # fmt: skip
    assert [line.partition(",")[0] for line in done.stdout.decode().splitlines()] == [
        "time",
        "1000001",
        "1000002",
        "1000003",
    ]
    assert header.startswith("Date")
