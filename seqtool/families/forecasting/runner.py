"""Forecasts from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError, ModelError, UsageError
from seqtool.manifest import after_of

if TYPE_CHECKING:
    from seqtool.data.series import Series
    from seqtool.families.forecasting.data import Windows
    from seqtool.families.forecasting.forecasts import Forecasts

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
State = dict[str, NDArray[np.float32]]

MOST_STEPS = 1_000_000
"""What a file may promise at most: its outputs are allocated on its word."""


@dataclass(frozen=True)
class Prediction:
    """What a call gives, forecast and quantiles in raw units.

    forecast [B,N,F]; state after the history, each tensor [L,B,H]; quantiles [B,N,F,Q] where the file gives them,
    NaN at the steps and levels of which its training could not tell.
    """

    forecast: Floats
    state: State
    quantiles: Floats | None = None


class Runner:
    """A forecaster's file with its contract.

    columns [F]; window and horizon in steps (`horizon`: as trained), season in steps, step in seconds or None;
    calendar: the names of its C calendar inputs; stateful: whether it carries a state from call to call;
    levels [Q] of its quantiles, () where it gives none.
    Raises `ModelError` where the manifest does not give them.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        manifest = model.manifest
        try:
            self.columns: tuple[str, ...] = tuple(map(_text, manifest.encoders["columns"]))
            self.needs_positive: bool = manifest.encoders["scaler"]["kind"] == "log-return"
            self.direct: bool = manifest.config["network"] == "direct"
            step = manifest.encoders["step"]
            self.step: int | None = None if step is None else _at_least(1, step)
            self.season: int = _at_least(1, manifest.encoders["season"])
            self.window: int = _at_least(2, manifest.limits["window"])
            self.largest_horizon: int = min(_at_least(1, manifest.limits["horizon"]), MOST_STEPS)
            self.calendar: tuple[str, ...] = tuple(map(_text, manifest.config["calendar"]))
            self.levels: tuple[float, ...] = _levels(model)
            self.horizon: int = min(_at_least(1, manifest.config["horizon"]), self.largest_horizon)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"the manifest does not say what a forecaster needs ({error})", cure="export the model again"
            ) from error

        shapes = {spec.name: spec.shape for spec in model.file.inputs if spec.name.startswith("state_")}
        self._zeros: State = {name: np.zeros((shape[0], 1, shape[2]), np.float32) for name, shape in shapes.items()}
        self.stateful = bool(shapes)

    def first_state(self) -> State:
        """Return the state before the first step, each tensor [L,1,H]; {} where the model has none."""
        return self._zeros

    def check_horizon(self, horizon: int) -> None:
        """Raise `UsageError` for a horizon that the model cannot do."""
        if horizon < 1:
            raise UsageError(f"a horizon of {horizon} asks for nothing", cure="--horizon 1 or more")
        if horizon > self.largest_horizon:
            reason = "it forecasts all its steps at once" if self.direct else "that is the limit of the file"
            cure = f"--horizon {self.largest_horizon} or less"
            if self.direct:
                cure += ", or train with --network seq2seq, which takes any"
            raise UsageError(
                f"the model forecasts {self.largest_horizon} steps at most, not {horizon}: {reason}",
                cure=cure,
            )

    def predict(
        self,
        history: Floats,
        horizon: int,
        *,
        covariates: Codes | None = None,
        state: Mapping[str, NDArray[np.float32]] | None = None,
    ) -> Prediction:
        """Map raw history [B,T,F] (NaN = missing) to the forecast [B,N,F], raw units.

        covariates [B,T+N,C]: the codes of the calendar inputs (`data.calendar`), where the model has some. state:
        what an earlier call gave, where the model carries one; left out: the first state. Raises `UsageError`.
        """
        self.check_horizon(horizon)
        feeds = {"history": history.astype(np.float32), "horizon": np.array(horizon, dtype=np.int64)}
        feeds |= self._covariates(covariates, history.shape[1] + horizon)
        if self.stateful:
            rows = len(history)
            feeds |= state or {name: np.repeat(zeros, rows, axis=1) for name, zeros in self._zeros.items()}
        outputs = self.model.run(feeds)
        after = {name: outputs[after_of(name)] for name in self._zeros}
        quantiles = outputs.get("quantiles")
        return Prediction(
            outputs["forecast"].astype(np.float64),
            after,
            None if quantiles is None else quantiles.astype(np.float64),
        )

    def _covariates(self, codes: Codes | None, length: int) -> dict[str, NDArray[np.float32]]:
        if not self.calendar:
            return {}
        names = ", ".join(self.calendar)
        if codes is None:
            raise UsageError(f"the model reads the calendar ({names})", cure="give covariates of history and horizon")
        if codes.shape[1:] != (length, len(self.calendar)):
            raise UsageError(
                f"covariates of shape {list(codes.shape)} do not cover {length} steps of {names}",
                cure="give one code a name for every step of the history and of the horizon",
            )
        return {"covariates": codes.astype(np.float32)}

    def continuation(
        self, series: Series, horizon: int, state: Mapping[str, NDArray[np.float32]] | None = None
    ) -> Prediction:
        """Forecast the `horizon` steps after the last row of a series, from its window or from `state`.

        Raises `DataError` where the series cannot serve, `UsageError` for a horizon that the model cannot do.
        """
        history = self.last_window(series.values, series.columns)
        covariates = None
        if self.calendar:
            from seqtool.data.calendar import calendar, future_times

            times = future_times(series, horizon)[-(history.shape[1] + horizon) :]
            covariates = calendar(times, self.calendar)[None]
        return self.predict(history, horizon, covariates=covariates, state=state)

    def over(self, part: Windows) -> Forecasts:
        """Forecast the windows of a part."""
        from seqtool.families.forecasting.forecasts import predictor  # a forecast needs neither splits nor windows

        self.check_horizon(part.horizon)
        return predictor(self.model.run, self.first_state() or None)(part)

    def last_window(self, values: Floats, columns: Sequence[str]) -> Floats:
        """Cut the newest window [1,T,F] out of a series [T,F]; a stateful model takes the whole series.

        Raises `DataError` when it cannot serve.
        """
        if self.stateful:
            return values[None]
        if len(values) < self.window:
            raise DataError(
                f"the model sees {self.window} steps, the series has {len(values)}",
                cure="give a longer history",
            )
        history = values[-self.window :]
        for name, column in zip(columns, history.T, strict=True):
            known = column[np.isfinite(column)]
            if len(known) < 2:
                raise DataError(
                    f"column {name!r} has {len(known)} known values in the last {self.window} steps",
                    cure="give a history with fewer gaps",
                )
            if self.needs_positive and (known <= 0).any():
                raise DataError(
                    f"column {name!r} holds {known.min():g}: a model on log-returns needs values above zero",
                    cure="mend the data, or train with --scaling standard",
                )
        return history[None]


def _levels(model: Any) -> tuple[float, ...]:
    """Return the levels of the quantiles that a file gives; raises `ValueError` where it does not say which."""
    shapes = [spec.shape for spec in model.file.outputs if spec.name == "quantiles"]
    if not shapes:
        return ()
    levels = tuple(map(float, model.manifest.config["quantiles"]))
    if len(levels) != shapes[0][-1] or list(levels) != sorted(levels) or not all(0 < level < 1 for level in levels):
        raise ValueError(f"{levels!r:.40} are no levels of its quantiles")
    return levels


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no name")
    return value


def _at_least(least: int, value: object) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{value!r:.40} is no whole number of at least {least}")
    return value
