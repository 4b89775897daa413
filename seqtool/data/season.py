"""The season of a series: how many steps it takes to come round, found by autocorrelation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAY = 86_400
CALENDAR_SECONDS = (DAY, 7 * DAY, 365.2425 * DAY)
LEAST_ROWS, LONGEST = 12, 100_000
MULTIPLES = 4  # a season shows at twice, three and four times its length too
SIGMAS, CALENDAR_SIGMAS, DIP_SIGMAS = 4.5, 3.0, 4.0  # the calendar names three periods, a search tries thousands
LEAST_SHARE = 0.1  # of what is new at a step, explained by the season
AS_GOOD = 1.25  # a shorter period is preferred to one whose squared error is lower by less


def detect(values: Floats, step_seconds: int | None = None) -> int:
    """Return the season of a series [T] (NaN = missing) in steps, 1 where none is seen.

    The series (its logarithm where all of it is positive) loses its line and what the two last values say of the
    next one, so that a walk leaves noise. A period counts where the autocorrelation of the rest is clearly high at
    its multiples and clearly lower between them, three times at least in the series. Day, week and year come
    first where the step is known. Of several the one is taken that repeats the series best (the shortest of equals).
    """
    known = np.isfinite(values)
    if known.sum() < LEAST_ROWS:
        return 1
    level = _detrended(np.log(values) if (values[known] > 0).all() else values)
    if np.nanstd(level) <= 1e-9 * np.nanmax(np.abs(values)):
        return 1
    found = _Autocorrelation.of(_innovations(_innovations(level)))
    longest = min(len(found.rho) // 3, LONGEST)
    named = sorted({round(seconds / step_seconds) for seconds in CALENDAR_SECONDS} if step_seconds else ())
    periods = [p for p in named if 2 <= p <= longest and found.season(p, CALENDAR_SIGMAS)]
    periods = periods or [p for p in range(2, longest + 1) if found.peak(p) and found.season(p, SIGMAS)]
    return _best(level, periods) if periods else 1


def _detrended(values: Floats) -> Floats:
    """Take the least-squares line off [T]."""
    steps, known = np.arange(len(values)), np.isfinite(values)
    return np.asarray(values - np.polyval(np.polyfit(steps[known], values[known], 1), steps))


def _innovations(values: Floats) -> Floats:
    """Take off what each value of [T] says of the next, a first-order autoregression: [T-1].

    Values that it explains whole stay as they are.
    """
    before, after = values[:-1], values[1:]
    pairs = np.isfinite(before) & np.isfinite(after)
    power = float(before[pairs] @ before[pairs])
    if not power:
        return values
    rest: Floats = after - float(before[pairs] @ after[pairs]) / power * before
    return rest if np.nansum(rest**2) > 1e-12 * power else values


@dataclass(frozen=True)
class _Autocorrelation:
    """Of every lag [T]: correlation rho, its sum of products, their sum of squares, the number of known pairs."""

    rho: Floats
    products: Floats
    squares: Floats
    pairs: Floats

    @classmethod
    def of(cls, values: Floats) -> _Autocorrelation:
        """Count missing values as absent and outliers as four deviations (by the median)."""
        known = np.isfinite(values)
        centred = values - np.median(values[known])
        deviation = 1.4826 * float(np.median(np.abs(centred[known])))
        if deviation > 0:
            centred = np.clip(centred, -4 * deviation, 4 * deviation)
        z = np.where(known, centred - centred[known].mean(), 0.0)
        products, squares = _lagged(z), np.maximum(_lagged(z * z), 1e-300)
        pairs = np.maximum(np.round(_lagged(known.astype(np.float64))), 1)
        return cls(products / pairs / (float(z @ z) / known.sum()), products, squares, pairs)

    def peak(self, p: int) -> bool:
        """Tell whether no lag within a quarter of `p` correlates more."""
        around = self.rho[max(1, p - p // 4 - 1) : p + p // 4 + 2]
        return bool(around.max() <= self.rho[p])

    def season(self, p: int, sigmas: float) -> bool:
        """Tell whether `p` is a season: high at its multiples (by a test that holds where the variance changes too)."""
        multiples = np.arange(p, 2 * len(self.rho) // 3 + 1, p)[:MULTIPLES]
        height = float(self.rho[multiples].mean())
        if height < LEAST_SHARE or self.products[multiples].sum() < sigmas * np.sqrt(self.squares[multiples].sum()):
            return False
        if min(self.rho[p], self.rho[2 * p]) < height / 2:
            return False
        low = min(height / 2, height - DIP_SIGMAS / np.sqrt(self.pairs[2 * p]))
        return bool(max(self.rho[1:p].min(), self.rho[p + 1 : 2 * p].min()) <= low)


def _lagged(values: Floats) -> Floats:
    """Sum values_t * values_(t+k) for every lag k of [T], by the fast Fourier transform."""
    size = 1 << (2 * len(values) - 1).bit_length()
    spectrum = np.fft.rfft(values, size)
    found: Floats = np.fft.irfft(spectrum * spectrum.conj(), size)[: len(values)]
    return found


def _best(level: Floats, periods: list[int]) -> int:
    """Return the period after which [T] repeats itself best; the first of those about as good."""
    errors = np.array([np.nanmean((level[p:] - level[:-p]) ** 2) for p in periods])
    enough = AS_GOOD * errors.min() + 0.02 * float(np.nanvar(level))
    return periods[int(np.argmax(errors <= enough))]
