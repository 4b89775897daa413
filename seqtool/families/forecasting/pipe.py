"""`forecast --follow`: answers each line of an endless series by the forecast after it, in constant memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from seqtool.data.calendar import calendar
from seqtool.errors import ModelError, UsageError
from seqtool.families.forecasting.row_clock import RowClock
from seqtool.families.forecasting.rows import CLOSED, Row
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.stamp_watch import StampWatch
from seqtool.families.forecasting.stream_head import Head
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb
from seqtool.say import warn
from seqtool.types import Floats, Ids, Times

STEPS = 1 << 15  # of history in one call of the graph: lines of a batch times the window
MOST_LINES = 1024
CELL = 256  # characters of a value or a time stamp: no number, and hardly a name, is longer


def verb(runner: Runner, horizon: int = 1, *, json: bool = False) -> Verb:
    """Return the verb that answers each line by `horizon` steps.

    Raises `UsageError` for a horizon that the model cannot do and for a model of rows put together, `ModelError` for a
    calendar without a known step.
    """
    runner.check_horizon(horizon)
    if how := runner.encoders.reading.resample:
        what = (
            f"the model forecasts the {how} of each {runner.encoders.reading.step}, and --follow takes a line as a step"
        )
        raise UsageError(what, cure="give the rows as a table: --data FILE, or --data - for a pipe")
    if runner.calendar and runner.grid is None:
        raise ModelError("it reads the calendar and does not say how long a step is", cure="export the model again")
    steps = 1 if runner.stateful else runner.window
    return Verb(
        answer=_following(runner, horizon, json=json),
        limit=CELL * max(len(runner.columns) + 2, len(runner.encoders.reading.names)),
        cost=lambda record: steps,  # every line is answered from as many steps
        budget=STEPS,
        window=max(1, min(MOST_LINES, STEPS // steps)),
        in_order=True,  # an answer depends on the lines before
    )


def _following(runner: Runner, horizon: int, *, json: bool) -> Callable[[Sequence[Record]], list[Answer]]:
    """Return what answers batches of consecutive lines."""
    if runner.encoders.inputs:
        from seqtool.families.forecasting.follow_known import KnownFollowing  # it builds on this module

        return KnownFollowing(runner, horizon, json=json)
    if runner.pooled:
        from seqtool.families.forecasting.follow_many import ManyFollowing  # it builds on this module

        return ManyFollowing(runner, horizon, json=json)
    follower = StateFollower(runner, horizon) if runner.stateful else WindowFollower(runner, horizon)
    return Following(runner, follower, json=json)


class Following:
    """Answers lines of F values, with or without a time stamp, but none above the rows and before a whole window."""

    def __init__(self, runner: Runner, follower: StateFollower | WindowFollower, *, json: bool = False) -> None:
        self._runner, self._follower, self._json = runner, follower, json
        self._missing = [math.nan] * len(runner.columns)
        self._clock = RowClock()
        self._head = Head(runner)
        self._stamps = StampWatch(runner)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Answer a batch of consecutive lines."""
        read = [self._head.row(record) for record in records]
        rows = [row for row in read if row is not None]
        answers = iter(self._answers(rows))
        return [None if row is None else next(answers) for row in read]

    def _answers(self, rows: Sequence[Row]) -> list[Answer]:
        steps: list[tuple[Sequence[float], np.datetime64]] = []
        places: list[int | Refusal] = []  # of the step of each row
        for row in rows:
            if isinstance(row.values, Refusal) and row.values.kind == CLOSED:
                places.append(row.values)
                continue
            late = self._go_to(row, steps)
            # A refused line is a step whose values are missing: left out, every lag behind it would be off by one.
            if late is None:
                steps.append((self._missing if isinstance(row.values, Refusal) else row.values, self._clock.moment))
            places.append(len(steps) - 1 if late is None else late)
        if not steps:
            return [place for place in places if isinstance(place, Refusal)]
        values, moments = (np.array(part) for part in zip(*steps, strict=True))
        forecasts = self._follower.extend(values, moments)
        return [
            place if isinstance(place, Refusal) else self._answer(row, forecasts[place])
            for row, place in zip(rows, places, strict=True)
        ]

    def _go_to(self, row: Row, steps: list[tuple[Sequence[float], np.datetime64]]) -> Refusal | None:
        """Set the time to that of a row, by steps of missing values over those between; refuse a row of the past.

        Without a stamp a row is a step after the one before.
        """
        clock, grid = self._clock, self._runner.grid
        begun = not np.isnat(clock.moment)
        lost = self._stamps.go_to(clock, row)
        if isinstance(lost, Refusal):
            return lost
        if begun and grid is not None and not np.isnat(row.moment):
            steps += [(self._missing, stamp) for stamp in grid.stamps(np.arange(clock.place - lost, clock.place))]
        return None

    def _answer(self, row: Row, forecast: Floats | Refusal | None) -> Answer:
        if isinstance(row.values, Refusal):
            return row.values
        if forecast is None or isinstance(forecast, Refusal):
            return forecast
        return told(row, forecast, self._runner, json=self._json)


