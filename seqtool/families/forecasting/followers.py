"""What remembers a series that never ends: the last window of it, or the state of the network."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqtool.data.calendar import calendar
from seqtool.errors import ModelError
from seqtool.families.forecasting.runner import Codes, Floats, Runner
from seqtool.runtime.stream import Refusal

Times = NDArray[np.datetime64]


class Follower(Protocol):
    """Follows a series of F columns."""

    def extend(self, rows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        """Add rows [M,F] with their times [M] (NaT where nobody knows); return M forecasts [N,F].

        None where it has not seen enough yet.
        """


def follower(runner: Runner, horizon: int) -> Follower:
    """Return the follower for a model; raises `ModelError` where it reads the calendar and names no step."""
    if runner.calendar and runner.step is None:
        raise ModelError("it reads the calendar and does not say how long a step is", cure="export the model again")
    return StateFollower(runner, horizon) if runner.stateful else WindowFollower(runner, horizon)


class WindowFollower:
    """For a model without state: remembers the rows that the next window needs."""

    def __init__(self, runner: Runner, horizon: int) -> None:
        self._runner, self._horizon = runner, horizon
        self._rows = np.empty((0, len(runner.columns)))

    def extend(self, rows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        """Add rows [M,F]; a row with too few known values in its window is refused."""
        size = self._runner.window
        seen = np.concatenate([self._rows, rows])
        self._rows = seen[-(size - 1) :].copy()
        ready = max(0, len(seen) - size + 1)
        none_yet: list[Floats | Refusal | None] = [None] * (len(rows) - ready)
        if not ready:
            return none_yet
        return none_yet + self._forecasts(sliding_window_view(seen, size, axis=0).swapaxes(1, 2), moments[-ready:])

    def _forecasts(self, windows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        """Forecast after each window of [M,T,F]; one with fewer than two known values a series is refused."""
        usable = (np.isfinite(windows).sum(axis=1) >= 2).all(axis=1)
        refusal = Refusal(
            f"fewer than 2 known values in the last {self._runner.window} steps", "after too many missing values"
        )
        answers: list[Floats | Refusal | None] = [refusal] * len(windows)
        if usable.any():
            codes = covariates(self._runner, moments[usable], self._runner.window, self._horizon)
            prediction = self._runner.predict(windows[usable], self._horizon, covariates=codes)
            for place, forecast in zip(np.flatnonzero(usable), prediction.forecast, strict=True):
                answers[place] = forecast
        return answers


class StateFollower:
    """For a model that carries a state: each row goes in once, alone, and has an answer from the first on."""

    def __init__(self, runner: Runner, horizon: int) -> None:
        self._runner, self._horizon = runner, horizon
        self.state = runner.first_state()

    def extend(self, rows: Floats, moments: Times) -> list[Floats | Refusal | None]:
        """Add rows [M,F] one after the other."""
        return [self._step(row, moment) for row, moment in zip(rows, moments, strict=True)]

    def _step(self, row: Floats, moment: np.datetime64) -> Floats | None:
        if self._runner.calendar and np.isnat(moment):
            return None  # a refused line before the first time that is known: the series has not begun
        codes = covariates(self._runner, np.array([moment]), 1, self._horizon)
        prediction = self._runner.predict(row[None, None], self._horizon, covariates=codes, state=self.state)
        self.state = prediction.state
        forecast: Floats = prediction.forecast[0]
        return forecast


def covariates(runner: Runner, moments: Times, length: int, horizon: int) -> Codes | None:
    """Return the calendar codes [M,T+N,C] of the T steps that end at each of M moments and of the N after it.

    None where the model reads no calendar. A row is a step, so the times are counted from the last one.
    """
    if not runner.calendar:
        return None
    steps = np.arange(1 - length, horizon + 1) * np.timedelta64(runner.step, "s")
    times = moments[:, None] + steps
    return calendar(times.ravel(), runner.calendar).reshape(*times.shape, -1)
