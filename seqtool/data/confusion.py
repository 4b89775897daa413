"""What a confusion matrix tells: accuracy, precision, recall and F1 of each class, macro F1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def confusion(gold: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> Counts:
    """Count pairs of ids [N] below `classes`: a matrix [C,C], the truth down, the answer across."""
    pairs = gold * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def accuracy(matrix: Counts) -> float:
    """Return the share of a matrix [C,C] that is right; NaN where it is empty."""
    return float(_shares(np.trace(matrix), matrix.sum()))


def per_class(matrix: Counts) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1 of each class, each [C]; NaN where there is nothing to divide by.

    F1 is 2 TP / (2 TP + FP + FN): 0 for a class that is there and never found, NaN for one that is neither.
    """
    right, answered, there = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    return _shares(right, answered), _shares(right, there), _shares(2 * right, answered + there)


def macro_f1(matrix: Counts) -> float:
    """Return the mean F1 of the classes that are there or were answered, each counting alike; NaN without any."""
    f1 = per_class(matrix)[2]
    known = f1[~np.isnan(f1)]
    return float(known.mean()) if len(known) else float("nan")


def by_class(matrix: Counts, names: Sequence[str]) -> dict[str, Mapping[str, float | int | None]]:
    """Return each class's precision, recall, f1 and count by name, as JSON: None for NaN."""
    columns = [*per_class(matrix), matrix.sum(axis=1)]
    return {
        name: {"precision": _known(p), "recall": _known(r), "f1": _known(f), "count": int(count)}
        for name, p, r, f, count in zip(names, *columns, strict=True)
    }


def _shares(part: Counts, whole: Counts) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(part / np.asarray(whole, dtype=np.float64))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
