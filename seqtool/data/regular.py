"""A regular series out of time stamps as they come: oldest first, each once, missing places as rows of NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from seqtool.data.grid import DAY, END, MONDAY, STEPS, WEEK, WEEKDAYS, WORKING, Grid, one_stamp, runs_of, span
from seqtool.data.reading import UTC
from seqtool.errors import DataError
from seqtool.findings import Finding
from seqtool.say import counted

if TYPE_CHECKING:
    from seqtool.types import Floats, Times

LEAST_WEEKS, SOME_WEEKS = 3, 10  # in which a slot of the week comes round before it is closed, or its rows are odd
RARELY, CHANCE = 0.02, 0.01  # the share of rows in a slot that is closed otherwise; that a slot is empty by chance
FEW_PLACES = 5  # at which rows are out of order; at more, dates may be read wrongly
WEEKS_OF_PERIODS = np.array([28, 35]) * np.timedelta64(DAY, "s")  # of accounting
RUN = 10  # steps of one length in a row are a frequency, not an accident


def regular(
    times: Times, values: Floats, *, where: str = "", known: Grid | None = None, zone: str = ""
) -> tuple[Times, Floats, Grid, list[Finding]]:
    """Order [T] stamps and [T,F] values, fill gaps; return times, values, grid, findings.

    known: the grid of a model, taken where the stamps stand on it; zone: of stamps that are instants. Raises
    `DataError` on repeated stamps, two frequencies, stamps where `known` is closed, and where there is no regular step;
    a single stamp needs `known`.
    """
    times, values, findings = _in_order(times, values)
    _refuse_repeated(times, values, where)
    grid = known and _known_grid(times, known, where)
    if grid is None:
        if zone == UTC:
            from seqtool.data.clock_changes import refuse_local_days  # of instants alone

            refuse_local_days(times, zone, where)
        grid = grid_of(times, where)._replace(zone=zone)
        _refuse_other_step(grid, known, where)
    places = grid.places(times)
    places = places - places[0]
    length = int(places[-1]) + 1
    if length == len(times):
        return times, values, grid, findings
    stamps = grid.stamps(grid.places(times[:1]) + np.arange(length))
    filled = np.full((length, values.shape[1]), np.nan)
    filled[places] = values
    absent = np.ones(length, dtype=bool)
    absent[places] = False
    count, first = length - len(times), one_stamp(stamps[absent][0], grid)
    stamp = counted(count, "time stamp is", "time stamps are")
    text = f"{stamp} missing, the first {first}: filled as missing values"
    if zone == UTC and grid.open and known is None:
        text += "; where the open hours are those of a place, --timezone NAME finds them"
    from seqtool.data.clock_changes import missing_hours  # few tables lack a row

    findings += [Finding("warning", "missing-stamps", text), *missing_hours(stamps[absent], grid)]
    if known and length > 2 * len(times):
        _refuse_other_step(_own_grid(times) or known, known, where)
    return stamps, filled, grid, findings


def _own_grid(times: Times) -> Grid | None:
    """Return the grid of sorted stamps, None where they show none."""
    try:
        return grid_of(times)
    except DataError:
        return None


def _refuse_other_step(own: Grid, known: Grid | None, where: str) -> None:
    """Raise `DataError` where the steps of a table are not those of the model."""
    if known and not own.same_step(known):
        what = f"the table is {own}, the model was trained on a series that is {known}"
        raise DataError(what, where=where, cure="give a table of the model's steps, or train on this one")


def _known_grid(times: Times, known: Grid, where: str) -> Grid | None:
    """Return a model's grid, or the same steps from another beginning, where all stamps stand on it."""
    for grid in (known, known.moved_to(times)):
        if grid.holds(times).all():
            return grid
    if known.open and known.seconds and known.moved_to(times)._replace(open=()).holds(times).all():
        outside = times[~known.holds(times)][0]
        what = f"{_with_day(outside, known)} is where the training had no rows ({known})"
        raise DataError(what, where=where, cure="leave such rows out, or train on a table that has them")
    return None


