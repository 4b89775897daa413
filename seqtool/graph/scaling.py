"""The ONNX twin of `nn.scaling`: raw units in, raw units out."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.data.encoders import Scaler
from seqtool.graph.basic import END, Var, constant, integers, size, steps, weight
from seqtool.nn.scaling import EPSILON


class Standard:
    """z = (x - mean) / deviation."""

    def __init__(self, scaler: Scaler, history: Var) -> None:
        self.scaler, self.history = scaler, history
        self.mean, self.deviation = weight(np.array(scaler.mean)), weight(np.array(scaler.deviation))

    def _scaled(self, x: Var) -> Var:
        return op.div(op.sub(x, self.mean), self.deviation)

    def _raw(self, z: Var) -> Var:
        return op.add(op.mul(z, self.deviation), self.mean)

    def encode(self) -> Var:
        """Map the history to z [B,T,F]."""
        return self._scaled(self.history)

    def decode(self, z: Var) -> Var:
        """Map z [B,N,F] to raw units."""
        return self._raw(z)


class LogReturn(Standard):
    """z = (log(x_t / x_(t-1)) - mean) / deviation."""

    def encode(self) -> Var:
        """Map the history to z [B,T-1,F]."""
        after, before = steps(self.history, 1, END), steps(self.history, 0, -1)
        ratio = op.div(op.sub(after, before), op.add(after, before))
        return self._scaled(op.mul(constant(2.0), op.atanh(ratio)))

    def decode(self, z: Var) -> Var:
        """Cumulate from the last known value: raw [B,N,F]."""
        growth = op.exp(op.cum_sum(self._raw(z), integers(1)))
        return op.mul(last_known(self.history), growth)


class SeasonalDifference(Standard):
    """z = (x_t - x_(t-season) - mean) / deviation."""

    def encode(self) -> Var:
        """Map the history to z [B,T-season,F]."""
        season = self.scaler.season
        return self._scaled(op.sub(steps(self.history, season, END), steps(self.history, 0, -season)))

    def decode(self, z: Var) -> Var:
        """Cumulate season by season from the last one of the history: raw [B,N,F]."""
        season, features = self.scaler.season, len(self.scaler.mean)
        count = size(z, 1)
        seasons = op.div(op.add(count, integers([season - 1])), integers([season]))
        missing = op.sub(op.mul(seasons, integers([season])), count)
        pads = op.concat([integers([0, 0, 0, 0]), missing, integers([0])], axis=0)
        padded = op.pad(self._raw(z), pads, constant(0.0))
        by_season = op.concat([size(z, 0), seasons, integers([season, features])], axis=0)
        paths = op.cum_sum(op.reshape(padded, by_season), integers(1))
        last = steps(self.history, -season, END)
        start = op.where(op.isnan(last), last_known(self.history), last)
        whole = op.add(paths, op.unsqueeze(start, integers([1])))
        flat = op.reshape(whole, op.concat([size(z, 0), integers([-1, features])], axis=0))
        return op.slice(flat, integers([0]), count, integers([1]))


class Window:
    """z = (x - mean of the window) / (factor x deviation of the window)."""

    def __init__(self, scaler: Scaler, history: Var) -> None:
        missing = op.isnan(history)
        count = self._sum(op.where(missing, constant(0.0), constant(1.0)))
        self.history = history
        self.mean = op.div(self._sum(op.where(missing, constant(0.0), history)), count)
        residual = op.where(missing, constant(0.0), op.sub(history, self.mean))
        deviation = op.sqrt(op.div(self._sum(op.mul(residual, residual)), count))
        floor = op.add(op.mul(constant(EPSILON), op.abs(self.mean)), constant(EPSILON))
        self.scale = op.mul(constant(scaler.factor), op.add(deviation, floor))

    @staticmethod
    def _sum(x: Var) -> Var:
        return op.reduce_sum(x, integers([1]), keepdims=1)

    def encode(self) -> Var:
        """Map the history to z [B,T,F]."""
        return op.div(op.sub(self.history, self.mean), self.scale)

    def decode(self, z: Var) -> Var:
        """Map z [B,N,F] to raw units."""
        return op.add(op.mul(z, self.scale), self.mean)


def last_known(history: Var) -> Var:
    """Return the last value of [B,T,F] that is not NaN: [B,1,F]."""
    stop = op.add(op.reshape(size(history, 1), integers([])), integers(1))
    numbers = op.reshape(op.range(integers(1), stop, integers(1)), integers([1, -1, 1]))
    known = op.cast(op.not_(op.isnan(history)), to=np.int64)
    index = op.arg_max(op.mul(numbers, known), axis=1, keepdims=1)
    return op.gather_elements(history, index, axis=1)


def scaling(scaler: Scaler, history: Var) -> Any:
    """Build the twin of a fitted scaler around the raw history [B,T,F]."""
    kinds = {
        "standard": Standard,
        "min-max": Standard,
        "log-return": LogReturn,
        "seasonal-difference": SeasonalDifference,
        "window": Window,
    }
    return kinds[scaler.kind](scaler, history)
