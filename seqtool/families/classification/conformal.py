"""Label sets that hold the true label as often as asked, by split conformal prediction (Sadinle 2019).

A label belongs to the set of a text where it is no less likely than a quantile of the true labels' probabilities over
texts that chose nothing of the model. Ties are broken at random, by numbers that follow from the texts.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from seqtool.run_check import is_number
from seqtool.types import Array, Flags, Ids, Json, Singles

MOST = 2000
"""Texts that are kept: more would change a level by less than one in 2,000, and are stored in the file."""
LEVEL, HALVES = 0.9, 20
"""The level that is measured, and over how many cuts into halves."""
UNSEEN = -1.0
"""In the place of the probability of a label that training never had: below that of all others."""


def shuffled(texts: Sequence[Ids]) -> Ids:
    """Return a number [N] for each text, given as ids [T]: as if drawn at random, and always the same for a text."""
    # a generator that counts by texts: so an answer depends neither on the other lines nor on their order
    digests = b"".join(hashlib.blake2b(ids.tobytes(), digest_size=4).digest() for ids in texts)
    return np.frombuffer(digests, dtype="<u4").astype(np.int64)


@dataclass(frozen=True)
class Calibration:
    """The probabilities of the true labels of n texts, and the numbers that break ties, [n]; the least likely first."""

    chances: Singles
    ties: Ids

    @classmethod
    def of(cls, chances: Array, gold: Ids, ties: Ids) -> Calibration:
        """Calibrate on probabilities [N,C] and the true labels [N], of which training may have never had the last."""
        known = gold < chances.shape[1]
        true = np.full(len(gold), UNSEEN, dtype=np.float32)
        true[known] = chances[known, gold[known]]
        # a draw that knows nothing of the ties: those that are kept must look like those of new texts
        kept = np.random.default_rng(0).permutation(len(gold))[:MOST]
        true, ties = true[kept], ties[kept]
        order = np.lexsort((ties, true))
        return cls(true[order], ties[order])

    @classmethod
    def from_json(cls, stored: object) -> Calibration | None:
        """Rebuild what `to_json` gave; None where that is none."""
        if not isinstance(stored, Mapping):
            return None
        chances, ties = stored.get("chances"), stored.get("ties")
        if not (_are_numbers(chances) and _are_numbers(ties) and len(chances) == len(ties) > 0):
            return None
        return cls(np.array(chances, dtype=np.float32), np.array(ties, dtype=np.int64))

    def to_json(self) -> Json:
        """Return plain JSON values."""
        # as few digits as tell a single-precision number from its neighbours
        return {"chances": [float(str(chance)) for chance in self.chances], "ties": self.ties.tolist()}

    def sets(self, chances: Array, ties: Ids, level: float) -> Flags:
        """Return the label sets [N,C] of N texts: probabilities [N,C] and the numbers that break ties [N].

        Over all texts, a set holds the true label with a probability in [level, level + 1 / (n + 1)].
        """
        count, chances = len(self.chances), chances.astype(np.float32)
        # of n + 1 texts in a random order, the true label of the last is among the `kept` likeliest ones that often
        kept = max(1, math.ceil((count + 1) * level - 1e-9))
        if kept > count:
            return np.ones(chances.shape, dtype=np.bool_)
        least, tie = self.chances[count - kept], self.ties[count - kept]
        return np.asarray((chances > least) | ((chances == least) & (ties >= tie)[:, None]))


@dataclass(frozen=True)
class Sets:
    """A rule of `answers`: the label sets that hold the true label with the probability `level`."""

    calibration: Calibration
    level: float

    def __call__(self, chances: Array, texts: Sequence[Ids]) -> Flags:
        """Return the label sets [N,C] of N texts, given as ids [T], by their probabilities [N,C]."""
        return self.calibration.sets(chances, shuffled(texts), self.level)


def measured(chances: Array, gold: Ids, ties: Ids, level: float = LEVEL) -> Json:
    """Return what label sets of a level hold: the mean over cuts of N texts into halves, one of which calibrates.

    chances: [N,C]; gold: the true labels [N], of which training may have never had the last.
    """
    dice, hits, sizes, empty = np.random.default_rng(0), [], [], []
    wanted = np.pad(chances, ((0, 0), (0, max(0, int(gold.max(initial=0)) + 1 - chances.shape[1]))))
    for _ in range(HALVES):
        first, second = np.array_split(dice.permutation(len(gold)), 2)
        flags = Calibration.of(chances[first], gold[first], ties[first]).sets(chances[second], ties[second], level)
        flags = np.pad(flags, ((0, 0), (0, wanted.shape[1] - flags.shape[1])))
        hits.append(flags[np.arange(len(second)), gold[second]].mean())
        sizes.append(flags.sum(axis=1).mean())
        empty.append(1 - flags.any(axis=1).mean())
    means = {"coverage": hits, "mean_size": sizes, "empty": empty}
    return {"level": level, **{name: float(np.mean(values)) for name, values in means.items()}}


def _are_numbers(values: object) -> TypeGuard[list[float]]:
    return isinstance(values, list) and all(is_number(value) and abs(value) <= 1 << 32 for value in values)
