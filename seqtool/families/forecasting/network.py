"""Forecasters in PyTorch: raw history in, raw forecast out, the scaling inside."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss

from seqtool.cells import state_names
from seqtool.data.calendar import CALENDAR
from seqtool.data.encoders.inputs import Input
from seqtool.data.encoders.scaler import POSITIVE, Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.encoders import ForecastingEncoders, Local, Offsets
from seqtool.families.forecasting.likelihood import likelihood
from seqtool.families.forecasting.network_parts import CORES, Autoregressive
from seqtool.families.forecasting.windows import Arrays, Call, Predictor, predictor
from seqtool.modelfile.manifest import after_of
from seqtool.nn.basic import truncated_normal
from seqtool.nn.bounds import within
from seqtool.nn.covariates import Covariates
from seqtool.nn.local_scale import LocalScale
from seqtool.nn.own_maps import OwnMaps
from seqtool.nn.recurrent import State
from seqtool.nn.scaling import scaling
from seqtool.types import Singles

TYPES = {"history": torch.float64, "ids": torch.int64, "covariates": torch.float64}


class Forecaster(nn.Module):
    """A core network between the two halves of a scaling."""

    offsets: Tensor | None
    spread: Tensor | None

    def __init__(
        self, config: ForecastingConfig, scaler: Scaler, offsets: Offsets | None = None, local: Local | None = None,
        ids: tuple[str, ...] = (), spreads: tuple[float, ...] = (), inputs: tuple[Input, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self.config = config
        self.scaling = scaling(scaler)
        calibrated = None if offsets is None else torch.as_tensor(np.array(offsets, dtype=np.float64))
        # The encoders keep the offsets: checkpoints are the same before and after they are measured.
        self.register_buffer("offsets", calibrated, persistent=False)
        self.local = None if local is None else LocalScale(*local)
        calendar = [CALENDAR[name] for name in config.calendar]
        self.covariates = Covariates(calendar, inputs, len(scaler.mean)) if calendar or inputs else None
        self.logarithm = scaler.kind in POSITIVE
        self.core = CORES[config.network](config, len(scaler.mean), self.covariates.size if self.covariates else 0)
        self.ids = ids
        # the last one is that of a series without a part of its own
        spread = torch.tensor([*spreads, 1.0], dtype=torch.float64) if spreads else None
        self.register_buffer("spread", spread, persistent=False)
        self.own = OwnMaps(config.own, config.highway, config.horizon, len(ids)) if config.own else None
        if config.initial_deviation:
            truncated_normal(self.core, config.initial_deviation)

    @classmethod
    def of(cls, config: ForecastingConfig, encoders: ForecastingEncoders) -> Forecaster:
        """Build the network with fresh weights, and with the offsets of quantiles of a calibrated training."""
        return cls(
            config, encoders.scaler, encoders.offsets, encoders.local, encoders.ids, encoders.spreads,
            encoders.inputs,
        )  # fmt: skip

    def forward(
        self, history: Tensor, steps: int, covariates: Tensor | None = None, state: State | None = None,
        ids: Tensor | None = None, noise: Tensor | None = None,
    ) -> tuple[Tensor, State]:  # fmt: skip
        """Map raw history [B,T,F] (NaN = missing) to raw forecast [B,N,F] and the state after the history.

        covariates [B,T+N,C]: the codes of the calendar, then the columns beside the values, where the network has some.
        state: each tensor [L*D,B,H]; a network that is not `stateful` returns (). ids [B]: the places of the series
        among those that have a part of their own, their number for any other one. noise [B,N,F]: how many deviations
        from its mean each step lies, where the network gives a distribution; None: the means.
        """
        effect, raw = self.effect(history, covariates), history
        if effect is not None:
            history = self.without(raw, effect[:, : raw.shape[1]])
        z = zero_filled(self.scaling.encode(history))
        indicators = self.indicators(self.lagged(covariates), history.shape[1] - z.shape[1])
        if isinstance(self.core, Autoregressive):
            forecast, after = self.core.continued(z, steps, indicators, state, noise)
            after = after if self.config.stateful else ()
        else:
            forecast, after = self.with_own(self.core(z, steps, indicators), z, ids), ()
        decoded = self.scaling.decode(history, forecast)
        if effect is not None:
            decoded = self.with_effect(decoded, effect[:, raw.shape[1] : raw.shape[1] + steps])
        return self.bounded(decoded), after

    def effect(self, history: Tensor, covariates: Tensor | None) -> Tensor | None:
        """Return what the columns beside the values add to raw values, or to their logarithms: [B,L,F], or None.

        Of a pooled model the unit is that of each window.
        """
        if self.covariates is None or covariates is None or not self.covariates.has_effect:
            return None
        effect: Tensor = self.covariates.effects(covariates)
        if self.config.several == "pooled" and not self.logarithm:
            return effect * self.scaling.unit(history)
        return effect

    def without(self, values: Tensor, effect: Tensor) -> Tensor:
        """Return raw values [B,L,F] as they would be without an effect [B,L,F]."""
        return values * torch.exp(-effect) if self.logarithm else values - effect

    def with_effect(self, values: Tensor, effect: Tensor) -> Tensor:
        """Return what `without` was given."""
        return values * torch.exp(effect) if self.logarithm else values + effect

    def with_own(self, forecast: Tensor, z: Tensor, ids: Tensor | None) -> Tensor:
        """Add to a scaled forecast [B,N,F] what the series have of their own."""
        if self.own is None or ids is None:
            return forecast
        return cast(Tensor, forecast + self.own(z, ids)[:, : forecast.shape[1]])

    def bounded(self, raw: Tensor) -> Tensor:
        """Cut raw values [B,N,F] or [B,N,F,Q] at the configured floor and ceiling."""
        return within(raw, self.config.floor, self.config.ceiling)

    def lagged(self, covariates: Tensor | None) -> Tensor | None:
        """Return covariates [B,L,C] as the core reads them.

        An autoregressive one reads those of the next step beside a value: of the past's columns that is the last step
        with a value.
        """
        if self.covariates is None or covariates is None or self.config.network != "autoregressive":
            return covariates
        return self.covariates.lagged(covariates)

    def indicators(self, covariates: Tensor | None, lost: int) -> Tensor | None:
        """Turn codes [B,T+N,C] into indicators without the `lost` first steps, which the scaling consumes."""
        if self.covariates is None or covariates is None:
            return None
        return cast(Tensor, self.covariates(covariates[:, lost:]))

    def quantiles(
        self, history: Tensor, forecast: Tensor, ids: Tensor | None = None, covariates: Tensor | None = None
    ) -> Tensor:
        """Lay the calibrated offsets [M,F,Q] around a raw forecast [B,N,F]: [B,N,F,Q], NaN beyond M steps."""
        effect = self.effect(history, covariates)
        history = history if effect is None else self.without(history, effect[:, : history.shape[1]])
        assert self.offsets is not None
        beyond = torch.full_like(self.offsets[:1], torch.nan)
        steps = torch.arange(forecast.shape[1], device=forecast.device).clamp(max=len(self.offsets))
        chosen = torch.cat([self.offsets, beyond])[steps].to(forecast.dtype)
        if self.local is not None:
            chosen = chosen * self.local(self.scaling.encode(history))[..., None]
        if self.spread is not None and ids is not None:
            chosen = chosen * self.spread[ids][:, None, None, None]
        return self.bounded(self.scaling.spread(history, forecast, chosen))

    def scale(self, history: Tensor, future: Tensor, covariates: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Map raw history [B,T,F] and future [B,U,F] to network units, NaN = missing."""
        effect = self.effect(history, covariates)
        if effect is not None:
            first = history.shape[1]
            history, future = self.without(history, effect[:, :first]), self.without(future, effect[:, first:])
        return self.scaling.encode(history), self.scaling.encode_future(history, future)

    def loss(
        self, z: Tensor, target: Tensor, covariates: Tensor | None = None, ids: Tensor | None = None, *, forced: bool,
        complete: bool = False,
    ) -> Tensor:  # fmt: skip
        """Mean loss over the known values of `target` [B,U,F] for the history `z`, both scaled; a scalar.

        covariates: codes of the steps of z and target. forced: teacher forcing. complete: the caller knows that
        nothing is missing, so no masks are computed.
        """
        if self.config.distribution != "none":
            assert isinstance(self.core, Autoregressive)
            return likelihood(self.core, z, target, self.indicators(self.lagged(covariates), 0))
        seen, filled = (z, target) if complete else (zero_filled(z), zero_filled(target))
        indicators = self.indicators(self.lagged(covariates), 0)
        forecast = self.core(seen, target.shape[1], indicators, filled if forced else None)
        forecast = self.with_own(forecast, seen, ids)
        absolute = self.config.loss == "absolute"
        if complete:
            return l1_loss(forecast, target) if absolute else mse_loss(forecast, target)
        return masked_loss(forecast, target, absolute=absolute)


