"""The calendar as integer codes: what is known of every time stamp, the future ones too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.series import Series
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.types import Ids, Times

CALENDAR = {"hour": 24, "weekday": 7, "month": 12}  # name of a calendar input -> how many codes it has
_THURSDAY = 3  # 1970-01-01, day 0 of NumPy's calendar, was one


def calendar(times: Times, names: Sequence[str]) -> Ids:
    """Return the codes [T,C] of time stamps [T] (datetime64[s]), one column a name.

    hour 0..23, weekday 0..6 (Monday is 0), month 0..11 (January is 0). Raises `UsageError` for another name.
    """
    columns = [_codes(times, name) for name in names]
    return np.stack(columns, axis=1) if columns else np.empty((len(times), 0), dtype=np.int64)


def _codes(times: Times, name: str) -> Ids:
    if name == "hour":
        return times.astype("datetime64[h]").astype(np.int64) % 24
    if name == "weekday":
        return (times.astype("datetime64[D]").astype(np.int64) + _THURSDAY) % 7
    if name == "month":
        return times.astype("datetime64[M]").astype(np.int64) % 12
    raise UsageError(f"no calendar input {name!r}", cure=did_you_mean(name, CALENDAR))


def future_times(series: Series, n: int, where: str = "") -> Times:
    """Return the local time stamps [T+n] of the T rows of a series and of the n steps after them.

    Raises `DataError` where the series has no time stamps, or a single one and so no step.
    """
    if series.times is None:
        cure = 'give a column of dates (--time-column names it), or train without: --calendar ""'
        raise DataError("calendar inputs need time stamps, and the table has none", where=where, cure=cure)
    if series.grid is None:
        raise DataError("one row has no step to count on from", where=where, cure="give more rows")
    return series.grid.local(np.concatenate([series.times, series.grid.after(series.times[-1], n)]))
