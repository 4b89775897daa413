"""Truncated backpropagation through time over contiguous streams (Williams and Peng 1990)."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor

from seqtool.data.splits import Streams
from seqtool.families.forecasting.cores import Autoregressive
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.network import Forecaster, known, masked_loss
from seqtool.nn.recurrent import State

ORIGINS = 16
"""Places of the validation part from which the network runs free at each evaluation."""


class StreamObjective:
    """Every step of B streams is a target; each chunk continues the state of the last, from zero at an epoch's start.

    The validation part is read from a state of its own; from some of its origins the network runs free for the
    horizon, as it will in use: a small error of one step says little about a thousand of them.
    """

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, streams: Streams, device: torch.device
    ) -> None:
        self.network, self.device = network, device
        assert isinstance(network.core, Autoregressive)
        self.core = network.core
        self.train, self.train_codes = self._scaled(train, 0)
        self.validation, self.validation_codes = self._scaled(validation, int(validation.starts[0]))
        chosen = np.unique(np.linspace(0, len(validation) - 1, ORIGINS).round().astype(np.int64))
        self.origins = (validation.origins[chosen] - validation.starts[0]).tolist()
        self.horizon = validation.horizon
        self.starts = torch.as_tensor(streams.starts, device=device)
        self.steps = torch.arange(streams.chunk, device=device)
        self.state: State = self.core.decoder.zeros(len(streams.starts), device)

    def _scaled(self, part: Windows, first: int) -> tuple[Tensor, Tensor | None]:
        """Return the rows from `first` on: [T,F] in network units, NaN = missing, and their codes [T,C]."""
        raw = torch.as_tensor(part.values[None, first:], dtype=torch.float32, device=self.device)
        codes = None if part.calendar is None else torch.as_tensor(part.calendar[first:], device=self.device)
        return self.network.scaling.encode(raw)[0], codes

    def _errors(self, z: Tensor, codes: Tensor | None, rows: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        """Forecast the step after each of `rows` [B,T]; return made, true [B,T,F] and the state after them."""
        ahead = None if codes is None else self.network.indicators(codes[rows + 1], 0)
        made, state = self.core.each_step(known(z[rows]), ahead, state)
        return made, z[rows + 1], state

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean squared error over the chunk `indices` [1] of all streams."""
        rows = self.starts[:, None] + indices * len(self.steps) + self.steps
        goes_on = (indices > 0).float()
        state = tuple(tensor * goes_on for tensor in self.state)
        made, target, after = self._errors(self.train, self.train_codes, rows, state)
        self.state = tuple(tensor.detach() for tensor in after)
        return masked_loss(made, target)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the loss of running free from some origins, and that of one step over the whole validation part."""
        made, states = self._read()
        seen = self.origins[0] - 1
        one_step = masked_loss(made[:, seen:], self.validation[None, seen + 1 :]).item()
        if self.horizon == 1:
            return {"loss": one_step}
        firsts = made[0, [origin - 1 for origin in self.origins], None]
        state = tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))
        return {"loss": self._run_free(firsts, state), "one_step_loss": one_step}

    def _read(self) -> tuple[Tensor, list[State]]:
        """Read the validation part; return the forecasts after each row [1,T-1,F] and the state at each origin."""
        state, pieces, states = self.core.decoder.zeros(1, self.device), [], []
        for begin, stop in itertools.pairwise([0, *self.origins, len(self.validation) - 1]):
            if stop > begin:
                rows = torch.arange(begin, stop, device=self.device)[None]
                piece, _, state = self._errors(self.validation, self.validation_codes, rows, state)
                pieces.append(piece)
            states.append(state)
        return torch.cat(pieces, dim=1), states[:-1]

    def _run_free(self, first: Tensor, state: State) -> float:
        """Go on from the forecasts [O,1,F] of the step at each origin."""
        z, codes = self.validation, self.validation_codes
        rows = torch.tensor(self.origins, device=self.device)[:, None] + torch.arange(self.horizon, device=self.device)
        ahead = None if codes is None else self.network.indicators(codes[rows[:, 1:]], 0)
        ran = self.core.free_running(first, self.horizon, ahead, state, known(z[rows]))
        return masked_loss(ran, z[rows]).item()

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state carried on."""
        return {f"stream_{number}": tensor for number, tensor in enumerate(self.state)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.state = tuple(state[f"stream_{number}"].to(self.device) for number in range(len(self.state)))
