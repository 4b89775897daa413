"""A series in coarser steps: the mean, the sum or the last value of each."""

from __future__ import annotations

import numpy as np

from seqtool.data.grid import STEPS, Grid
from seqtool.data.reading import ENDS, Reading
from seqtool.data.regular import grid_of, less_closed
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted
from seqtool.types import Floats, Ids, Times

OFTEN = 0.01  # of the rows stand at the time of another one, where that is no accident


def are_events(times: Times) -> bool:
    """Tell whether rows stand at any time, as sales do: several at one, or without a regular step."""
    different = np.unique(times)
    if len(times) > (1 + OFTEN) * len(different):
        return True
    try:
        grid_of(different)
    except DataError:
        return True
    return False


def resampled(
    times: Times, values: Floats, reading: Reading, where: str = ""
) -> tuple[Times, Floats, Grid, list[Finding]]:
    """Put rows [T] of values [T,F] together, those of one step each, oldest first; a week begins on Monday.

    Missing values do not count. Where midnights end a day, each row ends at its stamp. The first and the last step are
    left out where rows of them are not in the table. Between them the sum of a step without rows is 0 where the rows
    are events. Also returns their grid. Raises `DataError` where nothing is left.
    """
    grid, how = STEPS[reading.step], reading.resample
    if reading.day_end in ENDS:  # the stamps are the ends of their rows
        times = times - np.timedelta64(1, "s")
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    places, starts = np.unique(grid.places(times), return_index=True)
    parts = np.split(values, starts[1:])
    joined = np.stack([_of_one(part, how) for part in parts])
    first, last = _whole(times, places, grid)
    if first >= last:
        raise DataError(f"no {reading.step} is whole in the table", where=where, cure="choose a shorter --step")
    findings = [
        Finding(
            "note",
            "resampled",
            f"{counted(len(times), 'row')} became the {how} of {counted(last - first, 'step')} ({grid})",
        )
    ]
    if last - first < len(places):
        text = f"the first or last {reading.step} has not all its rows: left out"
        findings.append(Finding("warning", "resampled", text))
    stamps, joined = grid.stamps(places[first:last]), joined[first:last]
    grid = less_closed(grid, stamps, where)
    if reading.events:
        stamps, joined, more = _with_zeros(stamps, joined, grid)
        findings += more
    return stamps, joined, grid, findings


def _with_zeros(stamps: Times, values: Floats, grid: Grid) -> tuple[Times, Floats, list[Finding]]:
    """Fill the open steps between rows [T] that have none with 0."""
    places = grid.places(stamps)
    every = np.arange(places[0], places[-1] + 1)
    filled = np.zeros((len(every), values.shape[1]))
    filled[places - places[0]] = values
    if not (count := len(every) - len(stamps)):
        return stamps, values, []
    steps = counted(count, "step without a row has", "steps without a row have")
    text = f"{steps} the sum 0: the rows are events, without a regular step"
    return grid.stamps(every), filled, [Finding("warning", "empty-steps", text)]


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
