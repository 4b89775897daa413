"""The rows of a table that a stream has not read yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqtool.data.series import Series
from seqtool.errors import DataError


def unread(series: Series, last: str) -> tuple[Series, int]:
    """Return the rows after the time stamp `last` ("": all), and how many steps are missing before the first.

    Missing steps are put in front as rows of missing values, so that the stream's clock goes on. Raises `DataError`
    where nothing is new, or the step is not known.
    """
    if not last or series.times is None:
        return series, 0
    read_until = np.datetime64(last, "s")
    new = series.times > read_until
    if not new.any():
        raise DataError(
            f"nothing is new: the stream has read up to {last}",
            where=f"the table ends at {series.stamps()[-1]}",
            cure="give later rows",
        )
    if series.step is None:
        raise DataError("one row, and its step is not known", where=series.stamps()[0], cure="give more rows")
    times, values = series.times[new], series.values[new]
    lost = int((times[0] - read_until) / series.step) - 1
    if lost > 0:
        ahead = times[0] - np.arange(lost, 0, -1) * series.step
        times = np.concatenate([ahead, times])
        values = np.concatenate([np.full((lost, values.shape[1]), np.nan), values])
    return replace(series, times=times, values=values), max(0, lost)
