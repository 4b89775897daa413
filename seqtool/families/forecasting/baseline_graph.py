"""Baselines as graphs: the ONNX twins of the rules in `baselines.py`, in float64, raw units in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.families.forecasting.autoregression import Autoregression
from seqtool.families.forecasting.direct_ridge import DirectRidge
from seqtool.families.forecasting.window_ridge import LEAST, TINY, WindowRidge
from seqtool.graph.basic import (
    END,
    Var,
    constant,
    doubles,
    first_rows,
    integers,
    nan_to_zero,
    pad_single_row,
    size,
    steps,
)
from seqtool.graph.loop import run

Rule = Callable[[Var, Var], Var]
"""From history [B,T,F] (NaN = missing) and the number of steps [1] to the forecast [B,N,F]."""


def last_value(history: Var, count: Var) -> Var:
    """Repeat the last known value."""
    last = steps(filled_forward(history), -1, END)
    return op.expand(last, op.concat([integers([1]), count, integers([1])], axis=0))


def seasonal(season: int) -> Rule:
    """Repeat the last season; the last value where nothing is known from a season ago."""

    def rule(history: Var, count: Var) -> Var:
        filled = filled_forward(_after_missing(history, season))
        known = _known(steps(filled, -season, END), steps(filled, -1, END))
        numbers = op.mod(_numbers(count), integers([season]))
        return op.gather(known, numbers, axis=1)

    return rule


def drift(history: Var, count: Var) -> Var:
    """Continue the line from the first to the last known value of the history, as if they were its two ends."""
    known = op.cast(op.not_(op.isnan(history)), to=np.int64)
    first = op.gather_elements(history, op.arg_max(known, axis=1, keepdims=1), axis=1)
    last = steps(filled_forward(history), -1, END)
    length = op.max([op.sub(size(history, 1), integers([1])), integers([1])])
    slope = op.div(op.sub(last, first), _as_double(length))
    ahead = op.reshape(_as_double(op.add(_numbers(count), integers([1]))), integers([1, -1, 1]))
    return op.add(last, op.mul(slope, ahead))


def autoregression(model: Autoregression) -> Rule:
    """Run an autoregression forward."""

    def rule(history: Var, count: Var) -> Var:
        filled = filled_forward(history)
        return _of_levels(filled, model.logarithm, lambda levels: _run_forward(model, levels, count))

    return rule


def _run_forward(model: Autoregression, levels: Var, count: Var) -> Var:
    seen, last = steps(_after_missing(levels, model.reach), -max(1, model.reach), END), steps(levels, -1, END)
    known, apart = _known(seen, last), model.difference
    past = known
    if apart:
        past = nan_to_zero(op.sub(steps(seen, apart, END), steps(seen, 0, -apart))) if model.lags else None
    weights, intercept = doubles(np.array(model.weights).T), doubles(model.intercept)  # [lags,F], [F]
    places = integers(max(model.lags, default=0) - np.array(model.lags, np.int64))

    def step(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
        base, before = carried[0], list(carried[1:])
        value = op.expand(intercept, op.shape(steps(base, -1, END)))  # [B,1,F]
        if before:
            terms = op.mul(op.gather(before[0], places, axis=1), weights)
            value = op.add(op.reduce_sum(terms, integers([1]), keepdims=1), intercept)
            before = [op.concat([steps(before[0], 1, END), value], axis=1)]
        emitted = op.add(steps(base, 0, 1), value) if apart else value
        return [op.concat([steps(base, 1, END), emitted], axis=1), *before], emitted

    base = steps(known, -max(1, apart), END)
    return _by_step(run(count, [base] if not model.lags else [base, past], step)[1])


def direct_ridge(model: DirectRidge) -> Rule:
    """Map the last values of the history to all steps at once."""
    lags = len(model.matrix) - 1
    matrix, constants, mean, unit = map(doubles, (model.matrix[:-1], model.matrix[-1:], model.mean, model.deviation))

    def ahead(levels: Var, count: Var) -> Var:
        last = steps(levels, -1, END)
        anchor = last if model.anchor == "last" else mean
        season = model.season if model.anchor == "season" else 0
        seen = steps(_after_missing(levels, lags + season), -(lags + season), END)
        moved = op.sub(steps(seen, season, END), steps(seen, 0, -season)) if season else op.sub(seen, anchor)
        inputs = op.transpose(nan_to_zero(op.div(moved, unit)), perm=[0, 2, 1])  # [B,F,L]
        whole = op.add(op.matmul(pad_single_row(inputs), matrix), constants)
        z = op.slice(first_rows(whole, like=levels), integers([0]), count, integers([2]))
        path = op.mul(op.transpose(z, perm=[0, 2, 1]), unit)
        return _on_seasons(path, _known(steps(seen, -season, END), last), count) if season else op.add(path, anchor)

    def rule(history: Var, count: Var) -> Var:
        return _of_levels(filled_forward(history), model.logarithm, lambda levels: ahead(levels, count))

    return rule


def window_ridge(model: WindowRidge) -> Rule:
    """Map the last values of the history to all steps at once, in deviations of these values from their mean."""
    matrix, constants = doubles(model.matrix[:-1]), doubles(model.matrix[-1:])

    def ahead(levels: Var, count: Var) -> Var:
        mean = _mean(levels)
        apart = op.sub(levels, mean)
        least = op.max([op.mul(constant(LEAST, np.float64), op.abs(mean)), constant(TINY, np.float64)])
        unit = op.max([op.sqrt(_mean(op.mul(apart, apart))), least])
        inputs = op.transpose(op.div(apart, unit), perm=[0, 2, 1])  # [B,F,L]
        whole = op.add(op.matmul(pad_single_row(inputs), matrix), constants)
        z = op.slice(first_rows(whole, like=levels), integers([0]), count, integers([2]))
        return op.add(op.mul(op.transpose(z, perm=[0, 2, 1]), unit), mean)

    def rule(history: Var, count: Var) -> Var:
        seen = steps(_after_missing(filled_forward(history), model.reach), -model.reach, END)
        known = op.cast(op.not_(op.isnan(seen)), to=np.int64)
        first = op.gather_elements(seen, op.arg_max(known, axis=1, keepdims=1), axis=1)
        return _of_levels(_known(seen, first), model.logarithm, lambda levels: ahead(levels, count))

    return rule


def _mean(x: Var) -> Var:
    return op.reduce_mean(x, integers([1]), keepdims=1)


def _on_seasons(path: Var, before: Var, count: Var) -> Var:
    """Add each step of differences [B,N,F] to the value a season before it; before: the last season [B,S,F]."""

    def step(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
        (last,) = carried
        value = op.add(steps(last, 0, 1), op.unsqueeze(op.gather(path, number, axis=1), integers([1])))
        return [op.concat([steps(last, 1, END), value], axis=1)], value

    return _by_step(run(count, [before], step)[1])


def _of_levels(filled: Var, logarithm: bool, forecast: Callable[[Var], Var]) -> Var:
    """Forecast levels without gaps, by logarithms where asked for; a history without them keeps its last value."""
    if not logarithm:
        return forecast(filled)
    zero, one = constant(0.0, np.float64), constant(1.0, np.float64)
    lacking = op.reduce_max(op.cast(op.less_or_equal(filled, zero), to=np.int64), integers([1]), keepdims=1)
    fits = op.equal(lacking, integers(0))
    path = op.exp(forecast(op.log(op.where(fits, filled, one))))
    return op.where(fits, path, steps(filled, -1, END))


def filled_forward(history: Var) -> Var:
    """Replace each missing value of [B,T,F] by the value before it; leading ones stay missing."""
    by_time = op.transpose(history, perm=[1, 0, 2])

    def step(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
        row = op.gather(by_time, number, axis=0)
        known = op.where(op.isnan(row), carried[0], row)
        return [known], known

    first = op.squeeze(op.slice(by_time, integers([0]), integers([1]), integers([0])), integers([0]))
    return op.transpose(run(size(history, 1), [first], step)[1], perm=[1, 0, 2])


def _after_missing(x: Var, count: int) -> Var:
    """Put `count` missing steps before x [B,T,F]."""
    shape = op.concat([size(x, 0), integers([count]), size(x, 2)], axis=0)
    return op.concat([op.expand(constant(np.nan, np.float64), shape), x], axis=1)


def _known(x: Var, last: Var) -> Var:
    """Put `last` [B,1,F] where x [B,T,F] is missing."""
    return op.where(op.isnan(x), last, x)


def _numbers(count: Var) -> Var:
    """Return 0 to N - 1."""
    return op.range(integers(0), op.reshape(count, integers([])), integers(1))


def _as_double(x: Var) -> Var:
    return op.cast(x, to=np.float64)


def _by_step(emitted: Var) -> Var:
    """[N,B,1,F] -> [B,N,F]."""
    return op.transpose(op.squeeze(emitted, integers([2])), perm=[1, 0, 2])
