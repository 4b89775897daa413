"""`forecast --follow` of a model that reads columns beside the values: lines without a value announce steps ahead.

A line with a value is a step that has come. A line without one, after the last that has, tells what is known of a step
to come; it is answered by the forecast of that step. Where nothing has to be known ahead, a line with a value is
answered as for any model: by the steps after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqtool.data.calendar import calendar
from seqtool.errors import UsageError
from seqtool.families.forecasting.follow_many import Known, named_answer
from seqtool.families.forecasting.inputs import of_the_past
from seqtool.families.forecasting.many import FEWEST
from seqtool.families.forecasting.pipe import Watch, told
from seqtool.families.forecasting.public_holidays import holiday_flags
from seqtool.families.forecasting.row_clock import RowClock
from seqtool.families.forecasting.rows import CLOSED, UNREAD, Row
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.stamp_watch import StampWatch
from seqtool.families.forecasting.stream_head import Head
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal
from seqtool.say import note, printable
from seqtool.types import Array, Floats

FAR = "further ahead than is announced"


class Asked(NamedTuple):
    """A forecast that a line asks for: N steps after a window [T,F], by columns [T+N,C]; last: only the last step."""

    row: Row
    window: Floats
    columns: Floats
    moment: np.datetime64
    last: bool


@dataclass
class Series:
    """The last window [T,F] of a series and its columns [T,C], NaN = missing, its clock, and what is announced.

    static [C]: what is one value a series, as far as it is known.
    """

    window: Floats
    columns: Floats
    static: Floats
    clock: RowClock
    ahead: dict[int, tuple[float, ...]]
    rows: int = 0


class KnownFollowing:
    """Answers lines that hold the columns beside the values; keeps a window of each series."""

    def __init__(self, runner: Runner, horizon: int, *, json: bool = False) -> None:
        if runner.stateful:
            cure = "give the table: --data FILE, with --state to go on from it"
            raise UsageError("--follow does not carry a state beside columns", cure=cure)
        self._inputs = [one for one in runner.encoders.inputs if not one.last]
        self._announced = any(one.known for one in self._inputs)
        if self._announced and horizon > 1:
            what = "a line without a value is answered by the forecast of its own step, so there is no --horizon"
            raise UsageError(what, cure="leave --horizon out, and give a line for each step ahead")
        self._runner, self._horizon, self._json = runner, horizon, json
        self._head, self._watch, self._series = Head(runner), Watch(runner), dict[str, Series]()
        self._static = np.array([one.static for one in self._inputs], dtype=np.bool_)
        self._past, self._holidays = of_the_past(self._inputs), [one for one in runner.encoders.inputs if one.last]
        self._known, self._stamps = Known(runner), StampWatch(runner)
        self._said = False

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Answer a batch of consecutive lines."""
        rows = [self._head.row(record) for record in records]
        steps = [None if row is None else self._step(row) for row in rows]
        forecasts = iter(self._forecasts([step for step in steps if isinstance(step, Asked)]))
        return [next(forecasts) if isinstance(step, Asked) else step for step in steps]

    def _step(self, row: Row) -> Asked | Refusal | None:
        refused = row.values if isinstance(row.values, Refusal) else None
        if refused and (row.unnamed or refused.kind == CLOSED):
            return refused
        if not refused and self._holidays and np.isnat(row.moment):
            return Refusal("no time stamp: the model reads holidays", UNREAD)
        series = self._series.get(row.name)
        if series is None:
            size = self._runner.window
            series = self._series[row.name] = Series(
                np.full((size, len(self._runner.columns)), np.nan), np.full((size, len(self._inputs)), np.nan),
                np.full(len(self._inputs), np.nan), RowClock(), {},
            )  # fmt: skip
        if row.beside:
            told = np.isfinite(row.beside) & self._static
            series.static[told] = np.array(row.beside)[told]
        if series.rows and not isinstance(row.values, Refusal) and np.isnan(row.values).all():
            return self._announce(row, series)
        return self._come(row, series, refused)

    def _announce(self, row: Row, series: Series) -> Asked | Refusal | None:
        """Keep what is known of a step to come, and ask for its forecast."""
        clock, grid = series.clock, self._runner.grid
        dated = grid is not None and not (np.isnat(row.moment) or np.isnat(clock.moment))
        ahead = grid.place(row.moment) - clock.place if dated and grid else len(series.ahead) + 1
        if ahead < 1:
            return Refusal(f"'{row.time}' is not after the last value", "not after the line before")
        series.ahead[ahead] = row.beside
        if not all(step in series.ahead for step in range(1, ahead + 1)):
            return Refusal(f"'{row.time}': the steps before it are not announced", FAR)
        if ahead > self._runner.largest_horizon:
            return Refusal(f"'{row.time}' is {ahead} steps ahead, the model does {self._runner.largest_horizon}", FAR)
        return self._asked(row, series, np.array([series.ahead[step] for step in range(1, ahead + 1)]), last=True)

    def _come(self, row: Row, series: Series, refused: Refusal | None) -> Asked | Refusal | None:
        """Go on by the step that a line is, whose value is missing where the line is refused."""
        before = f"the one before of '{printable(row.name)}'" if row.name else "the line before"
        lost = self._stamps.go_to(series.clock, row, before)
        if isinstance(lost, Refusal):
            return lost
        values = [np.nan] * len(self._runner.columns) if isinstance(row.values, Refusal) else row.values
        for step in range(max(1, lost - self._runner.window), lost + 1):
            self._add(series, [np.nan] * len(values), series.ahead.get(step, ()))
        self._add(series, values, row.beside or series.ahead.get(lost + 1, ()))
        series.ahead = {step - lost - 1: columns for step, columns in series.ahead.items() if step > lost + 1}
        if refused:
            return refused
        if self._announced:
            if not self._said:
                note("lines with a value have no answer here: a line without one announces a step, and is answered")
                self._said = True
            return None
        return self._asked(row, series, np.array([row.beside] * self._horizon), last=False)

    def _add(self, series: Series, values: Sequence[float], columns: Sequence[float]) -> None:
        series.rows += 1
        for kept, new in ((series.window, values), (series.columns, columns or [np.nan] * len(self._inputs))):
            kept[:-1] = kept[1:]
            kept[-1] = new

    def _asked(self, row: Row, series: Series, ahead: Floats, *, last: bool) -> Asked | Refusal | None:
        if not self._runner.pooled and series.rows < self._runner.window:
            return None
        if (np.isfinite(series.window).sum(axis=0) < FEWEST).any():
            reason = f"fewer than {FEWEST} known values in the last {self._runner.window} steps"
            return Refusal(reason, "after too many missing values")
        ahead = np.where(self._past, np.nan, ahead)
        if last and np.isnan(ahead[:, [one.known for one in self._inputs]]).any():
            lacking = next(
                one.name
                for one, column in zip(self._inputs, ahead.T, strict=True)
                if one.known and np.isnan(column).any()
            )
            return Refusal(
                f"'{printable(lacking)}', known ahead, has no value", f"without a value in '{printable(lacking)}'"
            )
        columns = np.concatenate([series.columns, ahead])
        # as in a table: one line tells it of all, those between them too
        columns[max(0, len(series.columns) - series.rows) :, self._static] = series.static[self._static]
        return Asked(row, series.window.copy(), columns, series.clock.moment, last)

    def _forecasts(self, asked: Sequence[Asked]) -> list[Answer]:
        """Answer in the order of the lines: those of one number of steps are computed at once."""
        answers: dict[int, Answer] = {}
        for steps in {len(one.columns) - self._runner.window for one in asked}:
            places = [place for place, one in enumerate(asked) if len(one.columns) - self._runner.window == steps]
            chosen = [asked[place] for place in places]
            history = np.stack([one.window for one in chosen])
            self._watch(history)
            ids = self._known([one.row.name for one in chosen])
            covariates = np.stack([self._covariates(one, steps) for one in chosen])
            prediction = self._runner.forecast_batch(history, steps, covariates=covariates, ids=ids)
            for place, one, forecast in zip(places, chosen, prediction.forecast, strict=True):
                answers[place] = self._answer(one.row, forecast[-1:] if one.last else forecast)
        return [answers[place] for place in range(len(asked))]

    def _covariates(self, asked: Asked, steps: int) -> Array:
        """Return the codes of the calendar, the columns, and the holidays of a window and the steps ahead [T+N,C]."""
        runner = self._runner
        parts: list[Array] = [asked.columns]
        if (runner.calendar or self._holidays) and runner.grid is not None:
            moment = np.array([asked.moment])
            grid = runner.grid if runner.grid.holds(moment).all() else runner.grid.moved_to(moment)
            times = grid.local(grid.around(moment, runner.window - 1, steps).ravel())
            parts = [
                calendar(times, runner.calendar),
                *parts,
                *(holiday_flags(times, one)[:, None] for one in self._holidays),
            ]
        both: Array = np.concatenate(parts, axis=1)
        return both

    def _answer(self, row: Row, forecast: Floats) -> Answer:
        return named_answer(row, told(row, forecast, self._runner, json=self._json), self._runner)
