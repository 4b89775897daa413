"""Cold start: `seqtool forecast` from standard input as a whole process, against `python -c "import onnxruntime"`.

In turns, the median of the ratios pair by pair. The model is trained on the sample first, the default preset's
size; what it costs to start is measured, so one step of training is enough.
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


def main(rounds):
    """Measure and print."""
    os.environ["SEQTOOL_PLUGINS"] = "bitcoin"
    with tempfile.TemporaryDirectory() as folder:
        for words in (["train", "bitcoin", "--sample", "--max-steps", "1"], ["export", "--no-scores"]):
            timed([*PRE, *words], b"", folder)
        model = next(Path(folder).rglob("model.onnx"))
        table = load_task("bitcoin").sample()
        script = Path(sys.executable).parent / "seqtool"
        command = [str(script)] if script.exists() else PRE
        ours = [*command, "forecast", "-m", str(model), "--horizon", "30"]
        floor = [sys.executable, "-c", "import onnxruntime"]
        for words in (ours, floor):
            timed(words, table, folder)
        pairs = []
        for _ in range(rounds):
            mine, out = timed(ours, table, folder)
            theirs, _ = timed(floor, b"", folder)
            assert out.count(b"\n") == 31
            pairs.append((mine, theirs))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"forecast from stdin {mine:.0f} ms, import onnxruntime {theirs:.0f} ms, ratio {ratio:.2f}")
    record(
        "cold start",
        {
            "forecast_ms": round(mine),
            "import_onnxruntime_ms": round(theirs),
            "ratio": round(ratio, 3),
            "rounds": rounds,
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    main(parser.parse_args().rounds)
