"""`forecast --follow` of a pooled model: rows of many series in any order, each answered from its own last window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.answer_names import breaking
from seqtool.families.forecasting.long_rows import ident
from seqtool.families.forecasting.many import FEWEST, half_known
from seqtool.families.forecasting.many_findings import never_seen
from seqtool.families.forecasting.pipe import Watch, covariates, told
from seqtool.families.forecasting.row_clock import RowClock
from seqtool.families.forecasting.rows import CLOSED, Row
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.stamp_watch import StampWatch
from seqtool.families.forecasting.stream_head import Head
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal
from seqtool.say import note, printable, warn
from seqtool.types import Floats, Ids


class Followed:
    """The last window [T] of a series, NaN = missing, its clock, and whether it was answered before."""

    __slots__ = ("clock", "served", "window")

    def __init__(self, size: int) -> None:
        self.window: Floats = np.full(size, np.nan)
        self.clock, self.served = RowClock(), False

    def add(self, lost: int, value: float) -> None:
        """Go on by `lost` missing values and one value."""
        steps = min(lost + 1, len(self.window))
        self.window[:-steps] = self.window[steps:]
        self.window[-steps:] = np.nan
        self.window[-1] = value


class ManyFollowing:
    """Answers lines of a long table, none of them before a series has two known values; keeps a window a series."""

    def __init__(self, runner: Runner, horizon: int, *, json: bool = False) -> None:
        self._runner, self._horizon, self._json = runner, horizon, json
        self._head, self._watch = Head(runner), Watch(runner)
        self._series: dict[str, Followed] = {}
        self._known, self._stamps = Known(runner), StampWatch(runner)
        self._said = False  # why first lines are without an answer

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Answer a batch of consecutive lines."""
        rows = [self._head.row(record) for record in records]
        steps = [None if row is None else self._step(row) for row in rows]
        asked = [(row, step) for row, step in zip(rows, steps, strict=True) if isinstance(step, np.ndarray) and row]
        forecasts = iter(self._forecasts([row for row, _ in asked], [window for _, window in asked]))
        return [next(forecasts) if isinstance(step, np.ndarray) else step for step in steps]

    def _step(self, row: Row) -> Floats | Refusal | None:
        """Add a row to its series; return its window [T], or what is answered without a forecast."""
        refused = row.values if isinstance(row.values, Refusal) else None
        if refused and (row.unnamed or refused.kind == CLOSED):
            return refused
        series = self._series.get(row.name)
        if series is None:
            series = self._series[row.name] = Followed(self._runner.window)
        before = f"the one before of '{printable(row.name)}'" if row.name else "the line before"
        lost = self._stamps.go_to(series.clock, row, before)
        if isinstance(lost, Refusal):
            return lost
        # a refused line is a step whose value is missing: left out, every lag behind it would be off by one
        series.add(lost, np.nan if isinstance(row.values, Refusal) else row.values[0])
        return refused or self._window(row.name, series)

    def _window(self, name: str, series: Followed) -> Floats | Refusal | None:
        if np.isfinite(series.window).sum() >= FEWEST:
            series.served = True
            return series.window.copy()
        if series.served:
            reason = f"fewer than {FEWEST} known values in the last {self._runner.window} steps"
            return Refusal(f"{reason} of '{printable(name)}'" if name else reason, "after too many missing values")
        if not self._said:
            note("first lines of a series get no answer: it is forecast from its second known value on")
            self._said = True
        return None

    def _forecasts(self, rows: Sequence[Row], windows: Sequence[Floats]) -> list[Answer]:
        if not rows:
            return []
        history = np.stack(windows)[..., None]
        self._watch(half_known(history))
        ids = self._known([row.name for row in rows])
        # a row that is answered has a time stamp of its own, where the model reads the calendar
        codes = covariates(self._runner, np.array([row.moment for row in rows]), self._runner.window, self._horizon)
        prediction = self._runner.forecast_batch(history, self._horizon, ids=ids, covariates=codes)
        return [
            named_answer(row, told(row, forecast, self._runner, json=self._json), self._runner)
            for row, forecast in zip(rows, prediction.forecast, strict=True)
        ]


class Known:
    """The places of series among those that the training knew by name; says once where one is none of them."""

    def __init__(self, runner: Runner) -> None:
        self._places = {name: place for place, name in enumerate(runner.encoders.ids)}
        self._said = not self._places

    def __call__(self, names: Sequence[str]) -> Ids:
        """Return the place of each name [B], the number of places for one that the training never saw."""
        unknown = () if self._said else tuple(name for name in names if name and name not in self._places)
        for finding in never_seen(unknown[:1], [*self._places]):
            warn(f"{finding.code}: {finding.text}")
            self._said = True
        return np.array([self._places.get(name, len(self._places)) for name in names], dtype=np.int64)


def named_answer(row: Row, answer: Answer, runner: Runner) -> Answer:
    """Put the name of its series in front of the answer to a row."""
    if isinstance(answer, str) and breaking([row.name]):
        return Refusal(f"'{printable(row.name)}' has a tab or a control character", "of an unfit name")
    if isinstance(answer, str) and row.name:
        return f"{_cell(row.name)},{answer}"
    if isinstance(answer, dict) and row.name:
        return {ident(runner): row.name, **answer}
    return answer


def _cell(name: str) -> str:
    """Return a name as a cell of separated values."""
    return '"' + name.replace('"', '""') + '"' if any(mark in name for mark in ',"\r') else name
