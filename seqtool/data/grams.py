"""Runs of tokens as numbers of buckets, and the sizes of the tables that they are looked up in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqtool.types import Ids

# whole-number arithmetic that PyTorch and ONNX repeat to the last digit: PRIME * FACTOR and an id fit into int64
FACTOR, PRIME = 1_000_003, 2_147_483_647
LEAST = 1e-9
"""The least squared length of a text: one of unknown words has no characters."""


class Sizes(NamedTuple):
    """The shape of a linear part: K `columns` of logits, `buckets` for runs of 2 to `most` tokens, characters or none.

    Of two classes there is one column, the logit of the second.
    """

    vocabulary: int
    columns: int
    buckets: int
    most: int
    characters: bool

    @property
    def numbers(self) -> int:
        """How many numbers all tables hold."""
        return (self.vocabulary * (1 + self.characters) + self.buckets) * (self.columns + 1)


def grams(ids: Ids, most: int, buckets: int) -> Ids:
    """Return the buckets [G] of all runs of 2 to `most` neighbours in ids [T]."""
    found, code = [np.empty(0, np.int64)], ids
    for _ in range(2, most + 1):
        code, ids = (code[:-1] * FACTOR + ids[1:]) % PRIME, ids[1:]
        found.append(code % buckets)
    return np.concatenate(found)
