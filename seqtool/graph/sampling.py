"""How the next symbol is drawn."""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, constant, integers, size

LEAST = 1e-6
"""Temperatures below it cut the nucleus as it does: to the most likely symbol alone."""


class Sampling:
    """Draws by Gumbel noise (Gumbel 1954): the largest of logits + temperature * noise.

    The temperature [] comes first (0: the most likely), then top_k [] (0: off), then top_p [] (1: off; nucleus
    sampling, Holtzman 2020) of what is left. Symbols as likely as the last one that stays stay too.
    """

    def __init__(self, noise: Var, temperature: Var, top_k: Var, top_p: Var) -> None:
        self._noise, self._temperature, self._top_k, self._top_p = noise, temperature, top_k, top_p

    def draw(self, number: Var, logits: Var) -> Var:
        """Draw symbols [B] from logits [B,V] by the noise of a step [] out of noise [N,B,V]."""
        cuts = op.or_(op.greater(self._top_k, integers(0)), op.less(self._top_p, constant(1.0)))
        (left,) = op.if_(
            cuts,
            then_branch=lambda: [self._cut(logits)],  # sorts: only where it is asked for
            else_branch=lambda: [op.identity(logits)],
        )
        # not of all steps at once before the loop: what the loop alone needs is computed inside, at each step
        noise = op.mul(op.gather(self._noise, number), self._temperature)
        return op.arg_max(op.add(left, noise), axis=-1, keepdims=False)

    def _cut(self, logits: Var) -> Var:
        """Put -inf where a symbol is not among the `top_k`, or not in the nucleus of `top_p`."""
        symbols, top_k = size(logits, 1), op.reshape(self._top_k, integers([1]))
        count = op.where(op.greater(top_k, integers([0])), op.min([top_k, symbols]), symbols)
        best, _ = op.top_k(logits, count)
        likely = op.softmax(op.div(best, op.max([self._temperature, constant(LEAST)])), axis=-1)
        before = op.cumsum(likely, integers(1), exclusive=1)
        inside = op.or_(op.less(before, self._top_p), op.greater_or_equal(self._top_p, constant(1.0)))
        least = op.reduce_min(op.where(inside, best, constant(np.inf)), integers([1]), keepdims=True)
        return op.where(op.less(logits, least), constant(-np.inf), logits)
