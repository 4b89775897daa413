"""What do known columns give? A simulated set in which a price and a holiday make half of the variance.

A series follows its own past and its week. The oracle is a regression that knows the form: weekdays, the price, the
holiday, and an error that follows its last value, fitted to the training part by least squares. What it gains by the
two columns is 100 %. The file's gain is measured against a model that was trained without them, on the same test part;
and again with the columns shuffled. One series as it is, and twenty of different sizes by one model.
"""

import argparse
import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.task import Data
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

STEPS, AHEAD, FOLLOWS = 1200, 14, 0.7
WEEK = 2.0 * np.array([0, 1, 2, 1, 0, -2, -2])


def simulated(seed):
    """Return a series [T], its price and its holidays; the two make half of the variance."""
    rng = np.random.default_rng([29, seed])
    noise = np.zeros(STEPS)
    for step in range(1, STEPS):
        noise[step] = FOLLOWS * noise[step - 1] + 1.5 * rng.standard_normal()
    price = np.round(10 + rng.standard_normal(STEPS).repeat(3)[:STEPS], 2)
    holiday = (rng.random(STEPS) < 0.08).astype(int)
    rest, moved = noise + WEEK[np.arange(STEPS) % 7], 4 * holiday - (price - 10)
    return rest + moved * rest.std() / moved.std(), price, holiday


def oracle(level, columns, first):
    """Return the mean squared error over all paths from `first` on, by a regression of the true form."""
    days = np.eye(7)[np.arange(STEPS) % 7]
    design = np.column_stack([days, *columns])
    follows = 0.0
    for _ in range(20):  # Cochrane and Orcutt
        y, x = level[1:first] - follows * level[: first - 1], design[1:first] - follows * design[: first - 1]
        weights = np.linalg.lstsq(x, y, rcond=None)[0]
        rest = level - design @ weights
        follows = float(rest[1:first] @ rest[: first - 1] / (rest[: first - 1] @ rest[: first - 1]))
    ahead = np.arange(1, AHEAD + 1)
    origins = np.arange(first, STEPS - AHEAD + 1)
    paths = design[origins[:, None] + ahead - 1] @ weights + rest[origins - 1, None] * follows**ahead
    return float(np.mean((paths - level[origins[:, None] + ahead - 1]) ** 2))


def write(path, tables, *, pooled):
    """Write a table: one series, or several of different sizes, on whose logarithms the columns work."""
    lines, days = ["day,shop,sold,price,holiday"], np.datetime64("2020-01-01")
    for number, (level, price, holiday) in enumerate(tables):
        sold = 10.0 ** (number % 4) * np.exp(0.05 * level) if pooled else 100 + level
        lines += [f"{days + t},shop {number},{sold[t]:.8g},{price[t]},{holiday[t]}" for t in range(STEPS)]
    path.write_text("\n".join(lines) + "\n")


def error(folder, tables, *, pooled, known):
    """Train on a table; return the mean squared error on the test part, of logarithms where pooled, and its start."""
    task = load_task("forecast")
    path = folder / "table.csv"
    write(path, tables, pooled=pooled)
    left_out = ("shop",) if not pooled else ()
    options = {"columns": ("sold",), "horizon": AHEAD, "scaling": "log-window" if pooled else "window"}
    options |= {"id_column": ("shop",), "several": "pooled"} if pooled else {}
    options |= {"known": ("price", "holiday")} if known else {"ignore_column": ("price", "holiday", *left_out)}
    options = {"ignore_column": left_out, **options}
    preset = presets_of(task)["global-direct" if pooled else "default"]
    config = configured(task, preset=preset, options=options)
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, Data((DataFile(path),)), TrainOptions(out=folder / "run", device="cpu", threads=1))
        scores = export_task(task, folder / "run", ExportOptions()).manifest.scores["test"]
    first = int((np.datetime64(scores["from"]) - np.datetime64("2020-01-01")) / np.timedelta64(1, "D"))
    whole = scores["whole"]["model"]
    return (whole["mase"] if pooled else whole["rmse"] ** 2), first


def measured(*, pooled, seed):
    """Return the share of the oracle's gain that the file has, and what it gains by shuffled columns."""
    tables = [simulated(1000 * seed + n) for n in range(20 if pooled else 1)]
    rng, mixed = np.random.default_rng(seed), []
    for level, price, holiday in tables:
        order = rng.permutation(STEPS)
        mixed.append((level, price[order], holiday[order]))
    found = {}
    for name, data, known in (("without", tables, False), ("with", tables, True), ("shuffled", mixed, True)):
        with tempfile.TemporaryDirectory() as folder:
            found[name], first = error(Path(folder), data, pooled=pooled, known=known)
    best = {
        name: np.mean([oracle(level, columns(price, holiday), first) for level, price, holiday in tables])
        for name, columns in (("without", lambda price, holiday: []), ("with", lambda price, holiday: [price, holiday]))
    }
    if pooled:  # errors of one distribution: their size goes with the root of the square
        best = {name: np.sqrt(value) for name, value in best.items()}
    wanted = 1 - best["with"] / best["without"]
    return (1 - found["with"] / found["without"]) / wanted, (1 - found["shuffled"] / found["without"]) / wanted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    draws = parser.parse_args().draws
    reached = True
    for name, pooled in (("one series", False), ("20 series, pooled", True)):
        shares = np.array([measured(pooled=pooled, seed=seed) for seed in range(draws if not pooled else 1)])
        gained, shuffled = shares.mean(axis=0).round(3).tolist()
        print(name, gained, shuffled, shares.round(3).tolist(), flush=True)
        record(f"known columns, {name}", {"share_of_the_oracle_s_gain": gained, "with_the_columns_shuffled": shuffled})
        reached &= gained >= 0.9
    raise SystemExit(0 if reached else 1)
