"""Linear rivals that see the known columns too: a model with them is not to win by what any line could read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from seqtool.data.encoders.inputs import indicators
from seqtool.data.encoders.scaler import POSITIVE
from seqtool.data.splits import Splits
from seqtool.families.forecasting import baselines as rivals
from seqtool.families.forecasting import pooled_scores
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.pooled import window_units
from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Json

LINEAR = ("autoregression", "ridge")
WITH = " + inputs"  # behind the name of a rival
STORED = "inputs"  # where a run keeps them among its baselines


def fitted(splits: Splits[Windows, ForecastingEncoders]) -> Json:
    """Fit the linear rivals to the values without the effect of the known columns; {} where these have none."""
    encoders = splits.encoders
    if not any(one.effect for one in encoders.inputs):
        return {}
    unit = unit_of(encoders, splits.train)
    train, validation = (_plain(part, encoders, unit) for part in (splits.train, splits.validation))
    fit = rivals.fitted if train.members is None else pooled_scores.fitted
    stored = fit(train, validation, encoders.season)
    return {STORED: {name: stored[name] for name in LINEAR if name in stored}}


def refitted(stored: Json, splits: Splits[Windows, ForecastingEncoders]) -> Json:
    """Fit the forms that `fitted` chose to the training part of a refit."""
    if STORED not in stored:
        return {}
    train = _plain(splits.train, splits.encoders, unit_of(splits.encoders, splits.train))
    again = rivals.refitted if train.members is None else pooled_scores.refitted_to
    return {STORED: again(stored[STORED], train)}


def over(stored: Json, part: Windows, encoders: ForecastingEncoders, unit: Floats) -> dict[str, Floats]:
    """Return the forecasts [W,N,F] of all windows of a part by each stored rival that sees the known columns.

    unit [F]: that of the effects, see `unit_of`.
    """
    if STORED not in stored:
        return {}
    rest = {name: value for name, value in stored.items() if name not in (STORED, *LINEAR)} | stored[STORED]
    named: Mapping[str, rivals.Baseline]
    if part.members is None:
        named = rivals.baselines(rest, part.features, part.horizon)
    else:
        named = pooled_scores.baselines(rest, part.horizon)
    plain = _plain(part, encoders, unit)
    moved = np.nan_to_num(_moved(part, encoders, unit))
    ahead = replace(part, series=replace(part.series, values=moved)).truth()
    logarithm = encoders.scaler.kind in POSITIVE
    forecasts = {}
    for name in LINEAR:
        if name in named:
            forecast = named[name].over(plain)
            forecasts[name + WITH] = named[name].within(forecast * np.exp(ahead) if logarithm else forecast + ahead)
    return forecasts


def unit_of(encoders: ForecastingEncoders, train: Windows) -> Floats:
    """Return the unit of the effects on each series [F]: that of its windows where a pooled model scales each."""
    if train.members is not None and encoders.scaler.kind not in POSITIVE:
        return window_units(train.values, train.window, encoders.scaler.factor, encoders.scaler.kind)
    return np.ones(train.values.shape[1])


def _moved(part: Windows, encoders: ForecastingEncoders, unit: Floats) -> Floats:
    """Return the effects [T,F] of the known columns on the values of a part."""
    assert part.inputs is not None
    inputs = encoders.inputs
    features = len(next(one.effect for one in inputs if one.effect)[0])
    table = np.concatenate([np.array(one.effect or np.zeros((one.size, features))) for one in inputs])
    moved = indicators(part.inputs[: len(part.values)], inputs) @ table  # [T,S,F], of a pooled model F is 1
    return np.asarray((moved[:, 0] if part.members is None else moved[..., 0]) * unit)


def _plain(part: Windows, encoders: ForecastingEncoders, unit: Floats) -> Windows:
    """Return a part whose values are without the effect of the known columns."""
    moved = _moved(part, encoders, unit)
    values = part.values * np.exp(-moved) if encoders.scaler.kind in POSITIVE else part.values - moved
    return replace(part, series=replace(part.series, values=values))
