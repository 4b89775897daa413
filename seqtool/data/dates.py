"""Time stamps as people write them, read into datetime64[s]."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from seqtool.data.number_dates import kind_of_number, read_numbers
from seqtool.data.spellings import (
    DATES,
    SHORT_YEARS,
    SPELLINGS,
    Match,
    clock_of,
    match_of,
    moment_of,
    offset_of,
    spelling_of,
)
from seqtool.data.stamps import FIRST, plain_stamps, to_datetime
from seqtool.errors import DataError
from seqtool.say import printable
from seqtool.types import Ids, Times

Cells = Sequence[str | None]


class Stamps(NamedTuple):
    """Times [T], NaT where a cell is none; the order of day and month, "" where none shows; whether it is a guess.

    cut: whether fractions of a second were left out. offsets: seconds east of UTC [T], None where no cell has one; the
    times are as written. unit: `year`, `quarter`, `month` or `week` where the spelling names no day, else "". counted:
    whether the cells count from 1970 on, in UTC.
    """

    times: Times
    order: str = ""
    guessed: bool = False
    cut: bool = False
    offsets: Ids | None = None
    unit: str = ""
    counted: bool = False

    def offsets_beside(self, timezone: str) -> Ids | None:
        """Return the offsets [T]; beside a zone those of times that count from 1970 on, which are instants."""
        return np.zeros(len(self.times), dtype=np.int64) if self.counted and timezone else self.offsets


ORDERS = {"dmy": "the day first", "mdy": "the month first"}
_STAMP = re.compile(SPELLINGS["date"].pattern, re.ASCII)
FEWEST_SEASONS = 3  # that are no months of years one after the other
_SAMPLE = 100  # cells decide how a column is spelled


def is_day(cell: str | None) -> bool:
    """Tell whether a cell has the shape of a date in figures, such as 2026-08-21, with a time or without."""
    return cell is not None and _STAMP.fullmatch(cell.strip()) is not None


def is_stamp(cell: str | None) -> bool:
    """Tell whether a cell has the shape of a date or a date-time in any spelling; a number has not."""
    return is_day(cell) or spelling_of(cell, numbers=False) != ""


def spelling(cell: str | None) -> str:
    """Return the name of the way in which a cell is spelled as a date, numbers included; "" for none."""
    text = cell.strip() if cell else ""
    return kind_of_number(text) or spelling_of(text)


def column_spelling(cells: Cells) -> str:
    """Return the spelling of most of the first cells that have one, "" where none has."""
    known = [*islice((cell for cell in cells if cell and cell.strip()), _SAMPLE)]
    if known and all(map(is_day, known)):  # most tables: told without asking for every spelling
        return "date"
    counts = Counter(filter(None, map(spelling, known)))
    return counts.most_common(1)[0][0] if counts else ""


def parse_stamps(
    cells: Cells, *, order: str = "", guess: str = "", format: str = "", column: str = "time", where: str = ""
) -> Stamps:
    """Read a column of time stamps, all of one spelling: a cell of another is no date.

    `d/m/yyyy` and `m/d/yyyy` (`d-m-yyyy` too) are told apart over the whole column: a field above 12 is the day.
    `order` (`dmy` or `mdy`) says which it is, `guess` only where no cell does; between points the day comes first where
    neither says otherwise. `format`, in the words of strptime, decides alone.
    Raises `DataError` where nothing decides, where cells contradict each other or `order`, where some begin with the
    year and others end with it, and where some have an offset from UTC and others have none.
    """
    if format:
        from seqtool.data.date_format import read_format, unit_of  # few tables need it

        times, east, cut = read_format(cells, format)
        return Stamps(times, cut=cut, offsets=_offsets(cells, times, east, column, where), unit=unit_of(format))
    if (plain := plain_stamps(cells)) is not None:
        return Stamps(plain)
    texts = [cell.strip() if cell else "" for cell in cells]
    kind = column_spelling(texts) or "date"
    if kind not in SPELLINGS:
        times, cut = read_numbers(texts, kind)
        return Stamps(times, cut=cut, counted=kind == "epoch")
    return _read(texts, kind, order, guess, column, where)


def _read(texts: Sequence[str], kind: str, order: str, guess: str, column: str, where: str) -> Stamps:
    """Read cells of one of the spellings that have a pattern."""
    simple = kind == "date"
    found = {text: _STAMP.fullmatch(text) if simple else match_of(text, kind) for text in dict.fromkeys(texts)}
    matches = [found[text] for text in texts]
    if kind == "month" and _are_seasons(matches):
        years = [text.strip()[:4] if match else "" for match, text in zip(matches, texts, strict=True)]
        return _read(years, "year", order, guess, column, where)
    if kind in DATES:
        _refuse_two_ways(matches, column, where)
    order, guessed = _order(matches, order, guess, column, where) if kind in DATES else ("", False)
    if kind == SHORT_YEARS:
        _refuse_days(matches, column, where)
    if simple:
        times = to_datetime(["NaT" if match is None else _iso(match, order) for match in matches])
        times[times < FIRST] = np.datetime64("NaT", "s")
    else:
        times = np.array([moment_of(match, order) for match in matches], dtype="datetime64[s]")
    clocks = [match for match in matches if match is not None and "zone" in match.re.groupindex]
    cut = any((match["fraction"] or "").strip("0") for match in clocks)
    offsets: list[int | None] = []
    if any(match["zone"] or match["short_zone"] for match in clocks):
        offsets = [None if match is None else offset_of(match) for match in matches]
    return Stamps(times, order, guessed, cut, _offsets(texts, times, offsets, column, where), SPELLINGS[kind].unit)


def _are_seasons(matches: Sequence[Match | None]) -> bool:
    """Tell whether all cells are a year and the two last digits of the next, such as 2000/01: no months come so."""
    parts = {(int(match["year"] or 0), match["month"] or "") for match in matches if match is not None}
    return len(parts) >= FEWEST_SEASONS and all(part == f"{(year + 1) % 100:02d}" for year, part in parts)


def _offsets(cells: Cells, times: Times, offsets: Sequence[int | None], column: str, where: str) -> Ids | None:
    """Return offsets from UTC [T], None where there are none; raises `DataError` where only some cells have one."""
    if not any(offset is not None for offset in offsets):
        return None
    bare = next((row for row, offset in enumerate(offsets) if offset is None and not np.isnat(times[row])), None)
    if bare is not None and any(offsets):
        zoned = next(row for row, offset in enumerate(offsets) if offset)
        with_one, without = (printable(cells[row] or "") for row in (zoned, bare))
        what = f"'{with_one}' in column '{column}' has an offset from UTC, '{without}' has none"
        raise DataError(what, where=where, cure="write all stamps with their offset, or all without one")
    return np.array([offset or 0 for offset in offsets], dtype=np.int64)


def _refuse_days(matches: Sequence[Match | None], column: str, where: str) -> None:
    """Raise `DataError` where `Jan-04` follows `Jan-01`: these may be days of January."""
    months = [(match[0], match["name"].casefold(), int(match["short"])) for match in matches if match is not None]
    for (_, name, year), (cell, other, then) in pairwise(months):
        if name == other and then != year:
            what = f"'{cell}' in column '{column}' is a month of the year {then:02d}, or day {then} of a month"
            import shlex  # few tables are refused

            from seqtool.data.date_format import fitting

            formats = [f"--date-format {shlex.quote(form)} where it is a year, else " for form in fitting([cell])]
            raise DataError(what, where=where, cure=f"{''.join(formats[:1])}write the whole year")


def _refuse_two_ways(matches: Sequence[Match | None], column: str, where: str) -> None:
    """Raise `DataError` where some dates begin with the year and others end with it.

    Spreadsheets take 1/2/2023 as a date of the other order and leave 13/2/2023 a text.
    """
    first = next((match[0] for match in matches if match is not None and match["year"]), "")
    last = next((match[0] for match in matches if match is not None and match["last"]), "")
    if first and last:
        what = f"dates in '{column}' are written in two ways, {first!r} and {last!r}: days and months may be swapped"
        cure = "write every date as YYYY-MM-DD; in a spreadsheet, read the column in again as text"
        raise DataError(what, where=where, cure=cure)


def _order(matches: Sequence[Match | None], order: str, guess: str, column: str, where: str) -> tuple[str, bool]:
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
    day_first, month_first = (str(to_datetime([_iso(example, name)])[0])[:10] for name in ("dmy", "mdy"))
    what = f"no date in '{column}' tells the day from the month: {example[0]!r} is {day_first} or {month_first}"
    raise DataError(what, where=where, cure="--date-order dmy or --date-order mdy")


def _iso(match: Match, order: str) -> str:
    year, month, day = match["year"], match["month"], match["day"]
    if year is None:
        year, month, day = match["last"], match["first"], match["second"]
        if order == "dmy" or (match["part"] == "." and not order):
            month, day = day, month
    if match["half"] or match["whole_half"]:
        return _half_day(f"{year}-{month:0>2}-{day:0>2}", match)
    clock = f"{match['hour'] or 0:0>2}:{match['minute'] or '00'}:{match['seconds'] or '00'}"
    return f"{year}-{month:0>2}-{day:0>2}T{clock}"


def _half_day(day: str, match: Match) -> str:
    try:
        minutes, seconds = divmod(clock_of(match), 60)
    except ValueError:
        return "NaT"
    return f"{day}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
