"""A pooled model's answer: every series of a table, each continued from its own last row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.series import Series
from seqtool.families.forecasting.encoders import names_of
from seqtool.families.forecasting.many_findings import (
    never_seen,
    not_continued,
    nothing_continued,
    own_ends,
    without_logarithm,
)
from seqtool.families.forecasting.windows import places
from seqtool.reads import Finding
from seqtool.say import listing
from seqtool.types import Flags, Floats, Ids, Json

if TYPE_CHECKING:
    from seqtool.families.forecasting.runner import Runner

BATCH = 512  # series in one call of the graph
FEWEST = 2  # known values of a window, from which a deviation can be told


@dataclass(frozen=True)
class Many:
    """The N steps after each of B series: names [B], stamps [B][N], forecast [B,N], quantiles [B,N,Q].

    last [B]: the row after which each is continued, -1 for none.
    header: the names of the columns, without quantiles. NaN where a series cannot be continued.
    """

    names: Sequence[str]
    last: Ids
    stamps: Sequence[Sequence[str]]
    forecast: Floats
    levels: Sequence[float]
    quantiles: Floats
    header: tuple[str, str, str]
    digits: int

    def without_quantiles(self) -> Many:
        """Return the forecasts alone."""
        return replace(self, levels=(), quantiles=self.quantiles[..., :0])

    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return [*self.header, *(f"{self.header[2]} q{level:g}" for level in self.levels)]

    def csv(self) -> str:
        """Return a table of text, a row for each series and step; a cell is empty where nothing is known."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns())
        for name, stamp, numbers in self._rows():
            writer.writerow([name, stamp, *("" if np.isnan(x) else f"{x:.{self.digits}g}" for x in numbers)])
        return text.getvalue().rstrip("\n")

    def records(self) -> Iterator[Json]:
        """Yield each series and step as a JSON object, null where nothing is known."""
        ident, time, value = self.header
        for name, stamp, numbers in self._rows():
            first, *rest = (None if np.isnan(x) else float(x) for x in numbers)
            record: Json = {ident: name, time: stamp, value: first}
            if self.levels:
                record["quantiles"] = dict(zip([f"{level:g}" for level in self.levels], rest, strict=True))
            yield record

    def frame(self) -> dict[str, Sequence[str] | Floats]:
        """Return the columns of a DataFrame, a row for each series and step."""
        rows = list(self._rows())
        numbers = np.array([row[2] for row in rows]).reshape(len(rows), -1).T
        named: list[Sequence[str] | Floats] = [[row[0] for row in rows], [row[1] for row in rows], *numbers]
        return dict(zip(self.columns(), named, strict=True))

    def _rows(self) -> Iterator[tuple[str, str, Floats]]:
        both = np.concatenate([self.forecast[..., None], self.quantiles], axis=2)
        for name, stamps, steps in zip(self.names, self.stamps, both, strict=True):
            for stamp, numbers in zip(stamps, steps, strict=True):
                yield name, stamp, numbers


def windows_of(runner: Runner, series: Series) -> tuple[Floats, Ids]:
    """Return the last window [B,T,1] of each series, up to its own last known row, NaN before it, and that row [B]."""
    known = np.isfinite(series.values)
    last = np.where(known.any(axis=0), len(known) - 1 - known[::-1].argmax(axis=0), -1)
    places = last[:, None] + np.arange(1 - runner.window, 1)
    history = series.values[np.maximum(places, 0), np.arange(len(last))[:, None]]
    return np.where(places < 0, np.nan, history)[..., None], last


def unfit(runner: Runner, history: Floats) -> Flags:
    """Tell which windows [B,T,1] cannot be continued: of fewer than two known values, or without logarithms."""
    few = np.isfinite(history).sum(axis=(1, 2)) < FEWEST
    return np.asarray(few | without_logarithm(runner, history))


def unknown_ahead(runner: Runner, series: Series, last: Ids, fit: Flags, steps: int) -> Ids:
    """Return the places of those of the `fit` series [B] that lack a column known ahead; none of them if all do.

    last [B]: their last rows. Where all lack it, asking for their covariates names the first.
    """
    if not runner.encoders.inputs:
        return np.empty(0, dtype=np.int64)
    from seqtool.families.forecasting.inputs import lacking_ahead  # few models have any

    chosen = np.flatnonzero(fit)
    found = lacking_ahead(series, runner.encoders.inputs, last[chosen], chosen, steps)
    return chosen[[*found]] if len(found) < len(chosen) else np.empty(0, dtype=np.int64)


def half_known(history: Floats) -> Floats:
    """Return the windows of [B,T,1] of which at least half is known, as of those of the training."""
    known = np.isfinite(history).sum(axis=(1, 2))
    return np.asarray(history[known >= history.shape[1] // 2])


def continued(runner: Runner, series: Series, steps: int, levels: Sequence[float]) -> tuple[Many, list[Finding]]:
    """Continue each series of a table by a pooled model, in batches; return the steps and what is to be said of them.

    Raises `DataError` where not one series can be continued.
    """
    history, last = windows_of(runner, series)
    bad = unfit(runner, history)
    if bad.all():
        raise nothing_continued(runner, history)
    count = len(series.columns)
    lacking = unknown_ahead(runner, series, last, ~bad, steps)
    bad[lacking] = True
    forecast, quantiles = np.full((count, steps), np.nan), np.full((count, steps, len(levels)), np.nan)
    fit, ids = np.flatnonzero(~bad), places(series.columns, runner.encoders.ids)
    known = runner.around(series, last[fit], fit, steps)  # once: the columns are those of all series
    for begin in range(0, len(fit), BATCH):
        chosen = fit[begin : begin + BATCH]
        covariates = None if known is None else known.at(last[chosen], chosen, runner.window, steps)
        prediction = runner.forecast_batch(history[chosen], steps, ids=ids[chosen], covariates=covariates)
        forecast[chosen] = prediction.forecast[..., 0]
        if levels and prediction.quantiles is not None:
            quantiles[chosen] = prediction.quantiles[:, :, 0]
        digits = prediction.digits
    findings = never_seen(series.columns, runner.encoders.ids)
    if lacking.size:
        names = [series.columns[place] for place in lacking]
        what = f"{len(names)} of {count} series lack what is known ahead for {steps} steps"
        findings.append(Finding("warning", "not-known-ahead", f"{what}, and their cells are empty: {listing(names)}"))
    bad[lacking] = False
    findings += [*not_continued(runner, series.columns, bad, history), *own_ends(last)]
    stamps = [_after(series, int(row), steps) for row in last]
    ident = "/".join(names_of(runner.config, "id_column")) or "id"
    return Many(
        series.columns, last, stamps, forecast, levels, quantiles, (ident, "time", runner.columns[0]), digits
    ), findings


def _after(series: Series, row: int, steps: int) -> list[str]:
    """Return the stamps of the steps after a row; a series without rows has those after the first one."""
    end = max(row, 0) + 1
    times = None if series.times is None else series.times[:end]
    return replace(series, values=series.values[:end], times=times).future(steps)
