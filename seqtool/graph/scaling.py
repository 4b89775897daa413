"""The ONNX twin of `nn.scaling`: raw units in, raw units out.

Raw units are float64, network units float32: what moves by 1 at a level of 150,000,000 is one number in float32.
"""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.data.encoders.scaler import Scaler
from seqtool.graph.basic import END, Var, constant, doubles, each, integers, nan_to_zero, size, steps
from seqtool.nn.scaling import EPSILON, ROUNDING


class Standard:
    """z = (x - mean) / deviation."""

    def __init__(self, scaler: Scaler, history: Var) -> None:
        self.unitr, self.history = scaler, history
        self.features = len(scaler.mean)
        self.mean, self.deviation = doubles(scaler.mean), doubles(scaler.deviation)
        self.unit = self.deviation

    def _scaled(self, x: Var) -> Var:
        return _single(each(self.features, lambda x: op.div(op.sub(x, self.mean), self.deviation), x))

    def encode(self) -> Var:
        """Map the history to z [B,T,F]."""
        return self._scaled(self.history)

    def decode(self, z: Var) -> Var:
        """Map z [B,N,F] to raw units."""
        return each(self.features, lambda z: op.add(op.mul(z, self.deviation), self.mean), _double(z))

    def spread(self, forecast: Var, offsets: Var) -> Var:
        """Lay residuals [N,F,Q] or [B,N,F,Q] around a raw forecast [B,N,F]: [B,N,F,Q]."""
        raw = op.mul(offsets, op.unsqueeze(self.deviation, integers([1])))
        return op.add(op.unsqueeze(forecast, integers([3])), raw)


class _LogReturn(Standard):
    """z = (log(x_t / x_(t-1)) - mean) / deviation."""

    def encode(self) -> Var:
        after, before = steps(self.history, 1, END), steps(self.history, 0, -1)
        # log(a/b) = 2 atanh((a - b) / (a + b)): the vectorised Log has other last bits at other places of a tensor
        ratio = _single(op.div(op.sub(after, before), op.add(after, before)))  # ONNX Runtime has no Atanh of float64
        return self._scaled(_double(each(self.features, lambda ratio: op.mul(constant(2.0), op.atanh(ratio)), ratio)))

    def decode(self, z: Var) -> Var:
        """Cumulate from the last known value: raw [B,N,F]."""
        growth = exp(op.cum_sum(super().decode(z), integers(1)))
        return each(self.features, op.mul, last_known(self.history, self.features), growth)

    def spread(self, forecast: Var, offsets: Var) -> Var:
        return op.mul(op.unsqueeze(forecast, integers([3])), exp(offsets))


class _SeasonalDifference(Standard):
    """z = (x_t - x_(t-season) - mean) / deviation."""

    def encode(self) -> Var:
        season = self.unitr.season
        return self._scaled(op.sub(steps(self.history, season, END), steps(self.history, 0, -season)))

    def decode(self, z: Var) -> Var:
        """Cumulate season by season from the last one of the history: raw [B,N,F]."""
        season, features = self.unitr.season, self.features
        count = size(z, 1)
        seasons = op.div(op.add(count, integers([season - 1])), integers([season]))
        missing = op.sub(op.mul(seasons, integers([season])), count)
        pads = op.concat([integers([0, 0, 0, 0]), missing, integers([0])], axis=0)
        padded = op.pad(super().decode(z), pads, constant(0.0, np.float64))
        by_season = op.concat([size(z, 0), seasons, integers([season, features])], axis=0)
        paths = op.cum_sum(op.reshape(padded, by_season), integers(1))
        last = steps(self.history, -season, END)
        start = op.where(op.isnan(last), last_known(self.history, features), last)
        whole = op.add(paths, op.unsqueeze(start, integers([1])))
        flat = op.reshape(whole, op.concat([size(z, 0), integers([-1, features])], axis=0))
        return op.slice(flat, integers([0]), count, integers([1]))


