"""Forecasters in PyTorch: raw history in, raw forecast out, the scaling inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqtool.data.encoders import Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import Windows
from seqtool.nn.bridge import Bridge
from seqtool.nn.recurrent import Recurrent, State, top
from seqtool.nn.scaling import scaling

EVALUATED_AT_ONCE = 1024


class Direct(nn.Module):
    """An encoder whose last state is mapped to all steps of the horizon at once."""

    def __init__(self, config: ForecastingConfig, features: int) -> None:
        super().__init__()
        self.encoder = _recurrent(config, features, bidirectional=config.bidirectional)
        self.horizon, self.features = config.horizon, features
        self.output = nn.Linear(self.encoder.directions * config.hidden, config.horizon * features)

    def forward(self, z: Tensor, steps: int, teacher: Tensor | None = None) -> Tensor:
        """Map scaled history [B,T,F] to scaled forecast [B,N,F], N <= horizon."""
        _, state = self.encoder(z)
        flat: Tensor = self.output(top(state, self.encoder.directions))
        return flat.view(-1, self.horizon, self.features)[:, :steps]


class Seq2Seq(nn.Module):
    """Encoder-decoder (Sutskever 2014): the decoder starts from a learned GO token and feeds itself."""

    def __init__(self, config: ForecastingConfig, features: int) -> None:
        super().__init__()
        self.encoder = _recurrent(config, features, bidirectional=config.bidirectional)
        self.bridge = Bridge(config.hidden, self.encoder.directions, 2 if config.cell == "lstm" else 1)
        self.decoder = _recurrent(config, features, bidirectional=False)
        self.go = nn.Parameter(torch.zeros(features))
        self.output = nn.Linear(config.hidden, features)
        self.gain = nn.Parameter(torch.ones(features)) if config.output_gain else None

    def forward(self, z: Tensor, steps: int, teacher: Tensor | None = None) -> Tensor:
        """Map scaled history [B,T,F] to scaled forecast [B,N,F].

        With `teacher` [B,N,F] the decoder is fed the true previous values (teacher forcing, Williams
        and Zipser 1989), without it its own.
        """
        _, state = self.encoder(z)
        state = self.bridge(state)
        go = self.go.expand(z.shape[0], 1, -1)
        if teacher is not None:
            outputs, _ = self.decoder(torch.cat([go, teacher[:, :-1]], dim=1), state)
            return self._emit(outputs)
        return self._free_running(go, state, steps)

    def _free_running(self, previous: Tensor, state: State, steps: int) -> Tensor:
        emitted = []
        for _ in range(steps):
            outputs, state = self.decoder(previous, state)
            previous = self._emit(outputs)
            emitted.append(previous)
        return torch.cat(emitted, dim=1)

    def _emit(self, outputs: Tensor) -> Tensor:
        values: Tensor = self.output(outputs)
        return values if self.gain is None else values * self.gain


class Forecaster(nn.Module):
    """A core network between the two halves of a scaling."""

    def __init__(self, config: ForecastingConfig, scaler: Scaler) -> None:
        super().__init__()
        self.config = config
        self.scaling = scaling(scaler)
        core = {"direct": Direct, "seq2seq": Seq2Seq}[config.network]
        self.core = core(config, len(scaler.mean))
        if config.initial_deviation:
            _truncated_normal(self.core, config.initial_deviation)

    def forward(self, history: Tensor, steps: int) -> Tensor:
        """Map raw history [B,T,F] (NaN = missing) to raw forecast [B,N,F]."""
        z: Tensor = self.core(_known(self.scaling.encode(history)), steps)
        return self.scaling.decode(history, z)

    def loss(self, history: Tensor, future: Tensor, *, forced: bool) -> Tensor:
        """Mean squared error in scaled units over the known values of `future` [B,U,F]; a scalar."""
        target = self.scaling.encode_future(history, future)
        known, filled = ~target.isnan(), _known(target)
        z = self.core(_known(self.scaling.encode(history)), target.shape[1], filled if forced else None)
        squared = torch.where(known, (z - filled) ** 2, 0.0)
        return squared.sum() / known.sum().clamp(min=1)


class Objective:
    """What the training loop minimises: windows on the device, chosen by index."""

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, device: torch.device, seed: int
    ) -> None:
        self.network, self.config, self.device = network, network.config, device
        self.train, self.validation = _on(train, device), _on(validation, device)
        self.coin = torch.Generator().manual_seed(seed)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss of the training windows [B]; one coin a batch decides on teacher forcing."""
        share = self.config.teacher_forcing if self.config.network == "seq2seq" else 0.0
        forced = torch.rand((), generator=self.coin).item() < share
        return self.network.loss(*self._windows(self.train, indices), forced=forced)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the free-running loss over the validation windows."""
        _, starts = self.validation
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for first in range(0, len(starts), EVALUATED_AT_ONCE):
            indices = torch.arange(first, min(first + EVALUATED_AT_ONCE, len(starts)), device=self.device)
            loss = self.network.loss(*self._windows(self.validation, indices), forced=False)
            total += loss.double() * len(indices)
        return {"loss": total.item() / len(starts)}

    def _windows(self, part: tuple[Tensor, Tensor], indices: Tensor) -> tuple[Tensor, Tensor]:
        values, starts = part
        window, horizon = self.config.window, self.config.horizon
        rows = starts[indices][:, None] + torch.arange(window + horizon, device=self.device)
        both = values[rows]
        return both[:, :window], both[:, window:]

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state of the teacher-forcing coin."""
        return {"coin": self.coin.get_state()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.coin.set_state(state["coin"].cpu())


def _recurrent(config: ForecastingConfig, features: int, *, bidirectional: bool) -> Recurrent:
    return Recurrent(
        config.cell,
        features,
        config.hidden,
        config.layers,
        dropout=config.dropout,
        bidirectional=bidirectional,
    )


def _truncated_normal(module: nn.Module, deviation: float) -> None:
    """Draw weight matrices from N(0, deviation) cut at two deviations; biases start at zero."""
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            nn.init.trunc_normal_(parameter, std=deviation, a=-2 * deviation, b=2 * deviation)
        elif "bias" in name:
            nn.init.zeros_(parameter)


def _known(z: Tensor) -> Tensor:
    """Put 0, the mean of the scaled values, where a value is missing."""
    return torch.nan_to_num(z, nan=0.0)


def _on(windows: Windows, device: torch.device) -> tuple[Tensor, Tensor]:
    values = torch.as_tensor(np.ascontiguousarray(windows.values), dtype=torch.float32, device=device)
    return values, torch.as_tensor(windows.starts, device=device)


def predictor(network: Forecaster) -> Any:
    """Return history [B,T,F], horizon -> forecast [B,N,F] in numpy, on the network's device."""
    device = next(network.parameters()).device

    def predict(history: Any, horizon: int) -> Any:
        network.eval()
        with torch.no_grad():
            x = torch.as_tensor(history, dtype=torch.float32, device=device)
            return network(x, horizon).double().cpu().numpy()

    return predict
