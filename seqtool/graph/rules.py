"""What may follow in a sequence: symbols that it has lose weight, n-grams come once, banned texts never."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument

from seqtool.graph.basic import END, Var, constant, integers, size

NONE = -1  # no symbol: behind the end of a prefix, and where no symbol may follow


@dataclass(frozen=True)
class Rules:
    """What is asked of every sequence.

    penalty []: the logit of a symbol that stands in it already is divided by this number where it is positive, else
    multiplied (Keskar et al. 2019); 1: off. once []: the length n of the n-grams that come once; 0: off. banned [S,V]:
    the state of an automaton after each symbol, negative where that must not follow; a single state: off.
    """

    penalty: Var
    once: Var
    banned: Var

    @classmethod
    def inputs(cls, symbols: int) -> dict[str, Var]:
        """Return the inputs of a graph of V symbols that has rules."""
        return {
            "repetition_penalty": argument(Tensor(np.float32, ())),
            "no_repeat": argument(Tensor(np.int64, ())),
            "banned": argument(Tensor(np.int32, ("S", symbols))),
        }

    @classmethod
    def of(cls, inputs: Mapping[str, Var]) -> Rules:
        """Take the rules out of the inputs of a graph."""
        return cls(inputs["repetition_penalty"], inputs["no_repeat"], inputs["banned"])

    def asked(self, *others: Var) -> Var:
        """Tell whether any rule is on, or any of `others`, each []."""
        banned = op.greater(op.squeeze(size(self.banned, 0)), integers(1))
        own = op.not_(op.equal(self.penalty, constant(1.0))), op.greater(self.once, integers(0)), banned
        return functools.reduce(op.or_, (*own, *others))

    def likely(self, logits: Var, written: Var) -> Var:
        """Return log p [R,V] of the next symbols from logits [R,V], under the penalty on those in `written` [R,U]."""
        seen = op.gather_elements(logits, written, axis=1)
        less = op.where(
            op.greater(seen, constant(0.0)), op.div(seen, self.penalty), op.mul(seen, self.penalty)
        )  # a symbol that stands there twice is changed once: both write the same number
        return op.log_softmax(op.scatter_elements(logits, written, less, axis=1), axis=-1)

    def forbid(self, likely: Var, written: Var, state: Var) -> Var:
        """Put -inf into [R,V] where a symbol must not follow `written` [R,U], at `state` [R] of the automaton."""
        none, never = constant(0.0), constant(-np.inf)
        repeated = op.where(self._repeats(written), never, none)
        once = op.scatter_elements(likely, written, repeated, axis=1, reduction="add")
        return op.where(op.less(op.gather(self.banned, state), constant(0, np.int32)), never, once)

    def _repeats(self, written: Var) -> Var:
        """Tell of each symbol of `written` [R,U] whether it follows there what now stands at the end."""
        others = op.sub(op.max([op.reshape(self.once, integers([1])), integers([1])]), integers([1]))  # n - 1
        before = op.expand(integers([[NONE]]), op.concat([size(written, 0), others], axis=0))
        padded = op.concat([before, written], axis=1)
        starts = op.range(integers(0), op.squeeze(size(written, 1)), integers(1))
        places = op.add(op.unsqueeze(starts, integers([1])), op.range(integers(0), op.squeeze(others), integers(1)))
        end = op.slice(padded, size(written, 1), integers([END]), integers([1]))
        different = op.not_(op.equal(op.gather(padded, places, axis=1), op.unsqueeze(end, integers([1]))))
        faults = op.reduce_sum(op.cast(different, to=np.int64), integers([2]), keepdims=0)
        return op.and_(op.equal(faults, integers(0)), op.greater(self.once, integers(0)))

    def reached(self, state: Var, symbols: Var) -> Var:
        """Return the state [R] of the automaton after symbols [R]."""
        places = op.concat([op.unsqueeze(x, integers([1])) for x in (state, symbols)], axis=1)
        return op.cast(op.gather_nd(self.banned, places), to=np.int64)


@dataclass(frozen=True)
class SearchRules:
    """Rules, and what is asked of sequences that end: `shortest` [] symbols before the end, the first ones `prefix`.

    prefix [B,P], `NONE` behind its end. A prefix is kept whatever the rules are. Where nothing else may follow, a
    sequence ends, however short it is.
    """

    rules: Rules
    shortest: Var
    prefix: Var

    @classmethod
    def inputs(cls, symbols: int) -> dict[str, Var]:
        """Return the inputs of a graph of V symbols that has such rules."""
        more = {"min_length": argument(Tensor(np.int64, ())), "prefix": argument(Tensor(np.int64, ("B", "P")))}
        return {**Rules.inputs(symbols), **more}

    @classmethod
    def of(cls, inputs: Mapping[str, Var]) -> SearchRules:
        """Take the rules out of the inputs of a graph."""
        return cls(Rules.of(inputs), inputs["min_length"], inputs["prefix"])

    def asked(self) -> Var:
        """Tell whether any rule is on."""
        forced = op.greater(op.squeeze(size(self.prefix, 1)), integers(0))
        return self.rules.asked(op.greater(self.shortest, integers(0)), forced)

    def forced(self) -> Var:
        """Return the prefix [B,P+1] with `NONE` at its end."""
        behind = op.expand(integers([[NONE]]), op.concat([size(self.prefix, 0), integers([1])], axis=0))
        return op.concat([self.prefix, behind], axis=1)

    def likely(self, number: Var, logits: Var, written: Var, state: Var, forced: Var, eos: int) -> Var:
        """Return log p [R,V] of the symbols of step `number` [], -inf where they must not follow.

        forced [R,P+1]: the prefix of each row.
        """
        likely = self.rules.likely(logits, written)
        symbols = op.range(integers(0), op.squeeze(size(logits, 1)), integers(1))
        left = self._not_too_soon(number, self.rules.forbid(likely, written, state), op.equal(symbols, integers(eos)))
        last = op.sub(op.squeeze(size(forced, 1)), integers(1))
        symbol = op.unsqueeze(op.gather(forced, op.min([number, last]), axis=1), integers([1]))
        alone = op.where(op.equal(symbols, symbol), likely, constant(-np.inf))
        return op.where(op.less(symbol, integers(0)), left, alone)

    def _not_too_soon(self, number: Var, likely: Var, ends: Var) -> Var:
        others = op.where(ends, constant(-np.inf), likely)
        some = op.greater(op.reduce_max(others, integers([1])), constant(-np.inf))
        return op.where(op.and_(op.less(number, self.shortest), some), others, likely)
