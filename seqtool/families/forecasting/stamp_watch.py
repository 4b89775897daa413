"""What is odd in the time stamps of a stream: those of another zone than the training's, and rows of another step."""

from __future__ import annotations

import numpy as np

from seqtool.families.forecasting.row_clock import RowClock, of_other_zone
from seqtool.families.forecasting.rows import Row
from seqtool.families.forecasting.runner import Runner
from seqtool.runtime.stream import Refusal
from seqtool.say import warn

GAPS = 3  # between rows that show their step


class StampWatch:
    """Goes on with the clocks of a stream, and warns once of stamps of another zone, and of rows of another step."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._zoned = False
        self._gaps: list[int] = []  # steps between the first rows of a series with a stamp

    def go_to(self, clock: RowClock, row: Row, before: str = "the line before") -> int | Refusal:
        """Set a clock to the time of a row, as `RowClock.go_to` does."""
        begun, dated, grid = not np.isnat(clock.moment), clock.dated, self._runner.grid
        lost = clock.go_to(row, grid, before)
        if isinstance(lost, Refusal) or grid is None or np.isnat(row.moment):
            return lost
        if not begun:
            self._look_at_zone(row)
        elif len(self._gaps) < GAPS:
            self._look_at_gaps(clock.dated - dated)
        return lost

    def _look_at_zone(self, row: Row) -> None:
        """Warn once of a stamp with an offset where the training's had none, or the other way round."""
        findings = [] if self._zoned else of_other_zone(str(row.time), self._runner)
        self._zoned = self._zoned or bool(findings)
        for finding in findings:
            warn(finding.text)

    def _look_at_gaps(self, gap: int) -> None:
        """Warn once where the first rows are as many steps apart each, and more than one."""
        self._gaps.append(gap)
        if len(self._gaps) == GAPS and gap > 1 and set(self._gaps) == {gap}:
            text = f"the first lines are {gap} steps apart each, and the model's series is {self._runner.grid}: "
            warn(f"{text}the steps between are read as missing values; give rows of the model's step")
