"""First weights."""

from __future__ import annotations

from torch import nn


def truncated_normal(module: nn.Module, deviation: float) -> None:
    """Draw weight matrices from N(0, deviation) cut at two deviations; biases start at zero."""
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            nn.init.trunc_normal_(parameter, std=deviation, a=-2 * deviation, b=2 * deviation)
        elif "bias" in name:
            nn.init.zeros_(parameter)


def uniform(module: nn.Module, bound: float) -> None:
    """Draw weights from -bound to bound; biases start at zero."""
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            nn.init.uniform_(parameter, -bound, bound)
        elif "bias" in name:
            nn.init.zeros_(parameter)
