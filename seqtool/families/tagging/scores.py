"""Scores of a tagger on a part, beside the baseline: real words alone, never padding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.bootstrap import Difference, paired
from seqtool.data.confusion import by_class, confusion
from seqtool.data.encoders.labels import Labels
from seqtool.families.tagging.baselines import FREQUENT, most_frequent
from seqtool.families.tagging.data import TagPart, tag_ids, unseen
from seqtool.families.tagging.verdict import verdict

Ids = NDArray[np.int64]
Right = NDArray[np.bool_]
Predictor = Callable[[Sequence[Sequence[str]]], Sequence[Ids]]
"""From the words [T] of sentences to the ids [T] of their tags."""

MOST_CONFUSED = 10
RECIPE = 250
"""Words to which the recipes padded each sentence, and counted all of them."""


def score(
    predict: Predictor, part: TagPart, encoders: Mapping[str, Any], stored: Mapping[str, Any],
    config: Mapping[str, Any], *, split: str, data: str,
) -> dict[str, Any]:  # fmt: skip
    """Score a model over a part, beside the most frequent tag of each word.

    Returns JSON: `whole` -> tagger -> accuracy of words, of `unknown` words (never seen in training; None without),
    of whole `sentences`, and `skill` (1 - errors / errors of the baseline); `tags` -> precision, recall, f1, count;
    the pairs most `confused`; the paired `differences` of the error rate, and the `verdict`. A tag that the training
    part never had is an error for every tagger. For an encoder-decoder also what its recipes call accuracy, `padded`.
    """
    labels: Labels = encoders["tags"]
    gold = _flat([tag_ids(tags, labels) for tags in part.tags])
    predicted = predict(part.words)
    frequent = most_frequent(stored)
    right = {
        "model": _flat(predicted) == gold,
        FREQUENT: (gold >= 0) & (_flat([tag_ids(frequent(words), labels) for words in part.words]) == gold),
    }
    unknown, lengths = unseen(part, encoders), np.array([len(words) for words in part.words])
    matrix = confused(part, predicted, labels)
    difference = compare(right["model"], right[FREQUENT], lengths)
    rows = {name: _row(one, unknown, lengths) for name, one in right.items()}
    for row in rows.values():
        row["skill"] = _skill(row["accuracy"], rows[FREQUENT]["accuracy"])
    return {
        "split": split,
        "data": data,
        "field": config["field"],
        "sentences": len(lengths),
        "words": len(gold),
        "unknown_words": int(unknown.sum()),
        "unseen_tags": int((gold < 0).sum()),
        "whole": rows,
        "best_baseline": FREQUENT,
        "tags": by_class(matrix, labels.names),
        "confused": most_confused(matrix, labels.names),
        **({"padded": padded_accuracy(right["model"], lengths)} if config["network"] == "encoder-decoder" else {}),
        "differences": {FREQUENT: [_finite(value) for value in (difference.mean, difference.low, difference.high)]},
        "verdict": verdict(difference, rows, int(unknown.sum())),
    }


def confused(part: TagPart, predicted: Sequence[Ids], labels: Labels) -> NDArray[np.int64]:
    """Count pairs of tags [C,C], the truth down, the answer across, without tags that training never had."""
    gold, answers = _flat([tag_ids(tags, labels) for tags in part.tags]), _flat(predicted)
    return confusion(gold[gold >= 0], answers[gold >= 0], labels.size)


def _flat(rows: Sequence[Ids]) -> Ids:
    return np.concatenate(rows)


def _row(right: Right, unknown: Right, lengths: Ids) -> dict[str, float | None]:
    return {
        "accuracy": float(right.mean()),
        "unknown": float(right[unknown].mean()) if unknown.any() else None,
        "sentences": float((_errors(right, lengths) == 0).mean()),
    }


def _errors(right: Right, lengths: Ids) -> Ids:
    """Return how many words [N] of each sentence are wrong: [S]."""
    return np.add.reduceat((~right).astype(np.int64), np.cumsum(lengths) - lengths)


def compare(model: Right, rival: Right, lengths: Ids) -> Difference:
    """Compare two error rates, paired by sentence: neighbours are of one text, so blocks of them are drawn."""
    mean = lengths.mean()
    return paired(_errors(model, lengths) / mean, _errors(rival, lengths) / mean, block=1)


def padded_accuracy(right: Right, lengths: Ids) -> dict[str, float | int]:
    """Return what counts the padding of sentences to `length` words as words, all of them right, and its share."""
    length = max(RECIPE, int(lengths.max()))
    places = length * len(lengths)
    padding = places - int(lengths.sum())
    return {"length": length, "accuracy": (int(right.sum()) + padding) / places, "padding": padding / places}


def most_confused(matrix: NDArray[np.int64], names: Sequence[str]) -> list[list[str | int]]:
    """Return the most frequent mistakes of a matrix [C,C]: truth, answer, count."""
    wrong = matrix * (1 - np.eye(len(matrix), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CONFUSED]
    places = zip(*np.unravel_index(order, wrong.shape), strict=True)
    return [
        [names[truth], names[answer], int(wrong[truth, answer])] for truth, answer in places if wrong[truth, answer]
    ]


def _skill(accuracy: float | None, best: float | None) -> float | None:
    """Return 1 - errors / errors of the baseline; None where that makes none."""
    return None if accuracy is None or best is None or best == 1 else 1 - (1 - accuracy) / (1 - best)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
