"""From a series to windows: split first, cut afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders import Scaler
from seqtool.data.series import Series
from seqtool.data.splits import Splits, in_time_order
from seqtool.errors import DataError
from seqtool.families.forecasting.config import ForecastingConfig


@dataclass(frozen=True)
class Windows:
    """One part of a series and the windows inside it.

    values [T,F] raw (NaN = missing); starts [W], the first row of each window; `offset` is the part's
    first row in the whole series. A window is usable when every series has two known values in the
    history and some target is known.
    """

    values: NDArray[np.float64]
    starts: NDArray[np.int64]
    window: int
    horizon: int
    offset: int

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return history [B,T,F] and future [B,U,F] of the chosen windows."""
        rows = self.starts[chosen][:, None] + np.arange(self.window + self.horizon)
        both = self.values[rows]
        return both[:, : self.window], both[:, self.window :]


def windows(values: NDArray[np.float64], part: slice, window: int, horizon: int, name: str) -> Windows:
    """Cut the windows of one part; raises `DataError` when not one fits."""
    inside = values[part]
    count = len(inside) - window - horizon + 1
    if count < 1:
        raise DataError(
            f"no window of {window} + {horizon} steps fits into the {name} part of {len(inside)}",
            cure="lower --window or --horizon, raise the part's share, or use a longer series",
        )
    known = np.isfinite(inside)
    history = _rolling_count(known, window)[:count]  # [W,F]
    future = _rolling_count(known, horizon)[window : window + count]
    usable = (history >= 2).all(axis=1) & (future > 0).any(axis=1)
    if not usable.any():
        raise DataError(f"no window of the {name} part has enough known values", cure="use a series with fewer gaps")
    return Windows(inside, np.nonzero(usable)[0], window, horizon, part.start)


def _rolling_count(known: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    """Count the known values in every run of `length` rows of [T,F]."""
    total = np.concatenate([np.zeros((1, known.shape[1]), np.int64), known.cumsum(axis=0)])
    return np.asarray(total[length:] - total[:-length])


def split(series: Series, config: ForecastingConfig) -> Splits[Windows]:
    """Split a series in time order, fit the scaler on the training part, cut the windows of each part."""
    values = series.values[config.skip :]
    if config.skip >= len(series.values):
        raise DataError(f"--skip {config.skip} leaves nothing of {len(series.values)} rows", cure="lower --skip")
    parts = in_time_order(len(values), config.validation, config.test)
    train, validation, test = (
        windows(values, part, config.window, config.horizon, name)
        for part, name in zip(parts, ("training", "validation", "test"), strict=True)
    )
    scaler = Scaler.fit(config.scaling, train.values, series.columns, config.scale_factor)
    if config.scaling == "log-return":
        Scaler.fit(config.scaling, values, series.columns)  # every part must be above zero, said before training
    step = None if series.step is None else int(series.step / np.timedelta64(1, "s"))
    encoders = {"scaler": scaler, "columns": series.columns, "step": step}
    return Splits(train, validation, test, encoders)
