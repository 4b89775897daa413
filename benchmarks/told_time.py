"""The time that a training is told to take before its first step, against the time that it takes; and --max-minutes.

Ten trainings of five families in processes of their own: told and taken are the seconds from the told line to the end.
Then each family with a limit of minutes that ends it, from the start of the process to its end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import record

TRAININGS = [
    ("bitcoin", "--epochs", "100", "--patience", "0"),
    ("electricity", "--epochs", "100", "--max-steps", "2500", "--patience", "0"),
    ("chargen", "--max-steps", "150", "--source", "tinyshakespeare"),
    ("chargen", "--max-steps", "1500", "--hidden", "128", "--layers", "1", "--source", "tinyshakespeare"),
    ("sentiment", "--epochs", "12", "--patience", "0"),
    ("sentiment", "--epochs", "20", "--hidden", "32", "--embedding", "32", "--patience", "0"),
    ("pos", "--max-steps", "600"),
    ("pos", "--max-steps", "1200", "--hidden", "32", "--layers", "1"),
    ("nmt", "--max-steps", "700", "--hidden", "64", "--embedding", "64"),
    ("nmt", "--max-steps", "300", "--hidden", "128", "--embedding", "128", "--layers", "1"),
]
LIMITED = [
    ("bitcoin", "--epochs", "1000", "--patience", "0"), ("chargen", "--source", "tinyshakespeare"),
    ("sentiment", "--epochs", "100", "--patience", "0"), ("pos", "--epochs", "100", "--patience", "0"),
    ("nmt", "--hidden", "64", "--embedding", "64"),
]  # fmt: skip


def trained(options, threads, folder):
    """Train in a process of its own; return the run's record, the seconds of it all, and the most memory in MB."""
    command = [sys.executable, "-m", "seqtool", "train", *options, "--threads", str(threads), "--out", str(folder)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{said}")
    seconds = time.monotonic() - began
    return json.loads((folder / "run.json").read_text()), seconds, usage.ru_maxrss / 1000


def told_against_taken(options, threads, folder):
    """Print and return the ratio of the told time to the time that was taken."""
    run, seconds, memory = trained(options, threads, folder)
    told, ended = run["told"], run["training"]
    expected = told["seconds"] + (told["end"] or 0)
    taken = ended["seconds"] + ended["scoring_seconds"]
    ratio = expected / taken
    print(
        f"{' '.join(options)}: told {told['seconds']:.0f} + {told['end'] or 0:.0f} s, taken {ended['seconds']:.0f} + "
        f"{ended['scoring_seconds']:.0f} s, ratio {ratio:.2f}, memory {told['megabytes'] / memory:.2f}; "
        f"all {seconds:.0f} s",
        flush=True,
    )
    record("told time", {
        "training": " ".join(options), "threads": threads, "told_s": round(expected, 1), "taken_s": round(taken, 1),
        "ratio": round(ratio, 3), "told_mb": told["megabytes"], "taken_mb": round(memory), "all_s": round(seconds, 1),
    })  # fmt: skip
    return ratio


def limited(options, minutes, threads, folder):
    """Print and return by how many seconds a training misses its limit; more than 0 is too late."""
    run, seconds, _ = trained([*options, "--max-minutes", str(minutes)], threads, folder)
    late = seconds - 60 * minutes
    ended = run["training"]
    by = f"ended by {ended['limit'] or 'its steps'} after {ended['steps']:,} steps"
    print(f"{' '.join(options)}: {seconds:.1f} s of {60 * minutes:.0f}, {late:+.1f} s, {by}", flush=True)
    record("max minutes", {
        "training": " ".join(options), "threads": threads, "minutes": minutes, "taken_s": round(seconds, 1),
        "late_s": round(late, 1), "limit": ended["limit"], "steps": ended["steps"],
    })  # fmt: skip
    return late


def main(minutes, threads, first, last):
    """Run the trainings, and say how many are within the bars."""
    with tempfile.TemporaryDirectory() as folder:
        ratios = [
            told_against_taken(options, threads, Path(folder, f"told{number}"))
            for number, options in enumerate(TRAININGS[first:last])
        ]
        close = sum(0.75 <= ratio <= 1.25 for ratio in ratios)
        print(f"told within 25 % of taken: {close} of {len(ratios)}")
        if minutes:
            late = [
                limited(options, minutes, threads, Path(folder, f"limited{number}"))
                for number, options in enumerate(LIMITED[first:last])
            ]
            near = sum(abs(seconds) <= max(10, 0.05 * 60 * minutes) for seconds in late)
            print(f"within 5 % or 10 s of {minutes:g} minutes: {near} of {len(late)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="limit of the second part; 0: leave it out")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=None)
    options = parser.parse_args()
    main(options.minutes, options.threads, options.first, options.last)
