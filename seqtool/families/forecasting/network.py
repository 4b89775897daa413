"""Forecasters in PyTorch: raw history in, raw forecast out, the scaling inside."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from seqtool.data.encoders import Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.forecasts import Arrays, Call, Predictor, predictor
from seqtool.nn.bridge import Bridge
from seqtool.nn.highway import Highway
from seqtool.nn.recurrent import Recurrent, State, state_tensors, top
from seqtool.nn.scaling import scaling

AT_ONCE = 1024
KEPT = 1 << 26
"""Numbers of scaled windows that are made once and kept; beyond that each batch is scaled as it comes."""


class Direct(nn.Module):
    """An encoder whose last state is mapped to all steps of the horizon at once, and a linear highway beside it."""

    def __init__(self, config: ForecastingConfig, features: int) -> None:
        super().__init__()
        self.encoder = _recurrent(config, features, bidirectional=config.bidirectional)
        self.horizon, self.features = config.horizon, features
        self.output = nn.Linear(self.encoder.directions * config.hidden, config.horizon * features)
        self.highway = Highway(config.highway, config.horizon) if config.highway else None

    def forward(self, z: Tensor, steps: int, teacher: Tensor | None = None) -> Tensor:
        """Map scaled history [B,T,F] to scaled forecast [B,N,F], N <= horizon."""
        _, state = self.encoder(z)
        flat: Tensor = self.output(top(state, self.encoder.directions))
        whole = flat.view(-1, self.horizon, self.features)
        if self.highway is not None:
            whole = whole + self.highway(z)
        return whole if steps == self.horizon else whole[:, :steps]


class Seq2Seq(nn.Module):
    """Encoder-decoder (Sutskever 2014): the decoder starts from a learned GO token and feeds itself."""

    def __init__(self, config: ForecastingConfig, features: int) -> None:
        super().__init__()
        self.encoder = _recurrent(config, features, bidirectional=config.bidirectional)
        self.bridge = Bridge(config.hidden, self.encoder.directions, state_tensors(config.cell))
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
        cores: dict[str, type[Direct] | type[Seq2Seq]] = {"direct": Direct, "seq2seq": Seq2Seq}
        self.core = cores[config.network](config, len(scaler.mean))
        if config.initial_deviation:
            _truncated_normal(self.core, config.initial_deviation)

    def forward(self, history: Tensor, steps: int) -> Tensor:
        """Map raw history [B,T,F] (NaN = missing) to raw forecast [B,N,F]."""
        z: Tensor = self.core(_known(self.scaling.encode(history)), steps)
        return self.scaling.decode(history, z)

    def scale(self, history: Tensor, future: Tensor) -> tuple[Tensor, Tensor]:
        """Map raw history [B,T,F] and future [B,U,F] to network units, NaN = missing."""
        return self.scaling.encode(history), self.scaling.encode_future(history, future)

    def loss(self, z: Tensor, target: Tensor, *, forced: bool, complete: bool = False) -> Tensor:
        """Mean squared error over the known values of `target` [B,U,F] for the history `z`, both scaled; a scalar.

        `complete` promises that nothing is missing: the masks are saved.
        """
        if complete:
            return mse_loss(self.core(z, target.shape[1], target if forced else None), target)
        known, filled = ~target.isnan(), _known(target)
        made = self.core(_known(z), target.shape[1], filled if forced else None)
        squared = torch.where(known, (made - filled) ** 2, 0.0)
        return squared.sum() / known.sum().clamp(min=1)


class Scaled:
    """The scaled windows of a part, on the device."""

    def __init__(self, network: Forecaster, part: Windows, device: torch.device) -> None:
        self.network, self.window = network, part.window
        self.values = torch.as_tensor(np.ascontiguousarray(part.values), dtype=torch.float32, device=device)
        self.starts = torch.as_tensor(part.starts, device=device)
        self.steps = torch.arange(part.window + part.horizon, device=device)
        self.kept: tuple[Tensor, Tensor] | None = None
        if len(part) * len(self.steps) * self.values.shape[1] <= KEPT:
            self.kept = self._make(torch.arange(len(part), device=device))

    def __len__(self) -> int:
        return len(self.starts)

    def __call__(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return history [B,T,F] and target [B,U,F] in network units, NaN = missing."""
        if self.kept is None:
            return self._make(indices)
        z, target = self.kept
        return z.index_select(0, indices), target.index_select(0, indices)

    @torch.no_grad()
    def _make(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        both = self.values[self.starts[indices][:, None] + self.steps]
        return self.network.scale(both[:, : self.window], both[:, self.window :])


def prepare(network: Forecaster, objective: Objective) -> None:
    """Set what has a closed form before training starts: the highway, with the network beside it silent at first."""
    core = network.core
    if not isinstance(core, Direct) or core.highway is None:
        return
    parts = (objective.train, objective.validation)
    train, validation = (part(torch.arange(len(part), device=objective.device)) for part in parts)
    core.highway.fit(train, validation)
    nn.init.zeros_(core.output.weight)
    nn.init.zeros_(core.output.bias)


class Objective:
    """What the training loop minimises: scaled windows on the device, chosen by index."""

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, device: torch.device, seed: int
    ) -> None:
        self.network, self.device = network, device
        self.train, self.validation = Scaled(network, train, device), Scaled(network, validation, device)
        self.complete = bool(np.isfinite(train.values).all())
        config = network.config
        self.teacher_forcing = config.teacher_forcing if config.network == "seq2seq" else 0.0
        self.coin = torch.Generator().manual_seed(seed)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss of the training windows [B]; one coin a batch decides on teacher forcing."""
        share = self.teacher_forcing
        forced = share > 0 and torch.rand((), generator=self.coin).item() < share
        return self.network.loss(*self.train(indices), forced=forced, complete=self.complete)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the free-running loss over the validation windows."""
        count = len(self.validation)
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for first in range(0, count, AT_ONCE):
            indices = torch.arange(first, min(first + AT_ONCE, count), device=self.device)
            total += self.network.loss(*self.validation(indices), forced=False).double() * len(indices)
        return {"loss": total.item() / count}

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


def call(network: Forecaster) -> Call:
    """Return the network as a function of a model file's inputs, computed on the network's device."""
    device = next(network.parameters()).device

    def answer(feeds: Arrays) -> Arrays:
        network.eval()
        with torch.no_grad():
            history = torch.as_tensor(feeds["history"], dtype=torch.float32, device=device)
            return {"forecast": network(history, int(feeds["horizon"])).double().cpu().numpy()}

    return answer


def predictor_of(network: Forecaster) -> Predictor:
    """Return what forecasts the windows of a part by the network."""
    return predictor(call(network))
