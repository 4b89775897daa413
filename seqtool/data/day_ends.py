"""Midnights that are written with the date of the day that they end."""

from __future__ import annotations

import numpy as np

from seqtool.data.dates import Times
from seqtool.reads import Finding

DAY = np.timedelta64(86_400, "s")


def with_ends(times: Times) -> tuple[Times, list[Finding]]:
    """Return stamps [T], in the order of the rows, with the midnights that end a day as the start of the next one.

    They do where each midnight follows the last row of its own date: `23:00, 00:00, 01:00` with one date, one date,
    the next date; and where all rows are in order then. Any other stamps stay as they are.
    """
    steps = np.diff(times)
    backwards = bool((steps < np.timedelta64(0, "s")).sum() > len(steps) / 2)
    ordered = times[::-1] if backwards else times
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) != np.timedelta64(0, "s")]))  # series of one stamp
    stamps = ordered[starts]
    if len(stamps) < 3:
        return times, []
    midnight = stamps == stamps.astype("datetime64[D]")
    usual = np.median(np.abs(np.diff(stamps)))
    ends = midnight & np.concatenate([[False], stamps[1:] + DAY - stamps[:-1] == usual])
    in_order = bool((np.diff(stamps + ends * DAY) > np.timedelta64(0, "s")).all())
    if not ends.any() or (midnight & ~ends)[1:].any() or not in_order:
        return times, []
    moved = ordered + np.repeat(ends, np.diff(np.append(starts, len(ordered)))) * DAY
    text = f"midnights follow the last row of their date, the first {stamps[ends][0]}: read as 24:00 of that day"
    return moved[::-1] if backwards else moved, [Finding("warning", "day-ends", text)]
