"""How dates are spelled: a table of patterns, and the date that a cell of each is."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

import numpy as np

Match = re.Match[str]


class Spelling(NamedTuple):
    """A way to write dates: its pattern, and the unit that it names, "" where it names the day.

    numbers: whether cells may as well be numbers: then the name of the column has to say that they are dates.
    """

    pattern: str
    unit: str = ""
    numbers: bool = False


# Texts, not patterns: only those that a table needs are compiled.
HOURS_EAST = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Zones by letters that mean one zone: CST, IST and BST mean several each."""
ZONE = rf"(?P<zone>{'|'.join(HOURS_EAST)}|[+-]\d\d:?\d\d)"
CLOCK = (
    r"(?:(?:[T ]|, ?) *(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<seconds>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[AaPp])(?:\.?[Mm]\.?)?| ?(?P<short_zone>[+-]\d\d))?"
    r"| ?(?P<whole_half>[AaPp])\.?[Mm]\.?|(?<=[T ]\d\d)))?"
) + rf"(?: ?{ZONE}(?: UTC|\[[A-Za-z_/]+\])?)?"
WEEKDAY = r"(?:(?P<weekday>[^\W\d_]{2,10}(?:-feira)?)\.?,? +)?"
DATE = (
    r"(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<part>[-/.])(?P<second>\d{1,2})(?P=part)(?P<last>\d{4}))"
)
_NAME = r"(?P<name>[^\W\d_]{3,10})"
_GAP = r"(?:\.?(?: ?[-/,] ?| +(?:de |del )?)|\.)?"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?"
_YEAR = r"(?P<year>\d{4})"
_QUARTER = r"[Qq]uartal|Vierteljahr|Vj\.?"
SHORT_YEARS = "named month, short year"
SPELLINGS = {
    "date": Spelling(DATE + CLOCK),
    "weekday, date": Spelling(rf"(?=[^\W\d]){WEEKDAY}{DATE}{CLOCK}"),
    "month": Spelling(rf"{_YEAR}(?:[-/]|[- ]?[Mm])(?P<month>\d\d?)|(?P<leading>\d\d?)[-/](?P<last>\d{{4}})", "month"),
    "quarter": Spelling(rf"{_YEAR}[-/ ]?[Qq](?P<quarter>[1-4])", "quarter"),
    "quarter, year": Spelling(r"[Qq](?P<quarter>[1-4])[-/ ]?(?P<last>\d{4})", "quarter"),
    "number of a quarter": Spelling(r"(?P<quarter>[1-4])[Qq](?P<last>\d{4})", "quarter"),
    "quarter in words": Spelling(rf"(?P<quarter>[1-4])\. ?(?:{_QUARTER})[-/ ]*(?P<last>\d{{4}})", "quarter"),
    "year, quarter in words": Spelling(rf"{_YEAR}[-/, ]*(?P<quarter>[1-4])\. ?(?:{_QUARTER})", "quarter"),
    "week": Spelling(rf"{_YEAR}[- ]?[Ww](?P<week>\d\d?)", "week"),
    "week, year": Spelling(r"(?:[Ww]|[Kk][Ww]\.?) ?(?P<week>\d\d?)[-/ ](?P<last>\d{4})", "week"),
    "number of a week": Spelling(r"(?P<week>\d\d?)\. ?(?:KW|Kalenderwoche)[-/ ]*(?P<last>\d{4})", "week"),
    "day of a week": Spelling(rf"{_YEAR}-?[Ww](?P<week>\d\d)-?(?P<weekday_number>[1-7]){CLOCK}"),
    "day of a year": Spelling(rf"{_YEAR}-(?P<year_day>\d{{3}}){CLOCK}"),
    "digits, clock": Spelling(
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[T ](?P<hour>\d\d)(?P<minute>\d\d)(?P<seconds>\d\d)?"
        rf"(?:[.,](?P<fraction>\d+))?(?: ?{ZONE}| ?(?P<short_zone>[+-]\d\d))?"
    ),
    "day, month, year, blanks": Spelling(rf"(?P<day>\d{{1,2}})\. +(?P<month>\d{{1,2}})\. +{_YEAR}{CLOCK}"),
    "day in Chinese": Spelling(rf"{_YEAR}年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日{CLOCK}"),
    "month in Chinese": Spelling(rf"{_YEAR}年(?P<month>\d{{1,2}})月", "month"),
    "day and clock of SAS": Spelling(
        r"(?P<day>\d\d)(?P<name>[A-Za-z]{3})(?P<year>\d{4}):(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<seconds>\d\d))?"
    ),
    "day, named month": Spelling(rf"{WEEKDAY}{_NTH}{_GAP}{_NAME}{_GAP}{_YEAR}{CLOCK}"),
    "named month, day": Spelling(rf"{WEEKDAY}{_NAME}{_GAP}{_NTH}(?:,? +|[-/,]){_YEAR}{CLOCK}"),
    "year, named month, day": Spelling(rf"{WEEKDAY}{_YEAR}{_GAP}{_NAME}{_GAP}{_NTH}{CLOCK}"),
    "named month": Spelling(rf"{_NAME}{_GAP}{_YEAR}", "month"),
    "year, named month": Spelling(rf"{_YEAR}{_GAP}{_NAME}\.?", "month"),
    SHORT_YEARS: Spelling(rf"{_NAME}\.?[-/ ]?'?(?P<short>\d\d)", "month"),
    "month in numbers": Spelling(r"(?P<leading>0?[1-9]|1[0-2])\.(?P<last>1[5-9]\d\d|2[01]\d\d)", "month", True),
    "year": Spelling(r"(?P<year>1[5-9]\d\d|2[01]\d\d|2200)(?:\.0)?", "year", True),
}
"""The ways to write dates that have a mark or a letter, and the numbers that only a column called like time has."""
DATES = ("date", "weekday, date")
"""The spellings in which a day and a month are figures."""


