"""Public holidays as columns beside the values, by the library holidays; their days are kept in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqtool.data.calendar import future_times
from seqtool.data.encoders.inputs import Input
from seqtool.data.grid import DAY
from seqtool.data.series import Series
from seqtool.errors import DataError, MissingExtra, UsageError
from seqtool.say import printable
from seqtool.types import Floats, Times

YEARS_AHEAD = 20  # after the training's last one, of which the file knows the holidays


def require(places: Sequence[str]) -> None:
    """Raise `MissingExtra` where holidays are asked for and their library is not installed."""
    if places:
        _library()


def _library() -> Any:
    try:
        import holidays  # half a second
    except ImportError as error:
        cure = 'pip install "seqtool[holidays]", or leave out --holidays'
        raise MissingExtra("--holidays needs the library holidays", cure=cure) from error
    return holidays


def holiday_inputs(places: Sequence[str], series: Series) -> tuple[Input, ...]:
    """Return the public holidays of countries (`DE`) or parts of them (`DE-BY`), each as a column known ahead.

    Raises `UsageError` for a place that the library does not know, and for steps longer than a day; `DataError` without
    time stamps.
    """
    if not places:
        return ()
    years = future_times(series, 0).astype("datetime64[Y]").astype(int) + 1970
    if series.grid is None or series.grid.months or series.grid.seconds > DAY:
        raise UsageError(f"holidays are days, and the series is {series.grid}", cure="leave --holidays out")
    first, last = int(years[0]), int(years[-1]) + YEARS_AHEAD
    return tuple(_input(place, first, last) for place in dict.fromkeys(places))


def _input(place: str, first: int, last: int) -> Input:
    country, _, part = place.partition("-")
    try:
        found = _library().country_holidays(country.upper(), subdiv=part.upper() or None, years=range(first, last + 1))
    except NotImplementedError as error:
        cure = "--holidays with the two letters of a country, such as DE, or with a part of it, such as DE-BY or US-CA"
        raise UsageError(f"no holidays are known of {printable(place)!r}", cure=cure) from error
    days = tuple(sorted(day.isoformat() for day in found))
    return Input(f"holidays {place.upper()}", known=True, days=days, first=first, last=last)


def holiday_columns(series: Series, inputs: Sequence[Input], ahead: int) -> list[Floats]:
    """Return a flag [T+ahead] for each input of holidays: 1 on such a day. Raises `DataError` beyond their years."""
    dated = [one for one in inputs if one.last]
    return [holiday_flags(future_times(series, ahead), one) for one in dated]


def holiday_flags(times: Times, one: Input) -> Floats:
    """Return 1 for each local time on a holiday, else 0; raises `DataError` beyond the years that are known."""
    days = times.astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(int) + 1970
    if years.size and (years.max() > one.last or years.min() < one.first):
        year = years.max() if years.max() > one.last else years.min()
        what = f"the model knows {printable(one.name)} from {one.first} to {one.last}, and {year} is asked for"
        raise DataError(what, cure="train again on newer data")
    return np.isin(days, np.array(one.days, dtype="datetime64[D]")).astype(np.float64)
