"""Forecast the water level at a harbour: a whole task in one file."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from seqtool import ForecastingConfig, Opt, Task, hookimpl

# hours and metres of the moon's, the sun's and the larger lunar elliptic tide
WAVES = ((12.42, 1.2), (12.0, 0.4), (12.66, 0.25))


@dataclass(frozen=True)
class TidesConfig(ForecastingConfig):
    window: Annotated[int, Opt("hours the model sees", ge=2, le=10_000)] = 48
    scaling: Annotated[Literal["standard", "window"], Opt("levels may be negative: no logarithm")] = "standard"


def sample() -> bytes:
    noise, start, lines = random.Random(0), datetime(2024, 1, 1), ["Date,level"]
    for hour in range(24 * 120):
        level = sum(height * math.sin(math.tau * hour / period) for period, height in WAVES)
        lines.append(f"{start + timedelta(hours=hour)},{level + noise.gauss(0, 0.05):.3f}")
    return ("\n".join(lines) + "\n").encode()


@hookimpl
def register_task() -> Task:
    return Task(
        "tides",
        "hourly water level at a harbour",
        family="forecasting",
        sample=sample,
        config=TidesConfig,
        columns=("level",),
    )
