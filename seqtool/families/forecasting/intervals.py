"""Quantiles of a forecast by split conformal prediction: whatever the network, from its errors on validation.

Method: Vovk, Gammerman and Shafer 2005; Lei et al. 2018; both ends apart, from signed residuals, as Romano, Patterson
and Candes 2019 put them. Each step of the horizon and each series has offsets of its own.

The promise of the method, that at least the nominal share is covered, holds for exchangeable residuals. Those of
overlapping windows of one series are not: they come in runs, and tomorrow's need not be like yesterday's. What an
interval is worth is the coverage measured on the test part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from seqtool.families.forecasting.data import Windows

Floats = NDArray[np.float64]


def offsets(residuals: Floats, levels: Sequence[float]) -> Floats:
    """Return the quantiles [N,F,Q] of residuals [W,N,F] (NaN = unknown), increasing along Q.

    The k-th smallest of n stands at level k / (n + 1), the correction of split conformal prediction for a small
    sample. A level beyond the first or the last is NaN: so few residuals say nothing of it.
    """
    known = np.isfinite(residuals).sum(axis=0)[..., None]  # [N,F,1]
    filled = np.where(known[..., 0] > 0, residuals, 0.0)  # of no residuals, numpy would warn
    found = np.moveaxis(np.nanquantile(filled, levels, axis=0, method="weibull"), 0, -1)
    position = (known + 1) * np.array(levels)
    tolerance = 1e-9  # 9 residuals do reach level 0.9
    return np.where((position >= 1 - tolerance) & (position <= known + tolerance), found, np.nan)


def calibrate(network: Any, part: Windows, levels: Sequence[float]) -> list[list[list[float | None]]]:
    """Return the offsets [N][F][Q] of a network's residuals over the windows of a part, None where unknown.

    They count in the units of the network's scaling: see `nn.scaling`.
    """
    from seqtool.families.forecasting.network import predictor_of

    made = offsets(_residuals(network, predictor_of(network)(part).values, part), levels)
    return [[[None if np.isnan(one) else float(one) for one in row] for row in step] for step in made]


def _residuals(network: Any, forecasts: Floats, part: Windows) -> Floats:
    """Return the residuals [W,N,F] of forecasts [W,N,F] of every window."""
    import torch

    from seqtool.families.forecasting.forecasts import CHUNK

    device = next(network.parameters()).device
    chunks = []
    for start in range(0, len(part), CHUNK):
        chosen = np.arange(start, min(start + CHUNK, len(part)))
        history, future = part.batch(chosen)
        arrays = (history.astype(np.float32), forecasts[chosen], future)
        made = network.scaling.residual(*(torch.as_tensor(array, device=device) for array in arrays))
        chunks.append(made.cpu().numpy())
    return np.concatenate(chunks)
