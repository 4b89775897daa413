"""What is known beside a series up to its end and in the steps ahead, as a model file takes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.beside import lacking
from seqtool.data.calendar import calendar, future_times
from seqtool.data.encoders.inputs import Input, coded
from seqtool.data.series import Series
from seqtool.errors import DataError
from seqtool.say import counted, printable
from seqtool.types import Array, Floats, Ids


def covariates_of(
    series: Series, names: Sequence[str], inputs: Sequence[Input], last: Ids, members: Ids | None, length: int,
    horizon: int,
) -> Array:  # fmt: skip
    """Return the codes of the calendar inputs `names`, then the columns, of the rows around `last` [B]: [B,T+N,C].

    T are the `length` rows up to the last one, N the `horizon` after it. members [B]: the series that each is of.
    Raises `DataError` where a column that is known of the future lacks a value there.
    """
    places = last[:, None] + np.arange(1 - length, horizon + 1)
    parts: list[Array] = []
    if names:
        codes = calendar(future_times(series, int(last.max()) + horizon + 1 - len(series.values)), names)
        parts.append(np.where((places < 0)[..., None], 0, codes[np.maximum(places, 0)]))
    if inputs:
        parts.append(_columns(series, inputs, places, members, horizon))
    both: Array = np.concatenate(parts, axis=2)
    return both


def _columns(series: Series, inputs: Sequence[Input], places: Ids, members: Ids | None, horizon: int) -> Floats:
    assert series.beside is not None, "a table is read by the columns of its model"
    known = sum(one.known for one in inputs)
    for row, member in zip(places[:, -horizon - 1], range(len(places)) if members is None else members, strict=True):
        _refuse_lacking(series, known, int(row), horizon, 0 if members is None else int(member))
    values = coded(series.beside, inputs)
    own = 0 if members is None or values.shape[1] == 1 else members[:, None]
    there = np.clip(places, 0, len(values) - 1)
    static = [one.static for one in inputs]
    columns = np.where((places == there)[..., None] | static, values[there, own], np.nan)
    past = np.array([not (one.known or one.static) for one in inputs])
    columns[:, -horizon:, past] = np.nan
    return columns


def _refuse_lacking(series: Series, known: int, row: int, horizon: int, member: int) -> None:
    """Raise `DataError` by the name of a column that ends before the forecast does."""
    assert series.beside is not None
    for name, steps in lacking(series.beside, known, row, horizon, member):
        end = series.stamps()[row] if row < len(series.values) else str(row + 1)
        of = f" of series '{printable(series.columns[member])}'" if len(series.columns) > 1 else ""
        what = f"column '{printable(name)}'{of}, known ahead, has values for {steps} of the {horizon} steps after {end}"
        cure = f"give the table {counted(horizon, 'row')} more, the values empty"
        raise DataError(what, cure=f"{cure}; or --horizon {steps}" if steps else cure)
