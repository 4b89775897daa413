"""One model for the 414 hourly series of the M4 competition: sMAPE, MASE and MSIS of its forecast of 48 hours.

Needs SEQTOOL_MIRROR, with the files Hourly-train.csv.gz and Hourly-test.csv.gz in its folder m4. Every choice was made
on the last 48 hours of the training part; the official test is read once a run. The measures are those of the
competition: sMAPE and MASE (m = 24) of each series, then the mean (Makridakis, Spiliotis and Assimakopoulos 2020).
"""

import argparse
import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from results import record

SEASON, AHEAD = 24, 48
NOMINAL = 0.95
OPTIONS = (  # chosen on validation
    "--preset", "global-direct", "--window", "168", "--highway", "168", "--horizon", str(AHEAD), "--own", "32",
    "--hidden", "48", "--loss", "absolute", "--epochs", "4", "--learning-rate", "0.006",
    "--quantiles", "0.025,0.5,0.975", "--validation", str(AHEAD), "--test", str(AHEAD), "--refit",
)  # fmt: skip


def series(part):
    """Return the values of each series by its name."""
    with gzip.open(Path(os.environ["SEQTOOL_MIRROR"]) / "m4" / f"Hourly-{part}.csv.gz", "rt") as lines:
        return {row[0]: np.array([float(cell) for cell in row[1:] if cell]) for row in list(csv.reader(lines))[1:]}


def write(path, values):
    """Write one series a row."""
    longest = max(map(len, values.values()))
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", *(f"V{number + 1}" for number in range(longest))])
        rows.writerows([name, *map(repr, column.tolist())] for name, column in values.items())


def run(folder, *words):
    """Run a command of seqtool in a folder; return what it wrote."""
    command = [sys.executable, "-P", "-m", "seqtool", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def measured(train, test, rows):
    """Return the mean sMAPE, MASE, MSIS and share of the truth in the interval over the series."""
    scores = []
    for name, truth in test.items():
        low, point, high = rows[name].T
        unit = np.abs(train[name][SEASON:] - train[name][:-SEASON]).mean()
        size = np.abs(truth - point)
        beyond = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        interval = (high - low + 2 / (1 - NOMINAL) * beyond).mean()
        smape = (200 * size / (np.abs(truth) + np.abs(point))).mean()
        scores.append([smape, size.mean() / unit, interval / unit, (beyond == 0).mean()])
    return np.mean(scores, axis=0)


def forecast(folder, file):
    """Return the quantiles [48,3] of each series after a table."""
    rows = {}
    words = ("forecast", "-m", "run", "--data", file, "--horizon", str(AHEAD), "--quantiles")
    for row in csv.DictReader(run(folder, *words).splitlines()):
        numbers = [float(row[f"value q{level}"]) for level in ("0.025", "0.5", "0.975")]
        rows.setdefault(row["id"], []).append(numbers)
    return {name: np.array(steps) for name, steps in rows.items()}


def drawn(folder, file, count):
    """Return the quantiles [48,3] of sample paths of each series after a table."""
    values = {}
    words = ("forecast", "-m", "run", "--data", file, "--horizon", str(AHEAD), "--paths", str(count))
    for row in csv.DictReader(run(folder, *words).splitlines()):
        values.setdefault(row["id"], []).append(float(row["value"]))
    levels = (0.025, 0.5, 0.975)
    return {name: np.quantile(np.reshape(path, (count, AHEAD)), levels, axis=0).T for name, path in values.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on-validation", action="store_true", help="score the last 48 hours of the training part")
    parser.add_argument("--paths", type=int, default=0, help="score the quantiles of so many sample paths")
    parser.add_argument("options", nargs="*", help="options of `train` in the place of those above")
    options = parser.parse_args()
    train, test = series("train"), series("test")
    if options.on_validation:
        train, test = ({name: part(v) for name, v in train.items()} for part in (lambda v: v[:-48], lambda v: v[-48:]))
    whole = {name: np.concatenate([train[name], test[name]]) for name in train}
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.monotonic()
        write(folder / "all.csv", whole)
        write(folder / "train.csv", train)
        words = [*OPTIONS, *options.options, "--threads", "1", "--out", "run"]
        run(folder, "train", "forecast", "--data", "all.csv", *words)
        run(folder, "export", "run")
        minutes, size = (time.monotonic() - began) / 60, (folder / "run" / "model.onnx").stat().st_size
        rows = drawn(folder, "train.csv", options.paths) if options.paths else forecast(folder, "train.csv")
        smape, mase, msis, covered = measured(train, test, rows)
    figures = {
        "smape": round(smape, 3), "mase": round(mase, 3), "msis_95": round(msis, 2), "covered": round(covered, 3),
        "minutes": round(minutes, 1), "bytes": size, "options": " ".join(options.options),
    }  # fmt: skip
    print(figures)
    if not options.on_validation:
        record("M4 hourly, one model for 414 series", figures)
