"""What a training will take, measured before its first step: time and memory."""

from __future__ import annotations

import contextlib
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, Self, cast

import torch

from seqtool.data.splits import Splits
from seqtool.errors import SeqtoolError
from seqtool.machine import keep_freed_memory
from seqtool.report import plots
from seqtool.say import counted
from seqtool.training.loop import Trainer
from seqtool.training.setup import Setup
from seqtool.types import Ids, Json

GOLDEN = (5**0.5 - 1) / 2  # its multiples, without their whole part, are spread evenly however many there are

STEPS = 24
"""Measured steps at most: batches of all lengths, from the shortest records to the longest."""
LEAST_STEPS, SECONDS = 3, 2.0
"""So many steps are measured at least, and no more after so many seconds."""
WARM = 2
"""Steps before those: the first ones take a third longer."""
SHARES = (1 / 64, 1 / 64, 1 / 16, 1 / 4, 1.0)
"""Shares of the validation part that are evaluated, until one takes long enough; the first only warms up."""
LONG_ENOUGH, OF_TRAINING = 0.5, 0.02
"""Seconds of such an evaluation, or this share of the training where that is more."""
SHORT = 5.0
"""Seconds of training and evaluations below which the end is not measured: that would take as long."""


class Part(Protocol):
    """A part that can be cut: those of the families here."""

    def few(self, share: float) -> Self:
        """Return about a share of the records, spread evenly."""


@dataclass(frozen=True)
class Costs:
    """Seconds of an optimiser step, of an evaluation with its checkpoint, of scores and pictures at the end; memory.

    end: None where it was not measured, as the training is short. baselines: what they took, before the first step.
    """

    step: float
    evaluation: float
    end: float | None
    baselines: float
    megabytes: int

    def training(self, steps: int, every: int) -> float:
        """Return the seconds of so many steps, evaluated after each `every` and at the end."""
        return steps * self.step + math.ceil(steps / every) * self.evaluation

    def told(self, steps: int, every: int, refit: float = 0.0) -> str:
        """Return in words what steps will take; refit: the steps of a refit at most, as a share of these."""
        seconds = self.training(steps, every)
        long, end = f"about {_words(seconds)}", "scoring" if self.end is None else f"{_words(self.end)} of scoring"
        parts = [counted(steps, "step"), long if seconds >= 1 else "less than a second", f"then {end}"]
        if refit:
            parts.append(f"then at most {_words(refit * seconds)} of refit")
        return ", ".join([*parts, f"{self.megabytes:,} MB"] if self.megabytes else parts)

    def to_json(self) -> Json:
        """Return the costs as a JSON object."""
        return asdict(self)