def told(row: Row, forecast: Floats, runner: Runner, *, json: bool) -> Answer:
    """Return the answer to a row: its forecast [N,F] as numbers with commas between, or as an object."""
    if not np.isfinite(forecast).all():
        return Refusal("the forecast is no number: the values are too large for the model", "too large")
    if json:
        return {"time": row.time, "forecast": forecast.tolist()}
    return ",".join(f"{value:.{runner.digits}g}" for value in forecast.ravel().tolist())


class Watch:
    """Warns once of a stream whose values are far outside of the training part."""

    def __init__(self, runner: Runner) -> None:
        self._encoders, self._warned = runner.encoders, False

    def __call__(self, history: Floats) -> None:
        """Look at raw windows [B,T,F]."""
        texts = [] if self._warned else self._encoders.strange(history)
        self._warned = self._warned or bool(texts)
        for text in texts:
            warn(text)


class WindowFollower:
    """Forecasts by a model without state, and keeps the rows that the next window needs."""

    def __init__(self, runner: Runner, horizon: int) -> None:
        self._runner, self._horizon, self._watch = runner, horizon, Watch(runner)
        self._rows = np.empty((0, len(runner.columns)))

    def extend(self, rows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        """Add rows [M,F] with their times [M] (NaT: unknown); return M forecasts [N,F], None before a whole window."""
        size = self._runner.window
        seen = np.concatenate([self._rows, rows])
        self._rows = seen[-(size - 1) :].copy()  # a view would keep every batch in memory
        ready = max(0, len(seen) - size + 1)
        early: list[Floats | Refusal | None] = [None] * (len(rows) - ready)
        if not ready:
            return early
        return early + self._forecasts(sliding_window_view(seen, size, axis=0).swapaxes(1, 2), moments[-ready:])

    def _forecasts(self, windows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        usable = (np.isfinite(windows).sum(axis=1) >= 2).all(axis=1)  # as in training
        reason = f"fewer than 2 known values in the last {self._runner.window} steps"
        refusal = Refusal(reason, "after too many missing values")
        answers: list[Floats | Refusal | None] = [refusal] * len(windows)
        if usable.any():
            self._watch(windows[usable])
            codes = covariates(self._runner, moments[usable], self._runner.window, self._horizon)
            prediction = self._runner.forecast_batch(windows[usable], self._horizon, covariates=codes)
            for place, forecast in zip(np.flatnonzero(usable), prediction.forecast, strict=True):
                answers[place] = forecast
        return answers


class StateFollower:
    """Forecasts by a model with a state: each row is read once, alone, and has an answer from the first on."""

    def __init__(self, runner: Runner, horizon: int) -> None:
        self._runner, self._horizon, self._watch = runner, horizon, Watch(runner)
        self.state = runner.first_state()

    def extend(self, rows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        """Add rows [M,F] with their times [M] (NaT: unknown); return M forecasts [N,F]."""
        self._watch(rows[None])
        return [self._step(row, moment) for row, moment in zip(rows, moments, strict=True)]

    def _step(self, row: Floats, moment: np.datetime64) -> Floats | None:
        if self._runner.calendar and np.isnat(moment):
            return None  # a refused line before the first known time: the series has not begun
        codes = covariates(self._runner, np.array([moment]), 1, self._horizon)
        prediction = self._runner.forecast_batch(row[None, None], self._horizon, covariates=codes, state=self.state)
        self.state = prediction.state
        forecast: Floats = prediction.forecast[0]
        return forecast


def covariates(runner: Runner, moments: Times, length: int, horizon: int) -> Ids | None:
    """Return the calendar codes [M,T+N,C] of the T steps up to each of M moments and the N after, None without one."""
    # A row is a step, so the times are counted from the last one.
    if not runner.calendar or runner.grid is None:
        return None
    grid = runner.grid if runner.grid.holds(moments).all() else runner.grid.moved_to(moments)
    times = grid.around(moments, length - 1, horizon)
    return calendar(grid.local(times.ravel()), runner.calendar).reshape(*times.shape, -1)
