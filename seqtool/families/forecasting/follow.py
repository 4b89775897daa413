"""`forecast --follow`: each line of a series answered by the forecast after it, for ever, in constant memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqtool.data.text_table import is_header
from seqtool.families.forecasting.lines import Row, cells, limit, read_row
from seqtool.families.forecasting.runner import Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

Floats = NDArray[np.float64]

STEPS = 1 << 15
"""Steps of history in one call of the graph: lines of a batch times the window."""


def verb(runner: Runner, horizon: int, *, json: bool = False) -> Verb:
    """Return the verb that answers each line by `horizon` steps; raises `UsageError` where the model cannot."""
    runner.check_horizon(horizon)
    return Verb(
        answer=Following(runner, WindowFollower(runner, horizon), json=json),
        limit=limit(runner),
        cost=lambda record: runner.window,
        budget=STEPS,
        window=max(1, STEPS // runner.window),
        in_order=True,
    )


class WindowFollower:
    """Follows a series [T,F] with a model without state: remembers the rows that the next window needs."""

    def __init__(self, runner: Runner, horizon: int) -> None:
        self._runner, self._horizon = runner, horizon
        self._rows = np.empty((0, len(runner.columns)))

    def extend(self, rows: Floats) -> list[Floats | Refusal | None]:
        """Add rows [M,F]; return M forecasts [N,F], None before the first whole window."""
        size = self._runner.window
        seen = np.concatenate([self._rows, rows])
        self._rows = seen[-(size - 1) :].copy()
        none_yet: list[Floats | Refusal | None] = [None] * min(len(rows), max(0, size - 1 - (len(seen) - len(rows))))
        if len(seen) < size:
            return none_yet
        windows = sliding_window_view(seen, size, axis=0).swapaxes(1, 2)
        return none_yet + self._forecasts(windows)

    def _forecasts(self, windows: Floats) -> list[Floats | Refusal | None]:
        """Forecast after each window of [M,T,F]; one with fewer than two known values a series is refused."""
        usable = (np.isfinite(windows).sum(axis=1) >= 2).all(axis=1)
        refusal = Refusal(
            f"fewer than 2 known values in the last {self._runner.window} steps", "after too many missing values"
        )
        answers: list[Floats | Refusal | None] = [refusal] * len(windows)
        if usable.any():
            forecasts = self._runner.predict(windows[usable], self._horizon).forecast
            for place, forecast in zip(np.flatnonzero(usable), forecasts, strict=True):
                answers[place] = forecast
        return answers


class Following:
    """Answers lines of F values, with or without a time stamp in front.

    A header, and a line before the first whole window, has nothing to say. A line that is refused is a step whose
    values are missing: the clock goes on.
    """

    def __init__(self, runner: Runner, follower: WindowFollower, *, json: bool = False) -> None:
        self._runner, self._follower, self._json = runner, follower, json
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
        forecasts = self._follower.extend(values)
        return [self._answer(row, forecast) for row, forecast in zip(rows, forecasts, strict=True)]

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
