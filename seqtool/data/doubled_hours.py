"""The hour that a change of clocks doubles: the order of the rows tells its two instants apart."""

from __future__ import annotations

import numpy as np

from seqtool.errors import DataError
from seqtool.types import Ids, Times

_ZERO = np.timedelta64(0, "s")


def by_order(local: Times, first: Times, second: Times, zone: str, where: str) -> Times:
    """Return the instants [T] of one series, each the `first` or the `second` that its clocks may mean.

    Its rows go forwards or backwards in time beside a doubled hour. Raises `DataError` where they do neither; stamps
    that occur twice at other hours too are told elsewhere.
    """
    instants = first.copy()
    doubled = np.flatnonzero(first != second)
    steps = np.abs(np.diff(first))
    usual = np.median(steps) if len(steps) else _ZERO
    days = local[doubled].astype("datetime64[D]")
    breaks = np.flatnonzero((np.diff(doubled) > 1) | (np.diff(days) != np.timedelta64(0, "D"))) + 1
    apart = _repeats(days[np.append(0, breaks)]) if len(doubled) else False  # of one hour, other rows between them
    for run in np.split(doubled, breaks) if len(doubled) else []:
        back = _goes_back(first, run)
        _resolve(instants, first, second, run[::-1] if back else run, usual)
        around = instants[max(run[0] - 1, 0) : run[-1] + 2]
        in_order = not apart and (np.diff(around) * (-1 if back else 1) > _ZERO).all()
        if not in_order and not _repeats(np.delete(first, doubled)):
            raise _disorder(local[run[0]], zone, where)
    return instants


def _goes_back(first: Times, run: Ids) -> bool:
    """Tell whether time goes back from row to row, by the rows around a run of doubled ones, else by those inside."""
    around = np.diff(first[[max(run[0] - 1, 0), run[0], run[-1], min(run[-1] + 1, len(first) - 1)]])[[0, 2]]
    around = around if around.any() else np.diff(first[run])
    return bool((around < _ZERO).sum() > (around > _ZERO).sum())


def _resolve(instants: Times, first: Times, second: Times, run: Ids, usual: np.timedelta64) -> None:
    """Choose one of two instants for each row of a run, from the oldest on: the one that goes on from the row before.

    The oldest row of a series takes the one that the row behind it goes on from.
    """
    step = 1 if len(run) < 2 else int(run[1] - run[0])
    for row in map(int, run):
        before, behind = row - step, row + step
        if 0 <= before < len(first):
            last = instants[before]
            goes_on = first[row] > last and (second[row] - last != usual or first[row] - last == usual)
        else:
            goes_on = not 0 <= behind < len(first) or first[behind] - second[row] != usual
        instants[row] = first[row] if goes_on else second[row]


def _repeats(times: Times) -> bool:
    return len(np.unique(times)) < len(times)


def _disorder(stamp: np.datetime64, zone: str, where: str) -> DataError:
    what = f"the clocks of {zone} show the hour of {stamp} twice, and the rows around it are not in the order of time: "
    what += "nothing tells its two hours apart"
    cure = "write the rows in the order of time, or the stamps with their offset or in UTC"
    return DataError(what, where=where, cure=cure)
