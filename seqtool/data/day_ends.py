"""Midnights that end a day: with the date of that day, or as its hour 24."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from seqtool.data.reading import DayEnd
from seqtool.reads import Finding
from seqtool.types import Ids, Times

DAY = np.timedelta64(86_400, "s")
DAYS = 2  # whose midnights come last, at least: the rows of a single one may be in any order


def with_ends(
    times: Times, cells: Sequence[str | None], known: DayEnd = "", *, fixed: bool = False
) -> tuple[Times, DayEnd, list[Finding]]:
    """Return stamps [T] in the order of their cells, midnights that end a day as the start of the next one.

    Also how midnights are written, see `Reading`. They are `00:00` where those of most dates stand behind the other
    rows of their date, and none before them; where nothing tells, they are what is `known` of the training table.
    fixed: the stamps are what they are, as instants are; midnights of a training that began days stay too.
    """
    rises = not (np.diff(times) < np.timedelta64(0, "s")).any()
    days = (times == times.astype("datetime64[D]")).all()  # no row follows a midnight of its date, nor stands before it
    if fixed or known == "begins" or ((rises or days) and known != "00:00"):  # most tables
        return times, known or _as_written(times, cells), []
    ends, begins, others = _votes(times)
    stay = begins > ends if known == "00:00" else bool(begins) or ends < max(DAYS, others)
    moving = (times == times.astype("datetime64[D]")) & (not stay)
    if not moving.any():
        return times, known or _as_written(times, cells), []
    text = f"midnights follow the last row of their date, the first {times[moving].min()}: read as 24:00 of that day"
    return times + moving * DAY, "00:00", [Finding("warning", "day-ends", text)]


def _votes(times: Times) -> tuple[int, int, int]:
    """Return of how many dates the midnight comes last by the order of the rows, of how many first, and of others.

    The rows of a date count in the order of the file: reversed, those of days that fall, with hours that rise, would
    end with midnight. A stamp that comes again belongs to another series.
    """
    order = np.argsort(times, kind="stable")
    series = np.empty(len(times), dtype=np.int64)
    new = np.concatenate([[True], np.diff(times[order]) != np.timedelta64(0, "s")])
    series[order] = np.arange(len(times)) - np.maximum.accumulate(np.where(new, np.arange(len(times)), 0))
    rows = np.argsort(series, kind="stable")  # each series in the order of the file
    days, series = times[rows].astype("datetime64[D]"), series[rows]
    clocks = (times[rows] - days).astype(np.int64)
    one_series = np.diff(series) == 0
    turns = np.sign(np.diff(days).astype(np.int64))[one_series]
    direction = 1 if (turns >= 0).all() else -1 if (turns <= 0).all() else 0  # of the days
    blocks = np.flatnonzero(np.concatenate([[True], (np.diff(days).astype(np.int64) != 0) | ~one_series]))
    if 3 * len(blocks) > 2 * len(times):  # rows in any order
        return 0, 0, 0
    keys = list(zip(series[blocks].tolist(), days[blocks].tolist(), strict=True))
    torn = {key for key, count in Counter(keys).items() if count > 1}  # rows of other dates between those of one
    votes = [
        0 if key in torn else _place_of_midnight(block, direction)
        for key, block in zip(keys, np.split(clocks, blocks[1:]), strict=True)
        if not block.all()
    ]
    return votes.count(1), votes.count(-1), votes.count(0)


def _place_of_midnight(clocks: Ids, direction: int) -> int:
    """Return 1 where midnight comes after the other seconds [T] of its day, -1 where before them, 0 where none tells.

    The other rows show whether the day is read forwards; a single one is read as the days go.
    """
    place = int(clocks.argmin())
    steps = np.diff(np.delete(clocks, place))
    forwards = 1 if (steps > 0).all() else -1 if (steps < 0).all() else 0
    if not len(steps):
        forwards = direction
    if place not in (0, len(clocks) - 1) or len(clocks) == 1:
        return 0
    if len(clocks) == 2 and direction < 0 and place == 0:  # midnight and noon of days that fall: hours may rise
        return 0
    return forwards if place else -forwards


def _as_written(times: Times, cells: Sequence[str | None]) -> DayEnd:
    """Return how midnights [T] are written beside rows at other times, "" where there are none."""
    midnights = np.flatnonzero(times == times.astype("datetime64[D]"))
    if not 0 < len(midnights) < len(times):
        return ""
    counted = all(" 24" in (text := cells[int(row)] or "") or "T24" in text for row in midnights)
    return "24:00" if counted else "begins"
