"""What known columns do to the values: a regression whose errors are autoregressive, set in closed form.

A series is x b + r, where r follows its own past (Cochrane and Orcutt 1949; with seasonal lags). So what a price or a
holiday does is told apart from what the days before say; the network forecasts r, and the file adds x b in the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seqtool.data.encoders.inputs import Input, fitted, indicators, scaled
from seqtool.data.encoders.scaler import POSITIVE
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.inputs import columns_of
from seqtool.families.forecasting.pooled import window_units
from seqtool.families.forecasting.public_holidays import holiday_inputs
from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Ids

LAGS = 3  # steps that the errors follow, beside those of the season
ROUNDS = 5
SURE = 2.0  # squared standard errors below which an effect is taken for chance (the penalty of Akaike 1974)
MOST_NUMBERS = 1 << 24  # of the regression; more series are left out evenly


def inputs_of(config: ForecastingConfig, train: Windows, season: int) -> tuple[tuple[Input, ...], Floats]:
    """Return the columns beside the values with their effects, and the values [T,F] of the training without these."""
    values, beside = train.values, train.series.beside
    inputs = holiday_inputs(config.holidays, train.series)
    if beside is not None:
        own = fitted(beside.names, beside.values[: len(values)], beside.levels, len(config.known), len(config.past))
        inputs = (*own, *inputs)
    if not inputs:
        return (), values
    columns = columns_of(train.series, inputs)[: len(values)]  # [T,S,C]
    inputs = tuple(scaled(one, columns[:, 0, place]) if one.last else one for place, one in enumerate(inputs))
    design = indicators(columns, inputs)  # [T,S,K]
    levels = np.log(values) if config.scaling in POSITIVE else values
    if config.several == "pooled":
        assert config.scaling != "auto"
        if config.scaling not in POSITIVE:
            with np.errstate(all="ignore"):  # a series that never moves tells nothing
                levels = levels / window_units(levels, config.window, config.scale_factor, config.scaling)
        chosen = _some(levels, design)
        shared = design if design.shape[1] == 1 else design[:, chosen]
        effects = [_effect(levels[:, chosen], shared, inputs, season)]
    else:
        effects = [_effect(column[:, None], design, inputs, season) for column in levels.T]
    table = np.stack(effects, axis=1)  # [K,F]
    places = np.cumsum([0, *(one.size for one in inputs)])
    inputs = tuple(
        replace(one, effect=tuple(map(tuple, table[first:last].tolist()))) if one.known else one
        for one, first, last in zip(inputs, places[:-1], places[1:], strict=True)
    )
    if config.several == "pooled":
        return inputs, values
    moved = (design @ table)[:, 0]
    return inputs, values * np.exp(-moved) if config.scaling in POSITIVE else values - moved


def _some(levels: Floats, design: Floats) -> Ids:
    count = max(1, MOST_NUMBERS // (len(levels) * (design.shape[2] + 1) * (LAGS + 2)))
    return np.unique(np.linspace(0, levels.shape[1] - 1, min(count, levels.shape[1])).round().astype(np.int64))


def _effect(levels: Floats, design: Floats, inputs: Sequence[Input], season: int) -> Floats:
    """Return the effects [K] of columns [T,S or 1,K] on levels [T,S] that have all of them; 0 where none is sure."""
    effect = np.zeros(design.shape[2])
    free = np.repeat([one.known for one in inputs], [one.size for one in inputs])
    x = design[..., free]
    lags = sorted({*range(1, LAGS + 1), *((season, season + 1) if season > 1 else ())})
    if not x.shape[2] or len(levels) <= 2 * lags[-1]:
        lags = lags[:1]
    if x.shape[2] and len(levels) > 2 * lags[-1]:
        effect[free] = _regressed(levels, np.broadcast_to(x, (*levels.shape, x.shape[2])), lags)
    return effect


def _regressed(levels: Floats, x: Floats, lags: Sequence[int]) -> Floats:
    """Return the effects [K] of x [T,S,K] on levels [T,S], whose remainder follows its lags."""
    effect, errors = np.zeros(x.shape[2]), np.ones(x.shape[2])
    there = np.isfinite(levels)
    mean = np.where(there, levels, 0.0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
    for _ in range(ROUNDS):
        rest = levels - mean - x @ effect
        past = _lagged(rest[..., None], lags)[..., 0, :]  # [T,S,L]
        known = np.isfinite(rest) & np.isfinite(past).all(axis=2)
        if known.sum() <= 2 * (len(lags) + len(effect)):
            return np.zeros(len(effect))
        follows = np.linalg.lstsq(past[known], rest[known], rcond=None)[0]
        y = ((levels - mean) - _lagged((levels - mean)[..., None], lags)[..., 0, :] @ follows)[known]
        moved = (x - np.einsum("tskl,l->tsk", _lagged(x, lags), follows))[known]
        moved, y = moved - moved.mean(axis=0), y - y.mean()
        inverse = np.linalg.pinv(moved.T @ moved, hermitian=True)
        effect = inverse @ (moved.T @ y)
        left = y - moved @ effect
        errors = np.sqrt(np.maximum(np.diag(inverse), 0.0) * (left @ left) / max(1, len(y) - len(effect)))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - SURE * (errors / effect) ** 2
    return np.where(np.isfinite(share), np.maximum(share, 0.0), 0.0) * effect


def _lagged(values: Floats, lags: Sequence[int]) -> Floats:
    """Return the values [T,S,K] of earlier steps: [T,S,K,L], NaN before the first row."""
    columns = np.full((*values.shape, len(lags)), np.nan)
    for place, lag in enumerate(lags):
        columns[lag:, ..., place] = values[:-lag]
    return columns
