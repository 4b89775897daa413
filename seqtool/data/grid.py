"""A regular grid out of time stamps as they come: oldest first, each once, missing steps as rows of NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.clocks import HOUR, clock_changes
from seqtool.data.dates import at_midnight, format_stamps
from seqtool.errors import DataError

Times = NDArray[np.datetime64]
Values = NDArray[np.float64]

RUN = 10
"""Steps in a row of one length that are a frequency, no accident."""


def regular(times: Times, values: Values, *, where: str = "") -> tuple[Times, Values, np.timedelta64, list[Finding]]:
    """Order [T] stamps and [T,F] values (T > 1), fill gaps; return times, values, step, findings.

    Raises `DataError` on repeated stamps, two frequencies, and where there is no regular step.
    """
    times, values, findings = _in_order(times, values)
    _refuse_repeated(times, where)
    _refuse_two_frequencies(times, where)
    step = _step(times, where)
    place = ((times - times[0]) // step).astype(np.int64)
    length = int(place[-1]) + 1
    if length == len(times):
        return times, values, step, findings
    grid = times[0] + np.arange(length) * step
    filled = np.full((length, values.shape[1]), np.nan)
    filled[place] = values
    absent = np.ones(length, dtype=bool)
    absent[place] = False
    first = one_stamp(grid[absent][0], step)
    findings.append(_missing(length - len(times), first))
    findings += _clocks(grid[absent], step)
    return grid, filled, step, findings


def one_stamp(stamp: np.datetime64, step: np.timedelta64 | None) -> str:
    """Write one stamp: a plain date at midnight, where the step is none or whole days."""
    times = np.array([stamp], dtype="datetime64[s]")
    return format_stamps(times, plain_dates=at_midnight(times) and whole_days(step))[0]


def whole_days(step: np.timedelta64 | None) -> bool:
    """Tell whether a step is a number of whole days (no step: True)."""
    return step is None or bool(step % np.timedelta64(1, "D") == np.timedelta64(0, "s"))


def _missing(count: int, first: str) -> Finding:
    noun = "stamp is" if count == 1 else "stamps are"
    return Finding(
        "warning",
        "missing-stamps",
        f"{count} time {noun} missing, the first {first}: filled as missing values",
    )


def _clocks(absent: Times, step: np.timedelta64) -> list[Finding]:
    changes = clock_changes(absent, step)
    if not changes.size:
        return []
    count = len(changes)
    hours = "1 missing hour looks like a change" if count == 1 else f"{count} missing hours look like changes"
    text = f"{hours} of clocks, the first {one_stamp(changes[0], step)}: write the stamps in UTC, which has none"
    return [Finding("warning", "clock-change", text)]


def _in_order(times: Times, values: Values) -> tuple[Times, Values, list[Finding]]:
    """Bring the oldest to the front."""
    findings = []
    steps = np.diff(times).astype(np.int64)
    if (steps < 0).sum() > (steps > 0).sum():
        times, values = times[::-1], values[::-1]
        steps = -steps[::-1]
        findings.append(Finding("note", "newest-first", "the newest row comes first: the rows were reversed"))
    if places := int((steps < 0).sum()):
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        noun = "place" if places == 1 else "places"
        findings.append(Finding("note", "out-of-order", f"rows out of order in {places} {noun}: they were sorted"))
    return times, values, findings


def _refuse_repeated(times: Times, where: str) -> None:
    same = times[1:] == times[:-1]
    if same.any():
        _refuse_clocks(times, times[1:][same], where)
        first, count = one_stamp(times[1:][same][0], None), int(same.sum())
        raise DataError(
            f"the time stamp {first} is there more than once ({count} rows too many in all)",
            where=where,
            cure="keep one row a stamp; where each row names its series: --id-column NAME",
        )


def _refuse_clocks(times: Times, repeated: Times, where: str) -> None:
    """Raise `DataError` where every repeated stamp belongs to an hour that looks like a change of clocks."""
    steps, counts = np.unique(np.diff(np.unique(times)), return_counts=True)
    step = steps[counts.argmax()] if steps.size else np.timedelta64(0, "s")
    changes = clock_changes(repeated, step) if step else repeated[:0]
    if len(changes) and len(changes) * HOUR == len(repeated) * step:
        raise DataError(
            f"the hour from {one_stamp(changes[0], step)} is there twice: looks like a change of clocks",
            where=where,
            cure="write the stamps in UTC, or keep one of the two hours",
        )


def _refuse_two_frequencies(times: Times, where: str) -> None:
    """Raise `DataError` where rows of one step in a row are followed, or preceded, by rows of another."""
    steps = np.diff(times)
    starts = np.flatnonzero(np.concatenate([[True], steps[1:] != steps[:-1]]))
    long = starts[np.diff(np.append(starts, len(steps))) >= RUN]
    other = long[steps[long] != steps[long[0]]] if long.size else long
    if other.size:
        at = (long[0], other[0])
        first, then = (f"{span(int(steps[i].astype(np.int64)))} apart from {one_stamp(times[i], None)}" for i in at)
        raise DataError(
            f"two frequencies in one file: rows {first}, {then}",
            where=where,
            cure="resample to one step, or give the rows of one alone",
        )


def _step(times: Times, where: str) -> np.timedelta64:
    """Return the most common difference; raises `DataError` unless it explains all others."""
    steps, counts = np.unique(np.diff(times).astype(np.int64), return_counts=True)
    step = int(steps[counts.argmax()])
    odd = steps[steps % step != 0]
    length = int(steps @ counts) // step + 1
    if odd.size:
        problem = f"most rows are {span(step)} apart, but some {span(int(odd[0]))}"
    elif length > 2 * len(times):
        problem = f"at {span(step)} a step, {length - len(times)} of {length} rows would be missing"
    else:
        return np.timedelta64(step, "s")
    raise DataError(
        f"the time stamps have no regular step: {problem}",
        where=where,
        cure="resample to a fixed step; months have none: leave their column out to take rows as steps",
    )


def span(seconds: int) -> str:
    """Write a number of seconds in the largest whole unit."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}" + ("s" if seconds != size else "")
    return f"{seconds} seconds"
