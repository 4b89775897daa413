"""Cold start: `seqtool forecast` from standard input as a whole process, against `python -c "import onnxruntime"`.

In turns, the median of the ratios pair by pair. The model is trained on the sample first, the default preset's
size; what it costs to start is measured, so one step of training is enough. With `--translate MODEL` one sentence
through a translator's file, its length that of a trained one's answer.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import record

from seqtool.plugins import load_task

PRE = [sys.executable, "-P", "-m", "seqtool"]


def timed(words, stdin, folder):
    """Return the seconds of a whole process and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(words, input=stdin, capture_output=True, cwd=folder, check=True)
    return time.perf_counter() - begun, done.stdout


def program():
    """Return what starts the program."""
    script = Path(sys.executable).parent / "seqtool"
    return [str(script)] if script.exists() else PRE


def measure(name, what, words, stdin, lines, folder, rounds):
    """Run a command and the floor in turns; print and record how long they take."""
    ours, floor = [*program(), *words], [sys.executable, "-c", "import onnxruntime"]
    for command in (ours, floor):
        timed(command, stdin, folder)
    pairs = []
    for _ in range(rounds):
        mine, out = timed(ours, stdin, folder)
        theirs, _ = timed(floor, b"", folder)
        assert out.count(b"\n") == lines
        pairs.append((mine, theirs))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"{what} from stdin {mine:.0f} ms, import onnxruntime {theirs:.0f} ms, ratio {ratio:.2f}")
    figures = {f"{what}_ms": round(mine), "import_onnxruntime_ms": round(theirs), "ratio": round(ratio, 3)}
    record(name, {**figures, "rounds": rounds})


def forecast(rounds):
    """Measure a forecast of the default preset's size."""
    os.environ["SEQTOOL_PLUGINS"] = "bitcoin"
    with tempfile.TemporaryDirectory() as folder:
        for words in (["train", "bitcoin", "--sample", "--max-steps", "1"], ["export", "--no-scores"]):
            timed([*PRE, *words], b"", folder)
        model = next(Path(folder).rglob("model.onnx"))
        words = ["forecast", "-m", str(model), "--horizon", "30"]
        measure("cold start", "forecast", words, load_task("bitcoin").sample(), 31, folder, rounds)


def translate(rounds, model, sentence):
    """Measure one sentence through a translator's file."""
    words = ["translate", "-m", str(model.resolve())]
    measure(f"cold start, translate, {model.name}", "translate", words, f"{sentence}\n".encode(), 1, ".", rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--translate", type=Path, metavar="MODEL", help="a translator's file, in place of a forecast")
    parser.add_argument("--sentence", default="Ein kleiner Hund springt \u00fcber einen alten Zaun.")
    given = parser.parse_args()
    if given.translate is None:
        forecast(given.rounds)
    else:
        translate(given.rounds, given.translate, given.sentence)
