"""From raw units, float64, into the network's units, float32, and back, with missing values as NaN.

What moves by 1 at a level of 150,000,000 is one number in float32: the level is taken off before.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqtool.data.encoders.scaler import Scaler

EPSILON = 1e-6  # of the training part's deviation: a window that moves by less is constant
FAR = 100.0  # deviations of its window beyond which a value to come tells nothing: a sensor that was stuck moves again
ROUNDING = 1e-12  # of a window's mean: what its deviation may be by rounding alone


class Standard(nn.Module):
    """z = (x - mean) / deviation, both fitted on the training part; min-max is the same with other numbers."""

    mean: Tensor
    deviation: Tensor
    changes = False  # whether z are steps from each value to the next
    by_window = False  # whether the unit is that of each window

    def __init__(self, scaler: Scaler) -> None:
        super().__init__()
        # buffers, so that they travel with the weights
        self.register_buffer("mean", torch.tensor(scaler.mean, dtype=torch.float64))
        self.register_buffer("deviation", torch.tensor(scaler.deviation, dtype=torch.float64))

    def encode(self, history: Tensor) -> Tensor:
        """Map raw [B,T,F] to z [B,T,F]; NaN stays NaN."""
        return ((history - self.mean) / self.deviation).float()

    def encode_future(self, history: Tensor, future: Tensor) -> Tensor:
        """Map the raw values [B,U,F] that follow `history` to z [B,U,F]."""
        return self.encode(future)

    def unit(self, history: Tensor) -> Tensor:
        """Return what one network unit is in a raw window [B,T,F]: [F], or [B,1,F]."""
        return self.deviation

    def decode(self, history: Tensor, z: Tensor) -> Tensor:
        """Map z [B,N,F] that follows `history` to raw units."""
        return z * self.deviation + self.mean

    def residual(self, history: Tensor, forecast: Tensor, future: Tensor) -> Tensor:
        """Return how far the truth [B,N,F] lies above a raw forecast [B,N,F], in deviations."""
        return (future - forecast) / self.deviation

    def spread(self, history: Tensor, forecast: Tensor, offsets: Tensor) -> Tensor:
        """Lay residuals [N,F,Q] or [B,N,F,Q] around a raw forecast [B,N,F]: [B,N,F,Q], raw, increasing along Q."""
        return forecast[..., None] + offsets * self.deviation[:, None]


class _LogReturn(Standard):
    """z = (log(x_t / x_(t-1)) - mean) / deviation; decoded from the last known value of the history."""

    changes = True

    def encode(self, history: Tensor) -> Tensor:
        """Map raw [B,T,F] to z [B,T-1,F]; a return is missing when either of its values is."""
        after, before = history[:, 1:], history[:, :-1]
        # log(a/b) = 2 atanh((a - b) / (a + b)): exact for small returns, and ONNX Runtime computes it alike at every
        # place of a tensor. Its vectorised Log does not, and an answer would depend on its neighbours in the batch.
        return super().encode(2 * torch.atanh((after - before) / (after + before)))

    def encode_future(self, history: Tensor, future: Tensor) -> Tensor:
        return self.encode(torch.cat([history[:, -1:], future], dim=1))

    def decode(self, history: Tensor, z: Tensor) -> Tensor:
        """Map z [B,N,F] to raw units: last known value x exp(cumulated returns)."""
        return last_known(history) * torch.exp(torch.cumsum(super().decode(history, z), dim=1))

    def residual(self, history: Tensor, forecast: Tensor, future: Tensor) -> Tensor:
        # in raw units an error would grow with the level
        return torch.log(future / forecast)

    def spread(self, history: Tensor, forecast: Tensor, offsets: Tensor) -> Tensor:
        return forecast[..., None] * torch.exp(offsets)


class _SeasonalDifference(Standard):
    """z = (x_t - x_(t-season) - mean) / deviation; decoded from the last season of the history."""

    def __init__(self, scaler: Scaler) -> None:
        super().__init__(scaler)
        self.season = scaler.season

    def encode(self, history: Tensor) -> Tensor:
        """Map raw [B,T,F] to z [B,T-season,F]; a difference is missing when either of its values is."""
        return super().encode(history[:, self.season :] - history[:, : -self.season])

    def encode_future(self, history: Tensor, future: Tensor) -> Tensor:
        return self.encode(torch.cat([history[:, -self.season :], future], dim=1))

    def decode(self, history: Tensor, z: Tensor) -> Tensor:
        """Map z [B,N,F] to raw units: the value a season before, which may be forecast itself, + difference."""
        differences = super().decode(history, z)
        steps, season = z.shape[1], self.season
        seasons = -(-steps // season)
        padded = nn.functional.pad(differences, (0, 0, 0, seasons * season - steps))
        paths = torch.cumsum(padded.view(-1, seasons, season, z.shape[2]), dim=1)
        last = history[:, -season:]
        # a missing value of the last season would make every step a season later missing
        start = torch.where(last.isnan(), last_known(history), last)
        return (paths + start[:, None]).flatten(1, 2)[:, :steps]


class _Window(nn.Module):
    """z = (x - mean of the window) / (factor x deviation of the window), known values only."""

    least: Tensor
    changes = False
    by_window = True

    def __init__(self, scaler: Scaler) -> None:
        super().__init__()
        self.factor = scaler.factor
        # not among the weights: those of an older run have no such number
        least = EPSILON * torch.tensor(scaler.deviation, dtype=torch.float64)
        self.register_buffer("least", least, persistent=False)

    def unit(self, history: Tensor) -> Tensor:
        return self._moments(history)[1]

    def _moments(self, history: Tensor) -> tuple[Tensor, Tensor]:
        present = ~history.isnan()
        count = present.sum(dim=1, keepdim=True)
        mean = torch.where(present, history, 0.0).sum(dim=1, keepdim=True) / count
        square = torch.where(present, (history - mean) ** 2, 0.0).sum(dim=1, keepdim=True) / count
        # a constant window has no deviation
        return mean, self.factor * (torch.sqrt(square) + ROUNDING * mean.abs() + self.least)

    def encode(self, history: Tensor) -> Tensor:
        mean, scale = self._moments(history)
        return ((history - mean) / scale).float()

    def encode_future(self, history: Tensor, future: Tensor) -> Tensor:
        mean, scale = self._moments(history)
        return ((future - mean) / scale).float()

    def decode(self, history: Tensor, z: Tensor) -> Tensor:
        mean, scale = self._moments(history)
        return z * scale + mean

    def residual(self, history: Tensor, forecast: Tensor, future: Tensor) -> Tensor:
        return (future - forecast) / self._moments(history)[1]

    def spread(self, history: Tensor, forecast: Tensor, offsets: Tensor) -> Tensor:
        return forecast[..., None] + offsets * self._moments(history)[1][..., None]


class _Mean(_Window):
    """z = x / (factor x mean size of the window's values): the scale of DeepAR (Salinas 2020), for counts."""

    def _moments(self, history: Tensor) -> tuple[Tensor, Tensor]:
        present = ~history.isnan()
        size = torch.where(present, history.abs(), 0.0).sum(dim=1, keepdim=True) / present.sum(dim=1, keepdim=True)
        return torch.zeros_like(size), self.factor * (size + self.least)


class _LogWindow(_Window):
    """The scaling of each window, of logarithms."""

    def encode(self, history: Tensor) -> Tensor:
        return super().encode(torch.log(history))

    def encode_future(self, history: Tensor, future: Tensor) -> Tensor:
        return super().encode_future(torch.log(history), torch.log(future))

    def decode(self, history: Tensor, z: Tensor) -> Tensor:
        return torch.exp(super().decode(torch.log(history), z))

    def residual(self, history: Tensor, forecast: Tensor, future: Tensor) -> Tensor:
        return super().residual(torch.log(history), torch.log(forecast), torch.log(future))

    def spread(self, history: Tensor, forecast: Tensor, offsets: Tensor) -> Tensor:
        return forecast[..., None] * torch.exp(offsets * self._moments(torch.log(history))[1][..., None])


Scaling = Standard | _Window


def last_known(history: Tensor) -> Tensor:
    """Return the last value of [B,T,F] that is not NaN: [B,1,F] (NaN where none is)."""
    steps = torch.arange(1, history.shape[1] + 1, device=history.device)[None, :, None]
    index = (steps * ~history.isnan()).argmax(dim=1, keepdim=True)
    return history.gather(1, index)


def scaling(scaler: Scaler) -> Scaling:
    """Build the module of a fitted scaler."""
    kinds: dict[str, type[Standard] | type[_Window]] = {
        "standard": Standard,
        "min-max": Standard,
        "log-return": _LogReturn,
        "seasonal-difference": _SeasonalDifference,
        "window": _Window,
        "log-window": _LogWindow,
        "mean": _Mean,
    }
    return kinds[scaler.kind](scaler)
