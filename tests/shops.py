"""Shops: series that tests of many series take, their tables, and models of them."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np


def shop(number: int, count: int, seed: Sequence[int] = ()) -> np.ndarray:
    """A week of one shape in a level and a size of its own, with noise: [T]."""
    rng = np.random.default_rng([*seed, number])
    level, size = 10.0 ** rng.uniform(0, 4), rng.uniform(0.1, 0.3)
    shape = np.array([0, 1, 2, 1, 0, -2, -2]) / 2
    return level * np.exp(size * shape[(np.arange(count) + number) % 7] + 0.1 * size * rng.normal(size=count))


def write(path: Path | str, shops: Mapping[str, tuple[Sequence[float], int]]) -> None:
    """Write a long table of shops by name: (values, first day)."""
    days = np.datetime64("2024-01-01")
    rows = [
        f"{days + first + n},{name},{value:.6g}"
        for name, (values, first) in shops.items()
        for n, value in enumerate(values)
    ]
    Path(path).write_text("day,shop,sales\n" + "\n".join(rows) + "\n")


def seqtool_in(folder: Path, *commands: Sequence[str]) -> None:
    """Run commands in a folder; for a fixture that many tests share."""
    from seqtool.cli import run

    # in this process: to start PyTorch anew takes longer than such a training
    with contextlib.chdir(folder):
        for words in commands:
            assert run([*map(str, words)]) == 0, words


def table(answer) -> list[dict[str, str]]:
    """Return the rows of an answer's table, by column."""
    return list(csv.DictReader(answer.stdout.splitlines()))
