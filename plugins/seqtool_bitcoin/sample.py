"""The built-in sample: simulated prices, no market data."""

from __future__ import annotations

import datetime
import math
import random

_FIRST_DAY = datetime.date(2020, 1, 1)
_FIRST_PRICE = 10_000.0

# GARCH(1,1) of daily log-returns: variance = OMEGA + ALPHA * return^2 + BETA * variance.
_OMEGA, _ALPHA, _BETA = 4.5e-5, 0.12, 0.85  # OMEGA / (1 - ALPHA - BETA) = 0.0387^2
_DRIFT = 5e-4
_FREEDOM = 5  # degrees of freedom of the t-noise: fat tails


def simulated_prices(days: int = 1500, seed: int = 0) -> bytes:
    """Return a CSV `Date,Close` of simulated daily prices; the same seed gives the same bytes.

    The log-returns are GARCH(1,1) with t-distributed noise: calm and wild spells as a currency has them,
    and no signal in the direction, so that no honest forecast of it beats the last price by much.
    """
    noise = random.Random(seed)
    log_price, variance = math.log(_FIRST_PRICE), _OMEGA / (1 - _ALPHA - _BETA)
    lines = ["Date,Close"]
    for day in range(days):
        date = _FIRST_DAY + datetime.timedelta(days=day)
        lines.append(f"{date},{math.exp(log_price):.4f}")
        shock = math.sqrt(variance) * _unit_t(noise)
        log_price += _DRIFT + shock
        variance = _OMEGA + _ALPHA * shock**2 + _BETA * variance
    return ("\n".join(lines) + "\n").encode("ascii")


def _unit_t(noise: random.Random) -> float:
    """Draw Student's t, scaled to variance 1."""
    chi2 = noise.gammavariate(_FREEDOM / 2, 2.0)
    return noise.gauss(0.0, 1.0) * math.sqrt((_FREEDOM - 2) / chi2)
