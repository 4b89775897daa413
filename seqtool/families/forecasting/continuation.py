"""The steps after a series, as they are shown: CSV, JSON, the columns of a DataFrame, a line of bars."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from seqtool.data.series import Series
    from seqtool.families.forecasting.runner import Prediction
    from seqtool.types import Floats, Json

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60  # bars of a line that draws a forecast


class Continuation(NamedTuple):
    """The N steps after a series for display: stamps [N], forecast [N,F] of the columns, quantiles [N,F,Q].

    digits: how many of them a number shows.
    """

    stamps: Sequence[str]
    columns: Sequence[str]
    forecast: Floats
    levels: Sequence[float]
    quantiles: Floats
    digits: int

    @classmethod
    def of(cls, series: Series, prediction: Prediction, levels: Sequence[float] = ()) -> Continuation:
        """Take the first forecast of a prediction, with its quantiles where `levels` names them."""
        forecast = prediction.forecast[0]
        quantiles = np.empty((*forecast.shape, 0))
        if levels and prediction.quantiles is not None:
            quantiles = prediction.quantiles[0]
        return cls(series.future(len(forecast)), series.columns, forecast, levels, quantiles, prediction.digits)

    def header(self) -> list[str]:
        """Return the names of the columns: `time,Close`, with levels `time,Close,Close q0.1,Close q0.9`."""
        time = "time"
        while time in self.columns:  # a series may be called so
            time += "_"
        return [time, *(cell for name in self.columns for cell in (name, *self._levels(f"{name} q")))]

    def _levels(self, before: str = "") -> list[str]:
        return [f"{before}{level:g}" for level in self.levels]

    def _numbers(self) -> Floats:
        """Return the forecast of each column beside its quantiles [N,F*(1+Q)]."""
        return np.concatenate([self.forecast[..., None], self.quantiles], axis=2).reshape(len(self.forecast), -1)

    def csv(self) -> str:
        """Return a table of text; a cell is empty where nothing is known."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header())
        for stamp, row in zip(self.stamps, self._numbers(), strict=True):
            writer.writerow([stamp, *("" if np.isnan(value) else f"{value:.{self.digits}g}" for value in row)])
        return text.getvalue().rstrip("\n")

    def records(self) -> Iterator[Json]:
        """Yield each step as a JSON object, null where nothing is known."""
        for stamp, forecast, quantiles in zip(self.stamps, self.forecast, self.quantiles, strict=True):
            record: Json = {self.header()[0]: stamp, **dict(zip(self.columns, map(float, forecast), strict=True))}
            if self.levels:
                values = quantiles.astype(object)
                values[np.isnan(quantiles)] = None  # JSON has no NaN
                spread = (dict(zip(self._levels(), row, strict=True)) for row in values)
                record["quantiles"] = dict(zip(self.columns, spread, strict=True))
            yield record

    def columns_by_name(self) -> dict[str, Sequence[str] | Floats]:
        """Return the columns [N] of a DataFrame."""
        return dict(zip(self.header(), [self.stamps, *self._numbers().T], strict=True))

    def drawn(self) -> list[str]:
        """Return for each column a line that draws its forecast, with the first and the last value."""
        return [
            f"{name} {sparkline(values)} {values[0]:.6g} to {values[-1]:.6g}"
            for name, values in zip(self.columns, self.forecast.T, strict=True)
        ]


def sparkline(values: Floats, width: int = WIDTH) -> str:
    """Draw values [N] as a line of bars."""
    chosen = values[np.linspace(0, len(values) - 1, min(width, len(values))).round().astype(int)]
    low, high = float(chosen.min()), float(chosen.max())
    share = (chosen - low) / (high - low) if high > low else np.full(len(chosen), 0.5)
    return "".join(BARS[round(float(value) * (len(BARS) - 1))] for value in share)
