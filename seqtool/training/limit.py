"""`--max-minutes`: how many steps fit into the time that a training has."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

LOOK = 4
"""The steps that fit are counted again after a quarter of those that remain, and again, ever closer to the end."""


LEAST, MOST = 0.3, 2.0
"""By how much the end is taken to change at most: one evaluation is no sure measure."""


@dataclass
class TimeLimit:
    """The time of a training, and what it is spent on, in seconds by `clock`.

    began: of the training, of a resumed one as if it had never stopped. until: when all has to be done. end: what comes
    after the last evaluation. step, evaluation, end: as measured before. every: steps between evaluations. most: steps
    without the limit.
    """

    began: float
    until: float
    step: float
    evaluation: float
    end: float
    every: int
    most: int
    clock: Callable[[], float] = time.monotonic
    next_look: int = 0
    taken: int = 0
    busy: float = 0.0
    """Seconds of the steps that were taken."""

    def __post_init__(self) -> None:
        self._mark, self._expected = self.clock(), self.evaluation

    @property
    def left(self) -> float:
        """Seconds for steps and evaluations: the end takes longer or shorter than measured as an evaluation does.

        An untrained translator, which was measured, writes longer texts than a trained one.
        """
        change = self.evaluation / self._expected if self._expected else 1.0
        return self.until - self.end * min(MOST, max(LEAST, change)) - self.clock()

    def stepped(self) -> None:
        """Count a step, which has ended now."""
        now = self.clock()
        self.taken, self.busy, self._mark = self.taken + 1, self.busy + now - self._mark, now

    def evaluated(self) -> None:
        """Take the time since the last step as that of an evaluation."""
        now = self.clock()
        self.evaluation, self._mark = now - self._mark, now

    def steps(self, done: int) -> int:
        """Return with how many steps the training ends in time, if `done` are done; choose the step to ask again at."""
        if self.taken:
            self.step = self.busy / self.taken
        # more steps never take less: the last one whose end is in time
        fits = bisect_right(range(done + 1, self.most + 1), self.left, key=lambda steps: self._seconds(done, steps))
        steps = max(1, done + fits)
        self.next_look = done + max(1, (steps - done) // LOOK)
        return steps

    def _seconds(self, done: int, steps: int) -> float:
        """Return the seconds from `done` steps to `steps`, with an evaluation at the end of the last."""
        evaluations = steps // self.every - done // self.every + (steps % self.every > 0)
        return (steps - done) * self.step + evaluations * self.evaluation

    def due(self, done: int) -> bool:
        """Whether to count again: at the chosen step, or where no time is left but for an evaluation."""
        return done >= self.next_look or self.evaluation >= self.left

    @property
    def used(self) -> float:
        """Seconds of the training so far."""
        return self.clock() - self.began
