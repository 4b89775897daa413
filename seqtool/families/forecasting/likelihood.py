"""The loss of a network that gives a distribution: the negative logarithm of its likelihood."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from seqtool.families.forecasting.network_parts import Autoregressive

CONSTANT = math.log(2 * math.pi) / 2


def gaussian(mean: Tensor, deviation: Tensor, truth: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of what is not NaN in `truth`, all [B,U,F]; a scalar."""
    missing = truth.isnan()
    apart = (torch.nan_to_num(truth, nan=0.0) - mean) / deviation
    lost = torch.where(missing, 0.0, apart**2 / 2 + deviation.log() + CONSTANT)
    return lost.sum() / (~missing).sum().clamp(min=1)


def likelihood(core: Autoregressive, z: Tensor, target: Tensor, calendar: Tensor | None) -> Tensor:
    """Return the mean negative log-likelihood of the steps of `target` [B,U,F] after z [B,T,F], NaN = missing.

    Each step is told from the true ones before it; of z those count too that have the highway's lags before them.
    """
    lags = 1 if core.highway is None else core.highway.lags
    last = z.shape[1] + target.shape[1] - lags
    seen, teacher = (torch.nan_to_num(part, nan=0.0) for part in (z, target))
    mean, deviation = core.forced(seen, calendar, teacher, last)
    assert deviation is not None
    return gaussian(mean, deviation, torch.cat([z, target], dim=1)[:, -last:])
