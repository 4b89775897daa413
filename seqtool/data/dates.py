"""Time stamps as people write them, read into datetime64[s]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError

Times = NDArray[np.datetime64]
Cells = Sequence[str | None]


class Stamps(NamedTuple):
    """Times [T], NaT where a cell is none; the order of day and month, "" where none shows; whether it is a guess.

    cut: whether fractions of a second were left out.
    """

    times: Times
    order: str = ""
    guessed: bool = False
    cut: bool = False


ORDERS = {"dmy": "the day first", "mdy": "the month first"}
_STAMP = re.compile(
    r"(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<part>[-/.])(?P<second>\d{1,2})(?P=part)(?P<last>\d{4}))"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<seconds>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r" ?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# With points only to the second: 8.52 is a number.
_CLOCK = r"(?:[01]?\d|2[0-4])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?|\.[0-5]\d\.[0-5]\d)"
# A whole column of plain ISO stamps is recognised in one match and handed to NumPy in one piece.
_BLOCK = 1 << 16  # cells of one match: NumPy takes 500 bytes a cell while it reads them
_PLAIN_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?\n)+", re.ASCII)
# Texts, not patterns: a column of ISO stamps is read without them.
_COMPACT = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d){0,2})?"
_EPOCH = r"(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.\d*)?"
_UNITS = {10: 1, 13: 1000, 16: 10**6, 19: 10**9}  # most digits of seconds, milli-, micro- and nanoseconds
_EPOCHS = np.array(["1973-03-04", "2100-01-01"], dtype="datetime64[s]")  # the first has nine digits of seconds
_TIMELIKE = (
    r"\b(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])\w*\b|\d{1,4}[-/. ]\d{1,4}[-/. ]\d{1,4}"
    r"|\d{1,2}:\d\d|\d{4}-?(?:q[1-4]|w\d\d|\d\d)\b|\bq[1-4]\b"
)
_UTC = {None, "Z", "+00:00", "+0000", "-00:00", "-0000"}


def is_stamp(cell: str | None) -> bool:
    """Tell whether a cell has the shape of a date or a date-time."""
    return cell is not None and _STAMP.fullmatch(cell.strip()) is not None


def is_compact(cell: str | None) -> bool:
    """Tell whether a cell is a date in digits alone, such as 20210104 or 202101041530."""
    return cell is not None and re.fullmatch(_COMPACT, cell.strip(), re.ASCII) is not None


def is_epoch(cell: str | None) -> bool:
    """Tell whether a cell is a time in seconds, milli-, micro- or nanoseconds since 1970, of the years 1973 to 2099."""
    return cell is not None and not np.isnat(_epoch(cell))


def is_clock(cell: str | None) -> bool:
    """Tell whether a cell is a time of the day, such as 17:24 or 17.24.00."""
    return cell is not None and re.fullmatch(_CLOCK, cell.strip(), re.ASCII) is not None


def is_hour(cell: str | None) -> bool:
    """Tell whether a cell is a time of the day without a mark: 7, 07, 24 or 0730."""
    return cell is not None and re.fullmatch(r"(?:[01]?\d|2[0-4])(?:[0-5]\d)?", cell.strip(), re.ASCII) is not None


def is_timelike(cell: str | None) -> bool:
    """Tell whether a cell has something of a time, whether it can be read or not."""
    if cell is None or not any(map(str.isdigit, cell)):
        return False
    return re.search(_TIMELIKE, cell, re.ASCII | re.IGNORECASE) is not None


def parse_stamps(cells: Cells, *, order: str = "", guess: str = "", column: str = "time", where: str = "") -> Stamps:
    """Read a column of time stamps.

    `d/m/yyyy` and `m/d/yyyy` (`d-m-yyyy` too) are told apart over the whole column: a field above 12 is the day.
    `order` (`dmy` or `mdy`) says which it is, `guess` only where no cell does; between points the day comes first where
    neither says otherwise.
    Raises `DataError` where nothing decides, where cells contradict each other or `order`, or on an offset from UTC.
    """
    if (plain := plain_stamps(cells)) is not None:
        return Stamps(plain)
    texts = [cell.strip() if cell else "" for cell in cells]
    known = next(filter(None, texts), "")
    if is_compact(known) or is_epoch(known):
        # behind ten digits of seconds only noughts are nothing
        cut = not is_compact(known) and any(text[10:].replace(".", "").strip("0") for text in texts)
        return Stamps(_digits(texts), cut=cut)
    matches = [_STAMP.fullmatch(text) for text in texts]
    order, guessed = _order(matches, order, guess, column, where)
    for row, match in enumerate(matches, start=1):
        if match is not None and match["zone"] not in _UTC:  # to drop it would shift the stamp
            what = f"row {row}: the time stamp {match[0]!r} in column '{column}' has an offset from UTC"
            raise DataError(what, where=where, cure="write the stamps in UTC, or in local time without an offset")
    times = _to_datetime(["NaT" if match is None else _iso(match, order) for match in matches])
    cut = any(match is not None and (match["fraction"] or "").strip("0") for match in matches)
    return Stamps(times, order, guessed, cut)


def plain_stamps(cells: Cells) -> Times | None:
    """Return [T] datetime64[s] where every cell is a plain ISO stamp, None for any other column."""
    blocks = []
    for start in range(0, len(cells), _BLOCK):
        plain = [cell or "" for cell in cells[start : start + _BLOCK]]
        if not _PLAIN_ISO.fullmatch("\n".join(plain) + "\n"):
            return None
        blocks.append(_to_datetime(plain))
    return np.concatenate(blocks) if blocks else None


def _digits(texts: Sequence[str]) -> Times:
    """Read dates in digits alone, and times since 1970; NaT for a cell of neither kind."""
    compact = list(map(is_compact, texts))
    # A column is of one kind: that of most of its cells.
    if 2 * sum(compact) > len(texts):
        return _to_datetime([_spaced(text) if fits else "NaT" for text, fits in zip(texts, compact, strict=True)])
    return np.array([_epoch(text) for text in texts], dtype="datetime64[s]")


def _spaced(text: str) -> str:
    clock = (text[8:] + "000000")[:6]
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"


def _epoch(text: str) -> np.datetime64:
    match = re.fullmatch(_EPOCH, text.strip(), re.ASCII)
    if match is None:
        return np.datetime64("NaT", "s")
    digits = len(match[1])
    part = next(part for most, part in _UNITS.items() if digits <= most)
    moment = np.datetime64(int(match[1]) // part, "s")
    return moment if _EPOCHS[0] <= moment < _EPOCHS[1] else np.datetime64("NaT", "s")


def _order(
    matches: Sequence[re.Match[str] | None], order: str, guess: str, column: str, where: str
) -> tuple[str, bool]:
    """Return which of day and month is first, "" for none; and if it is a guess."""
    written = [match for match in matches if match is not None and match["first"]]
    if not written:
        return "", False
    day = next((match[0] for match in written if int(match["first"]) > 12), "")
    month = next((match[0] for match in written if int(match["second"]) > 12), "")
    if day and month:
        what = f"dates in '{column}' contradict each other: {day!r} has the day first, {month!r} the month"
        raise DataError(what, where=where, cure="write every date as YYYY-MM-DD")
    shown = "dmy" if day else "mdy" if month else ""
    if order and shown and order != shown:
        what = f"dates in '{column}' are to have {ORDERS[order]}, but {day or month!r} has {ORDERS[shown]}"
        raise DataError(what, where=where, cure=f"write them alike, or train with --date-order {shown}")
    if shown or order:
        return shown or order, False
    if all(match["part"] == "." for match in written):
        return "", False  # the day comes first, and is not kept for dates between other marks
    if guess:
        return guess, True
    example = next((match for match in written if match["first"] != match["second"]), None)
    if example is None:  # 1/1 is 1/1 in both orders
        return "", False
    day_first, month_first = (str(_to_datetime([_iso(example, name)])[0])[:10] for name in ("dmy", "mdy"))
    what = f"no date in '{column}' tells the day from the month: {example[0]!r} is {day_first} or {month_first}"
    raise DataError(what, where=where, cure="--date-order dmy or --date-order mdy")


def _iso(match: re.Match[str], order: str) -> str:
    year, month, day = match["year"], match["month"], match["day"]
    if year is None:
        year, month, day = match["last"], match["first"], match["second"]
        if order == "dmy" or (match["part"] == "." and not order):
            month, day = day, month
    clock = f"{match['hour'] or 0:0>2}:{match['minute'] or '00'}:{match['seconds'] or '00'}"
    return f"{year}-{month:0>2}-{day:0>2}T{clock}"


def _to_datetime(texts: Sequence[str]) -> Times:
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
        return np.datetime64("NaT", "s")


def format_stamps(times: Times, step: np.timedelta64 | None = None) -> list[str]:
    """Write [T] datetime64[s] as YYYY-MM-DD where all are midnights and `step` is whole days, else with the time."""
    midnight = bool((times == times.astype("datetime64[D]")).all())
    days = step is None or step % np.timedelta64(1, "D") == np.timedelta64(0, "s")
    return [str(text) for text in np.datetime_as_string(times, unit="D" if midnight and days else "s")]
