"""A linear path beside a network (the autoregressive part of LSTNet, Lai 2018), set in closed form."""

from __future__ import annotations

import functools
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.errors import DataError

Pair = tuple[Tensor, Tensor]
FOLDS = 5
ROWS = 1 << 16  # of a regression that are summed at once
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # times the mean variance of the inputs, so that no scaling matters


class Highway(nn.Module):
    """One linear map from the last `lags` steps of a series to all steps of the horizon, shared by all series."""

    penalty: Tensor

    def __init__(self, lags: int, horizon: int) -> None:
        super().__init__()
        self.lags, self.horizon = lags, horizon
        # no gradient: the network beside it learns what a line cannot
        self.linear = nn.Linear(lags, horizon).requires_grad_(False)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("penalty", torch.tensor(torch.nan, dtype=torch.float64))  # none before a fit

    def forward(self, z: Tensor) -> Tensor:
        """Map scaled history [B,T,F] to scaled forecast [B,U,F]."""
        mapped: Tensor = self.linear(z[:, -self.lags :].transpose(1, 2))
        return mapped.transpose(1, 2)

    @torch.no_grad()
    def fit(self, train: Pair, validation: Pair, penalty: float | None = None) -> float:
        """Set the weights by ridge regression, with `penalty` or the best one on validation; return the error there.

        Each part is history [W,T,F] and target [W,>=U,F], scaled. Raises
        `DataError` where a part has no target without missing values.
        """
        x, y = self._pairs(*train)
        held_x, held_y = self._pairs(*validation)
        if not len(x) or not len(held_x):
            part = "validation" if len(x) else "training"
            what = f"no window of the {part} part has a future without missing values: a linear highway cannot be set"
            raise DataError(what, cure="--highway 0, a shorter --horizon, or fill the gaps of the file")
        best, sums = float("inf"), _Sums.of(x, y)
        for tried in PENALTIES if penalty is None else (penalty,):
            weight, bias = self._line(sums, tried)
            error = (held_x.double() @ weight + bias - held_y.double()).square().mean().item()
            if error < best:
                best = error
                self.linear.weight.copy_(weight.T)
                self.linear.bias.copy_(bias)
                self.penalty.fill_(tried)
        return best

    @torch.no_grad()
    def optimism(self, train: Pair) -> float:
        """Return how many times as large errors are on windows left out as on those fitted; 1 where none can be told.

        The line is fitted again without each fifth of the windows in turn (Stone 1974). Fifths are stretches of time,
        and no target overlaps one of them, so that neighbours do not give a window away.
        """
        x, y = self._pairs(*train)
        gap, seen = self.horizon * train[0].shape[2], self._errors(x, y, x, y).mean()
        left_out = []
        for fold in range(FOLDS):
            first, stop = fold * len(x) // FOLDS, (fold + 1) * len(x) // FOLDS
            rows = torch.arange(len(x), device=x.device)
            kept = (rows < first - gap) | (rows >= stop + gap)
            if kept.any() and stop > first:
                left_out.append(self._errors(x[kept], y[kept], x[first:stop], y[first:stop]))
        return max(1.0, (torch.cat(left_out).mean() / seen).item()) if left_out and seen > 0 else 1.0

    def _errors(self, x: Tensor, y: Tensor, held_x: Tensor, held_y: Tensor) -> Tensor:
        """Return the absolute errors [W*F,U] on held windows of the line through others."""
        weight, bias = self._line(_Sums.of(x, y), self.penalty.item())
        return (held_x.double() @ weight + bias - held_y.double()).abs()

    def _line(self, sums: _Sums, penalty: float) -> Pair:
        """Return the weight [lags,U] and the bias [U] of a ridge regression."""
        weight = sums.ridge(penalty)
        weight = _held(weight) if self.horizon == 1 else weight  # one step is fed its own forecasts
        return weight, sums.y - sums.x @ weight

    def _pairs(self, z: Tensor, target: Tensor) -> Pair:
        """Return inputs [W*F,lags] and outputs [W*F,U], those without missing values.

        Where most have some, missing inputs are 0, as they are to the network.
        """
        x = z[:, -self.lags :].transpose(1, 2).flatten(0, 1)
        y = target[:, : self.horizon].transpose(1, 2).flatten(0, 1)
        known = y.isfinite().all(dim=1)
        whole = known & x.isfinite().all(dim=1)
        if 2 * whole.sum() < known.sum():
            return x[known].nan_to_num(nan=0.0), y[known]
        return x[whole], y[whole]


class _Sums(NamedTuple):
    """What a ridge regression needs of W rows, in double precision: means x [lags], y [U], centred products."""

    x: Tensor
    y: Tensor
    gram: Tensor
    cross: Tensor

    @classmethod
    def of(cls, x: Tensor, y: Tensor) -> _Sums:
        """Sum over rows x [W,lags], y [W,U], some at a time: in double precision all of them are twice as large."""
        mean_x, mean_y = (
            functools.reduce(torch.add, (part.double().sum(dim=0) for part in torch.split(rows, ROWS))) / len(x)
            for rows in (x, y)
        )
        pairs = list(zip(torch.split(x, ROWS), torch.split(y, ROWS), strict=True))
        # centred first, so that the bias is not penalised
        gram = functools.reduce(torch.add, ((part - mean_x).T @ (part - mean_x) for part, _ in pairs))
        cross = functools.reduce(torch.add, ((part - mean_x).T @ (ahead - mean_y) for part, ahead in pairs))
        return cls(mean_x, mean_y, gram, cross)

    def ridge(self, penalty: float) -> Tensor:
        """Solve for the weight [lags,U] beside a bias: zero where no row differs from another."""
        unit = self.gram.diagonal().mean()
        if not unit:
            return torch.zeros_like(self.cross)
        eye = torch.eye(len(self.gram), dtype=self.gram.dtype, device=self.gram.device)
        solved: Tensor = torch.linalg.solve(self.gram + penalty * unit * eye, self.cross)
        return solved


def _held(weight: Tensor) -> Tensor:
    """Return the weights [lags,1] of a recursion, the oldest lag first, that do not run away when run forward.

    Where the largest root r of the characteristic polynomial lies outside of the unit circle, the weight of lag k is
    divided by r^k: all roots are divided by r.
    """
    lags = len(weight)
    companion = torch.diag(torch.ones(lags - 1, dtype=weight.dtype), -1)
    companion[0] = weight[:, 0].flip(0).cpu()
    radius = torch.linalg.eigvals(companion).abs().max().item()
    if radius <= 1:
        return weight
    back = torch.arange(lags, 0, -1, dtype=weight.dtype, device=weight.device)[:, None]
    return weight / torch.pow(radius, back)
