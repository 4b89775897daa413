"""The end of a forecaster's training: its errors on both parts give the quantiles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch

from seqtool.families.forecasting.conformal import Errors, independent, offsets
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.network import Forecaster, predictor_of
from seqtool.families.forecasting.windows import Windows
from seqtool.nn import objective
from seqtool.nn.local_scale import movement
from seqtool.say import warn
from seqtool.types import Floats, Ids

HALF_LIFE = 10.0  # steps after which a movement weighs half
MOST = 1024  # windows of a part on which errors are measured: neighbours have almost the same


class Calibrated(objective.Objective[Forecaster, ForecastingEncoders]):
    """The base of the objectives: offsets of quantiles, from the errors on the training and the validation part."""

    def __init__(self, network: Forecaster, train: Windows, validation: Windows, device: torch.device) -> None:
        self.network, self.parts, self.device = network, (train, validation), device

    def calibrated(self, encoders: ForecastingEncoders) -> ForecastingEncoders:
        """Return the encoders with the offsets of the configured quantiles; warn where some stay empty."""
        levels = self.network.config.quantiles
        if not levels:
            return encoders
        train, validation = (self._errors(part) for part in self.parts)
        train = replace(train, sizes=train.sizes * self.optimism())
        measured, local = offsets(train, validation, levels)
        empty = np.flatnonzero(np.isnan(measured).all(axis=(0, 1)))
        if empty.size:
            _tell([levels[number] for number in empty.tolist()], train, validation)
        stored = measured.astype(object)
        stored[np.isnan(measured)] = None  # JSON has no NaN
        local = replace(local, half_life=HALF_LIFE, changes=self.network.scaling.changes)
        return replace(encoders, offsets=stored.tolist(), local=local if any(local.power) else None)

    def optimism(self) -> float:
        """Return how many times as large errors are on unseen windows as on those of the training, if it is known."""
        return 1.0

    def _errors(self, part: Windows) -> Errors:
        """Return the errors of the network over windows spread evenly over a part."""
        chosen = np.unique(np.linspace(0, len(part) - 1, MOST).round().astype(np.int64))
        few = replace(part, starts=part.starts[chosen])
        forecasts = predictor_of(self.network)(few).values
        sizes, moved = zip(*(self._measured(few, places, forecasts) for places in few.chunks()), strict=True)
        return Errors(np.concatenate(sizes), np.concatenate(moved), len(part) / part.horizon)

    def _measured(self, part: Windows, chosen: Ids, forecasts: Floats) -> tuple[Floats, Floats]:
        """Return absolute errors [B,N,F] of the chosen windows, in the units of `nn.scaling`, and movements [B,F]."""
        history, future = part.batch(chosen)
        arrays = (history, forecasts[chosen], future)
        seen, *steps = (torch.as_tensor(array, device=self.device) for array in arrays)
        scaling = self.network.scaling
        sizes = scaling.residual(seen, *steps).abs().cpu().numpy()
        if self.network.config.stateful:  # one step at a time has no movement
            return sizes, np.full((len(chosen), sizes.shape[2]), np.nan)
        moved = movement(scaling.encode(seen), half_life=HALF_LIFE, changes=scaling.changes)
        return sizes, moved[:, 0].double().cpu().numpy()


def _tell(levels: list[float], train: Errors, validation: Errors) -> None:
    """Warn of levels that stay empty."""
    share = max(abs(2 * level - 1) for level in levels)
    needed = math.ceil(share / (1 - share) - 1e-9)
    names = ", ".join(f"{level:g}" for level in levels)
    few = f"both parts count as {independent(train, validation):.1f} windows that do not overlap, {needed} are needed"
    warn(f"quantiles: {names} stay empty: {few}; --quantiles nearer to 0.5, a shorter --horizon, or a longer series")
