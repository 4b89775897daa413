"""Changes of clocks in local time stamps: an hour missing in spring, one twice in autumn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.datetime64]

HOUR = np.timedelta64(3600, "s")
SUNDAY = 3  # of 1970-01-01 plus n days, a Thursday: n % 7
NIGHT = np.timedelta64(4 * 3600, "s")  # clocks change before four in the morning
MONTHS = (3, 4, 9, 10, 11)  # of either hemisphere


def clock_changes(stamps: Times, step: np.timedelta64) -> Times:
    """Return the first stamp [K] of each hour among sorted `stamps` that looks like a change of clocks.

    That is: all stamps of a Sunday in spring or autumn make one whole hour, early in its night.
    """
    if not stamps.size or HOUR % step:
        return stamps[:0]
    days = stamps.astype("datetime64[D]")
    found = [stamps[days == day] for day in np.unique(days)[_possible(np.unique(days))]]
    hours = [one for one in found if len(one) * step == HOUR and one[-1] - one[0] == HOUR - step]
    early = [one[0] for one in hours if one[-1] - one[0].astype("datetime64[D]") < NIGHT]
    return np.array(early, dtype="datetime64[s]")


def _possible(days: Times) -> NDArray[np.bool_]:
    sunday = days.astype(np.int64) % 7 == SUNDAY
    return np.asarray(sunday & np.isin(days.astype("datetime64[M]").astype(np.int64) % 12 + 1, MONTHS))
