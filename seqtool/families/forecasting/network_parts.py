"""The networks of forecasters, in network units: scaled history in, scaled forecast out.

Each maps z [B,T,F] to [B,N,F]. The calendar inputs are indicators [B,T+N,K] of the T steps of z and the N steps to
come; None without a calendar.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.nn.bridge import Bridge
from seqtool.nn.highway import Highway
from seqtool.nn.recurrent import Recurrent, State, state_tensors, top

LEAST = 0.01  # of a network unit: what a deviation is at least, so that no value is infinitely unlikely


class Direct(nn.Module):
    """An encoder whose last state is mapped to all steps of the horizon at once, and a linear highway beside it.

    Calendar indicators are inputs of the encoder; those of each step ahead also shift its forecast, linearly.
    """

    def __init__(self, config: ForecastingConfig, features: int, indicators: int) -> None:
        super().__init__()
        self.encoder = recurrent(config, features + indicators, bidirectional=config.bidirectional)
        self.horizon, self.features = config.horizon, features
        self.output = nn.Linear(self.encoder.directions * config.hidden, config.horizon * features)
        self.calendar = nn.Linear(indicators, features) if indicators else None
        self.highway = Highway(config.highway, config.horizon) if config.highway else None

    def forward(self, z: Tensor, steps: int, calendar: Tensor | None = None, teacher: Tensor | None = None) -> Tensor:
        """Forecast N <= horizon steps; `teacher` is ignored: no step reads the one before."""
        _, state = self.encoder(beside(z, calendar))
        flat: Tensor = self.output(top(state, self.encoder.directions))
        whole = flat.view(-1, self.horizon, self.features)
        if self.highway is not None:
            whole = whole + self.highway(z)
        forecast = whole[:, :steps]
        if self.calendar is None or calendar is None:
            return forecast
        shift: Tensor = self.calendar(calendar[:, z.shape[1] : z.shape[1] + steps])
        return forecast + shift


class Seq2Seq(nn.Module):
    """Encoder-decoder (Sutskever 2014): the decoder starts from a learned GO token and feeds itself."""

    def __init__(self, config: ForecastingConfig, features: int, indicators: int) -> None:
        super().__init__()
        self.encoder = recurrent(config, features + indicators, bidirectional=config.bidirectional)
        self.bridge = Bridge(config.hidden, self.encoder.directions, state_tensors(config.cell))
        self.decoder = recurrent(config, features + indicators, bidirectional=False)
        self.go = nn.Parameter(torch.zeros(features))
        self.output = nn.Linear(config.hidden, features)
        self.gain = nn.Parameter(torch.ones(features)) if config.output_gain else None

    def forward(self, z: Tensor, steps: int, calendar: Tensor | None = None, teacher: Tensor | None = None) -> Tensor:
        """Forecast N steps, the decoder fed the true values `teacher` [B,N,F] (Williams and Zipser 1989) or its own."""
        _, state = self.encoder(beside(z, calendar))
        state = self.bridge(state)
        ahead = None if calendar is None else calendar[:, z.shape[1] :]
        go = self.go.expand(z.shape[0], 1, -1)
        if teacher is not None:
            outputs, _ = self.decoder(beside(torch.cat([go, teacher[:, :-1]], dim=1), ahead), state)
            return self._emit(outputs)
        return self._free_running(go, state, steps, ahead)

    def _free_running(self, previous: Tensor, state: State, steps: int, ahead: Tensor | None) -> Tensor:
        emitted = []
        for step in range(steps):
            outputs, state = self.decoder(beside(previous, _at(ahead, step)), state)
            previous = self._emit(outputs)
            emitted.append(previous)
        return torch.cat(emitted, dim=1)

    def _emit(self, outputs: Tensor) -> Tensor:
        values: Tensor = self.output(outputs)
        return values if self.gain is None else values * self.gain


class Autoregressive(nn.Module):
    """One step ahead at every step; the forecast feeds itself, the state carried on (Graves 2013, section 2).

    The input at step t is z_t beside the indicators of step t+1. A highway maps the last steps to the next. With
    `residual` the output is added to z_t (He 2016) and begins as zero: the last value is where training starts.
    With a distribution each step also gives a deviation (DeepAR, Salinas 2020): the forecast is its mean.
    """

    def __init__(self, config: ForecastingConfig, features: int, indicators: int) -> None:
        super().__init__()
        self.decoder = recurrent(config, features + indicators, bidirectional=False)
        self.output = nn.Linear(config.hidden, features)
        self.deviation = nn.Linear(config.hidden, features) if config.distribution != "none" else None
        self.highway = Highway(config.highway, 1) if config.highway else None
        self.residual = config.residual
        if config.residual:
            nn.init.zeros_(self.output.weight)
            nn.init.zeros_(self.output.bias)

    def forward(self, z: Tensor, steps: int, calendar: Tensor | None = None, teacher: Tensor | None = None) -> Tensor:
        """Forecast N steps, fed the true previous values `teacher` [B,N,F] or its own."""
        if teacher is None:
            return self.continued(z, steps, calendar, None)[0]
        return self.forced(z, calendar, teacher, steps)[0]

    def forced(self, z: Tensor, calendar: Tensor | None, teacher: Tensor, last: int) -> tuple[Tensor, Tensor | None]:
        """Forecast the `last` of z [B,T,F] and `teacher` [B,N,F], each from the true values before it: [B,last,F].

        The deviations of a network with a distribution come with them.
        """
        true = torch.cat([z, teacher[:, :-1]], dim=1)
        ahead = None if calendar is None else calendar[:, 1:]
        forecast, deviation, _ = self.each_density(true, ahead, None)
        forecast, deviation = forecast[:, -last:], None if deviation is None else deviation[:, -last:]
        if self.highway is None:
            return forecast, deviation
        # All steps at once: the values that the highway reads are known.
        lags = self.highway.lags
        seen = true[:, true.shape[1] - last - lags + 1 :].unfold(1, lags, 1)  # [B,last,F,lags]
        linear: Tensor = self.highway.linear(seen)
        return forecast + linear.squeeze(-1), deviation

    def each_step(self, z: Tensor, ahead: Tensor | None, state: State | None) -> tuple[Tensor, State]:
        """Return the network's forecast of the step after each of z [B,T,F], and the state after T.

        `ahead` [B,T,K] holds the indicators of the steps to be forecast. The highway is left out.
        """
        forecast, _, state = self.each_density(z, ahead, state)
        return forecast, state

    def each_density(self, z: Tensor, ahead: Tensor | None, state: State | None) -> tuple[Tensor, Tensor | None, State]:
        """Return what `each_step` does, with the deviations [B,T,F] of the steps beside their forecasts."""
        outputs, state = self.decoder(beside(z, ahead), state)
        forecast: Tensor = self.output(outputs)
        deviation = None if self.deviation is None else softplus(self.deviation(outputs)) + LEAST
        return forecast + z if self.residual else forecast, deviation, state

    def continued(
        self, z: Tensor, steps: int, calendar: Tensor | None, state: State | None, noise: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Read z from `state` (zeros when None), forecast N steps; return them and the state after z.

        noise [B,N,F]: how many deviations from its mean each step lies; None: every step is the mean.
        """
        ahead = None if calendar is None else calendar[:, 1:]
        following, deviation, after = self.each_density(z, ahead, state)
        later = None if ahead is None else ahead[:, z.shape[1] :]
        apart = None if deviation is None else deviation[:, -1:]
        return self.free_running(following[:, -1:], steps, later, after, z, apart, noise), after

    def free_running(
        self, first: Tensor, steps: int, ahead: Tensor | None, state: State, z: Tensor,
        deviation: Tensor | None = None, noise: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Continue from the forecast of the first step [B,1,F], feeding forecasts back: N steps [B,N,F].

        ahead [B,N-1,K]: the indicators from the second step on; z [B,T,F]: what a highway reads first; deviation
        [B,1,F] of the first step and noise [B,N,F], where the steps lie beside their means.
        """
        previous, emitted = first, []
        for step in range(steps):
            if self.highway is not None:
                previous = previous + self.highway(z)
            if deviation is not None and noise is not None:
                previous = previous + deviation * noise[:, step : step + 1]
            if self.highway is not None:
                # Only the lags are kept, so that the cost of a step does not grow with the horizon.
                z = torch.cat([z[:, -self.highway.lags + 1 :], previous], dim=1)[:, -self.highway.lags :]
            emitted.append(previous)
            if step + 1 < steps:
                previous, deviation, state = self.each_density(previous, _at(ahead, step), state)
        return torch.cat(emitted, dim=1)


Core = Direct | Seq2Seq | Autoregressive
CORES: dict[str, type[Core]] = {"direct": Direct, "seq2seq": Seq2Seq, "autoregressive": Autoregressive}


def recurrent(config: ForecastingConfig, inputs: int, *, bidirectional: bool) -> Recurrent:
    """Build the recurrent layers that a configuration asks for."""
    return Recurrent(
        config.cell, inputs, config.hidden, config.layers, dropout=config.dropout, bidirectional=bidirectional
    )


def beside(z: Tensor, indicators: Tensor | None) -> Tensor:
    """Put the first T indicators [B,>=T,K] beside z [B,T,F]."""
    return z if indicators is None else torch.cat([z, indicators[:, : z.shape[1]]], dim=-1)


def _at(indicators: Tensor | None, step: int) -> Tensor | None:
    return None if indicators is None else indicators[:, step : step + 1]
