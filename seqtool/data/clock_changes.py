"""Hours that are missing, or there twice, where clocks change; and local days that stand at two hours of UTC."""

from __future__ import annotations

import numpy as np

from seqtool.data.grid import DAY, Grid, one_stamp
from seqtool.data.reading import UTC
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.types import Flags, Times

HOUR = np.timedelta64(3600, "s")
SUNDAY = 3  # 1970-01-01, day 0 of NumPy's calendar, was a Thursday: n % 7
NIGHT = np.timedelta64(4 * 3600, "s")  # clocks change before four in the morning
MONTHS = (3, 4, 9, 10, 11)  # of either hemisphere


def missing_hours(absent: Times, grid: Grid) -> list[Finding]:
    """Warn of missing stamps [K] that look like hours over which clocks went forward, or of one of a doubled hour."""
    if grid.zone not in ("", UTC):
        return _one_of_two(absent, grid)
    changes = _clock_changes(absent, np.timedelta64(grid.seconds or DAY, "s"))
    if not changes.size:
        return []
    count = len(changes)
    hours = "1 missing hour looks like a change" if count == 1 else f"{count} missing hours look like changes"
    text = f"{hours} of clocks, the first {one_stamp(changes[0], grid)}: give --timezone, or write the stamps in UTC"
    return [Finding("warning", "clock-change", text)]


def _one_of_two(absent: Times, grid: Grid) -> list[Finding]:
    """Warn of an hour that the clocks of a zone show twice, and of which only one is there."""
    from seqtool.data.zones import shown_twice, to_local  # few series have a zone

    doubled = absent[shown_twice(to_local(absent, grid.zone), grid.zone)]
    if not doubled.size:
        return []
    text = f"the clocks of {grid.zone} show the hour of {one_stamp(doubled[0], grid)} twice, and it is there once: "
    text += "which of the two it is was guessed; offsets behind the stamps tell"
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


def refuse_clocks(times: Times, repeated: Times, where: str) -> None:
    """Raise `DataError` where every repeated stamp belongs to an hour that looks like a change of clocks."""
    steps, counts = np.unique(np.diff(np.unique(times)), return_counts=True)
    step = steps[counts.argmax()] if steps.size else np.timedelta64(0, "s")
    changes = _clock_changes(repeated, step) if step else repeated[:0]
    if len(changes) and len(changes) * HOUR == len(repeated) * step:
        what = f"the hour from {one_stamp(changes[0], Grid(seconds=1))} is there twice: looks like a change of clocks"
        raise DataError(what, where=where, cure="--timezone NAME, such as Europe/Madrid; or write the stamps in UTC")


def refuse_local_days(times: Times, zone: str, where: str) -> None:
    """Raise `DataError` where stamps in UTC stand an hour earlier in summer, as local midnights do."""
    clocks = np.unique(times - times.astype("datetime64[D]"))
    if zone == UTC and len(clocks) == 2 and np.diff(clocks)[0] == HOUR and (np.diff(times) > 20 * HOUR).all():
        early, late = (one_stamp(times[times - times.astype("datetime64[D]") == clock][0], None) for clock in clocks)
        what = f"the time stamps look like local days or months in UTC: {late} and, an hour earlier in summer, {early}"
        raise DataError(what, where=where, cure="--timezone NAME, of the zone of these days, such as Europe/Berlin")
