"""Beam search inside a graph, around any step function: the K best sequences of each row, found side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import END, Var, constant, integers, size
from seqtool.graph.loop import search
from seqtool.graph.rules import SearchRules

Step = Callable[[Var, Sequence[Var]], tuple[Var, Sequence[Var], Sequence[Var]]]
"""(symbols [R], state, each tensor [R,...]) -> (logits [R,V], the state after, outputs of the step, each [R,W]).

R is B*K: the beams of a row stand side by side."""


@dataclass(frozen=True)
class Candidates:
    """C [1] symbols that may follow a beam; choose: (step number [], log p [R,V]) -> (log p, symbols), each [R,C]."""

    count: Var
    choose: Callable[[Var, Var], tuple[Var, Var]]


@dataclass(frozen=True)
class Symbols:
    """Where a sequence begins, what ends it, and what stands behind its end."""

    bos: int
    eos: int
    pad: int


@dataclass(frozen=True)
class Beams:
    """The K = `count` [] best sequences by log p / length ** penalty [], of max_length [B] at most; the end counts."""

    count: Var
    penalty: Var
    max_length: Var


@dataclass(frozen=True)
class Found:
    """The K best sequences, the best first: ids [B,K,U], pad behind the end, and scores [B,K].

    told: the outputs of the step that chose each symbol, [B,K,U,W], zero behind the end. A row that has fewer than K
    sequences is filled up with others of score -inf.
    """

    ids: Var
    scores: Var
    told: Sequence[Var]


def likeliest(beams: Beams, symbols: int) -> Candidates:
    """Let the most likely of V symbols follow a beam, as many as there are beams: min(K, V)."""
    count = op.min([op.reshape(beams.count, integers([1])), integers([symbols])])

    def choose(number: Var, likely: Var) -> tuple[Var, Var]:
        values, places = op.top_k(likely, count)
        return values, places

    return Candidates(count, choose)


def beam_search(
    step: Step,
    state: Sequence[Var],
    beams: Beams,
    symbols: Symbols,
    candidates: Candidates,
    rules: SearchRules,
    *,
    fixed: Sequence[Var] = (),
    widths: Sequence[Var] = (),
) -> Found:
    """Search from the state of each row, tensors [B,...], until all its beams are finished.

    A beam that chose `eos` or has its row's max_length is frozen: it keeps its log p, and its place as long as it is
    among the best. fixed: what the step reads from outside, computed once. widths: W [1] of each output of the step.
    """
    beam = _Search(beams, symbols, candidates, rules)
    count = op.reduce_max(beams.max_length, keepdims=True)
    first = [*beam.first(), *(beam.repeat(tensor) for tensor in state)]
    once = [*fixed, *beam.fixed]
    after, outputs = search(count, first, lambda number, carried: beam.advance(number, carried, step), once)
    return beam.found(after, outputs, widths)


class _Search:
    """Carried from step to step: log p [R], finished [R], history [R,2+2u], the state of the automaton of
    the rules before the last symbol [R], and the state [R,...].

    The history has two columns a step: the symbol, and the number r of the beam that it was chosen for at that step.
    """

    def __init__(self, beams: Beams, symbols: Symbols, candidates: Candidates, rules: SearchRules) -> None:
        self._beams, self._symbols, self._candidates, self._rules = beams, symbols, candidates, rules
        self._rows, self._count = size(beams.max_length, 0), op.reshape(beams.count, integers([1]))
        self._grid = op.concat([self._rows, self._count], axis=0)
        numbers = op.range(integers(0), op.squeeze(self._rows), integers(1))
        self._base = op.unsqueeze(op.mul(numbers, beams.count), integers([1]))
        self._limit = self.repeat(beams.max_length)
        self._frozen = _first_alone(candidates.count)
        self._wide = op.concat([self._rows, op.mul(self._count, candidates.count)], axis=0)
        # the loop alone reads these: spox would put them into its graph, and they would be computed at each step
        self._last = op.sub(self._limit, integers(1))
        self._asked, self._forced = rules.asked(), self.repeat(rules.forced())
        self.fixed = [self._frozen, self._wide, candidates.count, self._last, self._asked, self._forced]

    def repeat(self, x: Var) -> Var:
        """[B,...] -> [R,...]: each row K times."""
        numbers = op.range(integers(0), op.squeeze(op.mul(self._rows, self._count)), integers(1))
        return op.gather(x, op.div(numbers, self._beams.count))

    def first(self) -> list[Var]:
        # one beam of each row counts: from K equal ones the search would find each sequence K times
        scores = op.expand(_first_alone(self._count), self._grid)
        finished = op.less_or_equal(self._limit, integers(0))
        beams = size(self._limit, 0)
        begin = op.expand(integers([[self._symbols.bos, 0]]), op.concat([beams, integers([1])], axis=0))
        history = op.reshape(begin, op.concat([beams, integers([-1])], axis=0))  # of no known width: it grows
        return [op.reshape(scores, integers([-1])), finished, history, op.mul(self._limit, integers(0))]

    def advance(self, number: Var, carried: Sequence[Var], step: Step) -> tuple[Var, list[Var], Sequence[Var]]:
        """Let each beam be followed by its candidates, and keep the K best of a row."""
        scores, finished, history, banned, *state = carried
        logits, after, outputs = step(op.gather(history, integers(-2), axis=1), state)
        values, candidates, banned = self._candidates_of(number, logits, history, banned)
        scores, rows, chosen = self._choose(scores, finished, values, candidates)
        was = op.gather(finished, rows)
        long = op.greater_or_equal(number, self._last)
        ended = op.or_(op.equal(chosen, integers(self._symbols.eos)), long)
        finished = op.or_(was, ended)
        columns = [op.unsqueeze(column, integers([1])) for column in (chosen, rows)]
        history = op.concat([op.gather(history, rows), *columns], axis=1)
        done = op.cast(op.reduce_min(op.cast(finished, to=np.int32), keepdims=True), to=np.bool_)
        following = [op.gather(tensor, rows) for tensor in (banned, *after)]
        return done, [scores, finished, history, *following], outputs

    def _candidates_of(self, number: Var, logits: Var, history: Var, before: Var) -> Sequence[Var]:
        """Return log p and symbols of the candidates, each [R,C], and the state of the rules' automaton."""
        # outside of the branch, where it takes the memory of the logits; a column of them gives the others back
        first, plain = op.gather(logits, integers([0]), axis=1), op.log_softmax(logits, axis=-1)

        def ruled() -> list[Var]:
            written = op.slice(history, integers([2]), integers([END]), integers([1]), integers([2]))
            reached = self._rules.rules.reached(before, op.gather(history, integers(-2), axis=1))
            state = op.where(op.equal(number, integers(0)), before, reached)  # the first symbol begins every sequence
            again = op.add(plain, op.sub(first, op.gather(plain, integers([0]), axis=1)))
            likely = self._rules.likely(number, again, written, state, self._forced, self._symbols.eos)
            return [*self._candidates.choose(number, likely), state]

        # a branch, which gives the candidates alone: rules that are off cost nothing
        values, symbols, state = op.if_(
            self._asked,
            then_branch=ruled,
            else_branch=lambda: [*self._candidates.choose(number, plain), before],
        )
        return values, symbols, state

    def _choose(self, scores: Var, finished: Var, values: Var, symbols: Var) -> tuple[Var, ...]:
        """Choose among candidates [R,C]; return log p of the new beams, what they follow and symbols, all [R]."""
        frozen = op.unsqueeze(finished, integers([1]))
        values = op.where(frozen, self._frozen, values)  # a frozen beam has one candidate of log p 0: itself
        symbols = op.where(frozen, integers(self._symbols.pad), symbols)
        sums = op.reshape(op.add(op.unsqueeze(scores, integers([1])), values), self._wide)
        best, places = op.top_k(sums, self._count)
        rows = op.add(op.div(places, self._candidates.count), self._base)
        chosen = op.gather_elements(op.reshape(symbols, self._wide), places, axis=1)
        return tuple(op.reshape(x, integers([-1])) for x in (best, rows, chosen))

    def found(self, after: Sequence[Var], outputs: Sequence[Var], widths: Sequence[Var]) -> Found:
        """Sort the beams of a row by their scores."""
        total, _, history, *_ = after
        shape = op.concat([size(self._limit, 0), integers([-1, 2])], axis=0)
        steps = op.slice(op.reshape(history, shape), integers([1]), integers([END]), integers([1]))
        total, lengths = (
            op.reshape(x, self._grid) for x in (total, self._lengths(op.gather(steps, integers(0), axis=2)))
        )
        # frozen beams were compared by log p: the penalty acts here alone, on whole sequences
        scores = op.div(total, op.pow(op.max([lengths, constant(1.0)]), self._beams.penalty))
        scores, order = op.top_k(scores, self._count)
        lengths = op.gather_elements(lengths, order, axis=1)
        ids, rows = (op.gather(op.gather(steps, integers(c), axis=2), op.add(order, self._base)) for c in (0, 1))
        pairs = zip(outputs, widths, strict=True)
        return Found(ids, scores, [self._along(tensor, rows, lengths, width) for tensor, width in pairs])

    def _lengths(self, ids: Var) -> Var:
        """Return the number of symbols [R] of ids [R,U], the end counted."""
        numbers = op.range(integers(1), op.squeeze(op.add(size(ids, 1), integers([1]))), integers(1))
        limit = op.unsqueeze(self._limit, integers([1]))
        ends = op.where(op.equal(ids, integers(self._symbols.eos)), numbers, limit)
        shortest = op.reduce_min(op.concat([ends, limit], axis=1), integers([1]), keepdims=0)
        return op.cast(shortest, to=np.float32)

    def _along(self, output: Var, rows: Var, lengths: Var, width: Var) -> Var:
        """Gather an output of all steps [U,R,W] along the rows [B,K,U] of the sequences."""
        beams = size(self._limit, 0)
        flat = op.reshape(output, op.concat([op.mul(size(output, 0), beams), width], axis=0))
        numbers = op.range(integers(0), op.squeeze(size(output, 0)), integers(1))
        real = op.less(op.cast(numbers, to=np.float32), op.unsqueeze(lengths, integers([2])))
        gathered = op.gather(flat, op.add(rows, op.mul(numbers, beams)))
        return op.where(op.unsqueeze(real, integers([3])), gathered, constant(0.0))


def _first_alone(count: Var) -> Var:
    """Return 0 and then -inf, `count` [1] in all."""
    numbers = op.range(integers(0), op.squeeze(count), integers(1))
    return op.where(op.equal(numbers, integers(0)), constant(0.0), constant(-np.inf))
