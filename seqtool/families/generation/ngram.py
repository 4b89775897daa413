"""An n-gram model with interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999), on arrays.

An n-gram of length k has a number; its key is `number of the k-1 symbols before * V + symbol`, so that no key leaves
64 bits. Counts of the longest n-grams are occurrences, those of shorter ones the different symbols before them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
USUAL = (0.5, 1.0, 1.5)
"""Discounts where a text has too few n-grams to estimate them."""
LEAST = 0.05
"""A discount is never less: some probability is always left for what was not seen."""


@dataclass(frozen=True)
class _Level:
    """The n-grams of one length: their keys [G], discounted shares of their contexts [G]; `left` [C] for shorter ones.

    A context that was never followed by anything has nothing of its own: 1 is left.
    """

    keys: Ids
    share: Floats
    left: Floats

    def find(self, keys: Ids) -> Ids:
        """Return the numbers of keys, -1 for what was not seen."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


@dataclass(frozen=True)
class NGram:
    """Levels from single symbols to n-grams of the longest length."""

    levels: tuple[_Level, ...]
    vocabulary: int

    @classmethod
    def fit(cls, ids: Ids, vocabulary: int, order: int) -> NGram:
        """Count the n-grams of ids [T] up to `order` symbols."""
        numbers = np.zeros(len(ids), dtype=np.int64)  # of the empty n-gram that ends everywhere
        keys, occurrences, suffixes = [], [], []
        for length in range(1, min(order, len(ids)) + 1):
            shorter, numbers = numbers, np.full(len(ids), -1)
            here = slice(length - 1, None)
            before = shorter[length - 2 : -1] if length > 1 else shorter
            found, first, inverse, counts = np.unique(
                before * vocabulary + ids[here], return_index=True, return_inverse=True, return_counts=True
            )
            numbers[here] = inverse
            keys.append(found)
            occurrences.append(counts)
            suffixes.append(shorter[first + length - 1])  # the same n-gram without its first symbol
        levels = []
        for place, found in enumerate(keys):
            last = place == len(keys) - 1
            counts = occurrences[place] if last else np.bincount(suffixes[place + 1], minlength=len(found))
            levels.append(_level(found, counts, len(keys[place - 1]) if place else 1, vocabulary))
        return cls(tuple(levels), vocabulary)

    def nats(self, ids: Ids) -> Floats:
        """Return -log p of each symbol of ids [T] but the first, from the symbols of `ids` before it: [T-1]."""
        chances = np.full(len(ids), 1 / self.vocabulary)
        context = np.zeros(len(ids), dtype=np.int64)
        for level in self.levels:
            known = context >= 0
            number = np.where(known, level.find(context * self.vocabulary + ids), -1)
            chances *= np.where(known, level.left[context], 1.0)
            chances += np.where(number >= 0, level.share[number], 0.0)
            context = np.concatenate([[-1], number[:-1]])
        return np.asarray(-np.log(chances[1:]))


def _level(keys: Ids, counts: Ids, contexts: int, vocabulary: int) -> _Level:
    of = keys // vocabulary
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    totals = np.bincount(of, counts, minlength=contexts)
    taken = np.bincount(of, discounts, minlength=contexts)
    known = np.maximum(totals, 1)
    return _Level(keys, (counts - discounts) / known[of], np.where(totals > 0, taken / known, 1.0))


def _discounts(counts: Ids) -> Floats:
    """Return what is taken from a count of 0, 1, 2, and 3 or more (Chen and Goodman 1999, equation 17)."""
    one, two, three, four = (int((counts == number).sum()) for number in (1, 2, 3, 4))
    if not (one and two and three):
        return np.array([0.0, *USUAL])
    ratio = one / (one + 2 * two)
    made = (1 - 2 * ratio * two / one, 2 - 3 * ratio * three / two, 3 - 4 * ratio * four / three)
    return np.array([0.0, *(min(max(value, LEAST), most) for most, value in enumerate(made, start=1))])
