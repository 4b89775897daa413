"""One model for the 414 hourly series of the M4 competition: sMAPE, MASE and MSIS of its forecast of 48 hours.

Needs SEQTOOL_MIRROR, with the files Hourly-train.csv.gz and Hourly-test.csv.gz in its folder m4. Every choice was made
on the last 48 hours of the training part; the official test is read once a run. The measures are those of the
competition: sMAPE and MASE (m = 24) of each series, then the mean (Makridakis, Spiliotis and Assimakopoulos 2020).

--left-out 5 measures what a model knows of series that it never saw: five times 40 other series are left out of the
training. On their last 48 hours of the training part, it and the model of all series are scored. The official test is
not read.
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
LEFT_OUT = 40  # series of a draw
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


def cut(values):
    """Return the series without their last 48 hours, and these."""
    return {name: v[:-AHEAD] for name, v in values.items()}, {name: v[-AHEAD:] for name, v in values.items()}


def trained(folder, train, test, options):
    """Train on series and export; return the minutes that it took."""
    began = time.monotonic()
    write(folder / "all.csv", {name: np.concatenate([values, test[name]]) for name, values in train.items()})
    words = [*OPTIONS, *options, "--threads", "1", "--out", "run"]
    run(folder, "train", "forecast", "--data", "all.csv", *words)
    run(folder, "export", "run")
    return (time.monotonic() - began) / 60


def whole(train, test, options, paths):
    """Train on all series and score their forecasts, or sample paths of them; return the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        minutes = trained(folder, train, test, options)
        write(folder / "train.csv", train)
        rows = drawn(folder, "train.csv", paths) if paths else forecast(folder, "train.csv")
        smape, mase, msis, covered = measured(train, test, rows)
        size = (folder / "run" / "model.onnx").stat().st_size
    return {
        "smape": round(smape, 3), "mase": round(mase, 3), "msis_95": round(msis, 2), "covered": round(covered, 3),
        "minutes": round(minutes, 1), "bytes": size, "options": " ".join(options),
    }  # fmt: skip


def left_out(draws, options):
    """Compare models that never saw 40 series with the one that saw all, on these 40; return the figures.

    The latter also forecasts them by other names: then without what a known series has of its own.
    """
    train, test = cut(series("train"))
    scores, began = [], time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        trained(Path(name), train, test, options)
        write(Path(name) / "train.csv", train)
        known = forecast(Path(name), "train.csv")
        write(Path(name) / "train.csv", {f"no {name}": values for name, values in train.items()})
        nameless = {name.removeprefix("no "): rows for name, rows in forecast(Path(name), "train.csv").items()}
    for seed in range(draws):
        names = np.random.default_rng(seed).choice(sorted(train), LEFT_OUT, replace=False).tolist()
        truth = {name: test[name] for name in names}
        with tempfile.TemporaryDirectory() as name:
            trained(Path(name), {name: values for name, values in train.items() if name not in truth}, test, options)
            write(Path(name) / "train.csv", {name: train[name] for name in names})
            unseen = forecast(Path(name), "train.csv")
        scores.append([measured(train, truth, rows)[0] for rows in (known, nameless, unseen)])
        print("sMAPE known, known without their names, left out:", np.round(scores[-1], 3), flush=True)
    seen, bare, unseen = np.mean(scores, axis=0).tolist()
    return {
        "smape_known": round(seen, 3), "smape_known_without_names": round(bare, 3), "smape_left_out": round(unseen, 3),
        "percent_apart": round(100 * (unseen / seen - 1), 1), "draws": np.round(scores, 3).tolist(),
        "minutes": round((time.monotonic() - began) / 60, 1), "options": " ".join(options),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on-validation", action="store_true", help="score the last 48 hours of the training part")
    parser.add_argument("--paths", type=int, default=0, help="score the quantiles of so many sample paths")
    parser.add_argument("--left-out", type=int, default=0, metavar="DRAWS", help="score series that training never saw")
    parser.add_argument("options", nargs="*", help="options of `train` in the place of those above")
    options = parser.parse_args()
    if options.left_out:
        figures = left_out(options.left_out, options.options)
    else:
        known = cut(series("train")) if options.on_validation else (series("train"), series("test"))
        figures = whole(*known, options.options, options.paths)
    print(figures)
    if options.left_out:
        record(f"M4 hourly, {LEFT_OUT} of 414 series left out, {options.left_out} draws", figures)
    elif not options.on_validation:
        record("M4 hourly, one model for 414 series", figures)
