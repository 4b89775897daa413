"""Optimisers and learning-rate schedules."""

from __future__ import annotations

import math

import torch
from torch import nn

from seqtool.task_config import TaskConfig
from seqtool.types import Json


def optimiser(network: nn.Module, config: TaskConfig) -> torch.optim.Optimizer:
    """Build the configured optimiser, with L2 on weight matrices only."""
    # fused: one pass over all weights; PyTorch has no fused RMSprop, and Adagrad's is for processors alone
    groups = _groups(network, config.l2)
    rate = config.learning_rate
    if config.optimiser == "adam":
        return torch.optim.Adam(groups, lr=rate, fused=True)
    if config.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=config.momentum, fused=True)
    if config.optimiser == "adagrad":
        return torch.optim.Adagrad(groups, lr=rate)
    return torch.optim.RMSprop(groups, lr=rate, alpha=config.rms_decay, momentum=config.momentum, foreach=True)


def _groups(network: nn.Module, l2: float) -> list[Json]:
    # without a penalty one group is enough: each costs a pass over its weights
    if not l2:
        return [{"params": list(network.parameters())}]
    # a penalty would move the vectors of a frozen `WordTable`, which have no gradient
    frozen = {id(module.weight) for module in network.modules() if getattr(module, "frozen", False) is True}
    matrices = [p for p in network.parameters() if p.dim() > 1 and id(p) not in frozen]
    biases = [p for p in network.parameters() if p.dim() <= 1 or id(p) in frozen]
    groups: list[Json] = [{"params": matrices, "weight_decay": l2}]
    if biases:
        groups.append({"params": biases, "weight_decay": 0.0})
    return groups


HALVED = {"luong5": (1 / 2, 5), "luong10": (1 / 2, 10), "luong234": (2 / 3, 4)}
"""The share of the steps before the first halving, the number of halvings (tensorflow/nmt; Luong 2015 and 2017)."""


def learning_rate(config: TaskConfig, step: int, total: int) -> float:
    """Return the learning rate of `step`, counted from 0, in a training of `total` steps.

    One-cycle (Smith 2018): a cosine from 1/25 of the peak up to it over the share `warm_up` of the steps, then a cosine
    down to 1/250,000. Inverse square root (Vaswani 2017): a straight line up over that share, then 1 / sqrt(step).
    Exponential: times `decay` every `decay_every` steps.
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
    """Return 1 up to a share of the steps, then halve it `times` times at even intervals."""
    start = int(total * share)
    every = max(1, (total - start) // times)
    return float(0.5 ** (max(0, step - start) // every))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