class _Window:
    """z = (x - mean of the window) / (factor x deviation of the window)."""

    def __init__(self, scaler: Scaler, history: Var) -> None:
        count = self._sum(_double(op.not_(op.isnan(history))))
        self.features, self.history = len(scaler.mean), history
        self.mean = op.div(self._sum(nan_to_zero(history)), count)
        residual = nan_to_zero(each(self.features, op.sub, history, self.mean))
        deviation = op.sqrt(op.div(self._sum(op.mul(residual, residual)), count))
        rounding = op.mul(constant(ROUNDING, np.float64), op.abs(self.mean))
        floor = op.add(rounding, doubles(EPSILON * np.array(scaler.deviation)))
        self.unit = op.mul(constant(scaler.factor, np.float64), op.add(deviation, floor))

    @staticmethod
    def _sum(x: Var) -> Var:
        return op.reduce_sum(x, integers([1]), keepdims=1)

    def encode(self) -> Var:
        parts = self.history, self.mean, self.unit
        return _single(each(self.features, lambda x, mean, scale: op.div(op.sub(x, mean), scale), *parts))

    def decode(self, z: Var) -> Var:
        parts = _double(z), self.mean, self.unit
        return each(self.features, lambda z, mean, scale: op.add(op.mul(z, scale), mean), *parts)

    def spread(self, forecast: Var, offsets: Var) -> Var:
        raw = op.mul(offsets, op.unsqueeze(self.unit, integers([3])))
        return op.add(op.unsqueeze(forecast, integers([3])), raw)


class _Mean(_Window):
    """z = x / (factor x mean size of the window's values)."""

    def __init__(self, scaler: Scaler, history: Var) -> None:
        count = self._sum(_double(op.not_(op.isnan(history))))
        self.features, self.history = len(scaler.mean), history
        size = op.div(self._sum(op.abs(nan_to_zero(history))), count)
        self.mean = op.mul(size, constant(0.0, np.float64))
        floor = doubles(EPSILON * np.array(scaler.deviation))
        self.unit = op.mul(constant(scaler.factor, np.float64), op.add(size, floor))


class _LogWindow(_Window):
    """The scaling of each window, of logarithms."""

    def __init__(self, scaler: Scaler, history: Var) -> None:
        super().__init__(scaler, op.log(history))

    def decode(self, z: Var) -> Var:
        return exp(super().decode(z))

    def spread(self, forecast: Var, offsets: Var) -> Var:
        apart = op.mul(offsets, op.unsqueeze(self.unit, integers([3])))
        return op.mul(op.unsqueeze(forecast, integers([3])), exp(apart))


def _double(x: Var) -> Var:
    return op.cast(x, to=np.float64)


def exp(x: Var) -> Var:
    """Return e to the power of x, float64."""
    # not Exp: ONNX Runtime's of float64 has other last bits at other places of a tensor
    return op.pow(constant(np.e, np.float64), x)


def _single(x: Var) -> Var:
    return op.cast(x, to=np.float32)


def last_known(history: Var, features: int) -> Var:
    """Return the last value of [B,T,F] that is not NaN: [B,1,F]."""
    stop = op.add(op.reshape(size(history, 1), integers([])), integers(1))
    numbers = op.reshape(op.range(integers(1), stop, integers(1)), integers([1, -1, 1]))
    present = op.cast(op.not_(op.isnan(history)), to=np.int64)
    index = op.arg_max(each(features, op.mul, numbers, present), axis=1, keepdims=1)
    return op.gather_elements(history, index, axis=1)


def scaling(scaler: Scaler, history: Var) -> Standard | _Window:
    """Build the twin of a fitted scaler around the raw history [B,T,F]."""
    kinds: dict[str, type[Standard] | type[_Window]] = {
        "standard": Standard,
        "min-max": Standard,
        "log-return": _LogReturn,
        "seasonal-difference": _SeasonalDifference,
        "window": _Window,
        "log-window": _LogWindow,
        "mean": _Mean,
    }
    return kinds[scaler.kind](scaler, history)
