"""The least and the greatest value that a forecast may have."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def within(raw: Tensor, floor: Sequence[float], ceiling: Sequence[float]) -> Tensor:
    """Cut raw values [B,N,F] or [B,N,F,Q] at bounds, one for all series or one for each; () for none. NaN stays."""
    for bounds, cut in ((floor, torch.maximum), (ceiling, torch.minimum)):
        if bounds:
            raw = cut(raw, raw.new_tensor(bounds).view(-1, *[1] * (raw.ndim - 3)))
    return raw
