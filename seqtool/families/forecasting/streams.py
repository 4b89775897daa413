"""Truncated backpropagation through time over contiguous streams (Williams and Peng 1990)."""

from __future__ import annotations

import torch
from torch import Tensor

from seqtool.data.splits import Streams
from seqtool.families.forecasting.cores import Autoregressive
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.network import Forecaster, known, masked_loss
from seqtool.nn.recurrent import State


class StreamObjective:
    """Every step of B streams is a target; each chunk continues the state of the last, from zero at an epoch's start.

    The validation part is read in one go from a state of its own.
    """

    def __init__(
        self, network: Forecaster, train: Windows, validation: Windows, streams: Streams, device: torch.device
    ) -> None:
        self.network, self.device = network, device
        assert isinstance(network.core, Autoregressive)
        self.core = network.core
        self.train, self.train_codes = self._scaled(train, 0)
        self.first_target = validation.window
        self.validation, self.validation_codes = self._scaled(validation, int(validation.starts[0]))
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
        """Return the one-step loss over the targets of the validation part."""
        rows = torch.arange(len(self.validation) - 1, device=self.device)[None]
        made, target, _ = self._errors(
            self.validation, self.validation_codes, rows, self.core.decoder.zeros(1, self.device)
        )
        seen = self.first_target - 1
        return {"loss": masked_loss(made[:, seen:], target[:, seen:]).item()}

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state carried on."""
        return {f"stream_{number}": tensor for number, tensor in enumerate(self.state)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.state = tuple(state[f"stream_{number}"].to(self.device) for number in range(len(self.state)))
