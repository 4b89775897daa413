"""Forecasts of every window of a part: by a network or by a model file, the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import Windows
from seqtool.manifest import after_of

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]
Call = Callable[[Arrays], Arrays]
"""What a model file computes: its inputs by name -> its outputs by name."""

CHUNK = 256


@dataclass(frozen=True)
class Forecasts:
    """The forecasts of W windows: values [W,N,F] and, where the model gives them, quantiles [W,N,F,Q]."""

    values: Floats
    quantiles: Floats | None = None


Predictor = Callable[[Windows], Forecasts]


def predictor(call: Call, state: Arrays | None = None) -> Predictor:
    """Return what forecasts a part by `call`; `state` is the first state of a stateful model, each [L*D,1,H]."""

    def predict(part: Windows) -> Forecasts:
        answers = list(_windowed(call, part) if state is None else _streamed(call, part, state))
        quantiles = [answer["quantiles"] for answer in answers if "quantiles" in answer]
        return Forecasts(
            np.concatenate([answer["forecast"] for answer in answers]).astype(np.float64),
            np.concatenate(quantiles).astype(np.float64) if quantiles else None,
        )

    return predict


def _windowed(call: Call, part: Windows) -> Iterator[Arrays]:
    """Forecast each window from its own history."""
    horizon = np.array(part.horizon, dtype=np.int64)
    for start in range(0, len(part), CHUNK):
        chosen = np.arange(start, min(start + CHUNK, len(part)))
        history, _ = part.batch(chosen)
        yield call({"history": history.astype(np.float32), "horizon": horizon, **part.covariates(chosen)})


def _streamed(call: Call, part: Windows, zeros: Arrays) -> Iterator[Arrays]:
    """Walk along the series once, its state carried on, from the first row there is; answer at each origin.

    The last row before each origin is read again, with all origins of a chunk in one call: they run free together.
    """
    horizon = np.array(part.horizon, dtype=np.int64)
    states = list(_states(call, part, zeros))
    for start in range(0, len(part), CHUNK):
        chosen = np.arange(start, min(start + CHUNK, len(part)))
        history = part.values[part.origins[chosen] - 1, None].astype(np.float32)
        state = {name: np.concatenate([states[number][name] for number in chosen], axis=1) for name in zeros}
        yield call({"history": history, "horizon": horizon, **part.covariates(chosen, length=1), **state})


def _states(call: Call, part: Windows, state: Arrays) -> Iterator[Arrays]:
    """Return the state before the last row of each origin's history."""
    values, begin = part.values.astype(np.float32), 0
    for origin in part.origins:
        if origin - 1 > begin:
            codes = (
                {} if part.calendar is None else {"covariates": part.calendar[None, begin:origin].astype(np.float32)}
            )
            answer = call({"history": values[None, begin : origin - 1], "horizon": np.array(1), **codes, **state})
            state, begin = {name: answer[after_of(name)].astype(np.float32) for name in state}, int(origin) - 1
        yield state


def first_state(config: ForecastingConfig) -> dict[str, NDArray[np.float32]] | None:
    """Return the zeros [L,1,H] that a stateful model starts from, by their names in a file; None without state."""
    if not config.stateful:
        return None
    letters = "h" if config.cell in ("gru", "rnn") else "hc"
    return {f"state_{letter}": np.zeros((config.layers, 1, config.hidden), np.float32) for letter in letters}
