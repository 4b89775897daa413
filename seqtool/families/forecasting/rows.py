"""A series cut at a time stamp, and drawn in a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqtool.data.series import Series
from seqtool.errors import UsageError

BARS = "▁▂▃▄▅▆▇█"


def cut_at(series: Series, stamp: str | None) -> Series:
    """Return the rows up to and with `stamp`; raises `UsageError` when no row bears it."""
    if stamp is None:
        return series
    stamps = series.stamps()
    if stamp not in stamps:
        raise UsageError(
            f"no row is stamped {stamp!r}",
            where=f"{stamps[0]} to {stamps[-1]}",
            cure="--at a stamp of the table",
        )
    stop = stamps.index(stamp) + 1
    times = None if series.times is None else series.times[:stop]
    return replace(series, values=series.values[:stop], times=times)


def sparkline(values: NDArray[np.float64], width: int = 60) -> str:
    """Draw values [N] as a line of blocks."""
    chosen = values[np.linspace(0, len(values) - 1, min(width, len(values))).round().astype(int)]
    low, high = float(chosen.min()), float(chosen.max())
    share = (chosen - low) / (high - low) if high > low else np.full(len(chosen), 0.5)
    return "".join(BARS[round(float(one) * (len(BARS) - 1))] for one in share)
