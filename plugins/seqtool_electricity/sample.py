"""The built-in sample: a simulated load, no meter's data."""

from __future__ import annotations

import datetime
import math
import random

_START = datetime.datetime(2024, 1, 1)
_DAY = 48
_WEEKS = 12


def simulated_load(weeks: int = _WEEKS, seed: int = 0) -> bytes:
    """Return a CSV `Date,Load` of half-hourly values; the same seed gives the same bytes.

    A morning and an evening peak on working days, flatter weekends, a slow change over the weeks, and
    AR(1) noise: what a national load looks like from far away.
    """
    noise, error = random.Random(seed), 0.0
    lines = ["Date,Load"]
    for step in range(weeks * 7 * _DAY):
        hour, day = (step % _DAY) / 2, (step // _DAY) % 7
        working = 1.0 if day < 5 else 0.6
        peaks = math.exp(-(((hour - 9) / 2.5) ** 2)) + 1.2 * math.exp(-(((hour - 18.5) / 2.5) ** 2))
        error = 0.9 * error + noise.gauss(0.0, 120.0)
        slow = 800 * math.sin(math.tau * step / (_DAY * 7 * 26))
        load = 20_000 + slow + working * 8_000 * peaks + error
        lines.append(f"{_START + datetime.timedelta(minutes=30 * step)},{load:.1f}")
    return ("\n".join(lines) + "\n").encode("ascii")
