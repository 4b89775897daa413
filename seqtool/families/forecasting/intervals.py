"""The end of a forecaster's training: its errors on both parts give the quantiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from seqtool.families.forecasting.conformal import Errors, independent, of_one_size, offsets, spreads
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.network import Forecaster, predictor_of
from seqtool.families.forecasting.windows import Predictor, Windows
from seqtool.nn import objective
from seqtool.nn.local_scale import movement
from seqtool.nn.scaling import FAR, Scaling
from seqtool.say import warn

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
        alone = self.network.config.stateful  # one step at a time has no movement
        train, validation = (
            errors(predictor_of(self.network), self.network.scaling, part, self.device, alone=alone, plain=self._plain)
            for part in self.parts
        )
        train = replace(train, sizes=train.sizes * self.optimism())
        spread = spreads(train, validation, len(self.network.ids)) if self.network.ids else None
        if spread is not None:
            train, validation = of_one_size(train, spread), of_one_size(validation, spread)
        measured, local = offsets(train, validation, levels)
        empty = np.flatnonzero(np.isnan(measured).all(axis=(0, 1)))
        if empty.size:
            _tell([levels[number] for number in empty.tolist()], train, validation)
        stored = measured.astype(object)
        stored[np.isnan(measured)] = None  # JSON has no NaN
        local = local._replace(half_life=HALF_LIFE, changes=self.network.scaling.changes)
        return replace(
            encoders, offsets=stored.tolist(), local=local if any(local.power) else None,
            spreads=() if spread is None else tuple(spread.tolist()),
        )  # fmt: skip

    def _plain(self, history: Tensor, covariates: Tensor | None) -> Tensor:
        """Return raw windows without the effect of the columns beside the values: what the network scales."""
        effect = self.network.effect(history, covariates)
        return history if effect is None else self.network.without(history, effect[:, : history.shape[1]])

    def optimism(self) -> float:
        """Return how many times as large errors are on unseen windows as on those of the training, if it is known."""
        return 1.0


def errors(
    predict: Predictor, scaling: Scaling, part: Windows, device: torch.device | None = None, *, alone: bool = False,
    plain: Callable[[Tensor, Tensor | None], Tensor] = lambda history, covariates: history,
) -> Errors:  # fmt: skip
    """Return the errors of a forecaster over windows spread evenly over a part.

    alone: without their movement. plain: of which windows the units are, of raw windows and their covariates.
    """
    chosen = np.unique(np.linspace(0, len(part) - 1, MOST).round().astype(np.int64))
    few = part.some(chosen)
    forecasts, sizes, moved = predict(few).values, [], []
    for places in few.chunks():
        history, future = few.batch(places)
        seen, forecast, truth = (torch.as_tensor(x, device=device) for x in (history, forecasts[places], future))
        covariates = few.covariates(places).get("covariates")
        seen = plain(seen, None if covariates is None else torch.as_tensor(covariates, device=device))
        off = scaling.residual(seen, forecast, truth).abs()
        off = torch.where(off > FAR, torch.nan, off) if scaling.by_window else off
        sizes.append(off.cpu().numpy())
        steps = movement(scaling.encode(seen), half_life=HALF_LIFE, changes=scaling.changes)
        moved.append(steps[:, 0].double().cpu().numpy())
    movements = np.concatenate(moved)
    movements = movements * np.nan if alone else movements
    return Errors(np.concatenate(sizes), movements, len(part) / part.horizon, few.members)


def _tell(levels: list[float], train: Errors, validation: Errors) -> None:
    """Warn of levels that stay empty."""
    share = max(abs(2 * level - 1) for level in levels)
    needed = math.ceil(share / (1 - share) - 1e-9)
    names = ", ".join(f"{level:g}" for level in levels)
    few = f"both parts count as {independent(train, validation):.1f} windows that do not overlap, {needed} are needed"
    warn(f"quantiles: {names} stay empty: {few}; --quantiles nearer to 0.5, a shorter --horizon, or a longer series")
