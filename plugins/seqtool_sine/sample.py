"""The built-in sample, and the only data: a sine, generated."""

from __future__ import annotations

import math

_TRAIN, _TEST = 10_000, 1_000
_A_UNIT = 100  # points; their gap is 0.01


def generated_sine(points: int = _TRAIN + _TEST) -> bytes:
    """Return a CSV `x,y` of y = sin(x) at x = 0, 0.01, 0.02, ...; every digit is written.

    One row follows the other at one gap, so the last 1,000 share no point with the 10,000 before.
    """
    lines = ["x,y"]
    for point in range(points):
        x = point / _A_UNIT  # the nearest number to each x: a sum of gaps would drift
        lines.append(f"{x!r},{math.sin(x)!r}")
    return ("\n".join(lines) + "\n").encode("ascii")
