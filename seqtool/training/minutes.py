"""What a training is told to take, and how it is held to `--max-minutes`."""

from __future__ import annotations

import time
from dataclasses import replace

from seqtool.say import counted
from seqtool.training.costs import Costs
from seqtool.training.limit import TimeLimit
from seqtool.training.setup import Setup
from seqtool.types import Json

SPARE = 1.0
"""Seconds for what is not measured, such as the end of the process."""


def hold_to_minutes(setup: Setup, costs: Json, began: float) -> None:
    """End the training within `max_minutes` of `began`, with room for what comes after it.

    costs: as `Costs.to_json` gives them; without them the steps are timed as they come.
    """
    trainer = setup.trainer
    step, evaluation, end = (float(costs.get(name) or 0.0) for name in ("step", "evaluation", "end"))
    until, again = began + 60 * setup.config.max_minutes - SPARE, refit_share(setup)
    if again:
        now = time.monotonic()
        left = until - now - end - float(costs.get("baselines") or 0.0)
        until = now + end + left / (1 + again)
    most = setup.config.steps(trainer.sampler.steps)
    trainer.hold_to(TimeLimit(began, until, step, evaluation, end, trainer.every, most))


def refit_share(setup: Setup) -> float:
    """Return the steps of a refit at most, as a share of those of the training; 0 without one."""
    if not setup.config.refit:
        return 0.0
    family = setup.family
    config = replace(setup.config, patience=0)
    more = family.data.sampler(config, family.data.joined(config, setup.splits), 0).steps
    return more / setup.trainer.sampler.steps


def told(setup: Setup, costs: Costs) -> str:
    """Return in words what a training will take."""
    trainer = setup.trainer
    text = costs.told(trainer.stop, trainer.every, refit_share(setup))
    if setup.config.patience:
        text = f"{text}, less if --patience ends it"
    most = setup.config.steps(trainer.sampler.steps)
    return text if trainer.stop == most else f"{text}: of {counted(most, 'step')} as many as fit into --max-minutes"
