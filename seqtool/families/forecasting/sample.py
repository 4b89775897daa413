"""The built-in sample: the simulated sales of a shop."""

from __future__ import annotations

import datetime
import math
import random

_FIRST_DAY = datetime.date(2021, 1, 4)
_WEEK = (0.9, 0.85, 0.9, 1.0, 1.2, 1.45, 0.7)  # sales of each weekday, from Monday, in means of the week


def sample(days: int = 1100, seed: int = 0) -> bytes:
    """Return a CSV `date,sales` of daily sales with weekly and yearly seasons; the same seed gives the same bytes."""
    dice = random.Random(seed)
    level, lines = math.log(200.0), ["date,sales"]
    for day in range(days):
        date = _FIRST_DAY + datetime.timedelta(days=day)
        year = 0.15 * math.sin(math.tau * day / 365.25)
        sales = math.exp(level + year + dice.gauss(0.0, 0.08)) * _WEEK[date.weekday()]
        lines.append(f"{date},{sales:.1f}")
        level += dice.gauss(2e-4, 0.01)
    return ("\n".join(lines) + "\n").encode("ascii")
