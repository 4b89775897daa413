"""Optimisers and learning-rate schedules."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from seqtool.task_config import TaskConfig


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


HALVED = {"luong5": (1 / 2, 5), "luong10": (1 / 2, 10), "luong234": (2 / 3, 4)}
"""The share of the steps after which a rate is halved, and how often (tensorflow/nmt; Luong 2015 and 2017)."""


def learning_rate(config: TaskConfig, step: int, total: int) -> float:
    """Return the learning rate of a step, from 0, out of `total`: a function of the step alone, nothing is to be saved.

    One-cycle (Smith 2018): a cosine up from a 25th of the peak over the share `warm_up` of the steps, a cosine down to
    a 250,000th of it. Inverse square root (Vaswani 2017): a straight line up over that share, then as 1 / sqrt(step).
    Exponential: times `decay` after each `decay_every` steps.
    """
    peak, top = config.learning_rate, max(1.0, config.warm_up * total)
    if config.schedule == "one-cycle":
        if step < top:
            return _cosine(peak / 25, peak, step / top)
        return _cosine(peak, peak / 250_000, min(1.0, (step - top) / max(1.0, total - top)))
    if config.schedule == "inverse-square-root":
        return peak * min((step + 1) / top, math.sqrt(top / (step + 1)))
    if config.schedule == "exponential":
        return float(peak * config.decay ** (step // config.decay_every))
    if config.schedule in HALVED:
        return peak * _halved(step, total, *HALVED[config.schedule])
    return peak


def _halved(step: int, total: int, share: float, times: int) -> float:
    """Return 1 up to a share of the steps; from there on it is halved each time that as many steps have gone by."""
    start = int(total * share)
    every = max(1, (total - start) // times)
    return float(0.5 ** (max(0, step - start) // every))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
