"""From a series to windows: split first, cut afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqtool.data.calendar import calendar, future_times
from seqtool.data.encoders.scaler import Scaler, positive
from seqtool.data.season import detect
from seqtool.data.series import Series
from seqtool.data.splits import Splits, in_time_order
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig


@dataclass(frozen=True)
class Windows:
    """The windows of one part of a series.

    series: every row up to the part's last, raw (NaN = missing), so that a longer history can be had; starts
    [W]: the first row of each window. A window is usable when every column has two known values in the
    history and some target is known.
    """

    series: Series
    starts: NDArray[np.int64]
    window: int
    horizon: int
    calendar: NDArray[np.int64] | None = None
    """The codes [T,C] of every row's calendar inputs, where the model has some."""

    @property
    def values(self) -> NDArray[np.float64]:
        """The values [T,F] from the series' first row to the part's last."""
        return self.series.values

    @property
    def origins(self) -> NDArray[np.int64]:
        """The first row [W] to be forecast of each window."""
        return self.starts + self.window

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return history [B,T,F] and future [B,U,F] of the chosen windows."""
        rows = self.starts[chosen][:, None] + np.arange(self.window + self.horizon)
        both = self.values[rows]
        return both[:, : self.window], both[:, self.window :]

    def context(self, chosen: NDArray[np.int64], length: int) -> NDArray[np.float64]:
        """Return the `length` rows before the targets of the chosen windows [B,length,F], NaN before the first row.

        They may be more than the window: what was known at that time, in whatever part it lies.
        """
        rows = self.origins[chosen][:, None] + np.arange(-length, 0)
        found: NDArray[np.float64] = self.values[np.maximum(rows, 0)]
        found[rows < 0] = np.nan
        return found

    def covariates(self, chosen: NDArray[np.int64], length: int = 0) -> dict[str, NDArray[np.float32]]:
        """Return `covariates` [B,T+N,C] of the last `length` rows (0: a window) and the targets, {} without any."""
        if self.calendar is None:
            return {}
        rows = self.origins[chosen][:, None] + np.arange(-(length or self.window), self.horizon)
        return {"covariates": self.calendar[rows].astype(np.float32)}


def rows(series: Series, part: slice) -> Series:
    """Cut rows out of a series."""
    times = None if series.times is None else series.times[part]
    return replace(series, values=series.values[part], times=times)


def windows(series: Series, part: slice, window: int, horizon: int, name: str, cure: str = "") -> Windows:
    """Cut the windows of one part; raises `DataError` when not one fits (`cure`: what helps first)."""
    first, stop, _ = part.indices(len(series.values))
    known = np.isfinite(series.values[first:stop])
    count = len(known) - window - horizon + 1
    if count < 1:
        raise DataError(
            f"no window of {window} + {horizon} steps fits into the {name} part of {len(known)}",
            cure=f"{cure}lower --window or --horizon, raise the part's share, or use a longer series",
        )
    history = _rolling_count(known, window)[:count]  # [W,F]
    future = _rolling_count(known, horizon)[window : window + count]
    usable = (history >= 2).all(axis=1) & (future > 0).any(axis=1)
    if not usable.any():
        raise DataError(f"no window of the {name} part has enough known values", cure="use a series with fewer gaps")
    return Windows(rows(series, slice(0, stop)), first + np.nonzero(usable)[0], window, horizon)


def _rolling_count(known: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    """Count the known values in every run of `length` rows of [T,F]."""
    total = np.concatenate([np.zeros((1, known.shape[1]), np.int64), known.cumsum(axis=0)])
    return np.asarray(total[length:] - total[:-length])


def split(series: Series, config: ForecastingConfig) -> Splits[Windows]:
    """Split a series in time order, fit the scaler on the training part, cut the windows of each part.

    Raises `UsageError` where the window is too short for the scaling or the highway, or the season is not found.
    """
    if config.skip >= len(series.values):
        raise DataError(f"--skip {config.skip} leaves nothing of {len(series.values)} rows", cure="lower --skip")
    _check_network(config)
    series = rows(series, slice(config.skip, None))
    parts = in_time_order(len(series.values), config.validation, config.test)
    step = None if series.step is None else int(series.step / np.timedelta64(1, "s"))
    season = config.season or _found_season(series.values[parts[0]], step, config.scaling)
    _check_window(config, season)
    codes = calendar(future_times(series, 0), config.calendar) if config.calendar else None
    train, validation, test = (
        replace(_part(series, part, config, name), calendar=codes)
        for part, name in zip(parts, ("training", "validation", "test"), strict=True)
    )
    scaler = Scaler.fit(config.scaling, train.values, series.columns, config.scale_factor, season)
    if config.scaling == "log-return":
        positive(series.values, series.columns)  # in every part, and said before training
    encoders = {"scaler": scaler, "columns": series.columns, "step": step, "season": season}
    return Splits(train, validation, test, encoders)


def _part(series: Series, part: slice, config: ForecastingConfig, name: str) -> Windows:
    """Cut the windows of one part, its first history as far back as the gap lets it."""
    reach = 0 if config.gap < 0 else config.window - config.gap
    furthest = max(0, part.start - config.window)
    fits = part.stop - furthest >= config.window + config.horizon
    cure = "--gap 0 (histories reach back into the part before), or " if config.gap and fits else ""
    start = max(0, part.start - reach)
    return windows(series, slice(start, part.stop), config.window, config.horizon, name, cure)


def joined(config: ForecastingConfig, splits: Splits[Windows]) -> Splits[Windows]:
    """Return splits whose training windows lie anywhere in the rows of training and validation.

    The scaler and all else that was fitted stays as it was.
    """
    both = splits.validation
    train = windows(both.series, slice(0, None), config.window, config.horizon, "training and validation")
    return replace(splits, train=replace(train, calendar=both.calendar))


def _found_season(values: NDArray[np.float64], step: int | None, scaling: str) -> int:
    """Return the season that most of the series [T,F] share (the longest of equals), 1 for none."""
    found = [detect(column, step) for column in values.T]
    season = max(sorted(set(found), reverse=True), key=found.count)
    if season == 1 and scaling == "seasonal-difference":
        raise UsageError(
            "no season was found in the training part, and the scaling takes differences from a season ago",
            cure="--season N says how many steps it has; or another --scaling",
        )
    return season


def lost_steps(config: ForecastingConfig, season: int) -> int:
    """Return how many steps of a history the scaling consumes."""
    return {"log-return": 1, "seasonal-difference": season}.get(config.scaling, 0)


def _check_network(config: ForecastingConfig) -> None:
    """Raise `UsageError` where settings of the network contradict each other."""
    if config.network == "autoregressive" and config.bidirectional:
        raise UsageError(
            "an autoregressive network cannot read backwards: the future would be its past",
            cure="leave out --bidirectional, or --network seq2seq",
        )
    if config.residual and config.network != "autoregressive":
        raise UsageError("only an autoregressive network forecasts changes", cure="leave out --residual")
    if not config.stateful:
        return
    wanted = {"network": ("autoregressive",), "scaling": ("standard", "min-max"), "highway": (0,)}
    for name, choices in wanted.items():
        if getattr(config, name) not in choices:
            raise UsageError(
                f"a stateful model reads one step at a time: {name} {getattr(config, name)} needs more than that",
                cure=" or ".join(f"--{name} {choice}" for choice in choices),
            )


def _check_window(config: ForecastingConfig, season: int) -> None:
    lost = lost_steps(config, season)
    if config.window <= lost:
        raise UsageError(
            f"a window of {config.window} leaves no differences from {lost} steps ago",
            cure=f"--window {lost + 1} or more",
        )
    if config.highway and config.network == "seq2seq":
        raise UsageError(
            "no highway stands beside an encoder-decoder", cure="--network direct or autoregressive, or --highway 0"
        )
    if config.highway > config.window - lost:
        raise UsageError(
            f"the highway reads {config.highway} steps, a window of {config.window} gives {config.window - lost}",
            cure=f"--highway {config.window - lost} or less, or a longer --window",
        )
