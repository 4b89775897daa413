"""A forecaster's errors in raw units: on both parts they give the quantiles, on validation they may choose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from seqtool.families.forecasting.baselines import naive_error
from seqtool.families.forecasting.conformal import Errors, independent, of_one_size, offsets, spreads
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.network import Forecaster, predictor_of
from seqtool.families.forecasting.windows import Predictor, Windows
from seqtool.nn import objective
from seqtool.nn.local_scale import movement
from seqtool.nn.scaling import FAR, Scaling
from seqtool.say import warn
from seqtool.types import Floats, Ids

HALF_LIFE = 10.0  # steps after which a movement weighs half
MOST = 1024  # windows of a part on which errors are measured: neighbours have almost the same


class Calibrated(objective.Objective[Forecaster, ForecastingEncoders]):
    """The base of the objectives: offsets of quantiles, from the errors on the training and the validation part.

    encoders: those of the data; without them nothing but the loss is measured.
    """

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, device: torch.device,
        encoders: ForecastingEncoders | None = None,
    ) -> None:  # fmt: skip
        self.network, self.parts, self.device, self.encoders = network, (train, validation), device, encoders

    def measures(self) -> tuple[str, ...]:
        """Return what may choose the best weights: all but the loss in raw units, over the whole horizon."""
        if self.encoders is None:
            return ("loss",)
        return "loss", "rmse", "mae", "mase", "smape", *(("wql",) if self.network.config.quantiles else ())

    def measure(self, name: str) -> float:
        """Return a measure over validation windows spread evenly, at most `MOST`; NaN where nothing is known."""
        assert self.encoders is not None
        train, validation = self.parts
        part = validation.some(_spread(validation))
        if name != "wql":
            forecast = predictor_of(self.network)(part).values
            return known_measure(name, forecast, part, train.values, self.encoders.season)
        # the fresh weights are drawn beside the training: what chooses must not change what is trained
        with torch.random.fork_rng():
            with_offsets = Forecaster.of(self.network.config, self._calibrated(self.encoders)[0]).to(self.device)
        with_offsets.load_state_dict(self.network.state_dict())
        quantiles = predictor_of(with_offsets)(part).quantiles
        assert quantiles is not None
        from seqtool.families.forecasting.measures import weighted_quantile_loss  # an export measures nothing

        found = weighted_quantile_loss(quantiles, part.truth(), self.network.config.quantiles)
        return math.nan if found is None else found

    def calibrated(self, encoders: ForecastingEncoders) -> ForecastingEncoders:
        """Return the encoders with the offsets of the configured quantiles; warn where some stay empty."""
        if not self.network.config.quantiles:
            return encoders
        made, warning = self._calibrated(encoders)
        if warning:
            warn(warning)
        return made

    def _calibrated(self, encoders: ForecastingEncoders) -> tuple[ForecastingEncoders, str]:
        """Return the encoders with offsets, and a warning of levels that stay empty, or ""."""
        levels = self.network.config.quantiles
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
        warning = _told([levels[number] for number in empty.tolist()], train, validation) if empty.size else ""
        stored = measured.astype(object)
        stored[np.isnan(measured)] = None  # JSON has no NaN
        local = local._replace(half_life=HALF_LIFE, changes=self.network.scaling.changes)
        made = replace(
            encoders, offsets=stored.tolist(), local=local if any(local.power) else None,
            spreads=() if spread is None else tuple(spread.tolist()),
        )  # fmt: skip
        return made, warning

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
    few = part.some(_spread(part))
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


def known_measure(name: str, forecast: Floats, part: Windows, train: Floats, season: int) -> float:
    """Return a measure of forecasts [W,N,F] of a part as its report has it; NaN where it is unknown.

    train [T,F]: the values that give each series its unit of MASE. Of a pooled part MASE and sMAPE are means over the
    series that have a unit.
    """
    from seqtool.families.forecasting.measures import measures
    from seqtool.families.forecasting.pooled_scores import pooled_measures, units

    truth = part.truth()
    if part.members is None:
        value = measures(forecast, truth, np.array(naive_error(train, season)[1]))[name]
    else:
        unit = units(train, season)[1][part.members]
        scored = np.isfinite(unit)
        value = pooled_measures(forecast[scored], truth[scored], unit[scored], part.members[scored])[name]
    return math.nan if value is None else value


def _spread(part: Windows) -> Ids:
    """Return the numbers of at most `MOST` windows, spread evenly over a part."""
    return np.unique(np.linspace(0, len(part) - 1, MOST).round().astype(np.int64))


def _told(levels: list[float], train: Errors, validation: Errors) -> str:
    """Return the warning of levels that stay empty."""
    share = max(abs(2 * level - 1) for level in levels)
    needed = math.ceil(share / (1 - share) - 1e-9)
    names = ", ".join(f"{level:g}" for level in levels)
    few = f"both parts count as {independent(train, validation):.1f} windows that do not overlap, {needed} are needed"
    return f"quantiles: {names} stay empty: {few}; --quantiles nearer to 0.5, a shorter --horizon, or a longer series"