def _words(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def measured(
    make: Callable[[Path], Setup], splits: Splits[Any, Any], stored: Json, baselines: float, *, whole: bool
) -> Costs:
    """Measure a training of its own that `make` sets up in a folder, and that is thrown away.

    stored: the baselines, which took so many seconds. whole: measure the end of a short training too.
    """
    with tempfile.TemporaryDirectory() as folder:
        setup = make(Path(folder))
        trainer = setup.trainer
        keep_freed_memory()  # as in the training: without it each step takes half as long again
        for group in trainer.optimiser.param_groups:
            group["lr"] = 0.0  # nothing is learnt: a step at the peak of the rate could leave no numbers to score
        step = _step(trainer)
        evaluation, more, part = _evaluation(setup, splits, max(LONG_ENOUGH, OF_TRAINING * trainer.total * step))
        costs = Costs(step, evaluation, None, baselines, 0)
        if whole or costs.training(trainer.total, trainer.every) >= SHORT:
            costs = replace(costs, end=_end(setup, replace(splits, validation=part), stored) + more)
        return replace(costs, megabytes=_megabytes(trainer.device))


def _step(trainer: Trainer) -> float:
    """Return the mean seconds of a step."""
    # in an order in which any first few have all lengths: slow steps are cut off by the clock
    batches = trainer.sampler.spread(min(STEPS, max(LEAST_STEPS, trainer.total // 8)))
    order = sorted(range(len(batches)), key=lambda number: (number + 1) * GOLDEN % 1)
    for _ in range(WARM):
        _timed(trainer, trainer.sampler.spread(trainer.sampler.steps)[-1])  # the longest records take all memory
    seconds: list[float] = []
    for number in order:
        seconds.append(_timed(trainer, batches[number]))
        if len(seconds) >= LEAST_STEPS and sum(seconds) > SECONDS:
            break
    return sum(seconds) / len(seconds)


def _timed(trainer: Trainer, chosen: Ids) -> float:
    began = time.monotonic()
    trainer.learn(torch.as_tensor(chosen, device="cpu" if trainer.sampler.on_host else trainer.device))
    trainer.sum.item()  # waits for the device
    return time.monotonic() - began


def _evaluation(setup: Setup, splits: Splits[Any, Any], enough: float) -> tuple[float, float, Any]:
    """Return the seconds of an evaluation, how many of them came by a line, and the part that was read for it."""
    trainer, whole = setup.trainer, splits.validation
    if getattr(whole, "long", False):
        return _of_a_long_text(setup, splits)
    cut = hasattr(whole, "few")  # a family from outside may have parts that cannot be cut
    points: list[tuple[float, float]] = []
    for share in SHARES if cut else SHARES[-1:]:
        part = cast(Part, whole).few(share) if share < 1 else whole
        points.append((share, _reading(setup, replace(splits, validation=part))))
        if len(points) > 2 and points[-1][1] >= enough:
            break
    share, seconds = points[-1]
    more = (1 - share) * _slope(points) if share < 1 else 0.0
    return _beside(trainer) + seconds + more, more, part


def _of_a_long_text(setup: Setup, splits: Splits[Any, Any]) -> tuple[float, float, Any]:
    """Return the same for a text of which an evaluation reads a part, and the score all, in rows as fast as those."""
    part = splits.validation.measured()
    seconds = _reading(setup, replace(splits, validation=part))
    more = seconds * (splits.validation.characters / part.characters - 1)
    return _beside(setup.trainer) + seconds, more, part


def _reading(setup: Setup, splits: Splits[Any, Any]) -> float:
    """Return the seconds of reading the validation part."""
    trainer = setup.trainer
    trainer.objective = setup.family.model.objective(setup.network, splits, trainer.device, 0)
    began = time.monotonic()
    trainer.figures()
    return time.monotonic() - began


def _beside(trainer: Trainer) -> float:
    """Return the seconds of what comes with an evaluation: a checkpoint, and samples."""
    began = time.monotonic()
    trainer.save()
    trainer.objective.show(trainer.run, 0)
    return time.monotonic() - began


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the seconds that the whole part takes more than none of it, by the last two shares."""
    (low, before), (high, after) = points[-2:]
    return max(0.0, (after - before) / (high - low))


def _end(setup: Setup, splits: Splits[Any, Any], stored: Json) -> float:
    """Return the seconds of scores and pictures of a part."""
    setup.trainer.objective.prepare(None)  # what a training sets before its first step, such as a linear part
    began = time.monotonic()
    scores, config = setup.family.scores, setup.config
    setup.network.eval()
    predict = setup.family.model.predictor(setup.network, splits.encoders)
    figures = {"step": 1, "train_loss": 1.0, **dict.fromkeys(("loss", config.metric or "loss"), 1.0)}
    plots.curves([figures], setup.run / "curves.png", "", "", config.metric)
    # an untrained network may fail where a trained one does not, on few records too
    with contextlib.suppress(SeqtoolError, ArithmeticError, ValueError):
        setup.trainer.objective.calibrated(splits.encoders)
        scores.score(predict, splits, "validation", stored, config, setup.data.name)
        scores.pictures(predict, splits, config, setup.run, "")
    return time.monotonic() - began


def _megabytes(device: torch.device) -> int:
    """Return the most memory so far: of a GPU what is on it, else all of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) // 1_000_000
    if sys.platform == "win32":  # which has no such figure in the standard library
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if sys.platform == "darwin" else 1024 * most) // 1_000_000
