"""Dates in the words of strptime: the option --date-format, and the formats that fit cells."""

from __future__ import annotations

import datetime
import itertools
import shlex
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import UsageError

_PROBES = (datetime.datetime(2001, 12, 30, 23, 59, 58), datetime.datetime(2016, 4, 5, 6, 7, 8))
_DAYS = (
    "%m{0}%Y", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d", "%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d",
    "%d{0}%b{0}%y", "%d{0}%B{0}%y", "%b{0}%d{0}%y", "%b{0}%d,{0}%y", "%y{0}%b{0}%d", "%m{0}%y", "%Y{0}%m", "%y{0}%b",
    "%b{0}%y", "%B{0}%y",
)  # fmt: skip
_WHOLE = ("%a %b %d %H:%M:%S %Y", "%d/%b/%Y:%H:%M:%S", "%d/%b/%Y:%H:%M:%S %z")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", " %H", " %H%M", " %H.%M")


def refuse_unknown(text: str) -> None:
    """Raise `UsageError` where a format is none, or leaves open which date or which half of the day is meant."""
    if "%p" in text and "%H" in text:  # strptime reads over %p then
        cure = f"--date-format {shlex.quote(text.replace('%H', '%I'))}"
        raise UsageError(f"--date-format {text!r}: %H counts 24 hours, %p halves a day", cure=cure)
    dated = any(word in text for word in ("%Y", "%y", "%G", "%c", "%x"))
    for probe in _PROBES if text else ():
        try:
            written = probe.strftime(text) if dated else ""  # newer Pythons warn of a day without a year
            parsed = datetime.datetime.strptime(written, text if dated else "%Y")
            firsts = (probe.date(), probe.date().replace(day=1), probe.date().replace(month=1, day=1))
            certain = parsed.date() in firsts and parsed.strftime(text) == written
        except (ValueError, IndexError):
            certain = False
        if not certain:
            what = f"--date-format {text!r} says no date with its year"
            raise UsageError(what, cure="write it in the words of strptime, such as %d/%m/%y or '%d.%m.%Y %H:%M'")


def unit_of(format: str) -> str:
    """Return the unit that a format names, "" where it names the day."""
    if any(word in format for word in ("%d", "%j", "%u", "%w", "%a", "%A", "%c", "%x", "%D")):
        return ""
    return "month" if any(word in format for word in ("%m", "%b", "%B")) else "year"


def fits(cell: str | None, format: str) -> bool:
    """Tell whether a cell is written in a format."""
    return cell is not None and _read(cell, format) is not None


def read_format(cells: Sequence[str | None], format: str) -> tuple[NDArray[np.datetime64], list[int | None], bool]:
    """Return dates [T], NaT for cells of another format; offsets in seconds [T]; and whether fractions are left out."""
    moments = [_read(cell, format) if cell else None for cell in cells]
    bare = [moment.replace(tzinfo=None, microsecond=0) if moment else "NaT" for moment in moments]
    offsets = [moment.utcoffset() if moment else None for moment in moments]
    seconds = [None if offset is None else round(offset.total_seconds()) for offset in offsets]
    cut = any(moment is not None and moment.microsecond for moment in moments)
    return np.array(bare, dtype="datetime64[s]"), seconds, cut


def _read(cell: str, format: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(cell.strip(), format)
    except ValueError:
        return None


def fitting(cells: Iterable[str]) -> list[str]:
    """Return the usual formats, three at most, in which all of some cells are written, with years that series have.

    In none of them the rows jump back and forth: `%m-%y` fits days such as 01-31, 02-01 of one year too.
    """
    cells = list(cells)
    days = dict.fromkeys(day.format(mark) for day, mark in itertools.product(_DAYS, ("/", "-", ".", " ", "")))
    formats = (*(day + clock for day, clock in itertools.product(days, _CLOCKS)), *_WHOLE)
    # the first cell rules out nearly all
    likely = (form for form in formats if all(_is_likely(cell, form) for cell in cells))
    return list(itertools.islice((form for form in likely if _one_way(read_format(cells, form)[0])), 3))


def _one_way(times: NDArray[np.datetime64]) -> bool:
    steps = np.diff(times).astype(np.int64)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _is_likely(cell: str, format: str) -> bool:
    moment = _read(cell, format)
    # strptime reads one digit where there should be two: without marks it parts 210104 in many ways
    fixed = moment is not None and (not cell.isdecimal() or moment.strftime(format) == cell)
    fixed = fixed and (not format.endswith(" %H%M") or cell.strip()[-4:].isdecimal())
    return moment is not None and fixed and 1500 <= moment.year <= 2200


def fitting_clock(cell: str, format: str) -> str:
    """Return a format of dates with the clock that a cell has behind one."""
    return next((format + clock for clock in _CLOCKS if clock and fits(cell, format + clock)), f"{format} %H:%M")
