"""`forecast --follow`: each line of a series answered by the forecast after it, for ever, in constant memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from seqtool.data.text_table import is_header
from seqtool.families.forecasting.followers import Follower, follower
from seqtool.families.forecasting.lines import Row, cells, limit, read_row
from seqtool.families.forecasting.runner import Floats, Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

STEPS = 1 << 15
"""Steps of history in one call of the graph: lines of a batch times the window."""

MOST_LINES = 1024


def verb(runner: Runner, horizon: int, *, json: bool = False) -> Verb:
    """Return the verb that answers each line by `horizon` steps; raises `UsageError` where the model cannot."""
    runner.check_horizon(horizon)
    steps = 1 if runner.stateful else runner.window
    return Verb(
        answer=Following(runner, follower(runner, horizon), json=json),
        limit=limit(runner),
        cost=lambda record: steps,
        budget=STEPS,
        window=max(1, min(MOST_LINES, STEPS // steps)),
        in_order=True,
    )


class Following:
    """Answers lines of F values, with or without a time stamp in front.

    A header, and a line before the first whole window, has nothing to say. A line that is refused is a step whose
    values are missing: the clock goes on.
    """

    def __init__(self, runner: Runner, follower: Follower, *, json: bool = False) -> None:
        self._runner, self._follower, self._json = runner, follower, json
        self._moment: np.datetime64 = np.datetime64("NaT", "s")
        self._started = False

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Answer a batch of lines that follow each other."""
        header = not self._started and is_header(cells(records[0].text))
        self._started = True
        rows = [read_row(record, self._runner) for record in records[header:]]
        return [None] * header + self._answers(rows)

    def _answers(self, rows: Sequence[Row]) -> list[Answer]:
        if not rows:
            return []
        missing = [math.nan] * len(self._runner.columns)
        values = np.array([missing if isinstance(row.values, Refusal) else row.values for row in rows])
        moments = np.array([self._moment_of(row) for row in rows])
        forecasts = self._follower.extend(values, moments)
        return [self._answer(row, forecast) for row, forecast in zip(rows, forecasts, strict=True)]

    def _moment_of(self, row: Row) -> np.datetime64:
        """Return a row's time; that of a refused one is counted on from the row before."""
        step = np.timedelta64(self._runner.step or 0, "s")
        self._moment = self._moment + step if np.isnat(row.moment) else row.moment
        return self._moment

    def _answer(self, row: Row, forecast: Floats | Refusal | None) -> Answer:
        if isinstance(row.values, Refusal):
            return row.values
        if forecast is None or isinstance(forecast, Refusal):
            return forecast
        if not np.isfinite(forecast).all():
            return Refusal("the forecast is no number: the values are too large for the model", "too large")
        if self._json:
            return {"time": row.time, "forecast": forecast.tolist()}
        return ",".join(f"{value:.8g}" for value in forecast.ravel().tolist())
