"""A regular grid out of time stamps as they come: oldest first, each once, missing steps as rows of NaN."""

from __future__ import annotations

import numpy as np

from seqtool.data.dates import Times, format_stamps
from seqtool.errors import DataError
from seqtool.task import Finding
from seqtool.types import Flags, Floats

RUN = 10  # steps of one length in a row are a frequency, not an accident

HOUR = np.timedelta64(3600, "s")
SUNDAY = 3  # 1970-01-01, day 0 of NumPy's calendar, was a Thursday: n % 7
NIGHT = np.timedelta64(4 * 3600, "s")  # clocks change before four in the morning
MONTHS = (3, 4, 9, 10, 11)  # of either hemisphere


def regular(times: Times, values: Floats, *, where: str = "") -> tuple[Times, Floats, np.timedelta64, list[Finding]]:
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
    count, first = length - len(times), one_stamp(grid[absent][0], step)
    noun = "stamp is" if count == 1 else "stamps are"
    text = f"{count} time {noun} missing, the first {first}: filled as missing values"
    findings += [Finding("warning", "missing-stamps", text), *_missing_hours(grid[absent], step)]
    return grid, filled, step, findings


def one_stamp(stamp: np.datetime64, step: np.timedelta64 | None) -> str:
    """Write one stamp as `format_stamps` does."""
    return format_stamps(np.array([stamp], dtype="datetime64[s]"), step)[0]


def _missing_hours(absent: Times, step: np.timedelta64) -> list[Finding]:
    changes = _clock_changes(absent, step)
    if not changes.size:
        return []
    count = len(changes)
    hours = "1 missing hour looks like a change" if count == 1 else f"{count} missing hours look like changes"
    text = f"{hours} of clocks, the first {one_stamp(changes[0], step)}: write the stamps in UTC, which has none"
    return [Finding("warning", "clock-change", text)]


def _clock_changes(stamps: Times, step: np.timedelta64) -> Times:
    """Return the first stamp [K] of each hour among sorted `stamps` that looks like a change of clocks.

    In spring an hour is missing, in autumn one is there twice. Its stamps are all those of a Sunday, and they make one
    whole hour, early in the night.
    """
    if not stamps.size or HOUR % step:
        return stamps[:0]
    days = stamps.astype("datetime64[D]")
    first = []
    for day in np.unique(days)[_may_change(np.unique(days))]:
        hour = stamps[days == day]
        whole = len(hour) * step == HOUR and hour[-1] - hour[0] == HOUR - step
        if whole and hour[-1] - day < NIGHT:
            first.append(hour[0])
    return np.array(first, dtype="datetime64[s]")


def _may_change(days: Times) -> Flags:
    sunday = days.astype(np.int64) % 7 == SUNDAY
    return np.asarray(sunday & np.isin(days.astype("datetime64[M]").astype(np.int64) % 12 + 1, MONTHS))


def _in_order(times: Times, values: Floats) -> tuple[Times, Floats, list[Finding]]:
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
        what = f"the time stamp {first} is there more than once ({count} rows too many in all)"
        raise DataError(what, where=where, cure="keep one row a stamp")


def _refuse_clocks(times: Times, repeated: Times, where: str) -> None:
    """Raise `DataError` where every repeated stamp belongs to an hour that looks like a change of clocks."""
    steps, counts = np.unique(np.diff(np.unique(times)), return_counts=True)
    step = steps[counts.argmax()] if steps.size else np.timedelta64(0, "s")
    changes = _clock_changes(repeated, step) if step else repeated[:0]
    if len(changes) and len(changes) * HOUR == len(repeated) * step:
        what = f"the hour from {one_stamp(changes[0], step)} is there twice: looks like a change of clocks"
        raise DataError(what, where=where, cure="write the stamps in UTC, or keep one of the two hours")


def _refuse_two_frequencies(times: Times, where: str) -> None:
    """Raise `DataError` where rows of one step in a row are followed, or preceded, by rows of another."""
    steps = np.diff(times)
    starts = np.flatnonzero(np.concatenate([[True], steps[1:] != steps[:-1]]))
    long = starts[np.diff(np.append(starts, len(steps))) >= RUN]
    changed = long[steps[long] != steps[long[0]]] if long.size else long
    if changed.size:
        at = (long[0], changed[0])
        first, then = (f"{span(int(steps[i].astype(np.int64)))} apart from {one_stamp(times[i], None)}" for i in at)
        what = f"two frequencies in one file: rows {first}, {then}"
        raise DataError(what, where=where, cure="resample to one step, or give the rows of one alone")


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
    cure = "resample to a fixed step; months have none: with --ignore-column and their name rows are steps"
    raise DataError(f"the time stamps have no regular step: {problem}", where=where, cure=cure)


def span(seconds: int) -> str:
    """Write a number of seconds in the largest whole unit."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}" + ("s" if seconds != size else "")
    return f"{seconds} seconds"
