"""Intervals around forecasts: symmetric split conformal prediction, scaled by the window, from the errors of two parts.

The width at a step is a quantile of the sizes of errors (Vovk, Gammerman and Shafer 2005; Lei et al. 2018), so that a
forecast never lies outside its own interval. Three things differ from the textbook, each chosen on data before the
test part was looked at (docs/honest-numbers.md):

- The validation part alone has few independent errors: those of overlapping windows are almost the same. So the errors
  of the training part count too, with weights (Barber, Candes, Ramdas and Tibshirani 2023), and the correction for a
  small sample takes the number of windows that do not overlap.
- The training errors are too small where the network learnt its data by heart. So those beside a linear highway are
  raised by what leaving stretches out of its fit costs (`nn.highway`), and both parts are brought to one mean size, to
  which validation contributes by its number of independent windows.
- Widths grow in proportion to the movement of the window, by its root or not at all (normalised conformal prediction:
  Papadopoulos, Gammerman and Vovk 2008; Lei et al. 2018, section 5.2). Proportion is taken unless the errors speak
  clearly against it: a series that was always equally wild shows no link between the two, until it changes.

The coverage is guaranteed for exchangeable errors. Those of one series are not, so the test part measures it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqtool.families.forecasting.encoders import Local
from seqtool.nn.local_scale import followed
from seqtool.types import Floats, Ids

PRIOR = 20.0  # independent windows that the training part counts as, at most
NEIGHBOURS = 2  # steps on each side that share their width
POWERS = (0.0, 0.5, 1.0)
EVIDENCE = 4.0  # natural logarithm of the odds for the power 1 against 0, before any error is seen
DRAWN = 0.1  # parts of the usual size that are added to those of a series
TOLERANCE = 1e-9  # 9 windows do reach the share 0.9


@dataclass(frozen=True)
class Errors:
    """The errors of W windows of a part, in the units of `nn.scaling`.

    sizes: absolute errors [W,N,F], NaN = unknown. movement: mean absolute step of each history [W,F], NaN = unknown.
    independent: how many windows of the part do not overlap. members [W]: the series of each, of a pooled model.
    """

    sizes: Floats
    movement: Floats
    independent: float
    members: Ids | None = None


def offsets(train: Errors, validation: Errors, levels: Sequence[float]) -> tuple[Floats, Local]:
    """Return how far quantiles lie from a forecast [N,F,Q], increasing along Q, and how widths follow the window.

    NaN where nothing is known, or where a level needs more independent windows than there are.
    """
    shares = np.abs(2 * np.array(levels) - 1)  # of an interval whose end is the level
    widths, usual, powers = [], [], []
    for number in range(validation.sizes.shape[2]):
        parts = [_one(part, number) for part in (train, validation)]
        usual.append(_usual(parts[1].movement))
        powers.append(_power(parts, usual[-1]))
        widths.append(_widths([_divided(part, usual[-1], powers[-1]) for part in parts], shares))
    signs = np.sign(np.array(levels) - 0.5)  # the middle is the forecast itself
    return np.stack(widths, axis=1) * signs, Local(tuple(usual), tuple(powers))


def spreads(train: Errors, validation: Errors, series: int) -> Floats:
    """Return the size of the errors of each known series as a multiple of the usual one [S], drawn towards 1.

    The validation part counts as much as the training part: there no error was seen by the fit.
    """
    total, weight = np.zeros(series), np.zeros(series)
    for part in (train, validation):
        assert part.members is not None
        each = _mean(part.sizes, axis=(1, 2))
        known = np.isfinite(each)
        usual = max(float(each[known].mean()) if known.any() else 1.0, 1e-300)
        count = np.bincount(part.members[known], minlength=series)
        sums = np.bincount(part.members[known], each[known] / usual, minlength=series)
        total, weight = total + np.where(count > 0, sums / np.maximum(count, 1), 0.0), weight + (count > 0)
    return np.asarray((total + DRAWN) / (weight + DRAWN))


def of_one_size(part: Errors, spread: Floats) -> Errors:
    """Return errors as they would be if all series had the usual size."""
    assert part.members is not None
    return replace(part, sizes=part.sizes / spread[part.members][:, None, None])


def independent(train: Errors, validation: Errors) -> float:
    """Return how many independent windows the quantiles stand on."""
    return min(PRIOR, train.independent) + validation.independent


def _one(part: Errors, number: int) -> Errors:
    return Errors(part.sizes[..., number], part.movement[:, number], part.independent)  # [W,N], [W]


def _usual(movement: Floats) -> float:
    known = movement[movement > 0]
    return float(np.median(known)) if known.size else 1.0


def _power(parts: Sequence[Errors], usual: float) -> float:
    """Return the power p of the movement m that sizes follow best, by the likelihood of a Laplace distribution.

    Of the scale b m^p, its negative logarithm is log b + p mean(log m) at the best b, the mean of sizes / m^p.
    """
    sizes = np.concatenate([_mean(part.sizes, axis=1) for part in parts])
    moved = followed(np.concatenate([part.movement for part in parts]), usual)
    weights = np.concatenate([np.full(len(part.sizes), part.independent / len(part.sizes)) for part in parts])
    known = np.isfinite(sizes) & np.isfinite(moved)
    if not sizes[known].any() or not np.ptp(moved[known]):  # nothing is known, or there is nothing to follow
        return 0.0
    count = weights[known].sum()
    sizes, logs, weights = sizes[known], np.log(moved[known]), weights[known] / count
    losses = [np.log(weights @ (sizes * np.exp(-power * logs))) + power * (weights @ logs) for power in POWERS]
    losses = [loss + EVIDENCE * (1 - power) / count for loss, power in zip(losses, POWERS, strict=True)]
    return POWERS[int(np.argmin(losses))]


def _divided(part: Errors, usual: float, power: float) -> Errors:
    """Return the sizes as they would be in a window of the usual movement."""
    local = np.where(np.isfinite(part.movement), followed(part.movement, usual) ** power, 1.0)
    return Errors(part.sizes / local[:, None], part.movement, part.independent)


def _widths(parts: Sequence[Errors], shares: Floats) -> Floats:
    """Return the widths [N,Q] of intervals that cover `shares` [Q], from the sizes [W,N] of training and validation."""
    counts = np.array([min(PRIOR, parts[0].independent), parts[1].independent])
    means = np.array([_mean(part.sizes) for part in parts])
    factors = np.ones(2)
    if (means > 0).all():
        factors = np.exp(np.average(np.log(means), weights=counts)) / means
    sizes = np.concatenate([part.sizes * factor for part, factor in zip(parts, factors, strict=True)])
    weights = np.concatenate([
        np.full(len(part.sizes), count / len(part.sizes)) for part, count in zip(parts, counts, strict=True)
    ])  # fmt: skip
    steps = np.array([_quantiles(column, weights, shares) for column in sizes.T])
    smooth = np.array([_smoothed(steps, step) for step in range(len(steps))])
    return np.where(np.isnan(steps), np.nan, smooth)


def _quantiles(sizes: Floats, weights: Floats, shares: Floats) -> Floats:
    """Return the widths [Q] that cover `shares` [Q], from weighted sizes [W]; NaN where the weights are too few.

    The k-th smallest of n sizes of weight 1 covers k / (n + 1), the correction of split conformal prediction.
    """
    known = np.isfinite(sizes)
    if not known.any():
        return np.full(len(shares), np.nan)
    order = np.argsort(sizes[known])
    ordered, mass = sizes[known][order], weights[known][order]
    total = mass.sum()
    covered = np.interp(shares * (total + 1), np.cumsum(mass) - mass / 2 + 0.5, ordered)
    return np.where(shares * (total + 1) <= total + TOLERANCE, covered, np.nan)


def _smoothed(steps: Floats, step: int) -> Floats:
    """Return the mean of the widths [N,Q] around a step; fewer neighbours at both ends."""
    reach = min(NEIGHBOURS, step, len(steps) - 1 - step)
    return _mean(steps[step - reach : step + reach + 1], axis=0)


def _mean(values: Floats, axis: int | tuple[int, ...] | None = None) -> Floats:
    """Return the mean of what is known, NaN where nothing is: numpy would warn."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=axis), known.sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