def match_of(text: str, spelling: str) -> Match | None:
    """Return how a text fits a spelling, None where it does not; a word that is no month or weekday fits none."""
    match = re.fullmatch(SPELLINGS[spelling].pattern, text)
    if match is None or not all(map(str.isascii, filter(str.isdigit, text))):
        return None
    parts = match.groupdict()
    if not (parts.get("weekday") or parts.get("name")):
        return match
    from seqtool.data.month_names import month_of, weekdays_of  # most dates are digits

    if parts.get("weekday") and not weekdays_of(parts["weekday"]):
        return None
    return match if not parts.get("name") or month_of(parts["name"]) else None


def spelling_of(cell: str | None, *, numbers: bool = True) -> str:
    """Return the name of the spelling that a cell has, "" for none; numbers: whether it may be a number."""
    text = cell.strip() if cell else ""
    if not 4 <= len(text) <= 60 or not any(map(str.isdigit, text)):
        return ""
    if not numbers and not re.search(r"[^\W\d]|\d[-/]\d", text):
        return ""
    names = (name for name, spelling in SPELLINGS.items() if numbers or not spelling.numbers)
    return next((name for name in names if match_of(text, name)), "")


def day_of(match: Match, order: str = "") -> datetime.date:
    """Return the day of a cell, the first one of a year, a quarter, a month or a week; order: `mdy` or `dmy`.

    Raises `ValueError` for a day that no calendar has.
    """
    parts = {name: text for name, text in match.groupdict().items() if text}
    year = _year(parts)
    if "week" in parts:
        return datetime.date.fromisocalendar(year, int(parts["week"]), int(parts.get("weekday_number", 1)))
    if "year_day" in parts:
        counted = datetime.date(year, 1, 1) + datetime.timedelta(int(parts["year_day"]) - 1)
        if counted.year != year:
            raise ValueError(f"no day {parts['year_day']} in {year}")
        return counted
    if "quarter" in parts:
        return datetime.date(year, 3 * int(parts["quarter"]) - 2, 1)
    month = int(parts.get("month") or parts.get("leading") or 1)
    if "name" in parts:
        from seqtool.data.month_names import month_of

        month = month_of(parts["name"])
    day = int(parts.get("day", 1))
    if "first" in parts:
        month, day = int(parts["first"]), int(parts["second"])
        if order == "dmy" or (parts["part"] == "." and not order):
            month, day = day, month
    return datetime.date(year, month, day)


def _year(parts: dict[str, str]) -> int:
    if short := parts.get("short"):
        return int(short) + (1900 if int(short) >= 50 else 2000)
    return int(parts["year"] if "year" in parts else parts["last"])


def clock_of(match: Match) -> int:
    """Return the seconds since midnight, 86,400 for 24:00; raises `ValueError` for a clock that shows no such time."""
    parts = {name: text for name, text in match.groupdict().items() if text}
    hour, minute, second = (int(parts.get(name, 0)) for name in ("hour", "minute", "seconds"))
    if half := parts.get("half") or parts.get("whole_half"):
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} o'clock with am or pm")
        hour = hour % 12 + 12 * (half in "Pp")
    if hour * 3600 + minute * 60 + second > 86_400 or minute > 59 or second > 59:
        raise ValueError("no time of the day")
    return hour * 3600 + minute * 60 + second


def offset_of(match: Match) -> int | None:
    """Return the offset from UTC in seconds east of it, None where the cell has none."""
    parts = match.groupdict()
    zone = parts.get("zone") or parts.get("short_zone")
    if not zone:
        return None
    if zone in HOURS_EAST:
        return HOURS_EAST[zone] * 3600
    digits = zone[1:].replace(":", "")
    return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60)


def wrong_weekday(match: Match, day: datetime.date) -> str:
    """Return the weekday of a day, "" where the cell names no other one."""
    word = match.groupdict().get("weekday")
    if not word:
        return ""
    from seqtool.data.month_names import ENGLISH, weekdays_of

    return "" if day.isoweekday() in weekdays_of(word) else ENGLISH[day.weekday()]


def moment_of(match: Match | None, order: str) -> np.datetime64:
    """Return the time of a cell, NaT where no calendar has it, or its weekday contradicts it."""
    try:
        day = day_of(match, order) if match is not None else None
        if match is None or day is None or wrong_weekday(match, day):
            return np.datetime64("NaT", "s")
        return np.datetime64(day, "s") + np.timedelta64(clock_of(match), "s")
    except ValueError:
        return np.datetime64("NaT", "s")
