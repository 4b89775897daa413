"""The season of a series, in steps, found by autocorrelation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.types import Floats

LEAST_ROWS, LONGEST = 12, 100_000
MULTIPLES = 4  # a season shows at twice, three and four times its length too
SIGMAS, CALENDAR_SIGMAS, DIP_SIGMAS = 4.5, 3.0, 4.0  # the calendar names three periods, a search tries thousands
LEAST_SHARE = 0.1  # of what is new at a step, explained by the season
FINE, COARSER = 24, 4  # parts that a long period is seen in; means of four times as many steps are tried next
NEAR = 0.12  # of a period that was found in means of several steps: it lies as near as that
ALIKE = 0.05  # of all that differs, by which a part of a period may be worse
AS_GOOD = 1.25  # a shorter period is preferred to one whose squared error is lower by less


def detect(values: Floats, usual: Sequence[int] = ()) -> int:
    """Return the season of a series [T] (NaN = missing) in steps, 1 where none is seen.

    Of several (see `seasons`) the one after which the series repeats itself best is taken, the shortest of equals.
    """
    periods = seasons(values, usual)
    return _best(_level(values), periods) if periods else 1


def seasons(values: Floats, usual: Sequence[int] = ()) -> list[int]:
    """Return all seasons that a series [T] (NaN = missing) shows, in steps; `usual` ones alone where it shows any.

    Trend and short memory are taken out of the series (of its logarithm where all of it is positive). A period counts
    where the autocorrelation of the rest is clearly high at its multiples and clearly lower between them, and the
    series holds three of it. `usual`: a day, a week, a year (see `Grid.seasons`). A long period is looked for in means
    of several steps: from one step to the next its change drowns in the noise.
    """
    finite = np.isfinite(values)
    if finite.sum() < LEAST_ROWS:
        return []
    level = _level(values)
    if np.nanstd(level) <= 1e-9 * np.nanmax(np.abs(values)):
        return []  # a straight line: the rest is rounding
    scales = {1: _rest(level)}
    shown = []
    for period in (period for period in usual if 2 <= period <= len(level) // 3):
        steps = _steps_of_mean(period)
        if steps not in scales:
            scales[steps] = _rest(_means(level, steps))
        if any(scales[one].season(period // one, CALENDAR_SIGMAS) for one in {1, steps}):
            shown.append(period)
    return shown or _searched(level, scales)


def _searched(level: Floats, scales: Mapping[int, _Autocorrelation]) -> list[int]:
    """Return every period of [T] that is clearly a season: in single steps, else in means of more and more steps."""
    steps, rest = 1, scales[1]
    while True:
        longest = min(len(rest.rho) // 3, LONGEST // steps)
        first = 2 if steps == 1 else FINE
        periods = [p for p in range(first, longest + 1) if rest.peak(p) and rest.season(p, SIGMAS)]
        if periods:
            return _refined(level, [steps * p for p in periods], FINE if steps == 1 else 0)
        steps *= COARSER
        if len(level) // steps < 3 * FINE:
            return []
        rest = _rest(_means(level, steps))


def _refined(level: Floats, periods: Sequence[int], exact: int) -> list[int]:
    """Return periods, those longer than `exact` as the ones near them after which [T] repeats itself best.

    The multiples of a period count as much as the period: they tell its length more exactly. A part of a period that is
    as good takes its place.
    """
    errors = _errors(level)
    spread = 2 * float(np.nanvar(level))

    def error(p: int) -> float:
        return float(errors[p : 2 * len(level) // 3 + 1 : p][:MULTIPLES].mean())

    def nearest(period: float) -> int:
        near = range(max(2, int((1 - NEAR) * period)), min(int((1 + NEAR) * period) + 1, len(level) // 3) + 1)
        return min(near, key=error, default=0)

    refined = []
    for found in periods:
        period = found if found <= exact else nearest(found)
        parts = (nearest(period / count) for count in range(MULTIPLES, 1, -1)) if found > exact else ()
        refined.append(next((p for p in parts if p and error(p) <= error(period) + ALIKE * spread), period))
    return list(dict.fromkeys(refined))


def _errors(level: Floats) -> Floats:
    """Return the mean squared change of [T] over every lag [T]; missing values do not count."""
    known = np.isfinite(level)
    x = np.where(known, level - np.nanmean(level), 0.0)
    flags = known.astype(np.float64)
    both, pairs = _crossed(x * x, flags), np.maximum(np.round(_lagged(flags)), 1)
    return (both - 2 * _lagged(x)) / pairs


def _crossed(squares: Floats, flags: Floats) -> Floats:
    """Sum squares_t * flags_(t+k) + flags_t * squares_(t+k) for every lag k of [T]."""
    return _lagged(squares + flags) - _lagged(squares) - _lagged(flags)


def _steps_of_mean(period: int) -> int:
    """Return how many steps make one of the parts of a period: as many as leave at least `FINE` of them."""
    return max(steps for steps in range(1, max(1, period // FINE) + 1) if period % steps == 0)


def _means(values: Floats, steps: int) -> Floats:
    """Return the means [T/steps] of the known values of every `steps` steps, NaN where there is none."""
    whole = values[: len(values) // steps * steps].reshape(-1, steps)
    known = np.isfinite(whole)
    sums = np.where(known, whole, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), sums / np.maximum(known.sum(axis=1), 1), np.nan)


def _level(values: Floats) -> Floats:
    """Return a series, its logarithm where all of it is positive, without its trend."""
    return _detrended(np.log(values) if (values[np.isfinite(values)] > 0).all() else values)


def _rest(level: Floats) -> _Autocorrelation:
    # twice, a second-order memory: a random walk then leaves noise, which has no season
    return _Autocorrelation.of(_innovations(_innovations(level)))


def _detrended(values: Floats) -> Floats:
    steps, finite = np.arange(len(values)), np.isfinite(values)
    return np.asarray(values - np.polyval(np.polyfit(steps[finite], values[finite], 1), steps))


def _innovations(values: Floats) -> Floats:
    """Return the residuals [T-1] of a first-order autoregression; [T] as it is where nothing would be left."""
    before, after = values[:-1], values[1:]
    pairs = np.isfinite(before) & np.isfinite(after)
    power = float(before[pairs] @ before[pairs])
    if not power:
        return values
    rest: Floats = after - float(before[pairs] @ after[pairs]) / power * before
    return rest if np.nansum(rest**2) > 1e-12 * power else values


@dataclass(frozen=True)
class _Autocorrelation:
    """For every lag [T]: correlation rho, its sum of products, their sum of squares, the number of known pairs."""

    rho: Floats
    products: Floats
    squares: Floats
    pairs: Floats

    @classmethod
    def of(cls, values: Floats) -> _Autocorrelation:
        """Correlate [T] with itself; missing values do not count, outliers are cut at four deviations."""
        finite = np.isfinite(values)
        centred = values - np.median(values[finite])
        deviation = 1.4826 * float(
            np.median(np.abs(centred[finite]))
        )  # 1.4826 median absolute deviations: one of a normal
        if deviation > 0:
            centred = np.clip(centred, -4 * deviation, 4 * deviation)
        z = np.where(finite, centred - centred[finite].mean(), 0.0)
        products, squares = _lagged(z), np.maximum(_lagged(z * z), 1e-300)
        pairs = np.maximum(np.round(_lagged(finite.astype(np.float64))), 1)
        return cls(products / pairs / (float(z @ z) / finite.sum()), products, squares, pairs)

    def peak(self, p: int) -> bool:
        """Tell whether no lag within a quarter of `p` correlates more."""
        around = self.rho[max(1, p - p // 4 - 1) : p + p // 4 + 2]
        return bool(around.max() <= self.rho[p])

    def season(self, p: int, sigmas: float) -> bool:
        """Tell whether the correlation is high at the multiples of `p` and low between them."""
        multiples = np.arange(p, 2 * len(self.rho) // 3 + 1, p)[:MULTIPLES]
        height = float(self.rho[multiples].mean())
        # the sum of squared products, not T, is the variance here: the test holds where the variance changes too
        if height < LEAST_SHARE or self.products[multiples].sum() < sigmas * np.sqrt(self.squares[multiples].sum()):
            return False
        if min(self.rho[p], self.rho[2 * p]) < height / 2:
            return False
        low = min(height / 2, height - DIP_SIGMAS / np.sqrt(self.pairs[2 * p]))
        return bool(max(self.rho[1:p].min(), self.rho[p + 1 : 2 * p].min()) <= low)


def _lagged(values: Floats) -> Floats:
    """Sum values_t * values_(t+k) for every lag k of [T]."""
    size = 1 << (2 * len(values) - 1).bit_length()  # twice the length: the transform is circular
    spectrum = np.fft.rfft(values, size)
    sums: Floats = np.fft.irfft(spectrum * spectrum.conj(), size)[: len(values)]
    return sums


def _best(level: Floats, periods: list[int]) -> int:
    """Return the period after which [T] repeats itself best, the first of those about as good."""
    errors = np.array([np.nanmean((level[p:] - level[:-p]) ** 2) for p in periods])
    enough = AS_GOOD * errors.min() + 0.02 * float(np.nanvar(level))
    return periods[int(np.argmax(errors <= enough))]
