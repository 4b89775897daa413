"""The ONNX twin of `nn.covariates`: indicators of what is known beside a series, and what it adds to the values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.data.encoders.inputs import UNSEEN, Input
from seqtool.graph.basic import END, Var, constant, doubles, integers, nan_to_zero, one_hot, size
from seqtool.graph.scaling import exp
from seqtool.nn.covariates import Covariates


def indicators_of(module: Covariates, covariates: Var, lost: Var, *, lagged: bool) -> Var:
    """Return the indicators [B,L-lost,K] of covariates [B,L,C]; lagged: columns of the past a step later."""
    first, groups = len(module.calendar.sizes), []
    if first:
        # Whole numbers come in and become indicators by comparison: the same bits everywhere.
        codes = op.cast(_columns(covariates, 0, first), to=np.float32)
        groups.append(_from(one_hot(codes, module.calendar.sizes), lost))
    for place, one in enumerate(module.inputs, start=first):
        column = _columns(covariates, place, place + 1)
        late = lagged and not (one.known or one.static)
        column = _later(column) if late else column
        if one.levels:
            groups.append(_from(one_hot(op.cast(_level(column, one), to=np.float32), [len(one.levels)]), lost))
        else:
            groups.append(_from(op.cast(_scaled(column, one), to=np.float32), lost))
    return op.concat(groups, axis=2)


@dataclass(frozen=True)
class Effect:
    """What columns add to raw values, or to their logarithms: [B,L,F] for the steps of a history and those to come."""

    effect: Var
    logarithm: bool

    @classmethod
    def of(cls, module: Covariates, covariates: Var, unit: Var, *, logarithm: bool) -> Effect:
        """Sum the effects of covariates [B,L,C], in a unit [B,1,F] where one is given."""
        total, first = None, len(module.calendar.sizes)
        for place, one in enumerate(module.inputs, start=first):
            if not one.effect:
                continue
            column = _columns(covariates, place, place + 1)
            if one.levels:
                table = np.concatenate([np.zeros((1, len(one.effect[0]))), np.array(one.effect)])
                level = op.add(op.cast(_level(column, one), to=np.int64), integers(1))
                added = op.gather(doubles(table), op.squeeze(level, integers([2])))
            else:
                added = op.mul(_scaled(column, one), doubles(one.effect[0]))
            total = added if total is None else op.add(total, added)
        return cls(total if unit is None else op.mul(total, unit), logarithm)

    def without(self, history: Var) -> Var:
        """Return the history [B,T,F] as it would be without."""
        effect = op.slice(self.effect, integers([0]), size(history, 1), integers([1]))
        return op.mul(history, exp(op.neg(effect))) if self.logarithm else op.sub(history, effect)

    def added(self, forecast: Var, begin: Var) -> Var:
        """Return the forecast [B,N,F] with the effect of its steps, which begin at row `begin` [1]."""
        stop = op.add(begin, size(forecast, 1))
        effect = op.slice(self.effect, begin, stop, integers([1]))
        return op.mul(forecast, exp(effect)) if self.logarithm else op.add(forecast, effect)


def _columns(covariates: Var, start: int, stop: int) -> Var:
    return op.slice(covariates, integers([start]), integers([stop]), integers([2]))


def _from(x: Var, lost: Var) -> Var:
    return op.slice(x, lost, integers([END]), integers([1]))


def _later(column: Var) -> Var:
    """Move a column [B,L,1] a step later; the first one is missing."""
    missing = op.mul(op.slice(column, integers([0]), integers([1]), integers([1])), constant(np.nan, np.float64))
    return op.concat([missing, op.slice(column, integers([0]), integers([-1]), integers([1]))], axis=1)


def _level(column: Var, one: Input) -> Var:
    """Return the places of levels; what is missing, or beyond them, is none."""
    there = op.and_(
        op.greater_or_equal(column, constant(0.0, np.float64)),
        op.less(column, constant(len(one.levels), np.float64)),
    )
    return op.where(there, column, constant(UNSEEN, np.float64))


def _scaled(column: Var, one: Input) -> Var:
    """Return a number [B,L,1] in deviations, what is missing as the mean."""
    apart = op.sub(column, constant(one.mean, np.float64))
    return nan_to_zero(op.div(apart, constant(one.deviation, np.float64)))