def masked_loss(forecast: Tensor, target: Tensor, *, absolute: bool = False) -> Tensor:
    """Mean squared, or absolute, error over what is not NaN in `target`; a scalar."""
    missing = target.isnan()
    error = forecast - zero_filled(target)
    lost = torch.where(missing, 0.0, error.abs() if absolute else error**2)
    return lost.sum() / (~missing).sum().clamp(min=1)


def zero_filled(z: Tensor) -> Tensor:
    """Replace missing values (NaN) by 0, the mean of the scaled values."""
    return torch.nan_to_num(z, nan=0.0)


def first_state(network: Forecaster) -> dict[str, Singles]:
    """Return the zeros [L,1,H] that a stateful network starts from, by their names in a file; {} without state."""
    if not network.config.stateful:
        return {}
    assert isinstance(network.core, Autoregressive)
    zeros = network.core.decoder.zeros(1, torch.device("cpu"))  # a cell's states may differ in width
    return {name: tensor.numpy() for name, tensor in zip(state_names(network.config.cell), zeros, strict=True)}


def call(network: Forecaster) -> Call:
    """Return the network as a function with the inputs and outputs of a model file, run on the network's device."""
    device = next(network.parameters()).device
    names = tuple(first_state(network))

    def answer(feeds: Arrays) -> Arrays:
        network.eval()  # a training may be under way
        tensors = {
            name: torch.as_tensor(value, dtype=TYPES.get(name, torch.float32), device=device)
            for name, value in feeds.items()
            if name != "horizon"
        }
        state = tuple(tensors[name] for name in names) or None
        with torch.no_grad():
            given = tensors["history"], int(feeds["horizon"]), tensors.get("covariates"), state, tensors.get("ids")
            forecast, after = network(*given, tensors.get("noise"))
            outputs = {"forecast": forecast, **dict(zip(map(after_of, names), after, strict=True))}
            if network.offsets is not None:
                outputs["quantiles"] = network.quantiles(
                    tensors["history"], forecast, tensors.get("ids"), tensors.get("covariates")
                )
        return {name: value.double().cpu().numpy() for name, value in outputs.items()}

    return answer


def predictor_of(network: Forecaster) -> Predictor:
    """Return a function that forecasts the windows of a part by the network."""
    return predictor(call(network), first_state(network), known=network.ids)
