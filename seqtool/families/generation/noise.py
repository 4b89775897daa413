"""Gumbel noise that depends on seed, line, sample and step alone: never on a batch or a chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_WORD = 1 << 64
_BLOCK = 8
"""Numbers of 32 bits that one count of Philox gives."""


class Key(NamedTuple):
    """Whose noise: the number of a line (from 1) and of a sample of it (from 0)."""

    line: int
    sample: int


def gumbel(seed: int, keys: Sequence[Key], start: int, steps: int, symbols: int) -> NDArray[np.float32]:
    """Return the noise [N,B,V] of the steps start to start + steps for B keys.

    -log(-log(u)), u uniform in (0, 1) of 23 bits, from Philox 4x64 (Salmon 2011): a count names its numbers, so any
    steps are made directly. A step takes whole counts; sample and line are the upper words of the count.
    """
    counts = -(-symbols // _BLOCK)
    bits = np.empty((steps, len(keys), counts * _BLOCK), dtype=np.uint32)
    for row, key in enumerate(keys):
        philox = np.random.Philox(key=_words(seed, 0), counter=_words(start * counts, 0, key.sample, key.line))
        bits[:, row] = philox.random_raw(steps * counts * _BLOCK // 2).view(np.uint32).reshape(bits[:, row].shape)
    uniform = ((bits[..., :symbols] >> 9).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
    made: NDArray[np.float32] = -np.log(-np.log(uniform))
    return made


def _words(*numbers: int) -> NDArray[np.uint64]:
    return np.array([number % _WORD for number in numbers], dtype=np.uint64)
