"""From probabilities to labels: the likeliest one, those above thresholds, a label set, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from seqtool.types import Array, Flags, Ids

HALF = 0.5


class Classified(NamedTuple):
    """A text's label, the label's probability, and the probabilities of all labels, the most likely first.

    labels: all labels of the answer, the most likely first: one, several, or none; `label` is the first of them, "" and
    the highest probability where there is none.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    labels: tuple[str, ...]


class Rule(Protocol):
    """Chooses the labels of texts."""

    def __call__(self, chances: Array, texts: Sequence[Ids]) -> Flags:
        """Return which labels [N,C] answer N texts, given as ids [T], by their probabilities [N,C]."""


@dataclass(frozen=True)
class One:
    """One label a text: as `decided` chooses, or none where the likeliest one's probability is below `reject`."""

    threshold: float = HALF
    reject: float = 0.0

    def __call__(self, chances: Array, texts: Sequence[Ids]) -> Flags:
        """See `Rule`."""
        flags = np.zeros(chances.shape, dtype=np.bool_)
        sure = chances.max(axis=1, keepdims=True) >= self.reject
        np.put_along_axis(flags, decided(chances, self.threshold)[:, None], sure, axis=1)
        return flags


@dataclass(frozen=True)
class Above:
    """Each label whose probability is above its own threshold [C], or above one of all labels."""

    thresholds: Array | float

    def __call__(self, chances: Array, texts: Sequence[Ids]) -> Flags:
        """See `Rule`."""
        return answered(chances, self.thresholds)


def answered(chances: Array, thresholds: Array | float) -> Flags:
    """Return which labels [N,C] the probabilities [N,C] answer: those above thresholds [C], or above one."""
    flags: Flags = chances > thresholds
    return flags


def decided(probabilities: Array, threshold: float = HALF) -> Ids:
    """Return the class [N] of each row of probabilities [N,C]: the most likely, and of equally likely ones the first.

    Of two classes the second where its probability is above `threshold`.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] > threshold).astype(np.int64)
    return np.asarray(probabilities.argmax(axis=1))


def classified(chances: Array, flags: Flags, names: Array, most: int) -> list[Classified]:
    """Name the answers of N texts: probabilities [N,C] and the labels that were chosen [N,C].

    most: how many of the likeliest labels stand among the probabilities; the chosen ones do always.
    """
    # stable: of labels that are equally likely, the first by name stands first
    order = np.argsort(-chances, axis=1, kind="stable")[:, :most]
    ranked = zip(names[order].tolist(), np.take_along_axis(chances, order, axis=1).tolist(), strict=True)
    rows, columns = np.nonzero(flags)
    sort = np.lexsort((columns, -chances[rows, columns], rows))
    labels, values = names[columns[sort]].tolist(), chances[rows, columns][sort].tolist()
    ends = [0, *np.cumsum(flags.sum(axis=1)).tolist()]
    answers = []
    for (likeliest, probabilities), (start, end) in zip(ranked, pairwise(ends), strict=True):
        every = dict(zip(likeliest, probabilities, strict=True))
        every |= zip(labels[start:end], values[start:end], strict=True)
        label, probability = (labels[start], values[start]) if end > start else ("", probabilities[0])
        answers.append(Classified(label, probability, every, tuple(labels[start:end])))
    return answers
