"""The intervals of a baseline's file: calibrated as those of a network, laid around its forecast in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import spox.opset.ai.onnx.v20 as op
import torch

from seqtool.data.encoders.scaler import Scaler
from seqtool.data.splits import Splits
from seqtool.families.forecasting.baselines import Baseline
from seqtool.families.forecasting.conformal import offsets
from seqtool.families.forecasting.encoders import ForecastingEncoders, Local
from seqtool.families.forecasting.graph_parts import first_steps
from seqtool.families.forecasting.intervals import HALF_LIFE, errors
from seqtool.families.forecasting.windows import Forecasts, Windows
from seqtool.graph import scaling as twins
from seqtool.graph.basic import Var, integers, pad_single_row, size
from seqtool.graph.local_scale import local_scale
from seqtool.nn.local_scale import LocalScale
from seqtool.nn.scaling import scaling
from seqtool.types import Floats


@dataclass(frozen=True)
class Intervals:
    """Offsets [M,F,Q] around a baseline in the units of a scaling, NaN where unknown, and how they follow a window."""

    scaler: Scaler
    offsets: Floats
    local: Local

    def around(self, history: Floats, forecast: Floats) -> Floats:
        """Return the quantiles [B,N,F,Q] around a forecast [B,N,F] of a history [B,T,F], by PyTorch."""
        units = scaling(self.scaler)
        seen, path = torch.as_tensor(history), torch.as_tensor(forecast)
        steps = np.minimum(np.arange(forecast.shape[1]), len(self.offsets))
        around = torch.as_tensor(np.concatenate([self.offsets, self.offsets[:1] * np.nan])[steps])
        return units.spread(seen, path, around * self._scale()(units.encode(seen))[..., None]).numpy()

    def graph(self, history: Var, forecast: Var) -> Var:
        """Return the twin of `around`."""
        units = twins.scaling(self.scaler, pad_single_row(history))
        local = op.cast(local_scale(self._scale(), units.encode()), to=np.float64)
        local = op.slice(local, integers([0]), size(history, 0), integers([0]))
        around = op.mul(first_steps(self.offsets, size(forecast, 1)), op.unsqueeze(local, integers([3])))
        return units.spread(forecast, around)

    def _scale(self) -> LocalScale:
        return LocalScale(self.local.usual, self.local.power, self.local.half_life, self.local.changes)


def intervals(
    name: str, baseline: Baseline, splits: Splits[Windows, ForecastingEncoders], levels: Sequence[float]
) -> Intervals:
    """Calibrate a baseline on the training and the validation part.

    Its errors grow with the level where those of the network do; but a drift may fall below zero.
    """
    scaler = splits.encoders.scaler
    if scaler.kind != "log-return" or name == "drift":
        scaler = Scaler.fit("standard", splits.train.values, splits.encoders.columns)
    units = scaling(scaler)
    train, validation = (
        errors(lambda part: Forecasts(baseline.over(part)), units, part) for part in (splits.train, splits.validation)
    )
    measured, local = offsets(train, validation, levels)
    return Intervals(scaler, measured, replace(local, half_life=HALF_LIFE, changes=units.changes))
