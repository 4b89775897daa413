"""The losses that trainings of forecasters minimise."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor, nn

from seqtool.data.splits import Streams
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.intervals import Calibrated
from seqtool.families.forecasting.network import Forecaster, masked_loss, zero_filled
from seqtool.families.forecasting.network_parts import Autoregressive, Direct, Seq2Seq
from seqtool.families.forecasting.windows import Windows
from seqtool.nn.highway import Highway
from seqtool.nn.recurrent import State
from seqtool.nn.scaling import FAR
from seqtool.say import warn

AT_ONCE = 1024
KEPT = 1 << 26  # numbers of scaled windows that are kept at most; a larger part is scaled batch by batch
ORIGINS = 16  # steps of the validation part at which a stateful network starts to run free, at each evaluation


class Scaled:
    """The scaled windows of a part, on the device."""

    def __init__(self, network: Forecaster, part: Windows, device: torch.device) -> None:
        self.network, self.window = network, part.window
        self.values = torch.as_tensor(np.ascontiguousarray(part.values), device=device)
        self.calendar = None if part.calendar is None else torch.as_tensor(part.calendar, device=device)
        self.inputs = None if part.inputs is None else torch.as_tensor(part.inputs, device=device)
        past = np.zeros(0, dtype=np.bool_) if part.past is None else part.past
        ahead = np.arange(part.window + part.horizon) >= part.window
        self.hidden = torch.as_tensor(ahead[:, None] & past, device=device)  # [T+U,C]: the future of the past's columns
        self.starts = torch.as_tensor(part.starts, device=device)
        self.members = None if part.members is None else torch.as_tensor(part.members, device=device)
        self.steps = torch.arange(part.window + part.horizon, device=device)
        self.kept: tuple[Tensor, Tensor] | None = None
        self.far = 0  # windows with a target too far to be one, of those kept
        self.size = len(self.steps) * part.features
        if len(part) * self.size <= KEPT:
            # piece by piece: the raw numbers of all windows are twice as wide as the scaled ones
            pieces = map(self._scale, torch.split(torch.arange(len(part), device=device), AT_ONCE))
            z, target, far = map(torch.cat, zip(*pieces, strict=True))
            self.kept, self.far = (z, target), int(far.sum())

    def __len__(self) -> int:
        return len(self.starts)

    def __call__(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """Return history [B,T,F] and target [B,U,F] in network units, NaN = missing, covariates [B,T+U,C], series [B].

        The last two are None without a calendar or columns beside the values, and where a window holds all series.
        """
        if self.kept is None:
            z, target, _ = self._scale(indices)
        else:
            z, target = (part.index_select(0, indices) for part in self.kept)
        members = None if self.members is None else self.members[indices]
        covariates = self._covariates(indices)
        # the scaling may consume the first steps
        return z, target, None if covariates is None else covariates[:, self.window - z.shape[1] :], members

    def _covariates(self, indices: Tensor) -> Tensor | None:
        """Return the covariates [B,T+U,C] of some windows, None without any."""
        rows = self.starts[indices][:, None] + self.steps
        parts = [] if self.calendar is None else [self.calendar[rows]]
        if self.inputs is not None:
            shared = self.members is None or self.inputs.shape[1] == 1
            members = 0 if shared or self.members is None else self.members[indices, None]
            own = self.inputs[rows, members]
            parts.append(torch.where(self.hidden, torch.nan, own))
        return torch.cat(parts, dim=2) if parts else None

    def complete(self) -> bool:
        """Return whether no history and no target is known to miss a value."""
        if self.kept is None:
            return not self.network.scaling.by_window and bool(self.values.isfinite().all())
        return all(bool(part.isfinite().all()) for part in self.kept)

    def whole(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return history [W,T,F], target [W,U,F] and series [W] of all windows; of a large part some, evenly."""
        count = min(len(self), max(1, KEPT // self.size))
        z, target, _, members = self(
            torch.linspace(0, len(self) - 1, count, device=self.starts.device, dtype=torch.float64).round().long()
        )
        return z, target, members

    def _effective(self, indices: Tensor) -> Tensor | None:
        """Return the covariates of some windows where they have an effect that is taken off the values."""
        covariates = self.network.covariates
        return self._covariates(indices) if covariates is not None and covariates.has_effect else None

    @torch.no_grad()
    def _scale(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return history and target in network units, and which windows [B] have a target too far to be one."""
        rows = self.starts[indices][:, None] + self.steps
        values = self.values[rows] if self.members is None else self.values[rows, self.members[indices, None], None]
        z, target = self.network.scale(values[:, : self.window], values[:, self.window :], self._effective(indices))
        if not self.network.scaling.by_window:
            return z, target, torch.zeros(len(z), dtype=torch.bool, device=z.device)
        far = target.abs() > FAR
        return z, torch.where(far, torch.nan, target), far.flatten(1).any(dim=1)


class Objective(Calibrated):
    """The loss of scaled windows on the device, chosen by index."""

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, device: torch.device, seed: int,
        encoders: ForecastingEncoders | None = None,
    ) -> None:  # fmt: skip
        super().__init__(network, train, validation, device, encoders)
        self.train, self.validation = Scaled(network, train, device), Scaled(network, validation, device)
        self.complete = self.train.complete()  # then no step makes masks
        if self.train.far:
            what = f"{self.train.far} of {len(train)} training windows stand almost still before a jump"
            warn(f"still: {what}: values more than {FAR:g} of their deviations away are no targets")
        config = network.config
        self.teacher_forcing = 0.0 if config.network == "direct" else config.teacher_forcing
        # A generator of its own: dropout does not advance it, and a resumed training continues it.
        self.coin = torch.Generator().manual_seed(seed)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss of the training windows `indices` [B]; one coin a batch decides on teacher forcing."""
        share = self.teacher_forcing
        forced = share > 0 and torch.rand((), generator=self.coin).item() < share
        return self.network.loss(*self.train(indices), forced=forced, complete=self.complete)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the loss over the validation windows: free-running, or of a distribution, which the truth is fed."""
        count = len(self.validation)
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for first in range(0, count, AT_ONCE):
            indices = torch.arange(first, min(first + AT_ONCE, count), device=self.device)
            # The last batch may be short.
            total += self.network.loss(*self.validation(indices), forced=False).double() * len(indices)
        return {"loss": total.item() / count}

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state of the teacher-forcing coin."""
        return {"coin": self.coin.get_state()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.coin.set_state(state["coin"].cpu())

    def prepare(self, first: Forecaster | None) -> None:
        """Fit the linear highway by ridge regression; training begins with the network's own output at zero.

        The penalty is chosen on validation, or is that of the network `first` in a refit.
        """
        core, highway = self.network.core, _highway(self.network)
        if highway is None:
            return
        z, target, members = self.train.whole()
        trained = None if first is None else _highway(first)
        highway.fit((z, target), self.validation.whole()[:2], None if trained is None else trained.penalty.item())
        if self.network.own is not None and members is not None:
            self.network.own.fit(z, target, members, highway)
        nn.init.zeros_(core.output.weight)
        nn.init.zeros_(core.output.bias)
        if isinstance(core, Direct) and core.calendar is not None and self.train.inputs is not None:
            nn.init.zeros_(core.calendar.weight)  # what columns add to the values is set already
            nn.init.zeros_(core.calendar.bias)

    def optimism(self) -> float:
        """Return the optimism of the highway: that of the network beside it is held back by early stopping.

        That of own maps is not measured: it would take a fit of every series for each fifth left out. The sizes of
        errors of each series (`conformal.spreads`) count the validation part, which no map was fitted to, as much.
        """
        highway = _highway(self.network)
        return 1.0 if highway is None else highway.optimism(self.train.whole()[:2])


def _highway(network: Forecaster) -> Highway | None:
    return None if isinstance(network.core, Seq2Seq) else network.core.highway


class StreamObjective(Calibrated):
    """Truncated backpropagation through time over contiguous streams (Williams and Peng 1990).

    Every step of B streams is a target; each chunk continues the state of the last, from zero at an epoch's start.
    The validation part begins with a zero state. From some of its origins the network runs free for the horizon, as
    in use: the error of one step says little about that of a thousand steps.
    """

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, streams: Streams, device: torch.device,
        encoders: ForecastingEncoders | None = None,
    ) -> None:  # fmt: skip
        super().__init__(network, train, validation, device, encoders)
        assert isinstance(network.core, Autoregressive)
        self.core = network.core
        self.train, self.train_codes = self._scaled(train, 0)
        self.validation, self.validation_codes = self._scaled(validation, int(validation.starts[0]))
        # `unique`: a short part has fewer origins.
        chosen = np.unique(np.linspace(0, len(validation) - 1, ORIGINS).round().astype(np.int64))
        self.origins = (validation.origins[chosen] - validation.starts[0]).tolist()
        self.horizon = validation.horizon
        self.starts = torch.as_tensor(streams.starts, device=device)
        self.steps = torch.arange(streams.chunk, device=device)
        self.state: State = self.core.decoder.zeros(len(streams.starts), device)

    def _scaled(self, part: Windows, first: int) -> tuple[Tensor, Tensor | None]:
        """Return the rows from `first` on: [T,F] in network units, NaN = missing, and their codes [T,C]."""
        raw = torch.as_tensor(part.values[None, first:], device=self.device)
        if part.calendar is None and part.inputs is None:
            return self.network.scaling.encode(raw)[0], None
        codes = part.covariates_at(np.arange(first, len(part.values))[None], None, 0)
        covariates = torch.as_tensor(codes, device=self.device)
        effect = self.network.effect(raw, covariates)
        raw = raw if effect is None else self.network.without(raw, effect)
        lagged = self.network.lagged(covariates)
        return self.network.scaling.encode(raw)[0], None if lagged is None else lagged[0]

    def _step(self, z: Tensor, codes: Tensor | None, rows: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        """Forecast the step after each of `rows` [B,T]; return forecast, truth [B,T,F] and the state after them."""
        ahead = None if codes is None else self.network.indicators(codes[rows + 1], 0)
        forecast, state = self.core.each_step(zero_filled(z[rows]), ahead, state)
        return forecast, z[rows + 1], state

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean squared error over the chunk `indices` [1] of all streams."""
        rows = self.starts[:, None] + indices * len(self.steps) + self.steps
        continues = (indices > 0).float()  # a tensor: an `if` would wait for the device
        state = tuple(tensor * continues for tensor in self.state)
        forecast, target, after = self._step(self.train, self.train_codes, rows, state)
        self.state = tuple(tensor.detach() for tensor in after)  # the gradient ends at the chunk, the state goes on
        return masked_loss(forecast, target)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return `loss`, of running free from some origins, and `one_step_loss` over the whole validation part."""
        forecasts, states = self._read()
        seen = self.origins[0] - 1
        one_step = masked_loss(forecasts[:, seen:], self.validation[None, seen + 1 :]).item()
        if self.horizon == 1:  # running free for one step is the same
            return {"loss": one_step}
        firsts = forecasts[0, [origin - 1 for origin in self.origins], None]
        state = tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))
        return {"loss": self._run_free(firsts, state), "one_step_loss": one_step}

    def _read(self) -> tuple[Tensor, list[State]]:
        """Read the validation part; return the forecasts after each row [1,T-1,F] and the state at each origin."""
        state, pieces, states = self.core.decoder.zeros(1, self.device), [], []
        for begin, stop in itertools.pairwise([0, *self.origins, len(self.validation) - 1]):
            if stop > begin:
                rows = torch.arange(begin, stop, device=self.device)[None]
                piece, _, state = self._step(self.validation, self.validation_codes, rows, state)
                pieces.append(piece)
            states.append(state)
        return torch.cat(pieces, dim=1), states[:-1]

    def _run_free(self, first: Tensor, state: State) -> float:
        """Return the loss of running free from the forecasts [O,1,F] of the step at each origin."""
        z, codes = self.validation, self.validation_codes
        rows = torch.tensor(self.origins, device=self.device)[:, None] + torch.arange(self.horizon, device=self.device)
        covariates = self.network.covariates
        later = None if codes is None or covariates is None else covariates.without_past(codes[rows[:, 1:]])
        ahead = self.network.indicators(later, 0)
        ran = self.core.free_running(first, self.horizon, ahead, state, zero_filled(z[rows]))
        return masked_loss(ran, z[rows]).item()

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state carried on."""
        return {f"stream_{number}": tensor for number, tensor in enumerate(self.state)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.state = tuple(state[f"stream_{number}"].to(self.device) for number in range(len(self.state)))
