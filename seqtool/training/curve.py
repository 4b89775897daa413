"""A learning curve: the error after a tenth, a third and all of the training part, and what twice as much would bring.

The error of a model falls with its records n as a * n^-b (Hestness 2017), a line in logarithms. Several draws of the
smaller shares say how far a training strays from that line.
"""

from __future__ import annotations

import math
import signal
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from seqtool.errors import DataError, UsageError
from seqtool.families.family import family_of
from seqtool.reads import Finding
from seqtool.runs import deciding, read_metrics
from seqtool.say import note
from seqtool.task import Data, Share, Task
from seqtool.task_config import TaskConfig
from seqtool.training.setup import choose_device, set_up

DRAWS = ((0.1, 3), (1 / 3, 2), (1.0, 1))
"""Shares of the training part, and how many draws of each are trained on."""
T_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}
"""Student's t that 95 % of the values lie within, by degrees of freedom: at most six trainings less two."""


class Point(NamedTuple):
    """A training on a share of the training part; error: the deciding figure of the validation part, less is better."""

    share: float
    error: float


class Outlook(NamedTuple):
    """The error that twice the data would likely bring, and a 95 % prediction interval of one training."""

    error: float
    low: float
    high: float


def outlook(points: Sequence[Point]) -> Outlook | None:
    """Extend the line through the logarithms of shares and errors to twice the data; None for too few points.

    The interval is that of a new observation in least squares (Draper and Smith 1998, section 3.1).
    """
    known = [point for point in points if point.error > 0]  # no error at all has no logarithm
    if len(known) < 3 or len({point.share for point in known}) < 2:
        return None
    x, y = ([math.log(value) for value in values] for values in zip(*known, strict=True))
    slope, intercept = statistics.linear_regression(x, y)
    freedom = len(known) - 2
    residual = sum((b - intercept - slope * a) ** 2 for a, b in zip(x, y, strict=True)) / freedom
    middle, new = statistics.fmean(x), math.log(2)
    spread = 1 + 1 / len(x) + (new - middle) ** 2 / sum((a - middle) ** 2 for a in x)
    likely, reach = intercept + slope * new, T_95[freedom] * math.sqrt(residual * spread)
    return Outlook(*(math.exp(value) for value in (likely, likely - reach, likely + reach)))


class Trained(NamedTuple):
    """What decides in a training, and its best value."""

    figure: str
    error: float


def curve(task: Task, config: TaskConfig, data: Data, device: str, threads: int) -> list[Finding]:
    """Train on shares of the training part; return a finding for each share, and what twice as much would bring.

    Raises `UsageError` for a family from outside, which may know no shares.
    """
    family = family_of(task)
    if not family.is_built_in:
        raise UsageError(f"{family.name} models have no learning curve", cure="leave --curve out")
    points: list[Point] = []
    findings, figure = [], ""
    for size, draws in DRAWS:
        tried = [_trained(task, config, data, Share(size, draw), device, threads) for draw in range(draws)]
        trained = [one for one in tried if isinstance(one, Trained)]
        if trained:
            figure = trained[0].figure
            points += [Point(size, one.error) for one in trained]
            told = _told(figure, [one.error for one in trained])
        else:
            told = f"too little: {tried[0]}"
        findings.append(Finding("note", "curve", f"{size:.0%} of the training part: {told}"))
    return [*findings, Finding("note", "curve", _of_twice(figure, outlook(points)))]


def _told(figure: str, errors: Sequence[float]) -> str:
    """Return the mean error of the draws of a share, and between which errors they lie."""
    text = f"{figure} {statistics.fmean(errors):.4g}"
    return text if len(errors) == 1 else f"{text}, {min(errors):.4g} to {max(errors):.4g} in {len(errors)} draws"


def _of_twice(figure: str, outlook: Outlook | None) -> str:
    if outlook is None:
        return "what twice as much would bring cannot be told: too few of the trainings made mistakes"
    reach = f"{outlook.low:.4g} to {outlook.high:.4g} in 95 of 100 trainings, if the curve goes on as it went"
    return f"twice as much would likely bring {figure} {outlook.error:.4g}: {reach}"


def _trained(task: Task, config: TaskConfig, data: Data, share: Share, device: str, threads: int) -> Trained | str:
    """Train on a share with a seed of its own; return its best error, or why there can be none."""
    family = family_of(task)
    try:
        splits = family.data.load(task, config, replace(data, share=share))
    except (DataError, UsageError) as error:
        if share.size == 1:
            raise
        return error.what
    config = replace(config, **splits.settled)
    with tempfile.TemporaryDirectory() as folder:
        setup = set_up(task, config, data, splits, Path(folder), share.draw, choose_device(device), threads)
        setup.trainer.objective.prepare(None)
        fit = setup.trainer.fit(lambda event, values: None)
        if fit.interrupted:
            signal.raise_signal(fit.interrupted)  # the loop held it back to end its step
        figure = deciding(read_metrics(Path(folder))[-1])
    note(f"{share.size:.0%} of the training part, draw {share.draw + 1}: {figure} {fit.best:.4g}")
    return Trained(figure, fit.best)
