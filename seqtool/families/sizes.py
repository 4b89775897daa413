"""Settings that follow the data: what the rules of the families share.

A family with a rule names in `Config.FROM_DATA` what the rule knows, and has a module `sizes.py`. Its function
`sized(config, facts)` returns the settings that a configuration leaves to the data, as `chosen` does. `data.load` goes
on with them and gives them on in `Splits.settled`, so that a run's config.toml holds numbers; `data.check` says in one
line what came of it, by `told`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, TypeVar

from seqtool.reads import Finding
from seqtool.say import counted
from seqtool.task import Share
from seqtool.task_config import TaskConfig

T = TypeVar("T")
C = TypeVar("C", bound=TaskConfig)
HELD_OUT = ("validation", "window", "horizon", "highway")
"""Settings that decide what a score is of: those of all data, so that trainings on shares of them can be compared."""


EVALUATIONS = 30  # of a training, at least


class Amount(Protocol):
    """Facts about data: how much there is."""

    def times(self, share: float) -> Self:
        """Return the facts of a share of the data."""


F = TypeVar("F", bound=Amount)


def of_share(rule: Callable[[C, F], dict[str, Any]], config: C, facts: F, share: Share) -> dict[str, Any]:
    """Return the settings of a rule for a share of the training part, whose validation part is that of the whole."""
    settled = rule(config, facts)
    if share.size == 1:
        return settled
    kept = {name: value for name, value in settled.items() if name in HELD_OUT}
    return rule(config, facts.times(share.size)) | kept


def chosen(config: TaskConfig, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a rule that a configuration leaves to the data; it leaves none then."""
    return {**{name: rule[name] for name in config.from_data}, "from_data": ()} if config.from_data else {}


def following(config: TaskConfig, name: str, value: T) -> T:
    """Return the value of a rule, or the number that a person gave for it: what depends on it heeds that."""
    return value if name in config.from_data else getattr(config, name)


def on_line(amount: float, small: tuple[float, float], large: tuple[float, float]) -> float:
    """Return the value at `amount` of data, on a line in log amount through two points (amount, value), level outside.

    Between numbers of 1 or more the value grows by factors, else (shares) by steps.
    """
    (least, first), (most, last) = small, large
    place = math.log(max(amount, 1) / least) / math.log(most / least)
    place = min(1.0, max(0.0, place))
    if min(first, last) < 1:
        return first + place * (last - first)
    return float(first * (last / first) ** place)


def whole(value: float, unit: int = 1) -> int:
    """Return the multiple of `unit` that is nearest to a value, at least one."""
    return max(1, round(value / unit)) * unit


def evaluated_every(epochs: int, of_an_epoch: int) -> int:
    """Return the steps between `EVALUATIONS`, 0 for one an epoch: of few records an epoch has a handful of steps."""
    return epochs * of_an_epoch // EVALUATIONS if epochs > EVALUATIONS else 0


def told(amount: str, settings: str, steps: int) -> Finding:
    """Return the note of what was chosen for how much data, and of the optimiser steps that it takes."""
    return Finding("note", "from-data", f"{amount}: {settings}, {counted(steps, 'step')}")
