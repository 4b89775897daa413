"""Optimisers and learning-rate schedules."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from seqtool.task import TaskConfig


def optimiser(network: nn.Module, config: TaskConfig) -> torch.optim.Optimizer:
    """Build the optimiser: one pass over all weights where PyTorch has it fused, L2 on weight matrices only."""
    groups = _groups(network, config.l2)
    rate = config.learning_rate
    if config.optimiser == "adam":
        return torch.optim.Adam(groups, lr=rate, fused=True)
    if config.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=config.momentum, fused=True)
    if config.optimiser == "adagrad":
        return torch.optim.Adagrad(groups, lr=rate)
    return torch.optim.RMSprop(groups, lr=rate, alpha=config.rms_decay, momentum=config.momentum, foreach=True)


def _groups(network: nn.Module, l2: float) -> list[dict[str, Any]]:
    """Return one group, or two where a penalty tells weight matrices from biases: each group costs a pass."""
    if not l2:
        return [{"params": list(network.parameters())}]
    weights = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": l2}]
    return [*groups, {"params": others, "weight_decay": 0.0}] if others else groups


def learning_rate(config: TaskConfig, step: int, total: int) -> float:
    """Return the learning rate of a step out of `total`: a function of the step alone, so nothing is to be saved.

    One-cycle (Smith 2018): a cosine up from a 25th of the peak over the share `warm_up` of the steps, a cosine down to
    a 250,000th of it.
    """
    peak = config.learning_rate
    if config.schedule == "constant":
        return peak
    top = max(1.0, config.warm_up * total)
    if step < top:
        return _cosine(peak / 25, peak, step / top)
    return _cosine(peak, peak / 250_000, min(1.0, (step - top) / max(1.0, total - top)))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
