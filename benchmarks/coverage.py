"""Do intervals cover what they promise? Ten sets, trained by the presets, scored by a rolling origin on the test part.

taylor and ld-250 (electricity), four files of bitcoin prices, five hourly series of M4 drawn by the seed 17 (one set:
their mean), and three simulated ones: a walk whose volatility comes in clusters, a daily cycle beside an
autoregression, and thirty years of months whose noise grows with their level. 80 % intervals, every step and origin.

Needs SEQTOOL_MIRROR, with the files Hourly-train.csv.gz and Hourly-test.csv.gz in its folder m4.
"""

import argparse
import contextlib
import csv
import gzip
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.task import Data
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

PRESETS = {
    "taylor": ("electricity", "default"),
    "ld-250": ("electricity", "quarter-hour"),
    **dict.fromkeys(("btc-usd", "btc-2014-2018", "coindesk", "btc-eur"), ("bitcoin", "default")),
}
NOMINAL, NEAR = 0.8, 0.05


def clusters(rng, count):
    """Return a price whose returns are a GARCH(1, 1) process."""
    returns, variance = np.zeros(count + 500), 1e-4
    for step in range(1, len(returns)):
        variance = 2e-6 + 0.1 * returns[step - 1] ** 2 + 0.88 * variance
        returns[step] = np.sqrt(variance) * rng.standard_normal()
    return 100 * np.exp(np.cumsum(returns)[500:])


def daily(rng, count):
    """Return hours of two waves a day beside an autoregression of 0.8."""
    noise = rng.standard_normal(count + 100)
    for step in range(1, len(noise)):
        noise[step] += 0.8 * noise[step - 1]
    day = 2 * np.pi * np.arange(count) / 24
    return 50 + 10 * np.sin(day) + 4 * np.cos(2 * day) + 2 * noise[100:]


def monthly(rng, count):
    """Return months whose level, season and noise grow together."""
    step = np.arange(count)
    season = 1 + 0.2 * np.sin(2 * np.pi * step / 12) + 0.08 * rng.standard_normal(count)
    return 100 * np.exp(0.004 * step) * season


SIMULATED = {"clusters": (clusters, 1500), "daily": (daily, 1500), "monthly": (monthly, 360)}


def hourly():
    """Return five series of M4, training and test values in one."""
    folder, parts = Path(os.environ["SEQTOOL_MIRROR"]) / "m4", []
    for part in ("train", "test"):
        with gzip.open(folder / f"Hourly-{part}.csv.gz", "rt") as lines:
            parts.append(list(csv.reader(lines))[1:])
    chosen = np.random.default_rng(17).choice(len(parts[0]), 10, replace=False)[:5]
    return [[float(cell) for rows in parts for cell in rows[number][1:] if cell] for number in chosen]


def scored(task_name, preset, folder, *, source="", values=None):
    """Train and export by a preset; return the scores on the test part."""
    task = load_task(task_name)
    config = configured(task, preset=presets_of(task)[preset], options={"source": source})
    if values is None:
        data = choose(task, config)
    else:
        file = folder / "series.csv"
        file.write_text("y\n" + "\n".join(f"{value:.8g}" for value in values) + "\n")
        data = Data((DataFile(file),))
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, data, TrainOptions(out=folder / "run", device="cpu", threads=1))
        return export_task(task, folder / "run", ExportOptions()).manifest.scores["test"]


def measure(name):
    """Return the coverage and the MSIS of a set over the whole path, the mean of its series."""
    if name in PRESETS:
        cases = [(*PRESETS[name], {"source": name})]
    elif name == "m4":
        cases = [("forecast", "default", {"values": values}) for values in hourly()]
    else:
        make, count = SIMULATED[name]
        cases = [("forecast", "default", {"values": make(np.random.default_rng([17, count]), count)})]
    found = []
    for task, preset, data in cases:
        with tempfile.TemporaryDirectory() as folder:
            scores = scored(task, preset, Path(folder), **data)
        key = f"{NOMINAL:g}"
        found.append((scores["coverage"][key]["path"], scores["msis"][key]["path"]))
    return np.mean(found, axis=0).tolist()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=[*PRESETS, "m4", *SIMULATED])
    options = parser.parse_args()
    near = 0
    for name in options.sets:
        share, score = measure(name)
        near += abs(share - NOMINAL) <= NEAR
        figures = {"covered": round(share, 3), "msis": round(score, 3)}
        print(name, figures, flush=True)
        record(f"coverage of {100 * NOMINAL:g} % intervals, {name}", figures)
    raise SystemExit(0 if near >= 0.8 * len(options.sets) else 1)
