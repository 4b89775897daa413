"""Time stamps as people write them, read into datetime64[s]."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError

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


def parse_stamps(
    cells: Sequence[str | None], *, column: str = "time", where: str = ""
) -> tuple[NDArray[np.datetime64], bool]:
    """Return [T] datetime64[s] with NaT where a cell is no date, and True if day and month are a guess.

    `d/m/yyyy` and `m/d/yyyy` are told apart over the whole column: a field above 12 is the day.
    Raises `DataError` where they contradict each other, or on an offset from UTC.
    """
    joined = "\n".join(cell or "" for cell in cells) + "\n"
    if _PLAIN_ISO.fullmatch(joined):
        return _to_datetime([cell or "" for cell in cells]), False
    matches = [None if cell is None else _STAMP.fullmatch(cell.strip()) for cell in cells]
    day_first, guessed = _day_first(matches, column, where)
    texts = ["NaT" if match is None else _iso(match, day_first) for match in matches]
    _refuse_offsets(matches, column, where)
    return _to_datetime(texts), guessed


def _day_first(matches: Sequence[re.Match[str] | None], column: str, where: str) -> tuple[bool, bool]:
    """Return (is the day written first?, is that a guess?)."""
    slashed = [match for match in matches if match is not None and match["first"]]
    day_first = any(int(match["first"]) > 12 for match in slashed)
    month_first = any(int(match["second"]) > 12 for match in slashed)
    if day_first and month_first:
        day = next(match[0] for match in slashed if int(match["first"]) > 12)
        month = next(match[0] for match in slashed if int(match["second"]) > 12)
        raise DataError(
            f"dates in '{column}' contradict each other: {day!r} has the day first, {month!r} the month",
            where=where,
            cure="write every date as YYYY-MM-DD",
        )
    return day_first, bool(slashed) and not (day_first or month_first)


def _iso(match: re.Match[str], day_first: bool) -> str:
    """Write a matched stamp as ISO text."""
    year, month, day = match["year"], match["month"], match["day"]
    if year is None:
        year, month, day = match["last"], match["first"], match["second"]
        if day_first:
            month, day = day, month
    clock = f"{match['hour'] or 0:0>2}:{match['minute'] or '00'}:{match['seconds'] or '00'}"
    return f"{year}-{month:0>2}-{day:0>2}T{clock}"


def _refuse_offsets(matches: Sequence[re.Match[str] | None], column: str, where: str) -> None:
    for row, match in enumerate(matches, start=1):
        if match is not None and match["zone"] not in _UTC:
            raise DataError(
                f"row {row}: the time stamp {match[0]!r} in column '{column}' has an offset from UTC",
                where=where,
                cure="write the stamps in UTC, or in local time without an offset",
            )


def _to_datetime(texts: Sequence[str]) -> NDArray[np.datetime64]:
    """Read ISO texts; a day that no calendar has becomes NaT."""
    try:
        return np.array(texts, dtype="datetime64[s]")
    except ValueError:
        return np.array([_one(text) for text in texts], dtype="datetime64[s]")


def _one(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def format_stamps(times: NDArray[np.datetime64], *, plain_dates: bool) -> list[str]:
    """Write [T] datetime64[s] as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS."""
    return [str(text) for text in np.datetime_as_string(times, unit="D" if plain_dates else "s")]


def at_midnight(times: NDArray[np.datetime64]) -> bool:
    """Tell whether every stamp is a plain date."""
    return bool((times == times.astype("datetime64[D]")).all())
