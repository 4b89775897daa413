"""Scaling of series: fitted on the training part, and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from seqtool.errors import DataError

if TYPE_CHECKING:
    from seqtool.types import Floats, Json

Kind = Literal["log-return", "standard", "min-max", "window", "log-window", "mean", "seasonal-difference"]
BY_WINDOW = ("window", "log-window", "mean")
POSITIVE: dict[str, str] = {"log-return": "log-returns", "log-window": "logarithms"}  # what takes them, and needs > 0

LEAST = 1e-6  # of the training part's deviation: what that of a window without one value is taken for at least
ROUNDING = 1e-10  # a deviation below this share of the largest value: seven times 0.1 has one of 1e-17


class Scaler(NamedTuple):
    """A scaling of F series: z = (x - mean) / deviation, mean [F] and deviation [F], and what x is.

    `standard`: the values. `min-max`: the values, with their minimum for the mean and their range for the deviation.
    `log-return`: log(x_t / x_(t-1)). `seasonal-difference`: x_t - x_(t-season). `window`: the values, scaled by the
    mean of each window and `factor` of its deviations; the stored mean and deviation are those of the training part.
    `log-window`: their logarithms, scaled so. `mean`: the values, by `factor` of the mean size of each window's.
    """

    kind: Kind
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    factor: float = 1.0
    season: int = 1

    @classmethod
    def fit(cls, kind: Kind, values: Floats, columns: tuple[str, ...], factor: float = 1.0, season: int = 1) -> Scaler:
        """Fit to values [T,F], NaN = missing; raises `DataError` where a series cannot be scaled so."""
        if kind in POSITIVE:
            positive(values, columns, kind)
        values = _differences(kind, values, season)
        for name, series in zip(columns, values.T, strict=True):
            if not np.isfinite(series).any():
                unit = "log-returns (two known values in a row)" if kind == "log-return" else "values"
                raise DataError(f"a column has no known {unit} in the training part", where=name)
        mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
        largest = np.nanmax(np.abs(values), axis=0)
        for name, spread, most in zip(columns, deviation, largest, strict=True):
            if not spread > ROUNDING * most:
                raise DataError("a column is constant in the training part", where=name, cure="train on a longer file")
        if kind == "min-max":
            mean, deviation = np.nanmin(values, axis=0), np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
        return cls(kind, tuple(map(float, mean)), tuple(map(float, deviation)), factor, season)

    def seen(self, history: Floats, *, by_others: bool = True) -> Floats:
        """Return what a network sees of raw windows [B,T,F], NaN = unknown.

        The values [B,T,F]; their changes [B,T-1,F] or [B,T-season,F]; or, each window scaled by itself, its values in
        deviations from its mean. by_others: mean and deviation are those of the other values of the window. Among n
        values one is never more than sqrt(n - 1) deviations of them all away, however far it lies.
        """
        with np.errstate(all="ignore"):  # where a value is too low for a logarithm, or a window is constant
            if self.kind not in BY_WINDOW:
                return _differences(self.kind, history, self.season)
            history = _differences(self.kind, history, self.season)
            known = np.isfinite(history)
            count = known.sum(axis=1, keepdims=True)
            apart = history - np.where(known, history, 0).sum(axis=1, keepdims=True) / count
            squares = np.where(known, apart**2, 0).sum(axis=1, keepdims=True)
            if not by_others:
                return np.asarray(apart / (self.factor * np.sqrt(squares / count)))
            apart = apart * count / (count - 1)
            left = (squares - apart**2 * (count - 1) / count) / (count - 1)
            least = (LEAST * np.array(self.deviation)) ** 2
            return np.asarray(apart / np.sqrt(np.maximum(left, least)))

    def encode(self, values: Floats) -> Floats:
        """Map raw [T,F] to network units: [T,F], [T-1,F] for `log-return`, [T-season,F] for `seasonal-difference`."""
        values = _differences(self.kind, values, self.season)
        mean, deviation = self._moments(values)
        return (values - mean) / deviation

    def decode(self, history: Floats, z: Floats) -> Floats:
        """Map z [N,F] that follows the raw `history` [T,F] to raw units."""
        mean, deviation = self._moments(np.log(history) if self.kind == "log-window" else history)
        raw = z * deviation + mean
        if self.kind == "seasonal-difference":
            path = list(history)  # grows: beyond one season a step stands on a forecast
            for difference in raw:
                path.append(path[-self.season] + difference)
            return np.array(path[len(history) :])
        if self.kind == "log-window":
            return np.exp(raw)
        if self.kind != "log-return":
            return raw
        last = np.array([column[np.isfinite(column)][-1] for column in history.T])
        return np.asarray(last * np.exp(np.cumsum(raw, axis=0)))

    def _moments(self, values: Floats) -> tuple[Floats, Floats]:
        if self.kind == "mean":
            return np.zeros(values.shape[1]), self.factor * np.nanmean(np.abs(values), axis=0)
        if self.kind in BY_WINDOW:
            return np.nanmean(values, axis=0), self.factor * np.nanstd(values, axis=0)
        return np.array(self.mean), np.array(self.deviation)

    def to_json(self) -> Json:
        """Return plain JSON values."""
        moments = {"mean": list(self.mean), "deviation": list(self.deviation)}
        return {"kind": self.kind, **moments, "factor": self.factor, "season": self.season}

    @classmethod
    def from_json(cls, value: Json) -> Scaler:
        """Rebuild what `to_json` gave."""
        return cls(value["kind"], tuple(value["mean"]), tuple(value["deviation"]), value["factor"], value["season"])


def _differences(kind: Kind, values: Floats, season: int) -> Floats:
    """Return values, their logarithms, or their changes along the steps of [...,T,F]."""
    if kind == "log-return":
        return returns(values)
    if kind == "log-window":
        return np.asarray(np.log(values))
    if kind == "seasonal-difference":
        return np.asarray(values[..., season:, :] - values[..., :-season, :])
    return values


def returns(values: Floats) -> Floats:
    """Return the log-returns [...,T-1,F] of values [...,T,F]."""
    return np.asarray(np.log(values[..., 1:, :] / values[..., :-1, :]))


def extent(seen: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest known value [F] of [B,T,F]: infinities, the wrong way round, without any."""
    known = np.isfinite(seen)
    return np.where(known, seen, np.inf).min((0, 1), initial=np.inf), np.where(known, seen, -np.inf).max(
        (0, 1), initial=-np.inf
    )


def positive(values: Floats, columns: tuple[str, ...], kind: Kind, *, pooled: bool = False) -> None:
    """Raise `DataError` unless every known value of [T,F] is above zero, as a scaling by logarithms needs it."""
    rows, where = np.nonzero(values <= 0)
    if len(rows):
        other = "standard" if kind == "log-return" and not pooled else "window"
        raise DataError(
            f"{POSITIVE[kind]} need values above zero",
            where=f"column {columns[where[0]]}, row {rows[0] + 1}: {values[rows[0], where[0]]:g}",
            cure=f"use --scaling {other}, or mend the data",
        )