def _with_day(stamp: np.datetime64, grid: Grid) -> str:
    day = WEEKDAYS[(int(stamp.astype(np.int64)) - MONDAY) // DAY % 7]
    return f"the time stamp {one_stamp(stamp, grid)}, a {day},"


def grid_of(times: Times, where: str = "") -> Grid:
    """Return the grid of sorted stamps [T], T > 1; raises `DataError` where they have no regular step."""
    if (months := _months(times)) is not None:
        return months
    _refuse_two_frequencies(times, where)
    steps, counts = np.unique(np.diff(times).astype(np.int64), return_counts=True)
    step = int(steps[counts.argmax()])
    odd = steps[steps % step != 0]
    if odd.size:
        if (days := _some_days(times, int(np.gcd.reduce(steps)))) is not None:
            return days
        raise _no_step(f"most rows are {span(step)} apart, but some {span(int(odd[0]))}", times, where)
    grid = less_closed(Grid(seconds=step).moved_to(times), times, where)
    if (length := _length(grid, times)) > 2 * len(times):
        missing = f"at {span(step)} a step, {length - len(times)} of {length} rows would be missing"
        raise _no_step(missing, times, where)
    return grid


def _some_days(times: Times, step: int) -> Grid | None:
    """Return the grid of stamps on some slots of each week, such as Mondays, Wednesdays and Fridays; else None."""
    try:
        grid = less_closed(Grid(seconds=step).moved_to(times), times, "")
    except DataError:  # a single row in a slot
        return None
    return grid if grid.open and 4 * _length(grid, times) <= 5 * len(times) else None


def _length(grid: Grid, times: Times) -> int:
    return int(np.ptp(grid.places(times[[0, -1]]))) + 1


def _months(times: Times) -> Grid | None:
    """Return the grid of stamps that stand on one day of months, or on the first or last working day; else None."""
    months = times.astype("datetime64[M]").astype(np.int64)
    steps = np.diff(months)
    if (steps == 0).any():
        return None
    plain = Grid(months=int(np.gcd.reduce(steps))).moved_to(times)
    working = [plain._replace(day=day, open=WORKING) for day in (1, END)]
    return next((grid for grid in (plain, *working) if _fits(grid, times)), None)


def _fits(grid: Grid, times: Times) -> bool:
    return bool(grid.holds(times).all()) and 2 * len(times) > _length(grid, times) - 1


def less_closed(grid: Grid, times: Times, where: str) -> Grid:
    """Return a grid without the slots of the week that never have a row though they came round often enough.

    Raises `DataError` where hardly ever a row stands in such a slot.
    """
    if grid.months or WEEK % grid.seconds or grid.seconds >= WEEK or len(times) < 2:
        return grid
    per_week = WEEK // grid.seconds
    places = grid.places(times)
    slots = places % per_week
    weeks, more = divmod(int(places[-1] - places[0]) + 1, per_week)  # not an array of all places: a gap may be endless
    came = weeks + np.bincount((places[0] + np.arange(more)) % per_week, minlength=per_week)
    rows = np.bincount(slots, minlength=per_week)
    rare = (rows > 0) & (rows <= np.maximum(1, RARELY * came)) & (came >= SOME_WEEKS)
    filled = rows[~rare & (rows > 0)].sum() / max(1, came[~rare & (rows > 0)].sum())
    # as often as a slot came round, each of its rows would have to be missing by chance
    closed = ((rows == 0) | rare) & (came >= LEAST_WEEKS) & ((1 - filled) ** came < CHANCE)
    if not (closed & ~rare).any():
        return grid
    if (odd := closed & rare)[slots].any():
        what = f"{_with_day(times[odd[slots]][0], grid)} stands where hardly ever another one does"
        raise DataError(what, where=where, cure="leave that row out: the others show when the series is closed")
    return grid._replace(open=runs_of(np.flatnonzero(~closed)))


def _in_order(times: Times, values: Floats) -> tuple[Times, Floats, list[Finding]]:
    findings = []
    steps = np.diff(times).astype(np.int64)
    if (steps < 0).sum() > (steps > 0).sum():
        times, values = times[::-1], values[::-1]
        steps = -steps[::-1]
        findings.append(Finding("note", "newest-first", "the newest row comes first: the rows were reversed"))
    if places := int((steps < 0).sum()):
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        level: Literal["note", "warning"] = "warning" if places > FEW_PLACES else "note"
        text = f"rows out of order in {counted(places, 'place')}: they were sorted"
        findings.append(Finding(level, "out-of-order", text))
    return times, values, findings


def _refuse_repeated(times: Times, values: Floats, where: str) -> None:
    same = times[1:] == times[:-1]
    if same.any():
        from seqtool.data.clock_changes import refuse_clocks  # few tables have a row twice

        refuse_clocks(times, times[1:][same], where)
        first, count = one_stamp(times[1:][same][0], None), int(same.sum())
        what = f"the time stamp {first} is there more than once ({counted(count, 'row')} too many in all)"
        cure = f"{_resampling(times, 'sum')}keep one row a stamp"
        if np.array_equal(values[1:][same], values[:-1][same], equal_nan=True):
            what += ", with the same values"
            cure = "leave out the rows that are there again"  # their sum would count them twice
        raise DataError(what, where=where, cure=cure)


def _refuse_two_frequencies(times: Times, where: str) -> None:
    """Raise `DataError` where rows of one step in a row are followed, or preceded, by rows of another."""
    steps = np.diff(times)
    starts = np.flatnonzero(np.concatenate([[True], steps[1:] != steps[:-1]]))
    long = starts[np.diff(np.append(starts, len(steps))) >= RUN]
    changed = long[steps[long] != steps[long[0]]] if long.size else long
    if changed.size:
        at = (long[0], changed[0])
        first, then = (f"{span(int(steps[i].astype(np.int64)))} apart from {one_stamp(times[i], None)}" for i in at)
        what = f"two frequencies in one file: rows {first}, {then}"
        raise DataError(what, where=where, cure=f"{_resampling(times)}give the rows of one alone")


def _no_step(problem: str, times: Times, where: str) -> DataError:
    what = f"the time stamps have no regular step: {problem}"
    if np.isin(np.diff(times), WEEKS_OF_PERIODS).all():  # each would be put into a month, some months have none
        cure = "where these are periods of 4 and 5 weeks, --no-time takes the rows as steps"
        return DataError(what, where=where, cure=cure)
    return DataError(what, where=where, cure=f"{_resampling(times)}--no-time takes the rows as steps")


def _resampling(times: Times, how: str = "mean") -> str:
    """Return the options that put rows [T] into the shortest steps that hold several of them and are mostly there."""
    for name, grid in STEPS.items():
        places = np.unique(grid.places(times))
        if len(places) > 2 and 2 * len(places) > np.ptp(places):
            return f"--resample {how} --step {name}; or "
    return ""
