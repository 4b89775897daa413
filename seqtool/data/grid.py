"""A regular grid out of time stamps as they come: oldest first, each once, missing steps as rows of NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.dates import at_midnight, format_stamps
from seqtool.errors import DataError

Times = NDArray[np.datetime64]
Values = NDArray[np.float64]


def regular(times: Times, values: Values, *, where: str = "") -> tuple[Times, Values, np.timedelta64, list[Finding]]:
    """Order [T] stamps and [T,F] values (T > 1), fill gaps; return times, values, step, findings.

    Raises `DataError` on repeated stamps and where there is no regular step.
    """
    times, values, findings = _in_order(times, values)
    _refuse_repeated(times, where)
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
        first, count = one_stamp(times[1:][same][0], None), int(same.sum())
        raise DataError(
            f"the time stamp {first} is there more than once ({count} rows too many in all)",
            where=where,
            cure="keep one row a stamp; where each row names its series: --id-column NAME",
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
