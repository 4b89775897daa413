"""The one way that a ragged batch travels, in training and in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seqtool.types import Array, Ids


@dataclass(frozen=True)
class Padded:
    """B rows of different lengths: values [B,T] with padding at the end, T the longest; lengths [B] without it."""

    values: Ids
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[Array], fill: int = 0) -> Padded:
        """Pad rows [T] with `fill`; raises `ValueError` without a row and for an empty one."""
        lengths = np.array([len(row) for row in rows], dtype=np.int32)
        if not len(lengths) or not lengths.min():
            raise ValueError("a batch needs at least one row, and a row at least one step")
        values = np.full((len(rows), lengths.max()), fill, dtype=np.int64)
        values[np.arange(values.shape[1]) < lengths[:, None]] = np.concatenate(rows)
        return cls(values, lengths)
