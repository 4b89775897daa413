"""What is known beside a series up to its end and in the steps ahead, as a network and a model file take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqtool.data.beside import lacking
from seqtool.data.calendar import calendar, future_times
from seqtool.data.encoders.inputs import Input, coded, doubts
from seqtool.data.series import Series
from seqtool.errors import DataError
from seqtool.families.forecasting.public_holidays import holiday_columns
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Array, Flags, Floats, Ids


def columns_of(series: Series, inputs: Sequence[Input], ahead: int = 0) -> Floats:
    """Return the columns beside the T rows of a series, and at least `ahead` more: [T+M,S,C], NaN = missing.

    Levels are coded as the training had them; what is one value a series goes on. Raises `DataError` for holidays of
    years that are not known.
    """
    rows = len(series.values) + ahead
    if series.beside is None:
        table = np.empty((rows, 1, 0))
    else:
        in_table = [one for one in inputs if not one.last]
        table = coded(series.beside, in_table)
        static = [one.static for one in in_table]
        more = np.where(static, table[-1:], np.nan).repeat(max(0, rows - len(table)), axis=0)
        table = np.concatenate([table, more])
    days = holiday_columns(series, inputs, len(table) - len(series.values))
    flags = [np.broadcast_to(column[:, None, None], (*table.shape[:2], 1)) for column in days]
    return np.concatenate([table, *flags], axis=2)


def input_findings(inputs: Sequence[Input], series: Series, rows: int) -> list[Finding]:
    """Warn of columns that never change in the `rows` of the training, and of what comes only behind them."""
    still = [one for one in inputs if not (one.static or one.levels) and one.low == one.high]
    still += [one for one in inputs if len(one.levels) == 1 and not one.static]
    findings = [
        Finding("warning", "constant-column", f"'{printable(one.name)}' never changes in the training part: no effect")
        for one in still
    ]
    later = doubts(series.beside, inputs, rows) if series.beside else []
    return findings + [Finding("warning", *text.split(": ", 1)) for text in later]


def of_the_past(inputs: Sequence[Input]) -> Flags:
    """Tell which columns [C] the future has not."""
    return np.array([not (one.known or one.static) for one in inputs], dtype=np.bool_)


@dataclass(frozen=True)
class Around:
    """What is known beside the T rows of a series, and at least the steps that are asked for behind them.

    codes [T+M,C] of the calendar, columns [T+M,S,C] as the training coded them, None for none; past [C]: columns that
    the future has not.
    """

    codes: Ids | None
    columns: Floats | None
    past: Flags

    def at(self, last: Ids, members: Ids | None, length: int, horizon: int) -> Array:
        """Return codes, then columns, of the rows around `last` [B] of series `members` [B]: [B,T+N,C].

        T are the `length` rows up to the last one, N the `horizon` after it.
        """
        places = last[:, None] + np.arange(1 - length, horizon + 1)
        parts: list[Array] = []
        if self.codes is not None:
            parts.append(np.where((places < 0)[..., None], 0, self.codes[np.maximum(places, 0)]))
        if self.columns is not None:
            own = 0 if members is None or self.columns.shape[1] == 1 else members[:, None]
            columns = np.where((places < 0)[..., None], np.nan, self.columns[np.maximum(places, 0), own])
            columns[:, -horizon:, self.past] = np.nan
            parts.append(columns)
        both: Array = np.concatenate(parts, axis=2)
        return both


def around(
    series: Series, names: Sequence[str], inputs: Sequence[Input], last: Ids, members: Ids | None, horizon: int
) -> Around:
    """Return what is known, up to `horizon` steps after each of the rows `last` [B] of series `members` [B].

    names: the calendar inputs. Raises `DataError` where a column that is known of the future lacks a value there.
    """
    ahead = max(0, int(last.max()) + horizon + 1 - len(series.values))
    codes = calendar(future_times(series, ahead), names) if names else None
    if inputs:
        _refuse_lacking(series, inputs, last, members, horizon)
    return Around(codes, columns_of(series, inputs, ahead) if inputs else None, of_the_past(inputs))


def lacking_ahead(
    series: Series, inputs: Sequence[Input], last: Ids, members: Ids | None, horizon: int
) -> dict[int, tuple[str, int]]:
    """Return of which rows `last` [B] a column known ahead ends, or has a gap, before the forecast does.

    By the place of the row: the name of the column, and for how many steps it has values.
    """
    known = sum(one.known and not one.last for one in inputs)
    if series.beside is None or not known:
        return {}
    members = np.zeros(len(last), dtype=np.int64) if members is None else members
    found = {
        place: lacking(series.beside, known, row, horizon, member)
        for place, (row, member) in enumerate(zip(last.tolist(), members.tolist(), strict=True))
    }
    return {place: lack for place, lack in found.items() if lack}


def _refuse_lacking(series: Series, inputs: Sequence[Input], last: Ids, members: Ids | None, horizon: int) -> None:
    """Raise `DataError` by the name of a column that ends, or has a gap, before the forecast does."""
    lacks = lacking_ahead(series, inputs, last, members, horizon)
    if not lacks:
        return
    place, (name, steps) = next(iter(lacks.items()))
    row, member = int(last[place]), 0 if members is None else int(members[place])
    of = f" of series '{printable(series.columns[member])}'" if len(series.columns) > 1 else ""
    stamp = _stamp_after(series, row, steps + 1)
    what = f"column '{printable(name)}'{of}, known ahead, has no value at {stamp}: {steps} of {horizon} steps are known"
    cure = f"give a table (--data FILE) with a row for each of the {horizon} steps: '{printable(name)}' in it, no value"
    raise DataError(what, cure=f"{cure}; or --horizon {steps}" if steps else cure)


def _stamp_after(series: Series, row: int, steps: int) -> str:
    times = None if series.times is None else series.times[: row + 1]
    return replace(series, values=series.values[: row + 1], times=times).future(steps)[-1]
