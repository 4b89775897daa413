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
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.conformal import offsets
from seqtool.families.forecasting.encoders import ForecastingEncoders, Local
from seqtool.families.forecasting.graph_parts import first_steps
from seqtool.families.forecasting.intervals import HALF_LIFE, errors
from seqtool.families.forecasting.pooled import pooled_scaler
from seqtool.families.forecasting.windows import Forecasts, Windows
from seqtool.graph import scaling as twins
from seqtool.graph.basic import END, Var, first_rows, integers, pad_single_row, size, steps
from seqtool.graph.local_scale import local_scale
from seqtool.nn.local_scale import LocalScale
from seqtool.nn.scaling import scaling
from seqtool.types import Floats


@dataclass(frozen=True)
class Intervals:
    """Offsets [M,F,Q] around a baseline in the units of a scaling, NaN where unknown, and how they follow a window.

    window: the last steps of a history whose unit and movement count; a baseline may read more.
    """

    scaler: Scaler
    offsets: Floats
    local: Local
    window: int

    def around(self, history: Floats, forecast: Floats) -> Floats:
        """Return the quantiles [B,N,F,Q] around a forecast [B,N,F] of a history [B,T,F], by PyTorch."""
        units = scaling(self.scaler)
        seen, path = torch.as_tensor(history[:, -self.window :]), torch.as_tensor(forecast)
        numbers = np.minimum(np.arange(forecast.shape[1]), len(self.offsets))
        around = torch.as_tensor(np.concatenate([self.offsets, self.offsets[:1] * np.nan])[numbers])
        return units.spread(seen, path, around * self._scale()(units.encode(seen))[..., None]).numpy()

    def graph(self, history: Var, forecast: Var) -> Var:
        """Return the twin of `around`."""
        units = twins.scaling(self.scaler, pad_single_row(steps(history, -self.window, END)))
        local = op.cast(local_scale(self._scale(), units.encode()), to=np.float64)
        around = op.mul(first_steps(self.offsets, size(forecast, 1)), op.unsqueeze(local, integers([3])))
        return first_rows(units.spread(pad_single_row(forecast), around), like=history)

    def _scale(self) -> LocalScale:
        return LocalScale(self.local.usual, self.local.power, self.local.half_life, self.local.changes)


def intervals(
    name: str, baseline: Baseline, splits: Splits[Windows, ForecastingEncoders], levels: Sequence[float],
    config: ForecastingConfig,
) -> Intervals:  # fmt: skip
    """Calibrate a baseline on the training and the validation part."""
    scaler = _scaler(name, splits, config)
    units = scaling(scaler)
    train, validation = (
        errors(lambda part: Forecasts(baseline.over(part)), units, part) for part in (splits.train, splits.validation)
    )
    measured, local = offsets(train, validation, levels)
    local = local._replace(half_life=HALF_LIFE, changes=units.changes)
    return Intervals(scaler, measured, local, config.window)


def _scaler(name: str, splits: Splits[Windows, ForecastingEncoders], config: ForecastingConfig) -> Scaler:
    """Return the units of a baseline's errors: they grow with the level where those of the network do.

    But a drift may fall below zero, where nothing has a logarithm.
    """
    own = splits.encoders.scaler
    if config.several == "pooled":
        by_window = replace(config, scaling="window")
        return pooled_scaler(by_window, splits.train, splits.encoders.season) if name == "drift" else own
    if own.kind == "log-return" and name != "drift":
        return own
    return Scaler.fit("standard", splits.train.values, splits.encoders.columns)
