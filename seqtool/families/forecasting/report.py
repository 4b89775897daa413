"""How the scores of a forecaster are kept and shown. No numpy: `inspect` reads it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self, TypedDict

from seqtool.report import report as base
from seqtool.report.compared import Compared
from seqtool.report.report import MODEL, Row, Rows
from seqtool.report.tables import columns, cut_middle

if TYPE_CHECKING:
    from seqtool.families.forecasting.measures import Measure
    from seqtool.types import Json

LOSS = "loss"
PARTS = "columns, origins or horizons"

MOST_SERIES = 8
LONGEST_NAME = 40
CLOSE = 0.05  # deviations that differ by less make one unit: another window or gap moves the training part a little


class Loss(TypedDict):
    """A score of the model's quantiles over the whole path and at each horizon."""

    path: Measure
    horizons: dict[str, Measure]


class Coverage(Loss):
    """The share of the truth within an interval, over the whole path, at each horizon and each step."""

    by_step: list[Measure]


@dataclass(frozen=True, kw_only=True)
class Report(base.Report):
    """Scores of a forecaster; rows have rmse, mae, mase, smape and skill, None where a measure is unknown.

    whole: over all steps of the horizon, the whole path. first, last: the time stamps of the first and last step that
    were forecast. horizons: step -> rows. path: RMSE over the whole path. series: column -> rows over its whole path.
    by_step: RMSE of each step. wql, coverage and msis (by the nominal share of an interval): None without quantiles.
    stride: steps from one origin of a backtest to the next; None where every window was scored. changes: as
    `differences`, a share of the baseline's squared error; series of other scales in units of MASE. mase_season: m of
    MASE and MSIS, whose unit is the mean absolute change over m steps of the training part; None in older files, where
    it is from one value to the next. scored: how many series a pooled model was scored on, of which `series` are the
    worst; None where `series` are all.
    """

    MEASURES: ClassVar[Mapping[str, str]] = {
        "rmse": "RMSE", "mae": "MAE", "mase": "MASE", "smape": "sMAPE %", "skill": "skill",
    }  # fmt: skip
    MAIN: ClassVar[str] = "rmse"
    KEYS: ClassVar[Mapping[str, str]] = {"first": "from", "last": "to"}

    first: str = ""
    last: str = ""
    origins: int = 0
    horizons: Mapping[str, Mapping[str, Row]] = dataclasses.field(default_factory=dict)
    path: Row = dataclasses.field(default_factory=dict)
    series: Mapping[str, Mapping[str, Row]] = dataclasses.field(default_factory=dict)
    by_step: Mapping[str, Sequence[Measure]] = dataclasses.field(default_factory=dict)
    wql: Loss | None = None
    coverage: Mapping[str, Coverage] | None = None
    msis: Mapping[str, Loss] | None = None
    stride: int | None = None
    mase_season: int | None = None
    scored: int | None = None
    changes: Mapping[str, Sequence[float | None]] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, stored: Json) -> Self:
        """Make a report of a JSON object; raises `KeyError` without `horizons`, which every version has."""
        report = super().read(stored | {"horizons": stored["horizons"]})
        # The first models have no measures over the whole path but the RMSE.
        whole = report.whole or {name: {"rmse": error} for name, error in report.path.items()}
        return dataclasses.replace(report, whole=whole)

    def titles(self) -> dict[str, str]:
        """Return the titles of the measures; that of MASE says over how many steps its unit is."""
        return {**super().titles(), "mase": self._mase}

    @property
    def _mase(self) -> str:
        return "MASE" if self.mase_season is None else f"MASE (m={self.mase_season})"

    def extent(self) -> str:
        """Return a line that names the data and the origins that were scored."""
        strides = f", one every {self.stride} steps" if self.stride is not None and self.stride > 1 else ""
        return f"{self.split} split of {self.data}: {self.first} to {self.last}, {self.origins:,} origins{strides}"

    def lines(self) -> list[str]:
        """Return tables of each horizon, of the whole path and the series, then the intervals and the verdict."""
        lines = [self.extent()]
        if self.refit:
            lines.append("refitted: model and autoregression were trained again on the training and validation part")
        losses = self._losses()
        for horizon, rows in self.horizons.items():
            at = {title: loss["horizons"].get(horizon) for title, loss in losses.items()}
            lines += ["", *self._table(f"horizon {horizon}", rows, at)]
        if len(self.horizons) > 1 and self.whole:
            path = {title: loss["path"] for title, loss in losses.items()}
            lines += ["", *self._table("whole path", self.whole, path)]
        if len(self.series) > 1:
            lines += ["", *self._each_series()]
        if self.coverage:
            lines += ["", *self._intervals(self.coverage)]
        return [*lines, "", *self.verdict]

    def _losses(self) -> dict[str, Loss]:
        """Return the scores of the quantiles by their titles."""
        losses = {} if self.wql is None else {"WQL": self.wql}
        return losses | {f"MSIS {100 * float(nominal):g} %": loss for nominal, loss in (self.msis or {}).items()}

    def _table(self, title: str, rows: Mapping[str, Row], losses: Mapping[str, Measure]) -> list[str]:
        """Return a table of model and baselines; the model alone has scores of quantiles."""
        titles = self.titles()
        cells = [[title, *titles.values()]]
        cells += [[name, *(self.cell(key, row.get(key)) for key in titles)] for name, row in rows.items()]
        for name, loss in losses.items():
            if loss is not None:
                added = [name, self.cell("loss", loss), *["-"] * (len(rows) - 1)]
                cells = [[*line, cell] for line, cell in zip(cells, added, strict=True)]
        return columns(cells)

    def _each_series(self) -> list[str]:
        """Return a row for each series over the whole path, `MOST_SERIES` at most, then a count of the rest.

        Of a pooled model these are the worst, and all of them are shown.
        """
        best, most = self.best_baseline, len(self.series) if self.scored else MOST_SERIES
        title = f"worst of {self.scored:,} series" if self.scored else "series, whole path"
        cells = [[title, "RMSE", f"{best} RMSE", self._mase, "skill"]]
        for name, rows in list(self.series.items())[:most]:
            model, rival = rows.get(MODEL, {}), rows.get(best, {})
            places = (("rmse", model), ("rmse", rival), ("mase", model), ("skill", model))
            cells.append([cut_middle(name, LONGEST_NAME), *(self.cell(key, row.get(key)) for key, row in places)])
        lines, more = columns(cells), len(self.series) - most
        return [*lines, f"and {more} more series"] if more > 0 else lines

    def _intervals(self, coverage: Mapping[str, Coverage]) -> list[str]:
        """Return a line for each interval."""
        # The intervals were fitted on validation, so their coverage there says nothing.
        which = "the truth it was fitted to" if self.split == "validation" else "the truth"
        lines = []
        for nominal, shares in coverage.items():
            at = ", ".join(f"horizon {horizon} {_percent(share)}" for horizon, share in shares["horizons"].items())
            lines.append(f"{100 * float(nominal):g} % interval: covers {_percent(shares['path'])} of {which} ({at})")
        return lines

    def brief(self) -> list[str]:
        """Return the data, a line for each horizon, and the verdict."""
        return [self.extent(), *(self._beside(*item) for item in self.horizons.items()), *self.verdict]

    def gist(self) -> str:
        """Return the model beside the best baseline over the whole path."""
        return f"whole path: RMSE {self.main(MODEL)}, {self.best_baseline} {self.main(self.best_baseline)}"

    def _beside(self, horizon: str, rows: Mapping[str, Row]) -> str:
        errors = (rows.get(name, {}).get("rmse") for name in (MODEL, self.best_baseline))
        model, best = ("-" if error is None else f"{error:,.6g}" for error in errors)
        return f"horizon {horizon}: RMSE {model}, {self.best_baseline} {best}"

    def rows(self) -> Rows:
        """Show the model at each horizon and over the whole path, the best baseline there, and the quantile scores."""
        shown: Rows = {}
        for horizon, rows in self.horizons.items():
            shown |= self._measures(int(horizon), f"horizon {horizon}", rows.get(MODEL, {}))
        shown |= self._measures(math.inf, "path", self.whole.get(MODEL, {}))  # below every horizon
        shown[math.inf, "best baseline"] = self.best_baseline
        shown[math.inf, "its path RMSE"] = self.cell("rmse", self.path.get(self.best_baseline))
        for name, loss in self._losses().items():
            if loss["path"] is not None:
                shown[math.inf, f"path {name}"] = self.cell("loss", loss["path"])
        for nominal, shares in (self.coverage or {}).items():
            if shares["path"] is not None:
                shown[math.inf, f"{100 * float(nominal):g} % interval covers"] = _percent(shares["path"])
        return shown

    def _measures(self, place: float, where: str, row: Row) -> Rows:
        titles = {key: title for key, title in self.titles().items() if key != "smape" and row.get(key) is not None}
        return {(place, f"{where} {title}"): self.cell(key, row[key]) for key, title in titles.items()}

    def measured_on(self, run: Compared) -> object:
        """Return the columns, the origins and the horizons."""
        return run.encoders["columns"], self.first, self.last, self.origins, *self.horizons


def _percent(share: Measure) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare the scalers, whose deviations are the unit of the mean squared error."""
    a, b = first.encoders["scaler"], second.encoders["scaler"]
    if first.encoders["columns"] != second.encoders["columns"]:
        return False
    close = all(math.isclose(x, y, rel_tol=CLOSE) for x, y in zip(a["deviation"], b["deviation"], strict=True))
    return close and all(a[key] == b[key] for key in ("kind", "factor", "season"))
