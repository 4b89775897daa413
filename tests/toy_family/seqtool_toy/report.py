"""The error of the numbers, as it is kept and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from seqtool.report import report as base
from seqtool.report.compared import Compared

LOSS, PARTS = "mean squared error", "parts of the lines"


@dataclass(frozen=True, kw_only=True)
class Report(base.Report):
    MEASURES: ClassVar[Mapping[str, str]] = {"rmse": "RMSE"}
    MAIN: ClassVar[str] = "rmse"

    lines_scored: int = 0

    def extent(self) -> str:
        return f"{self.split} split of {self.data}: {self.lines_scored:,} lines"

    def gist(self) -> str:
        return f"RMSE {self.main(base.MODEL)}, {self.best_baseline} {self.main(self.best_baseline)}"

    def measured_on(self, run: Compared) -> object:
        return self.lines_scored


def same_unit(first: Compared, second: Compared) -> bool:
    return True
