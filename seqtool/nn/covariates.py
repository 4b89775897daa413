"""What is known beside the values of a series, as a network reads it, and what it adds to the values by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from seqtool.data.encoders.inputs import Input
from seqtool.nn.basic import OneHot


class Covariates(nn.Module):
    """Codes of the calendar beside columns [B,L,C] -> indicators [B,L,K], and the effect of the columns on F series."""

    effect: Tensor
    past: Tensor

    def __init__(self, calendar: Sequence[int], inputs: Sequence[Input], features: int) -> None:
        super().__init__()
        self.calendar, self.inputs = OneHot(calendar), tuple(inputs)
        self.columns = len(calendar) + len(inputs)
        self.size = sum(calendar) + sum(one.size for one in inputs)
        self.has_effect = any(one.effect for one in inputs)
        past = [False] * len(calendar) + [not (one.known or one.static) for one in inputs]
        self.register_buffer("past", torch.tensor(past), persistent=False)
        # not among the weights: the encoders keep it
        self.register_buffer("effect", torch.as_tensor(effects(inputs, features)), persistent=False)

    def forward(self, covariates: Tensor) -> Tensor:
        """Map codes and raw columns to indicators, float32; what is missing is 0, the mean of a number."""
        first = len(self.calendar.sizes)
        groups = [self.calendar(covariates[..., :first])] if first else []
        return torch.cat([*groups, self._columns(covariates[..., first:]).float()], dim=-1)

    def effects(self, covariates: Tensor) -> Tensor:
        """Return what the columns of covariates [B,L,C] add to each series: [B,L,F] float64."""
        return self._columns(covariates[..., len(self.calendar.sizes) :]) @ self.effect

    def lagged(self, covariates: Tensor) -> Tensor:
        """Move the columns of the past in covariates [B,L,C] a step later."""
        if not self.past.any():
            return covariates
        before = torch.cat([torch.full_like(covariates[:, :1], torch.nan), covariates[:, :-1]], dim=1)
        return torch.where(self.past, before, covariates)

    def without_past(self, covariates: Tensor) -> Tensor:
        """Return covariates [...,C] of steps whose columns of the past nobody knows."""
        return torch.where(self.past, torch.nan, covariates) if self.past.any() else covariates

    def _columns(self, values: Tensor) -> Tensor:
        if not self.inputs:
            return values.double()
        parts = []
        for one, column in zip(self.inputs, torch.split(values, 1, dim=-1), strict=True):
            if one.levels:
                parts.append((column == torch.arange(len(one.levels), device=column.device)).double())
            else:
                parts.append(torch.nan_to_num((column.double() - one.mean) / one.deviation, nan=0.0))
        return torch.cat(parts, dim=-1)


def effects(inputs: Sequence[Input], features: int) -> np.ndarray:
    """Return the effects [K,F] of columns, one under the other; zeros for one without."""
    rows = [np.array(one.effect or np.zeros((one.size, features)), dtype=np.float64) for one in inputs]
    return np.concatenate(rows) if rows else np.zeros((0, features))
