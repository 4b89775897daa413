"""Where the time stamps of a series stand: every so many seconds or months, less what is closed each week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from seqtool.data.stamps import format_stamps

if TYPE_CHECKING:
    from seqtool.types import Flags, Ids, Json, Times

DAY, WEEK, YEAR = 86_400, 7 * 86_400, 365.2425 * 86_400  # seconds; a year on the average
MONDAY = 4 * DAY  # 1970-01-05, in seconds since 1970
END = 31  # the day of a month that stands for its last one
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Runs = tuple[tuple[int, int], ...]
WORKING: Runs = ((0, 5),)  # the days of a week from Monday on
Cycle = Literal["day", "week", "year"]


class Grid(NamedTuple):
    """The places of a series in time, counted by whole numbers.

    seconds: the length of a step, 0 where it is months; months: 1 for months, 3 for quarters, 12 for years. phase: the
    seconds after Monday 1970-01-05, or the months after January 1970, at which a step begins, less than one step.
    day, clock: of months, the day (31: the last one) and the seconds after midnight. open: runs [start, stop) of the
    slots of a week, from Monday on, at which there are rows, () for all; of months `WORKING`, where the day is the
    first or the last working day. zone: the time zone in which its instants are shown, "" where stamps are what the
    table says.
    """

    seconds: int = 0
    months: int = 0
    phase: int = 0
    day: int = 1
    clock: int = 0
    open: Runs = ()
    zone: str = ""

    def places(self, times: Times) -> Ids:
        """Return the places [T] of time stamps [T]; of a stamp between two places the one before or after."""
        if self.months:
            return np.asarray((times.astype("datetime64[M]").astype(np.int64) - self.phase) // self.months)
        steps = (times.astype(np.int64) - MONDAY - self.phase) // self.seconds
        if not self.open:
            return np.asarray(steps)
        slots = self.slots
        week, slot = np.divmod(steps, WEEK // self.seconds)
        return np.asarray(week * len(slots) + np.searchsorted(slots, slot))

    def place(self, time: np.datetime64) -> int:
        """Return the place of one stamp."""
        if self.months or self.open:
            return int(self.places(np.array([time], dtype="datetime64[s]"))[0])
        return (int(time.astype(np.int64)) - MONDAY - self.phase) // self.seconds  # a stream asks for each line

    def stamps(self, places: Ids) -> Times:
        """Return the time stamps [T] of places [T]."""
        if self.months:
            months = (places * self.months + self.phase).astype("datetime64[M]")
            first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
            days = np.minimum(first + (self.day - 1), after - 1)
            if self.open:
                days = np.busday_offset(days, 0, roll="backward" if self.day == END else "forward")
            return np.asarray(days.astype("datetime64[s]") + np.timedelta64(self.clock, "s"))
        steps = places
        if self.open:
            week, place = np.divmod(places, len(self.slots))
            steps = week * (WEEK // self.seconds) + self.slots[place]
        return np.asarray((steps * self.seconds + MONDAY + self.phase).astype("datetime64[s]"))

    def holds(self, times: Times) -> Flags:
        """Tell which stamps [T] are places of the grid."""
        return np.asarray(self.stamps(self.places(times)) == times)

    def closed(self, times: Times) -> Flags:
        """Tell which stamps [T], whatever their beginning, fall into a slot of the week that has no rows."""
        if not self.open or self.months:
            return np.zeros(len(times), dtype=bool)
        slots = (times.astype(np.int64) - MONDAY - self.phase) // self.seconds % (WEEK // self.seconds)
        return np.asarray(~np.isin(slots, self.slots))

    def after(self, time: np.datetime64, n: int) -> Times:
        """Return the n stamps after one."""
        return self.stamps(self.places(np.array([time], dtype="datetime64[s]"))[0] + np.arange(1, n + 1))

    def local(self, times: Times) -> Times:
        """Return stamps [T] as the clocks of the zone show them."""
        if not self.zone:
            return times
        from seqtool.data.zones import to_local  # few series have a zone

        return to_local(times, self.zone)

    def written(self, times: Times) -> list[str]:
        """Write stamps [T] as dates where all are midnights and steps are whole days, else with the time and offset."""
        local = self.local(times)
        texts = format_stamps(local, None if self.whole_days else np.timedelta64(self.seconds, "s"))
        if not self.zone or not texts or "T" not in texts[0]:
            return texts
        if self.zone == "UTC":
            return [text + "Z" for text in texts]
        from seqtool.data.zones import fixed_zone

        offsets = (local - times).astype(np.int64).tolist()
        return [text + fixed_zone(offset) for text, offset in zip(texts, offsets, strict=True)]

    def around(self, times: Times, before: int, after: int) -> Times:
        """Return for each of M stamps the `before` ones before it, itself, and the `after` ones after it [M,...]."""
        steps = np.arange(-before, after + 1)
        return self.stamps((self.places(times)[:, None] + steps).ravel()).reshape(len(times), -1)

    @property
    def slots(self) -> Ids:
        """The open slots of a week."""
        return np.concatenate([np.arange(start, stop) for start, stop in self.open])

    @property
    def whole_days(self) -> bool:
        """Whether a step is a number of days or months."""
        return bool(self.months) or self.seconds % DAY == 0

    def same_step(self, other: Grid) -> bool:
        """Tell whether steps are as long as those of another grid."""
        return (self.seconds, self.months) == (other.seconds, other.months)

    def moved_to(self, times: Times) -> Grid:
        """Return the grid that begins where the first of some stamps stands, closed as this one."""
        if self.months:
            month = int(times[0].astype("datetime64[M]").astype(np.int64))
            days = (times.astype("datetime64[D]") - times.astype("datetime64[M]")).astype(np.int64) + 1
            clock = int((times[0] - times[0].astype("datetime64[D]")).astype(np.int64))
            last = bool((times.astype("datetime64[D]") + 1 == (times.astype("datetime64[M]") + 1)).all())
            return self._replace(phase=month % self.months, day=END if last else int(days.max()), clock=clock)
        phase = int((times[0].astype(np.int64) - MONDAY) % self.seconds)
        return self._replace(phase=phase)

    def seasons(self) -> list[int]:
        """Return the usual seasons in steps: a day, a week, a year; of months a year."""
        if self.months:
            return [12 // self.months] if 12 % self.months == 0 and self.months < 12 else []
        if not self.open:
            return sorted({round(length / self.seconds) for length in (DAY, WEEK, YEAR)})
        week = len(self.slots)
        days = len({int(slot) * self.seconds // DAY for slot in self.slots})
        return sorted({round(length) for length in (week / days, week, week * YEAR / WEEK)})

    def cycle(self, name: Cycle) -> int:
        """Return how many steps a day, a week or a year has, 0 where it is no whole number of them, or one alone."""
        if name == "year":  # no whole number of days: the nearest one
            steps, left = max(self.seasons(), default=0), 0
        elif self.months:
            return 0
        elif self.open:
            days = len({int(slot) * self.seconds // DAY for slot in self.slots})
            steps, left = divmod(len(self.slots), days if name == "day" else 1)
        else:
            steps, left = divmod(DAY if name == "day" else WEEK, self.seconds)
        return steps if not left and steps > 1 else 0

    def length(self, steps: int) -> str:
        """Return how long some steps are, in words: `1 day`; `52 steps` where no unit is whole."""
        if self.months:
            unit, count = (
                ("year", steps * self.months // 12) if steps * self.months % 12 == 0 else ("month", steps * self.months)
            )
        elif not self.open:
            return span(steps * self.seconds)
        else:
            week = len(self.slots)
            day = week // len({int(slot) * self.seconds // DAY for slot in self.slots})
            unit, count = ("week", steps // week) if steps % week == 0 else ("open day", steps // day)
            if unit == "open day" and steps % day:
                return f"{steps} steps"
        return f"{count} {unit}" + ("s" if count != 1 else "")

    def __str__(self) -> str:
        if self.months:
            return self._month_words()
        if not self.open:
            return {DAY: "daily", WEEK: "weekly", 3600: "hourly"}.get(self.seconds, f"every {span(self.seconds)}")
        days = [int(slot) * self.seconds // DAY for slot in self.slots]
        named = [name for place, name in enumerate(WEEKDAYS) if place in days]
        rows = "daily, " if self.seconds == DAY else f"every {span(self.seconds)}, {len(named)} days a week: "
        return rows + _listed(named)

    def _month_words(self) -> str:
        unit = {1: "monthly", 3: "quarterly", 12: "yearly"}.get(self.months, f"every {self.months} months")
        day = {1: "month start", END: "month end"}.get(self.day, f"on day {self.day} of the month")
        if self.open:
            day = {1: "first working day", END: "last working day"}[self.day]
        return f"{unit}, {day}"

    def to_json(self) -> Json:
        """Return the fields that are not their defaults."""
        return {name: value for name, value in self._asdict().items() if value != self._field_defaults[name]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Grid:
        """Rebuild what `to_json` gave; raises `TypeError` or `ValueError` for anything else."""
        values = {name: value for name, value in stored.items() if name in cls._fields}  # a newer version may have more
        runs = values.pop("open", [])
        zone = values.pop("zone", "")
        if not all(type(value) is int for value in values.values()) or not isinstance(zone, str):
            raise TypeError("a grid of time stamps is made of whole numbers")
        if zone:
            from seqtool.data.zones import known_zone

            zone = known_zone(zone)
        grid = cls(**values, open=tuple((start, stop) for start, stop in runs), zone=zone)
        if grid.months and grid.open and (grid.open != WORKING or grid.day not in (1, END)):
            raise ValueError("the days of a monthly grid are no working days")
        limits = (0, *(edge for run in grid.open for edge in run), WEEK // max(1, grid.seconds))
        if any(type(edge) is not int for edge in limits) or list(limits) != sorted(limits):
            raise ValueError("the open hours of a grid are no runs of a week")
        if (grid.seconds > 0) == (grid.months > 0) or min(grid.seconds, grid.months) < 0 or not 1 <= grid.day <= END:
            raise ValueError("a grid of time stamps has no step")
        return grid


STEPS = {
    "minute": Grid(seconds=60), "hour": Grid(seconds=3600), "day": Grid(seconds=DAY), "week": Grid(seconds=WEEK),
    "month": Grid(months=1), "quarter": Grid(months=3), "year": Grid(months=12),
}  # fmt: skip
"""The usual steps, the shortest first."""


def runs_of(slots: Ids) -> Runs:
    """Return sorted whole numbers as runs [start, stop)."""
    edges = np.flatnonzero(np.diff(slots) != 1) + 1
    return tuple((int(part[0]), int(part[-1]) + 1) for part in np.split(slots, edges) if len(part))


def _listed(names: Sequence[str]) -> str:
    first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
    return f"{names[0]} to {names[-1]}" if last - first + 1 == len(names) > 2 else ", ".join(names)


def one_stamp(stamp: np.datetime64, grid: Grid | None) -> str:
    """Write one stamp as its grid does, or as a date where it is a midnight."""
    times = np.array([stamp], dtype="datetime64[s]")
    return (grid.written(times) if grid else format_stamps(times))[0]


def span(seconds: int) -> str:
    """Write a number of seconds in the largest whole unit."""
    for unit, size in (("day", DAY), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}" + ("s" if seconds != size else "")
    return f"{seconds} seconds"
