"""The bounds of forecasts, `--floor` and `--ceiling`, held against the data before a training."""

from __future__ import annotations

import numpy as np

from seqtool.data.series import Series
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.say import listing, printable


def check_bounds(config: ForecastingConfig, series: Series) -> None:
    """Raise `UsageError` for bounds that no value can keep, `DataError` where a value of the series lies outside."""
    columns = len(series.columns)
    for name, bounds in (("--floor", config.floor), ("--ceiling", config.ceiling)):
        if len(bounds) not in (0, 1, columns):
            reason = f"{name} gives {len(bounds)} values, the model has the columns {listing(series.columns)}"
            raise UsageError(reason, cure=f"{name} with one value for all, or one for each")
    floors = np.broadcast_to(config.floor or -np.inf, columns).tolist()
    ceilings = np.broadcast_to(config.ceiling or np.inf, columns).tolist()
    for name, values, floor, ceiling in zip(series.columns, series.values.T, floors, ceilings, strict=True):
        column = f"column '{printable(name)}'"
        if floor >= ceiling:
            reason = f"--floor {floor:.12g} is not below --ceiling {ceiling:.12g}"
            raise UsageError(reason, where=column, cure="lower the floor, or raise the ceiling")
        known = np.isfinite(values)  # none, where --skip left missing values alone
        lowest, highest = (int(np.argmax(np.where(known, sign * values, -np.inf))) for sign in (-1, 1))
        if values[lowest] < floor:
            raise _outside(f"below --floor {floor:.12g}", column, lowest, values[lowest], "--floor {} or lower")
        if values[highest] > ceiling:
            raise _outside(
                f"above --ceiling {ceiling:.12g}", column, highest, values[highest], "--ceiling {} or higher"
            )


def _outside(side: str, column: str, row: int, value: float, cure: str) -> DataError:
    where = f"{column}, row {row + 1}: {value:.12g}"
    return DataError(f"a value lies {side}", where=where, cure=f"{cure.format(f'{value:.12g}')}, or mend the data")
