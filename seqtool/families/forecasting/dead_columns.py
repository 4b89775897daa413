"""Columns without life, such as a broken sensor's: they are left out of the model, the others are forecast."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from seqtool.data.series import Series
from seqtool.reads import Finding
from seqtool.say import listing


def living(series: Series, train: slice) -> Series:
    """Return the columns with two different known values in the training part; all of them where none has."""
    values = series.values[train]
    known = np.isfinite(values)
    moves = np.where(known, values, -np.inf).max(axis=0) > np.where(known, values, np.inf).min(axis=0)
    if moves.all() or not moves.any():  # the scaler refuses a series that never moves
        return series
    columns = tuple(name for name, alive in zip(series.columns, moves, strict=True) if alive)
    return replace(series, columns=columns, values=series.values[:, moves])


def dead_findings(series: Series, kept: Collection[str]) -> list[Finding]:
    """Return a warning that names the columns of a series that are not `kept`."""
    dead = [name for name in series.columns if name not in kept]
    text = f"left out of the model: {listing(dead)}, constant or without values in the training part"
    return [Finding("warning", "dead-columns", text)] if dead else []
