"""Scores of classifiers: the confusion matrix and what follows from it; two of them compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from seqtool.data.bootstrap import Difference
from seqtool.types import Flags, Floats, Ids

TAIL = 0.025  # each side of a 95 % interval
NORMAL = 1.959964
"""Standard deviations to each side of a 95 % interval of a normal distribution."""
HALVINGS = 60  # 2^-60 lies below the last bit of a share


def confusion(gold: Ids, predicted: Ids, classes: int) -> Ids:
    """Count pairs of ids [N] below `classes`: a matrix [C,C], the truth down, the answer across."""
    pairs = gold * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def accuracy(matrix: Ids) -> float:
    """Return the share of a matrix [C,C] that is right; NaN where it is empty."""
    return float(_shares(np.trace(matrix), matrix.sum()))


def per_class(matrix: Ids) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1 of each class, each [C]; NaN where there is nothing to divide by.

    F1 is 2 TP / (2 TP + FP + FN): 0 for a class that occurs and is never found, NaN for one that is neither.
    """
    return shares(np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1))


def shares(right: Ids, answered: Ids, true: Ids) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1 of counts, each [C], as `per_class` does."""
    return _shares(right, answered), _shares(right, true), _shares(2 * right, answered + true)


def macro_f1(matrix: Ids) -> float:
    """Return the unweighted mean F1 of the classes that occur or were answered; NaN without any."""
    f1 = per_class(matrix)[2]
    f1 = f1[~np.isnan(f1)]
    return float(f1.mean()) if len(f1) else float("nan")


def by_class(matrix: Ids, names: Sequence[str]) -> dict[str, Mapping[str, float | int | None]]:
    """Return each class's precision, recall, f1 and count by name, as JSON: None for NaN."""
    return named(names, np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1))


def named(names: Sequence[str], right: Ids, answered: Ids, true: Ids) -> dict[str, Mapping[str, float | int | None]]:
    """Return precision, recall, f1 and count by name, of counts [C]; as `by_class` does."""
    columns = [*shares(right, answered, true), true]
    return {
        name: {"precision": _or_none(p), "recall": _or_none(r), "f1": _or_none(f), "count": int(count)}
        for name, p, r, f, count in zip(names, *columns, strict=True)
    }


def _shares(part: Ids, whole: Ids) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(part / np.asarray(whole, dtype=np.float64))


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)  # JSON has no NaN


def paired_errors(model: Flags, rival: Flags) -> Difference:
    """Compare who was right on N records, each [N]: the error rate of the model less that of the rival.

    The 95 % interval is that of Agresti and Min (2005) for paired shares: half a record is added to each of the four
    cells. Zero belongs to it where McNemar's exact test (1947) does not tell the two apart.
    """
    worse, better = int((rival & ~model).sum()), int((model & ~rival).sum())
    differing, count = worse + better, len(model) + 2
    middle = (worse - better) / count
    half = NORMAL * math.sqrt(differing + 1 - (worse - better) ** 2 / count) / count
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    if not differing or _alike(*clopper_pearson(worse, differing)):
        low, high = min(low, 0.0), max(high, 0.0)
    return Difference((worse - better) / len(model), low, high)


def _alike(low: float, high: float) -> bool:
    """Whether half of the records on which two differ may be lost by either: McNemar's test does not reject."""
    return low <= 1 / 2 <= high


def clopper_pearson(count: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share that was seen `count` times in `trials`."""
    low = 0.0 if count == 0 else 1 - _highest(trials - count, trials)
    return low, 1.0 if count == trials else _highest(count, trials)


def _highest(count: int, trials: int) -> float:
    """Return the share at which `count` or fewer in `trials` have the probability `TAIL`, by bisection."""
    counts = range(count + 1)
    # the logarithm of the binomial coefficient, which itself overflows
    ways = np.array([math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1) for k in counts])
    seen = np.arange(count + 1)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        at_most = np.exp(ways + seen * math.log(share) + (trials - seen) * math.log1p(-share)).sum()
        low, high = (share, high) if at_most > TAIL else (low, share)
    return (low + high) / 2
