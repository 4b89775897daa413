"""Time stamps as people write them, read into datetime64[s]."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError

Times = NDArray[np.datetime64]

_STAMP = re.compile(
    r"(?:(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<last>\d{4}))"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<seconds>\d\d)(?:[.,]\d+)?)?)?"
    r" ?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# A whole column of plain ISO stamps is recognised in one match and handed to NumPy in one piece.
_PLAIN_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?\n)+", re.ASCII)
_UTC = {None, "Z", "+00:00", "+0000", "-00:00", "-0000"}


def is_stamp(cell: str | None) -> bool:
    """Tell whether a cell has the shape of a date or a date-time."""
    return cell is not None and _STAMP.fullmatch(cell.strip()) is not None


def parse_stamps(cells: Sequence[str | None], *, column: str = "time", where: str = "") -> tuple[Times, bool]:
    """Return [T] datetime64[s] with NaT where a cell is no date, and True if day and month are a guess.

    `d/m/yyyy` and `m/d/yyyy` are told apart over the whole column: a field above 12 is the day.
    Raises `DataError` where they contradict each other, or on an offset from UTC.
    """
    if (plain := plain_stamps(cells)) is not None:
        return plain, False
    matches = [None if cell is None else _STAMP.fullmatch(cell.strip()) for cell in cells]
    day_first, guessed = _day_first(matches, column, where)
    for row, match in enumerate(matches, start=1):
        if match is not None and match["zone"] not in _UTC:  # to drop it would shift the stamp
            what = f"row {row}: the time stamp {match[0]!r} in column '{column}' has an offset from UTC"
            raise DataError(what, where=where, cure="write the stamps in UTC, or in local time without an offset")
    return _to_datetime(["NaT" if match is None else _iso(match, day_first) for match in matches]), guessed


def plain_stamps(cells: Sequence[str | None]) -> Times | None:
    """Return [T] datetime64[s] where every cell is a plain ISO stamp, None for any other column."""
    plain = [cell or "" for cell in cells]
    return _to_datetime(plain) if _PLAIN_ISO.fullmatch("\n".join(plain) + "\n") else None


def _day_first(matches: Sequence[re.Match[str] | None], column: str, where: str) -> tuple[bool, bool]:
    """Return (is the day written first?, is that a guess?)."""
    slashed = [match for match in matches if match is not None and match["first"]]
    day = next((match[0] for match in slashed if int(match["first"]) > 12), "")
    month = next((match[0] for match in slashed if int(match["second"]) > 12), "")
    if day and month:
        what = f"dates in '{column}' contradict each other: {day!r} has the day first, {month!r} the month"
        raise DataError(what, where=where, cure="write every date as YYYY-MM-DD")
    return bool(day), bool(slashed) and not (day or month)


def _iso(match: re.Match[str], day_first: bool) -> str:
    year, month, day = match["year"], match["month"], match["day"]
    if year is None:
        year, month, day = match["last"], match["first"], match["second"]
        if day_first:
            month, day = day, month
    clock = f"{match['hour'] or 0:0>2}:{match['minute'] or '00'}:{match['seconds'] or '00'}"
    return f"{year}-{month:0>2}-{day:0>2}T{clock}"


def _to_datetime(texts: Sequence[str]) -> Times:
    try:
        return np.array(texts, dtype="datetime64[s]")
    except ValueError:  # NumPy refuses the whole array for one 30 February
        return np.array([_stamp_or_nat(text) for text in texts], dtype="datetime64[s]")


def _stamp_or_nat(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def format_stamps(times: Times, step: np.timedelta64 | None = None) -> list[str]:
    """Write [T] datetime64[s] as YYYY-MM-DD where all are midnights and `step` is whole days, else with the time."""
    midnight = bool((times == times.astype("datetime64[D]")).all())
    days = step is None or step % np.timedelta64(1, "D") == np.timedelta64(0, "s")
    return [str(text) for text in np.datetime_as_string(times, unit="D" if midnight and days else "s")]
