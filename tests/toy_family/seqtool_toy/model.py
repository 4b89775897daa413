"""A linear layer, and its squared error."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from seqtool.data.splits import Splits
from seqtool.nn import objective as base
from seqtool.types import Floats
from seqtool_toy.config import CountingConfig
from seqtool_toy.data import Counts, Part


class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[B,2] -> [B]."""
        y: Tensor = self.linear(x)
        return y[:, 0]


class Objective(base.Objective[Counter, Counts]):
    def __init__(self, network: Counter, splits: Splits[Part, Counts], device: torch.device) -> None:
        self.network = network
        parts = (splits.train, splits.validation)
        self.inputs = [torch.tensor(splits.encoders.features(part.texts)).float().to(device) for part in parts]
        self.wanted = [torch.tensor(part.numbers, device=device) for part in parts]

    def loss(self, indices: Tensor) -> Tensor:
        return (self.network(self.inputs[0][indices]) - self.wanted[0][indices]).square().mean()

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        return {"loss": (self.network(self.inputs[1]) - self.wanted[1]).square().mean().item()}


def network(config: CountingConfig, encoders: Counts) -> Counter:
    return Counter()


def objective(network: Counter, splits: Splits[Part, Counts], device: torch.device, seed: int) -> Objective:
    return Objective(network, splits, device)


def predictor(network: Counter, encoders: Counts) -> Callable[[Sequence[str]], Floats]:
    def predict(texts: Sequence[str]) -> Floats:
        with torch.no_grad():
            return network(torch.tensor(encoders.features(texts)).float()).double().numpy()

    return predict
