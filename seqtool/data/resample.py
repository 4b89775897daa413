"""A series in coarser steps: the mean, the sum or the last value of each."""

from __future__ import annotations

import numpy as np

from seqtool.data.dates import Times
from seqtool.data.grid import STEPS, Grid
from seqtool.data.reading import Step
from seqtool.data.regular import grid_of, less_closed
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.types import Floats, Ids


def resampled(
    times: Times, values: Floats, step: Step, how: str, where: str = ""
) -> tuple[Times, Floats, Grid, list[Finding]]:  # fmt: skip
    """Put rows [T] of values [T,F] together, those of one step each, oldest first; a week begins on Monday.

    Missing values do not count. The first and the last step are left out where rows of them are not in the table.
    Also returns their grid. Raises `DataError` where nothing is left.
    """
    grid = STEPS[step]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    places, starts = np.unique(grid.places(times), return_index=True)
    parts = np.split(values, starts[1:])
    joined = np.stack([_of_one(part, how) for part in parts])
    first, last = _whole(times, places, grid)
    if first >= last:
        raise DataError(f"no {step} is whole in the table", where=where, cure="choose a shorter --step")
    findings = [Finding("note", "resampled", f"{len(times)} rows became the {how} of {last - first} steps ({grid})")]
    if last - first < len(places):
        text = f"the first or last {step} has not all its rows: left out"
        findings.append(Finding("warning", "resampled", text))
    stamps = grid.stamps(places[first:last])
    return stamps, joined[first:last], less_closed(grid, stamps, where), findings


def _of_one(part: Floats, how: str) -> Floats:
    """Return one row [F] of several [K,F]; NaN where all are missing."""
    known = np.isfinite(part)
    if how == "last":
        rows = np.where(known.any(axis=0), len(part) - 1 - known[::-1].argmax(axis=0), 0)
        return np.asarray(part[rows, np.arange(part.shape[1])])
    sums = np.where(known, part, 0).sum(axis=0)
    counts = known.sum(axis=0)
    divided = sums / np.maximum(counts, 1) if how == "mean" else sums
    return np.asarray(np.where(counts > 0, divided, np.nan))


def _whole(times: Times, places: Ids, grid: Grid) -> tuple[int, int]:
    """Return the first and the end of the steps that the table holds whole, by its calendar or else its usual step."""
    if len(places) == len(times):
        return 0, len(places)
    begin, end = grid.stamps(places[:1])[0], grid.stamps(places[-1:] + 1)[0]
    try:
        own = grid_of(np.unique(times))
        before, after = own.stamps(own.places(times[:1]) - 1)[0], own.after(times[-1], 1)[0]
    except DataError:  # rows at any time
        usual = np.median(np.diff(times))
        before, after = times[0] - usual, times[-1] + usual
    return int(before >= begin), len(places) - int(after < end)
