"""The one way that a ragged batch travels, in training and in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Padded:
    """B rows of different lengths: values [B,T], T the longest, and the lengths [B] of what is no padding."""

    values: NDArray[np.int64]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[NDArray[Any]], fill: int = 0) -> Padded:
        """Put rows [T] side by side; raises `ValueError` for no row and for an empty one: nothing can run on them."""
        lengths = np.array([len(row) for row in rows], dtype=np.int32)
        if not len(lengths) or not lengths.min():
            raise ValueError("a batch needs at least one row, and a row at least one step")
        values = np.full((len(rows), lengths.max()), fill, dtype=np.int64)
        values[np.arange(values.shape[1]) < lengths[:, None]] = np.concatenate(rows)
        return cls(values, lengths)
