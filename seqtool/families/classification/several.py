"""Texts with any number of labels: each label is a yes or no of its own, answered above a threshold of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqtool.data.confusion import named, shares
from seqtool.types import Array, Flags, Floats, Ids

OWN = 25
"""Texts of the validation part that have a label: with fewer its threshold is the one that all labels share."""
LEAST = 1e-4


def pairs(chances: Array) -> Floats:
    """Return probabilities [N,C] of labels as those of N C questions with two answers, no and yes: [N C,2]."""
    yes = np.asarray(chances, dtype=np.float64).reshape(-1)
    return np.column_stack([1 - yes, yes])


def thresholds(chances: Array, gold: Flags) -> Floats:
    """Return a threshold [C] for each label, from probabilities [N,C] and the true labels [N,C].

    It lies halfway, in log-odds, between that of the label's highest F1 and that of the highest micro F1 of all labels:
    a threshold of few texts is a chance find. A label that fewer texts have takes that of all labels.
    """
    shared = best_threshold(chances.reshape(-1), gold.reshape(-1))
    often = gold.sum(axis=0) >= OWN
    own = [best_threshold(chances[:, label], gold[:, label]) if own else shared for label, own in enumerate(often)]
    odds = [np.clip(each, LEAST, 1 - LEAST) / (1 - np.clip(each, LEAST, 1 - LEAST)) for each in (shared, np.array(own))]
    between = np.sqrt(odds[0] * odds[1])
    found: Floats = between / (1 + between)
    return found


def best_threshold(chances: Array, gold: Flags) -> float:
    """Return the threshold of the highest F1 over M probabilities [M] and answers [M]; a half where none helps."""
    if not gold[chances > 0].any():
        return 0.5
    order = np.argsort(-chances, kind="stable")
    ranked = np.asarray(chances[order], dtype=np.float64)
    hits = np.cumsum(gold[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + gold.sum())
    # equal probabilities are answered alike: a cut lies only below the last of them
    whole = np.append(ranked[1:] < ranked[:-1], True) & (ranked > 0)
    cut = int(np.argmax(np.where(whole, f1, -1)))
    below = ranked[cut + 1] if cut + 1 < len(ranked) else 0.0
    return float((ranked[cut] + below) / 2)


def questions(gold: Flags, labels: int) -> Ids:
    """Return the true answers [N C] of `pairs`; the first C = `labels` count, the others training never had."""
    return gold[:, :labels].astype(np.int64).reshape(-1)


def sureness(chances: Array, wrong: Flags) -> Array:
    """Return how sure the answers to N texts are, [N]: of the surest wrong label of a text, else of its least sure one.

    chances, wrong [N,C]: the probability of each label, and whether it is answered wrongly.
    """
    each = np.maximum(chances, 1 - chances)
    return np.asarray(np.where(wrong.any(axis=1), np.where(wrong, each, 0).max(axis=1), each.min(axis=1)))


def figures(chances: Array, answers: Flags, gold: Flags) -> dict[str, float]:
    """Return the validation figures of probabilities and answers [N,C]: `loss` in nats a text, and F1."""
    return {"loss": log_loss(chances, gold), "micro_f1": micro_f1(gold, answers), "macro_f1": macro_f1(gold, answers)}


def log_loss(chances: Array, gold: Flags) -> float:
    """Return the mean over N texts of the summed -ln of the probabilities of what is true of each label, [N,C]."""
    # in float32 a probability may be 0, whose logarithm is infinite
    true = np.maximum(np.where(gold, chances, 1 - chances), np.finfo(np.float32).tiny)
    return float(-np.log(true, dtype=np.float64).sum(axis=1).mean())


def micro_f1(gold: Flags, answers: Flags) -> float:
    """Return F1 over all labels [N,C] together; 0 where no text has a label and none was answered."""
    right, given, true = (int(count.sum()) for count in counts(gold, answers, axis=0))
    return 2 * right / (given + true) if given + true else 0.0


def macro_f1(gold: Flags, answers: Flags) -> float:
    """Return the unweighted mean F1 of the labels that occur or were answered; 0 without any."""
    each = shares(*counts(gold, answers, axis=0))[2]
    each = each[~np.isnan(each)]
    return float(each.mean()) if len(each) else 0.0


def by_label(gold: Flags, answers: Flags, names: Sequence[str]) -> dict[str, Mapping[str, float | int | None]]:
    """Return each label's precision, recall, f1 and count by name, as JSON: None where nothing is to divide by."""
    return named(names, *counts(gold, answers, axis=0))


def counts(gold: Flags, answers: Flags, axis: int) -> tuple[Ids, Ids, Ids]:
    """Return how many labels are right, answered and true, summed over an axis of flags [N,C]."""
    return (gold & answers).sum(axis=axis), answers.sum(axis=axis), gold.sum(axis=axis)
