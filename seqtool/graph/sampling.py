"""How the next symbol is drawn: the one sampler of all graphs."""

from __future__ import annotations

import functools

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers, size

LEAST = 1e-6  # lower temperatures cut the nucleus as this one does, to the most likely symbol: 0 would divide by 0


def draw(
    logits: Var, noise: Var, temperature: Var, *, top_k: Var | None = None, top_p: Var | None = None,
    keepdims: bool = False,
) -> Var:  # fmt: skip
    """Draw symbols [B], [B,1] with `keepdims`, from logits [B,V] by Gumbel noise [B,V] (Gumbel 1954).

    The largest of logits + temperature * noise is drawn. The temperature [] comes first (0: the most likely), then
    top_k [] (0: off), then top_p [] (1: off; nucleus sampling, Holtzman 2020) of the symbols left. Ties with the last
    symbol that stays stay too. None leaves that part out of the graph.
    """
    # noise * temperature, not logits / temperature: so a temperature of 0 needs no branch
    left = _cut(logits, temperature, top_k, top_p)
    return op.arg_max(op.add(left, op.mul(noise, temperature)), axis=-1, keepdims=keepdims)


def _cut(logits: Var, temperature: Var, top_k: Var | None, top_p: Var | None) -> Var:
    """Put -inf where a symbol is not among the `top_k`, or not in the nucleus of `top_p`."""
    asked = [] if top_k is None else [op.greater(top_k, integers(0))]
    asked += [] if top_p is None else [op.less(top_p, constant(1.0))]
    if not asked:
        return logits

    def best_alone() -> list[Var]:
        best = _best(logits, top_k)
        kept = best if top_p is None else _nucleus(best, temperature, top_p)
        least = op.reduce_min(kept, integers([1]), keepdims=True)
        return [op.where(op.less(logits, least), constant(-np.inf), logits)]

    # a branch: it sorts, which takes time, only where a cut is asked for
    (left,) = op.if_(functools.reduce(op.or_, asked), then_branch=best_alone, else_branch=lambda: [op.identity(logits)])
    return left


def _best(logits: Var, top_k: Var | None) -> Var:
    """Return the `top_k` largest logits [B,K] of each row, all of them where it is 0, in descending order."""
    count = symbols = size(logits, 1)
    if top_k is not None:
        asked = op.reshape(top_k, integers([1]))
        count = op.where(op.greater(asked, integers([0])), op.min([asked, symbols]), symbols)
    return op.top_k(logits, count)[0]


def _nucleus(best: Var, temperature: Var, top_p: Var) -> Var:
    """Put inf where a logit of best [B,K] lies outside the nucleus."""
    likely = op.softmax(op.div(best, op.max([temperature, constant(LEAST)])), axis=-1)
    before = op.cumsum(likely, integers(1), exclusive=1)
    inside = op.or_(op.less(before, top_p), op.greater_or_equal(top_p, constant(1.0)))
    return op.where(inside, best, constant(np.inf))
