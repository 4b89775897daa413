"""Noise that depends on seed, line, sample and step alone, not on the batch or the chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqtool.types import Singles

_BLOCK = 8  # numbers of 32 bits that one count of Philox gives


class Key(NamedTuple):
    """Which noise: the number of a line, from 1, and of its sample, from 0."""

    line: int
    sample: int


def gumbel(seed: int, keys: Sequence[Key], start: int, steps: int, symbols: int) -> Singles:
    """Return the noise [N,B,V] of steps `start` to `start` + N for B keys: -log(-log(u)), u uniform in (0, 1).

    seed: of 64 bits, without a sign.
    """
    # Philox 4x64 (Salmon 2011) computes its numbers from a counter, so any step's are made directly. A step takes
    # whole counts; sample and line are the upper words of the counter.
    counts = -(-symbols // _BLOCK)
    bits = np.empty((steps, len(keys), counts * _BLOCK), dtype=np.uint32)
    for row, key in enumerate(keys):
        words = [int(seed), 0, start * counts, 0, key.sample, key.line]
        philox = np.random.Philox(key=np.array(words[:2], np.uint64), counter=np.array(words[2:], np.uint64))
        bits[:, row] = philox.random_raw(steps * counts * _BLOCK // 2).view(np.uint32).reshape(bits[:, row].shape)
    # 23 bits and a half: in single precision they are exact, and never 0 or 1, where the noise would be infinite
    uniform = ((bits[..., :symbols] >> 9).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
    return np.asarray(-np.log(-np.log(uniform)))


def normal(seed: int, keys: Sequence[Key], count: int) -> Singles:
    """Return standard normal numbers [B,count], those of B keys; the first ones are the same whatever the count.

    seed: of 64 bits, without a sign; so are the parts of a key.
    """
    bits = np.empty((2, len(keys), count), dtype=np.uint64)
    for row, key in enumerate(keys):
        words = np.array([seed, 0, 0, 0, key.sample, key.line], np.uint64)
        philox = np.random.Philox(key=words[:2], counter=words[2:])
        bits[:, row] = philox.random_raw(2 * count).reshape(count, 2).T
    # Box and Muller 1958. 53 bits and a half, so that no logarithm is infinite. In double precision: what a place in
    # the array changes in the last bits is gone in single precision.
    radius, turn = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return np.asarray(np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * turn), np.float32)
