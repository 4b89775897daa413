"""What a forecaster sees and forecasts, and how long it trains, by the length and the season of its series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.fitting import fitting, has_room
from seqtool.families.sizes import EVALUATIONS, chosen, following, on_line, whole

HORIZON, WINDOW, HIGHWAY = 14, 56, 28  # two, eight and four weeks of days
SEASONS = range(8, 32)  # whole ones that a horizon takes: months of a year, hours of a day, days of a month
SHORT, LONG = 100, 1000  # steps between which the validation part shrinks to its usual share
FEW, MANY = 100, 4000  # windows between which a batch grows
LEAST_STEPS, MOST_STEPS = 1_900, 20_000  # of a training: with 600 half-hourly demand of a week was far worse
PATIENCE = 10  # evaluations; a training by steps runs to its end, where the learning rate of one cycle is small


@dataclass(frozen=True)
class Facts:
    """The series: steps in all, the season (0 or 1: none), the steps of a window that the scaling takes.

    series: how many are forecast each alone.
    """

    steps: int
    season: int = 0
    lost: int = 0
    series: int = 1

    def times(self, share: float) -> Self:
        """Return the facts of a share of the steps."""
        return replace(self, steps=round(share * self.steps))


def validation_share(config: ForecastingConfig, steps: int) -> float:
    """Return the share of the validation part: that of a short series is larger, so that it has several windows."""
    return following(config, "validation", round(on_line(steps, (SHORT, 0.15), (LONG, 0.1)), 3))


def sized(config: ForecastingConfig, facts: Facts) -> dict[str, Any]:
    """Return the settings that a configuration leaves to the series; what it gives itself is heeded by the others."""
    follow = partial(following, config)
    seasonal = facts.season if facts.season in SEASONS else 0
    horizon = follow("horizon", seasonal or HORIZON)
    window = follow("window", _seasons(WINDOW + facts.lost * (facts.lost > 1), seasonal))
    linear = config.network != "seq2seq" and not config.stateful  # others have no highway beside them
    windows = facts.series * max(1, _training(config, facts.steps) - window - horizon + 1)
    batch = follow("batch", min(64, whole(on_line(windows, (FEW, 16), (MANY, 64)), 8)))
    of_an_epoch = math.ceil(windows / batch)
    epochs = follow("epochs", min(max(30, math.ceil(LEAST_STEPS / of_an_epoch)), max(2, MOST_STEPS // of_an_epoch)))
    rule = {
        "validation": validation_share(config, facts.steps),
        "window": window,
        "horizon": horizon,
        "highway": min(_seasons(HIGHWAY, seasonal), max(0, window - facts.lost)) if linear else 0,
        "batch": batch,
        "epochs": epochs,
        "patience": 0 if epochs > EVALUATIONS else PATIENCE,
        "evaluate_every": max(1, epochs * of_an_epoch // EVALUATIONS) if not 2 < epochs <= EVALUATIONS else 0,
    }
    return chosen(config, rule)


def _training(config: ForecastingConfig, steps: int) -> int:
    """Return the steps of the training part."""
    shares = (validation_share(config, steps), config.test)
    return steps - sum(round(share * steps) if share < 1 else int(share) for share in shares)


def _seasons(steps: int, season: int) -> int:
    """Return the least whole number of seasons that has so many steps."""
    return math.ceil(steps / season) * season if season else steps


def fitted(config: ForecastingConfig, rule: dict[str, Any], parts: Sequence[slice], lost: int) -> dict[str, Any]:
    """Return the settings of a rule, with a window, a horizon and a highway that fit the parts of a short series.

    Those that the configuration gives itself stay; where nothing fits beside them, that is refused later, in words.
    """
    left = [name for name in ("window", "horizon", "highway") if name in config.from_data]
    sizes = replace(config, **rule)
    if not left or all(has_room(part, sizes) for part in parts):
        return rule
    fit = fitting(sizes, parts, lost, fixed=[name for name in ("window", "horizon") if name not in left])
    return rule if fit is None else rule | {name: getattr(fit, name) for name in left}
