"""The time of one series of a stream, step by step as its rows come."""

from __future__ import annotations

import numpy as np

from seqtool.data.clock import bare_stamps, is_of_no_zone, zoned_stamps
from seqtool.data.dates import parse_stamps
from seqtool.data.grid import Grid
from seqtool.data.reading import UTC
from seqtool.errors import DataError
from seqtool.families.forecasting.rows import UNKNOWN, Row
from seqtool.families.forecasting.runner import Runner
from seqtool.reads import Finding
from seqtool.runtime.stream import Refusal

LONGEST_GAP = 10_000  # steps that lines may leave out; a longer gap is as long as this


class RowClock:
    """The moment of the last step of a series, NaT where it is not known, and on the grid the places of two steps.

    place: that of the last step; dated: that of the last row with a time stamp.
    """

    __slots__ = ("dated", "moment", "place")

    def __init__(self) -> None:
        self.moment: np.datetime64 = UNKNOWN
        self.place = self.dated = 0

    def go_to(self, row: Row, grid: Grid | None, before: str = "the line before") -> int | Refusal:
        """Go to the time of a row; return how many steps without a row lie before it, or why it is refused.

        Without a stamp a row is a step after the one before, which `before` names.
        """
        moment = row.moment
        if grid is None or np.isnat(self.moment):
            self.moment = moment
            self.place = self.dated = 0 if grid is None or np.isnat(moment) else grid.place(moment)
            return 0
        if np.isnat(moment):
            self.place += 1
            self.moment = grid.stamps(np.array([self.place]))[0]
            return 0
        place = grid.place(moment)
        if grid.zone and place <= self.dated:  # a doubled hour for the second time
            from seqtool.data.zones import second_of  # few series have a zone

            moment = second_of(moment, grid.zone)
            place = grid.place(moment)
        if place == self.dated and moment > self.moment:
            reason = f"'{row.time}' falls into the step of {before}: the model's series is {grid}"
            return Refusal(reason, "in the step of the line before")
        if place <= self.dated:
            return Refusal(f"'{row.time}' is not after {before}", "not after the line before")
        lost = min(place - self.place - 1, LONGEST_GAP)
        self.moment, self.place, self.dated = moment, place, place
        return max(lost, 0)


def of_other_zone(stamp: str, runner: Runner) -> list[Finding]:
    """Warn of a stamp with an offset from UTC where the training's had none, or the other way round."""
    reading, grid = runner.encoders.reading, runner.grid
    try:
        read = parse_stamps([stamp], order=reading.date_order, format=reading.date_format)
    except DataError:
        return []
    if read.offsets is None and not read.counted:
        return [bare_stamps()] if grid is not None and grid.zone == UTC else []
    zoned = read.offsets is not None and is_of_no_zone(grid) and not reading.timezone
    return [zoned_stamps()] if zoned else []
