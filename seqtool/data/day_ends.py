"""Midnights that end a day: with the date of that day, or as its hour 24."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.dates import Times
from seqtool.data.reading import DayEnd
from seqtool.reads import Finding
from seqtool.types import Flags

DAY = np.timedelta64(86_400, "s")


def with_ends(times: Times, cells: Sequence[str | None], known: DayEnd = "") -> tuple[Times, DayEnd, list[Finding]]:
    """Return stamps [T] in the order of their cells, midnights that end a day as the start of the next one.

    Also how those midnights are written, "" where midnights begin a day: `24:00`, or `00:00` with the date of the day
    that they end. They are `00:00` where more of them follow a row of their own date and come before the next date
    than the other way round; where nothing tells, they are what is `known` of the training table.
    """
    if known != "00:00" and not (np.diff(times) < np.timedelta64(0, "s")).any():  # most tables
        return times, known or _counted_to_24(times, cells), []
    backwards = _are_backwards(times)
    ordered = times[::-1] if backwards else times
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) != np.timedelta64(0, "s")]))  # series of one stamp
    stamps = ordered[starts]
    ends, begins = _votes(stamps)
    told = int(ends.sum()) - int(begins.sum())
    if told < 0 or (told == 0 and known != "00:00"):
        return times, known or _counted_to_24(times, cells), []
    moving = (stamps == stamps.astype("datetime64[D]")) & ~begins
    if not moving.any():
        return times, known, []
    moved = ordered + np.repeat(moving, np.diff(np.append(starts, len(ordered)))) * DAY
    if known != "00:00" and _falls(moved) >= _falls(ordered):  # rows in any order
        return times, known, []
    text = f"midnights follow the last row of their date, the first {stamps[moving][0]}: read as 24:00 of that day"
    return moved[::-1] if backwards else moved, "00:00", [Finding("warning", "day-ends", text)]


def _votes(stamps: Times) -> tuple[Flags, Flags]:
    """Return which midnights end the day of their date by the rows beside them, and which begin it."""
    midnight = stamps == stamps.astype("datetime64[D]")
    days = stamps.astype("datetime64[D]").astype(np.int64)
    before, after = np.append(days[:1] - 1, days[:-1]), np.append(days[1:], days[-1:] + 1)
    return midnight & (before == days) & (after > days), midnight & (before < days) & (after == days)


def _are_backwards(times: Times) -> bool:
    """Tell whether the newest row comes first: by the days, else, of one day, by the stamps."""
    days = np.sign(np.diff(times.astype("datetime64[D]")).astype(np.int64)).sum()
    return bool(days < 0) if days else _falls(times) > (len(times) - 1) / 2


def _falls(times: Times) -> int:
    return int((np.diff(times) < np.timedelta64(0, "s")).sum())


def _counted_to_24(times: Times, cells: Sequence[str | None]) -> DayEnd:
    """Return `24:00` where all midnights [T] are written so and rows stand at other times, else ""."""
    midnights = np.flatnonzero(times == times.astype("datetime64[D]"))
    if not 0 < len(midnights) < len(times):
        return ""
    return "24:00" if all(" 24" in (text := cells[int(row)] or "") or "T24" in text for row in midnights) else ""
