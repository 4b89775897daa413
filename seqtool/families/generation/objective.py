"""Truncated backpropagation through time over a text (Williams and Peng 1990), and the score of a held-out one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqtool.data.splits import Streams
from seqtool.families.generation.network import LanguageModel
from seqtool.nn.recurrent import State

AT_ONCE = 2000
"""Symbols of the validation text that are read in one call."""


class Objective:
    """Every symbol of B streams is a target; each chunk continues the state of the last, from zero at an epoch's start.

    The streams of an epoch begin up to a chunk earlier than those of another, so that the chunks' ends move.
    """

    def __init__(
        self, network: LanguageModel, train: NDArray[Any], validation: NDArray[Any], characters: int,
        streams: Streams, device: torch.device, seed: int,
    ) -> None:  # fmt: skip
        """Take ids [T] of the training and of the validation text, which holds so many `characters`."""
        self.network, self.device, self.characters = network, device, characters
        self.train, self.validation = (torch.as_tensor(ids, device=device) for ids in (train, validation))
        self.starts = torch.as_tensor(streams.starts, device=device)
        self.steps = torch.arange(streams.chunk, device=device)
        self.shifts = min(streams.chunk, int(streams.starts[0]) + 1)
        self.dice = torch.Generator().manual_seed(seed)
        self.shift = torch.zeros(1, dtype=torch.int64, device=device)
        self.state: State = network.zeros(len(streams.starts), device)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean cross-entropy, nats a symbol, over the chunk `indices` [1] of all streams."""
        goes_on = indices > 0
        drawn = torch.randint(self.shifts, (1,), generator=self.dice).to(self.device)
        self.shift = torch.where(goes_on, self.shift, drawn)
        rows = self.starts[:, None] - self.shift + indices * len(self.steps) + self.steps
        state = tuple(tensor * goes_on for tensor in self.state)
        logits, after = self.network(self.train[rows], state)
        self.state = tuple(tensor.detach().float() for tensor in after)
        return cross_entropy(logits.float().flatten(0, 1), self.train[rows + 1].flatten())

    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation text, read once from a state of its own; "loss" in nats a symbol."""
        symbols = len(self.validation)
        loss = nats(self.network, self.validation).mean().item()
        a_character = loss * symbols / self.characters
        return {
            "loss": loss,
            "nats_per_character": a_character,
            "bits_per_character": a_character / math.log(2),
            "perplexity": math.exp(min(loss, 700.0)),
        }

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state carried on, and where the streams of this epoch begin."""
        carried = {f"stream_{number}": tensor for number, tensor in enumerate(self.state)}
        return {**carried, "shift": self.shift, "dice": self.dice.get_state()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.state = tuple(state[f"stream_{number}"].to(self.device) for number in range(len(self.state)))
        self.shift = state["shift"].to(self.device)
        self.dice.set_state(state["dice"].cpu())


@torch.no_grad()
def nats(network: LanguageModel, ids: Tensor, at_once: int = AT_ONCE) -> Tensor:
    """Return -log p of each symbol of a text but the first, float64 [T-1]: read once, the state carried on."""
    state, told = network.zeros(1, ids.device), []
    for start in range(0, len(ids) - 1, at_once):
        seen = ids[start : start + at_once + 1]
        logits, state = network(seen[None, :-1], state)
        told.append(cross_entropy(logits[0].double(), seen[1:], reduction="none"))
    return torch.cat(told)


def predictor_of(network: LanguageModel) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """Return what maps ids [T] of a text to -log p [T-1] of each symbol but the first."""
    device = next(network.parameters()).device

    def predict(ids: NDArray[np.int64]) -> NDArray[np.float64]:
        told: NDArray[np.float64] = nats(network, torch.as_tensor(ids, device=device)).cpu().numpy()
        return told

    return predict
