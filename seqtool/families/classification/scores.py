"""Scores of a classifier on labelled texts, beside the baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.confusion import accuracy, by_class, confusion, macro_f1
from seqtool.data.mcnemar import paired_errors
from seqtool.errors import SeqtoolError
from seqtool.families.classification.baselines import rivals
from seqtool.families.classification.data import TextPart, plain
from seqtool.families.classification.decision import HALF, answers
from seqtool.families.classification.reading import Ids
from seqtool.families.classification.verdict import verdict

Predictor = Callable[[Sequence[Ids]], NDArray[Any]]
"""From the ids [T] of N texts to the probabilities of the classes [N,C]."""
Floats = NDArray[np.float64]

LARGEST_MATRIX = 50
"""Classes up to which the confusion matrix is kept."""
LEAST = 1e-12
"""A probability that is no larger counts as this in the log loss."""


def score(
    predict: Predictor,
    part: TextPart,
    stored: Mapping[str, Any],
    *,
    split: str,
    data: str,
    threshold: float,
    known: TextPart | None = None,
) -> dict[str, Any]:
    """Score a model over a part, beside the baselines, those of the training part `known` too where it is there.

    Returns JSON: `whole` -> model or baseline -> accuracy, macro_f1, log_loss (nats a text) and `skill` (1 - errors /
    errors of the best baseline; None where that has none); `classes` -> precision, recall, f1 and count of the model;
    `confusion` [C,C], the truth down; the paired `differences` of error rates with their 95 % intervals; the shares
    of texts `seen` in training and of tokens `unknown`; and the `verdict` of two sentences.
    """
    chances = {"model": _checked(predict(part.ids)), **rivals(stored, part, known)}
    chosen = {name: answers(found, threshold if name == "model" else HALF) for name, found in chances.items()}
    right = {name: ids == part.gold for name, ids in chosen.items()}
    shares = {name: float(one.mean()) for name, one in right.items()}
    best = max((name for name in shares if name != "model"), key=shares.__getitem__)
    differences = {name: paired_errors(right["model"], one) for name, one in right.items() if name != "model"}
    matrix = confusion(part.gold, chosen["model"], part.labels.size)
    return {
        "split": split,
        "data": data,
        "texts": len(part.gold),
        "whole": {
            name: {**_row(chances[name], chosen[name], part), "skill": _skill(shares[name], shares[best])}
            for name in chances
        },
        "best_baseline": best,
        "differences": {name: [one.mean, one.low, one.high] for name, one in differences.items()},
        "classes": by_class(matrix, part.labels.names),
        "confusion": matrix.tolist() if len(matrix) <= LARGEST_MATRIX else None,
        "threshold": threshold,
        "seen": None if known is None else seen(part, known),
        "unknown": part.unknown,
        "tokens": part.reader.tokens,
        "verdict": verdict(differences, shares, best),
    }


def seen(part: TextPart, known: TextPart) -> float:
    """Return the share of a part's texts that another has too, white space and case aside."""
    before = set(map(plain, known.texts))
    return sum(plain(text) in before for text in part.texts) / len(part.texts)


def log_loss(chances: NDArray[Any], gold: NDArray[np.int64]) -> float:
    """Return the mean -ln of the probability of the true class, from probabilities [N,C] and ids [N]."""
    own = chances[np.arange(len(gold)), gold].astype(np.float64)
    return float(-np.log(np.maximum(own, LEAST)).mean())


def _checked(chances: NDArray[Any]) -> NDArray[Any]:
    if not np.isfinite(chances).all():
        raise SeqtoolError("the model gives probabilities that are no numbers", cure="train again, at a lower rate")
    return chances


def _row(chances: NDArray[Any], chosen: NDArray[np.int64], part: TextPart) -> dict[str, float]:
    matrix = confusion(part.gold, chosen, part.labels.size)
    return {"accuracy": accuracy(matrix), "macro_f1": macro_f1(matrix), "log_loss": log_loss(chances, part.gold)}


def _skill(right: float, best: float) -> float | None:
    return 1 - (1 - right) / (1 - best) if best < 1 else None
