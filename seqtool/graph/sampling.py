"""How the next symbol is drawn: the one sampler of all graphs."""

from __future__ import annotations

import functools

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import END, Var, constant, integers, size
from seqtool.graph.rules import NONE, Rules

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
    if top_k is None and top_p is None:
        return _noisiest(logits, noise, temperature, keepdims)
    cut = _Cut(temperature, top_k, top_p, size(logits, 1))
    # a branch: it sorts, which takes time, only where a cut is asked for
    (left,) = op.if_(
        cut.asked, then_branch=lambda: [cut.left(logits)], else_branch=lambda: [op.identity(logits)]
    )  # fmt: skip
    return _noisiest(left, noise, temperature, keepdims)


class Sampler:
    """Draws symbol by symbol as `draw` does, of V symbols, under rules.

    It carries one array past [B,1+W]: the state of the automaton of the rules, and what was written. fixed: what is to
    be computed once, before the loop that draws.
    """

    def __init__(self, temperature: Var, top_k: Var, top_p: Var, rules: Rules, symbols: int) -> None:
        self._temperature, self._rules, self._ruled = temperature, rules, rules.asked()
        self._cut = _Cut(temperature, top_k, top_p, integers([symbols]))
        self._any = op.or_(self._ruled, self._cut.asked)
        self.fixed = [self._ruled, self._any, *self._cut.fixed]

    def __call__(self, logits: Var, noise: Var, past: Var) -> tuple[Var, Var]:
        """Draw symbols [B] from logits [B,V] by noise [B,V], `NONE` where the rules leave none.

        Return them, and the past with them; where no rule is on it stays as it is.
        """
        # one branch for all that may be asked: where nothing is, a small model would notice a second one
        drawn, longer = op.if_(
            self._any,
            then_branch=lambda: op.if_(
                self._ruled,
                then_branch=lambda: self._by_rules(logits, noise, past),
                else_branch=lambda: [_noisiest(self._cut.left(logits), noise, self._temperature), past],
            ),
            else_branch=lambda: [_noisiest(logits, noise, self._temperature), past],
        )
        return drawn, longer

    def _by_rules(self, logits: Var, noise: Var, past: Var) -> list[Var]:
        state = op.gather(past, integers(0), axis=1)
        written = op.slice(past, integers([1]), integers([END]), integers([1]))
        likely = self._rules.forbid(self._rules.likely(logits, written), written, state)
        drawn = _noisiest(self._cut.left(likely), noise, self._temperature)
        some = op.greater(op.reduce_max(likely, integers([1]), keepdims=0), constant(-np.inf))
        drawn = op.where(some, drawn, integers(NONE))
        first, last = (op.unsqueeze(x, integers([1])) for x in (self._rules.reached(state, drawn), drawn))
        return [drawn, op.concat([first, written, last], axis=1)]


def _noisiest(logits: Var, noise: Var, temperature: Var, keepdims: bool = False) -> Var:
    # noise * temperature, not logits / temperature: so a temperature of 0 needs no branch
    return op.arg_max(op.add(logits, op.mul(noise, temperature)), axis=-1, keepdims=keepdims)


class _Cut:
    """The `top_k` symbols of V [1], and of these the nucleus of `top_p`; None leaves a part out.

    asked []: whether anything is cut. fixed: what does not depend on the logits.
    """

    def __init__(self, temperature: Var, top_k: Var | None, top_p: Var | None, symbols: Var) -> None:
        asked = [] if top_k is None else [op.greater(top_k, integers(0))]
        asked += [] if top_p is None else [op.less(top_p, constant(1.0))]
        self.asked, self._count = functools.reduce(op.or_, asked), symbols
        if top_k is not None:
            number = op.reshape(top_k, integers([1]))
            self._count = op.where(op.greater(number, integers([0])), op.min([number, symbols]), symbols)
        self.fixed = [self._count]
        self._share = top_p
        if top_p is not None:
            self._heat = op.max([temperature, constant(LEAST)])
            self._whole = op.greater_or_equal(top_p, constant(1.0))
            self.fixed += [self._heat, self._whole]

    def left(self, logits: Var) -> Var:
        """Put -inf where a symbol of logits [B,V] is cut off."""
        best = op.top_k(logits, self._count)[0]  # in descending order
        kept = best if self._share is None else self._nucleus(best)
        least = op.reduce_min(kept, integers([1]), keepdims=True)
        return op.where(op.less(logits, least), constant(-np.inf), logits)

    def _nucleus(self, best: Var) -> Var:
        """Put inf where a logit of best [B,K] lies outside the nucleus."""
        likely = op.softmax(op.div(best, self._heat), axis=-1)
        before = op.cumsum(likely, integers(1), exclusive=1)
        return op.where(op.or_(op.less(before, self._share), self._whole), best, constant(np.inf))
