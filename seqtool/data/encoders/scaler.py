"""Scaling of series: fitted on the training part, undone exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError

Floats = NDArray[np.float64]
Kind = Literal["log-return", "standard", "min-max", "window", "seasonal-difference"]

ROUNDING = 1e-10
"""A deviation below this share of the largest value is rounding: seven times 0.1 has one of 1e-17."""


@dataclass(frozen=True)
class Scaler:
    """A scaling of F series: z = (x - mean) / deviation, mean [F] and deviation [F], and what x is.

    `standard`: the values. `min-max`: the values, with their minimum for the mean and their range for the
    deviation. `log-return`: log(x_t / x_(t-1)). `seasonal-difference`: x_t - x_(t-season). `window`: the values,
    fitted to each window as it comes and `factor` deviations wide; mean and deviation only say what is usual.
    """

    kind: Kind
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    factor: float = 1.0
    season: int = 1

    @classmethod
    def fit(cls, kind: Kind, values: Floats, columns: tuple[str, ...], factor: float = 1.0, season: int = 1) -> Scaler:
        """Fit to values [T,F], NaN = missing; raises `DataError` where a series cannot be scaled so."""
        if kind == "log-return":
            positive(values, columns)
            values = log_returns(values)
        elif kind == "seasonal-difference":
            values = seasonal_differences(values, season)
        for name, series in zip(columns, values.T, strict=True):
            if not np.isfinite(series).any():
                raise DataError(f"a column has no known {_unit(kind)} in the training part", where=name)
        mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
        largest = np.nanmax(np.abs(values), axis=0)
        for name, one, most in zip(columns, deviation, largest, strict=True):
            if not one > ROUNDING * most:
                raise DataError("a column is constant in the training part", where=name, cure="train on a longer file")
        if kind == "min-max":
            mean, deviation = np.nanmin(values, axis=0), np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
        return cls(kind, tuple(map(float, mean)), tuple(map(float, deviation)), factor, season)

    def encode(self, values: Floats) -> Floats:
        """Map raw [T,F] to network units: [T,F], [T-1,F] for `log-return`, [T-season,F] for `seasonal-difference`."""
        if self.kind == "log-return":
            values = log_returns(values)
        elif self.kind == "seasonal-difference":
            values = seasonal_differences(values, self.season)
        mean, deviation = self._moments(values)
        return (values - mean) / deviation

    def decode(self, history: Floats, z: Floats) -> Floats:
        """Map z [N,F] that follows the raw `history` [T,F] to raw units."""
        mean, deviation = self._moments(history)
        raw = z * deviation + mean
        if self.kind == "seasonal-difference":
            path = list(history)
            for difference in raw:
                path.append(path[-self.season] + difference)
            return np.array(path[len(history) :])
        if self.kind != "log-return":
            return raw
        last = np.array([column[np.isfinite(column)][-1] for column in history.T])
        return np.asarray(last * np.exp(np.cumsum(raw, axis=0)))

    def _moments(self, values: Floats) -> tuple[Floats, Floats]:
        if self.kind == "window":
            return np.nanmean(values, axis=0), self.factor * np.nanstd(values, axis=0)
        return np.array(self.mean), np.array(self.deviation)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        moments = {"mean": list(self.mean), "deviation": list(self.deviation)}
        return {"kind": self.kind, **moments, "factor": self.factor, "season": self.season}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Scaler:
        """Rebuild what `to_json` gave."""
        return cls(value["kind"], tuple(value["mean"]), tuple(value["deviation"]), value["factor"], value["season"])


def _unit(kind: Kind) -> str:
    return "log-returns (two known values in a row)" if kind == "log-return" else "values"


def log_returns(values: Floats) -> Floats:
    """Return log(x_t / x_(t-1)) of [T,F]: [T-1,F]."""
    return np.asarray(np.log(values[1:] / values[:-1]))


def seasonal_differences(values: Floats, season: int) -> Floats:
    """Return x_t - x_(t-season) of [T,F]: [T-season,F]."""
    return np.asarray(values[season:] - values[:-season])


def positive(values: Floats, columns: tuple[str, ...]) -> None:
    """Raise `DataError` unless every known value of [T,F] is above zero."""
    rows, where = np.nonzero(values <= 0)
    if len(rows):
        raise DataError(
            "log-returns need values above zero",
            where=f"column {columns[where[0]]}, row {rows[0] + 1}: {values[rows[0], where[0]]:g}",
            cure="use --scaling standard, or mend the data",
        )
