"""Time zones: local time stamps as instants and back, by the rules of a zone or by a fixed offset from UTC."""

from __future__ import annotations

import functools
import re
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.reading import UTC
from seqtool.errors import DataError, UsageError
from seqtool.say import printable
from seqtool.types import Flags, Ids

if TYPE_CHECKING:
    import datetime

    from seqtool.types import Times

_FIXED = r"([+-])(\d\d):(\d\d)"
_DAY = np.timedelta64(1, "D")


def known_zone(name: str) -> str:
    """Return the name of a zone, UTC for its other names; raises `UsageError` where there is none of that name."""
    if name.upper() in ("Z", "UTC", "+00:00", "-00:00"):
        return UTC
    try:
        _rules(name)
    except (ValueError, OSError) as error:
        cure = "--timezone Europe/Madrid, America/New_York, +01:00 or another name of the IANA list"
        raise UsageError(f"no time zone '{printable(name)}'", cure=cure) from error
    return name


@functools.cache
def _rules(name: str) -> datetime.tzinfo:
    """Return the rules of a zone; raises `ValueError` or `OSError` for an unknown name."""
    import datetime
    import zoneinfo  # few tables have a zone

    if fixed := re.fullmatch(_FIXED, name):
        length = datetime.timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return datetime.timezone(-length if fixed[1] == "-" else length)
    try:
        return zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise ValueError(name) from error


def fixed_zone(seconds: int) -> str:
    """Return the name of a fixed offset east of UTC."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"


def offsets_at(instants: Times, name: str) -> Ids:
    """Return the seconds east of UTC [T] that a zone has at instants [T]."""
    if not len(instants):
        return np.empty(0, dtype=np.int64)
    # whole years, so that a stream asks for few
    years = [str(edge.astype("datetime64[Y]")) for edge in (instants.min() - _DAY, instants.max() + _DAY)]
    starts, offsets = _changes(name, *years)
    return np.asarray(offsets[np.searchsorted(starts, instants.astype(np.int64), side="right") - 1])


@functools.lru_cache(maxsize=16)
def _changes(name: str, first: str, last: str) -> tuple[Ids, Ids]:
    """Return the instants, in seconds since 1970, from which on a zone has another offset, and these offsets.

    They are those from the year `first` to the year `last`.
    """
    end = (np.datetime64(last, "Y") + 1).astype("datetime64[D]")
    days = np.arange(np.datetime64(first, "D"), end + 1).astype("datetime64[s]")
    seconds = days.astype(np.int64)
    daily = np.array([_offset(name, int(second)) for second in seconds])
    starts, offsets = [seconds[0]], [daily[0]]
    for place in np.flatnonzero(np.diff(daily)):
        before, after = int(seconds[place]), int(seconds[place + 1])
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if _offset(name, middle) == daily[place] else (before, middle)
        starts.append(after)
        offsets.append(daily[place + 1])
    return np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _offset(name: str, second: int) -> int:
    import datetime

    rules = _rules(name)
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=second)
    offset = moment.astimezone(rules).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def to_local(instants: Times, name: str) -> Times:
    """Return the local time stamps [T] of instants [T]."""
    return np.asarray(instants + offsets_at(instants, name).astype("timedelta64[s]"))


def left_out(local: Times, name: str) -> Flags:
    """Tell which local time stamps [T] do not exist in a zone, since the clocks go forward over them."""
    _, _, fits = _readings(local, name)
    return np.asarray(~(fits[0] | fits[1]))


def shown_twice(local: Times, name: str) -> Flags:
    """Tell which local time stamps [T] the clocks of a zone show twice."""
    early, late, fits = _readings(local, name)
    return np.asarray(fits[0] & fits[1] & (early != late))


def _readings(local: Times, name: str) -> tuple[Times, Times, list[Flags]]:
    """Return the instants [T] of local time stamps by the offsets of the day before and after; and which show them."""
    early, late = (local - offsets_at(local + days * _DAY, name).astype("timedelta64[s]") for days in (-1, 1))
    return early, late, [to_local(instants, name) == local for instants in (early, late)]


def to_utc(local: Times, name: str, where: str = "", series: Sequence[Hashable] = ()) -> Times:
    """Return the instants [T] of local time stamps [T].

    Of an hour that a change of clocks doubles, the order of the rows tells the two apart, in each of several `series`
    [T] by itself. Raises `DataError` for a local time that does not exist, and for doubled hours whose rows are not in
    the order of time.
    """
    early, late, fits = _readings(local, name)
    if not (fits[0] | fits[1]).all():
        absent = local[~(fits[0] | fits[1])][0]
        what = f"the time stamp {absent} does not exist in {name}: the clocks go forward over it"
        raise DataError(what, where=where, cure="write the stamps in UTC or with their offset, or give their own zone")
    instants = np.where(fits[0], early, late)
    if (doubled := fits[0] & fits[1] & (early != late)).any():
        from seqtool.data.doubled_hours import by_order  # few tables have one

        first, second = (np.where(doubled, pick(early, late), instants) for pick in (np.minimum, np.maximum))
        ids = np.unique(np.asarray(series), return_inverse=True)[1] if series else np.zeros(len(local), dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(ids[order])) + 1):
            instants[rows] = by_order(local[rows], first[rows], second[rows], name, where)
    return np.asarray(instants)


def second_of(instant: np.datetime64, name: str) -> np.datetime64:
    """Return the later instant that the clocks of a zone show as they do this one; itself where there is none."""
    later = instant + np.arange(1, 9) * np.timedelta64(15, "m")  # clocks change by two hours at most
    same = later[to_local(later, name) == to_local(np.array([instant]), name)]
    return same[0] if same.size else instant
