"""What each known series has of its own beside a linear highway for all: a mixture of a few linear maps, set once."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from seqtool.nn.highway import Highway

PULL = 0.1  # towards the map for all, in units of a window's usual square, for each window of the series
MOST = 1000  # series whose own maps make the basis; those of the others are projected on it


class OwnMaps(nn.Module):
    """R maps from the last L steps and a constant to U steps, and for each of S series how much of each it takes.

    The last row of the mixture is that of any other series: nothing.
    """

    basis: Tensor
    mixture: Tensor

    def __init__(self, rank: int, lags: int, horizon: int, series: int) -> None:
        super().__init__()
        self.lags, self.horizon = lags, horizon
        self.register_buffer("basis", torch.zeros(lags + 1, rank, horizon))  # [L+1,R,U]
        self.register_buffer("mixture", torch.zeros(series + 1, rank))  # [S+1,R]

    def forward(self, z: Tensor, ids: Tensor) -> Tensor:
        """Map scaled history [B,T,1], nothing missing, to what a forecast [B,U,1] of the series `ids` [B] gets more."""
        x = torch.cat([z[:, -self.lags :, 0], torch.ones_like(z[:, :1, 0])], dim=1)
        steps = (x @ self.basis.flatten(1)).reshape(len(x), *self.basis.shape[1:])  # [B,R,U]
        added: Tensor = (steps * self.mixture[ids][..., None]).sum(dim=1)[..., None]
        return added

    @torch.no_grad()
    def fit(self, z: Tensor, target: Tensor, ids: Tensor, highway: Highway) -> None:
        """Set the maps by windows z [W,T,1] with targets [W,>=U,1] of the series `ids` [W].

        The map of each series is a ridge regression pulled towards that of all series (the highway). Their differences
        from it are put down to R maps by principal components.
        """
        x = torch.nan_to_num(z[:, -self.lags :, 0], nan=0.0).double()
        x, y = torch.cat([x, torch.ones_like(x[:, :1])], dim=1), target[:, : self.horizon, 0].double()
        known = y.isfinite().all(dim=1)
        x, y, ids = x[known], y[known], ids[known]
        pooled = torch.cat([highway.linear.weight.T, highway.linear.bias[None]]).double()
        order = torch.argsort(ids, stable=True)  # a mask for each of ten thousand series would look at all windows
        names, counts = np.unique(ids.cpu().numpy(), return_counts=True)
        parts = torch.split(order, counts.tolist())
        own = {
            series: (_pulled(x[rows], y[rows], pooled) - pooled).flatten()
            for series, rows in zip(names.tolist(), parts, strict=True)
        }
        if not own:
            return
        places = torch.tensor(list(own), device=x.device)
        chosen = np.unique(np.linspace(0, len(own) - 1, MOST).round().astype(int)).tolist()
        _, _, axes = torch.linalg.svd(torch.stack([own[int(places[place])] for place in chosen]), full_matrices=False)
        axes = axes[: self.basis.shape[1]]  # [<=R,(L+1)*U]
        shares = torch.stack([axes @ one for one in own.values()])
        self.basis[:, : len(axes)] = axes.reshape(-1, self.lags + 1, self.horizon).transpose(0, 1).float()
        self.mixture.zero_()
        self.mixture[places, : len(axes)] = shares.float()


def _pulled(x: Tensor, y: Tensor, towards: Tensor) -> Tensor:
    """Solve min |xw - y|^2 + c |w - towards|^2 for w [L+1,U]."""
    pull = PULL * len(x) * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    solved: Tensor = torch.linalg.solve(x.T @ x + pull, x.T @ y + pull @ towards)
    return solved
