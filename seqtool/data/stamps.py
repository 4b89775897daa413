"""Time stamps in the words of ISO 8601: read in one piece, and written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from seqtool.types import Times

# A whole column of plain ISO stamps is recognised in one match and handed to NumPy in one piece.
_BLOCK = 1 << 16  # cells of one match: NumPy takes 500 bytes a cell while it reads them
_PLAIN_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?\n)+", re.ASCII)
FIRST = np.datetime64("0001-01-01", "s")  # a year 0 is in no calendar
_NAT: np.datetime64 = np.datetime64("NaT", "s")


def plain_stamps(cells: Sequence[str | None]) -> Times | None:
    """Return [T] datetime64[s] where every cell is a plain ISO stamp, None for any other column."""
    different = dict.fromkeys(cells)
    if 2 * len(different) < len(cells):  # of several series
        stamps = plain_stamps([*different])
        places = {cell: place for place, cell in enumerate(different)}
        return None if stamps is None else stamps[np.fromiter(map(places.__getitem__, cells), np.int64, len(cells))]
    blocks = []
    for start in range(0, len(cells), _BLOCK):
        plain = [cell or "" for cell in cells[start : start + _BLOCK]]
        if not _PLAIN_ISO.fullmatch("\n".join(plain) + "\n"):
            return None
        blocks.append(to_datetime(plain))
        blocks[-1][blocks[-1] < FIRST] = _NAT
    return np.concatenate(blocks) if blocks else None


def to_datetime(texts: Sequence[str]) -> Times:
    """Read [T] dates in ISO's words, NaT where no calendar has one; 24:00 is the start of the next day."""
    try:
        return np.array(texts, dtype="datetime64[s]")
    except ValueError:  # NumPy refuses the whole array for one 30 February
        return np.array([_stamp_or_nat(text) for text in texts], dtype="datetime64[s]")


def _stamp_or_nat(text: str) -> np.datetime64:
    day, _, clock = text.replace("T", " ").partition(" ")
    try:
        if clock in ("24:00", "24:00:00"):  # the end of a day is the start of the next
            return np.datetime64(day, "s") + np.timedelta64(1, "D")
        return np.datetime64(text, "s")
    except ValueError:
        return _NAT


def format_stamps(times: Times, step: np.timedelta64 | None = None) -> list[str]:
    """Write [T] datetime64[s] as YYYY-MM-DD where all are midnights and `step` is whole days, else with the time."""
    midnight = bool((times == times.astype("datetime64[D]")).all())
    days = step is None or step % np.timedelta64(1, "D") == np.timedelta64(0, "s")
    return [str(text) for text in np.datetime_as_string(times, unit="D" if midnight and days else "s")]
