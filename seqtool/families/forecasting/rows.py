"""A series cut at a time stamp, and drawn in a line; a forecast as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.series import Series
from seqtool.errors import UsageError

Floats = NDArray[np.float64]

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


def sparkline(values: Floats, width: int = 60) -> str:
    """Draw values [N] as a line of blocks."""
    chosen = values[np.linspace(0, len(values) - 1, min(width, len(values))).round().astype(int)]
    low, high = float(chosen.min()), float(chosen.max())
    share = (chosen - low) / (high - low) if high > low else np.full(len(chosen), 0.5)
    return "".join(BARS[round(float(one) * (len(BARS) - 1))] for one in share)


def header(columns: Sequence[str], levels: Sequence[float]) -> list[str]:
    """Return the header of a table of forecasts: `time,Close`, with levels `time,Close,Close q0.1,Close q0.9`."""
    return ["time", *(cell for name in columns for cell in (name, *(f"{name} q{level:g}" for level in levels)))]


def cells(stamp: str, forecast: Floats, quantiles: Floats) -> list[str]:
    """Return a row of that table for one step's forecast [F] and quantiles [F,Q]; empty where unknown."""
    row = np.concatenate([forecast[:, None], quantiles], axis=1).ravel()
    return [stamp, *("" if np.isnan(value) else f"{value:.8g}" for value in row)]


def record(
    stamp: str, columns: Sequence[str], forecast: Floats, quantiles: Floats, levels: Sequence[float]
) -> dict[str, Any]:
    """Return one step's forecast [F] and quantiles [F,Q] as JSON, null where unknown."""
    made: dict[str, Any] = {"time": stamp, **dict(zip(columns, map(float, forecast), strict=True))}
    if levels:
        named = [f"{level:g}" for level in levels]
        known = [[None if np.isnan(one) else float(one) for one in row] for row in quantiles]
        made["quantiles"] = {name: dict(zip(named, row, strict=True)) for name, row in zip(columns, known, strict=True)}
    return made
