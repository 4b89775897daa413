"""Lines a second of `seqtool classify --threads 1` through a real pipe: 33,052 short sentences of SI650.

A model of the preset is trained for a few steps only, as its speed does not depend on what it has learnt. Three of four
lines of the file are there again; equal lines of a batch are computed once, so the different lines are measured alone
too. Where two cores are free, the same on two, whose calls run side by side: their answers are compared, then their
times. For the bar run it on one core: `taskset -c 0 python benchmarks/classify_speed.py`. Needs the sources
(SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.runtime.threads import cores
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train


def model(task, chosen, folder, steps):
    """Train `steps` on the labelled sentences of SI650 and export; return the file."""
    options = {"source": "si650", "max_steps": steps}
    config = configured(task, preset=presets_of(task)[chosen], options=options)
    with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        run = folder / "run"
        train(task, config, choose(task, config), TrainOptions(chosen, run, 0, "cpu", 1))
        return export_task(task, run, ExportOptions(), scores=False).path


def seconds(file, lines, rounds, threads=1):
    """Return the seconds of each round of the pipe, process start to process end, and its answers."""
    command = [sys.executable, "-m", "seqtool", "classify", "-m", str(file), "--threads", str(threads)]
    data, found = b"".join(line + b"\n" for line in lines), []
    for _ in range(rounds):
        begun = time.perf_counter()
        done = subprocess.run(command, input=data, capture_output=True, check=True)
        found.append(time.perf_counter() - begun)
        assert done.stdout.count(b"\n") == len(lines)
    return found, done.stdout


def main(chosen, rounds, steps):
    """Measure, print and record."""
    task = load_task("sentiment")
    unlabelled = choose(task, configured(task, options={"source": "si650-unlabelled"}))
    lines = unlabelled.files[0].path.read_bytes().removesuffix(b"\n").split(b"\n")
    with tempfile.TemporaryDirectory() as folder:
        file = model(task, chosen, Path(folder), steps)
        whole, _ = seconds(file, lines, rounds)
        different = list(dict.fromkeys(lines))
        alone, one = seconds(file, different, rounds)
        pair, two = seconds(file, different, rounds, threads=2) if cores() > 1 else (alone, one)
    assert one == two, "two calls at once give other answers"
    figures = {
        "threads": 1, "lines": len(lines), "lines_per_s": round(len(lines) / statistics.median(whole)),
        "best_lines_per_s": round(len(lines) / min(whole)), "different_lines": len(different),
        "different_lines_per_s": round(len(different) / statistics.median(alone)), "rounds": rounds,
    }  # fmt: skip
    if cores() > 1:
        figures["times_as_fast_with_two_calls_at_once"] = round(statistics.median(alone) / statistics.median(pair), 2)
    print(figures)
    record(f"classify through the pipe, sentiment {chosen}", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="default", help="the preset of sentiment")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    main(options.network, options.rounds, options.steps)
