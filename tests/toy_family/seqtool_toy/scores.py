"""The error of the numbers, beside their mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seqtool.data.splits import Splits
from seqtool.report import report as base
from seqtool.types import Floats, Json
from seqtool_toy.config import CountingConfig
from seqtool_toy.data import Counts, Part
from seqtool_toy.report import Report

INT8 = None
MEAN = "the mean"
Predictor = Callable[[Sequence[str]], Floats]


def baselines(config: CountingConfig, splits: Splits[Part, Counts], stored: Json | None) -> Json:
    return {"mean": float(np.mean(splits.train.numbers))}


def score(
    predict: Predictor, splits: Splits[Part, Counts], split: Literal["validation", "test"], stored: Json,
    config: CountingConfig, data: str,
) -> Report:  # fmt: skip
    part = splits.validation if split == "validation" else splits.test
    return _scored(predict, part, stored, split, data)


def score_again(
    predict: Predictor, part: Part, encoders: Counts, stored: Json | None, config: CountingConfig, data: str
) -> Report:
    return _scored(predict, part, stored or {"mean": float(np.mean(part.numbers))}, "whole", data)


def _scored(predict: Predictor, part: Part, stored: Mapping[str, Any], split: str, data: str) -> Report:
    truth = np.array(part.numbers)
    guesses = {base.MODEL: predict(part.texts), MEAN: np.full(len(truth), stored["mean"])}
    rows = {name: {"rmse": float(np.sqrt(np.mean((guess - truth) ** 2)))} for name, guess in guesses.items()}
    better = rows[base.MODEL]["rmse"] < rows[MEAN]["rmse"]
    said = f"The model {'beats' if better else 'does not beat'} {MEAN} of the training part."
    return Report(split=split, data=data, lines_scored=len(truth), whole=rows, best_baseline=MEAN, verdict=[said])


def pictures(
    predict: Predictor, splits: Splits[Part, Counts], config: CountingConfig, folder: Path, title: str
) -> list[Path]:
    return []
