"""The layers of a translator as operators, in float or with int8 products: encoder, memory, decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph import quantize
from seqtool.graph.attention import Attention, blocks, product
from seqtool.graph.basic import Linear, Var, constant, integers, pad_single_row, size, weight
from seqtool.graph.cells import dense
from seqtool.graph.loop import run
from seqtool.graph.pooling import real_steps
from seqtool.graph.quantize import numpy_of
from seqtool.graph.stack import Int8Steps, Stack

if TYPE_CHECKING:
    from seqtool.families.translation.network import Translator

State = list[Var]
Apply = Callable[[Var], Var]
# ONNX Runtime cuts a sum of over 128 products at places that depend on the other axes and the threads. Contexts are
# therefore added in blocks of 32 steps, and the length of a memory is a multiple of them.
STEPS = 32


@dataclass(frozen=True)
class Memory:
    """The first state, tensors [B,H]. seen: for attention the real steps [B,T], their keys, and values in blocks."""

    state: State
    seen: Sequence[Var] = field(default_factory=list)

    def cut(self, rows: Var) -> Memory:
        """Keep the first `rows` [1] sources."""
        kept = [op.slice(x, integers([0]), rows, integers([0])) for x in (*self.state, *self.seen)]
        return Memory(kept[: len(self.state)], kept[len(self.state) :])


class Encoder:
    """Reads sources; its operators stay in float."""

    def __init__(self, network: Translator, embed: Apply) -> None:
        self._embed, self._stack, self._bridge = embed, Stack(network.encoder), network.bridge

    def __call__(self, source: Var, lengths: Var) -> tuple[Var, State]:
        """Read source [B,T]; return outputs [B,T,H] and the decoder's first state."""
        outputs, state = self._stack(self._embed(op.transpose(source, perm=[1, 0])), lengths=lengths)
        return op.transpose(outputs, perm=[1, 0, 2]), self._bridged(state)

    def _bridged(self, state: State) -> State:
        maps, kind = self._bridge.maps, self._bridge.kind
        if kind == "zero":
            # times zero: a constant does not know the number of rows
            return [op.mul(tensor, constant(0.0)) for tensor in state]
        if kind == "copy":
            return state
        layers = len(state) // len(maps)
        mapped = [Linear(module) for module in maps]
        return [op.tanh(mapped[place // layers](tensor)) for place, tensor in enumerate(state)]


# Attention and `combine` stay in float: they are a fortieth of the work of a step, and int8 would cost more quality
# there than its share.
class Decoder:
    """Reads target symbols and a memory, in float or with int8 weights in its layers and its output."""

    def __init__(self, network: Translator, int8: bool, embed: Apply, output: Apply) -> None:
        self._embed, self._output, self._features = embed, output, network.features
        self._stack = stack = Int8Steps(network.decoder) if int8 else Stack(network.decoder)
        self._hidden = hidden = network.config.hidden
        self._attention = None if network.attention is None else Attention(network.attention, hidden)
        self._feeding = network.config.input_feeding
        # without feeding, the steps of a target wait for nothing but its symbols: they run as one sequence
        self._whole = stack if isinstance(stack, Stack) and not self._feeding else None
        self._values, self._combine = None, None
        if network.combine is not None:
            # W [context; query] is W1 context + W2 query. A context is a sum over the memory, so the whole memory is
            # multiplied by W1 once, before the search.
            matrix, none = numpy_of(network.combine.weight).T, np.zeros(network.features, np.float32)
            self._combine = dense(matrix[-hidden:], none)
            self._values = dense(matrix[:hidden], none) if self._attention else None

    def remember(self, outputs: Var, state: State, lengths: Var) -> Memory:
        """Make a memory from outputs [B,T,H] of `lengths` [B] and the first state."""
        state = list(state)
        if self._feeding:
            state.append(op.constant_of_shape(op.concat([size(outputs, 0), integers([self._features])], axis=0)))
        if self._attention is None or self._values is None:
            return Memory(state)
        real = real_steps(lengths, size(outputs, 1))
        return Memory(state, [real, self._attention.keys(outputs), blocks(self._values(outputs), STEPS)])

    def step(self, symbols: Var, state: Sequence[Var], memory: Memory) -> tuple[Var, State, list[Var]]:
        """Read symbols [R], R a multiple of the memory's B; return logits [R,V], the state, any weights [R,T]."""
        x = self._embed(symbols)
        if self._feeding:
            *state, fed = state
            x = op.concat([x, fed], axis=1)
        query, after = self._stack.step(x, state)
        features, weights = self._by_row(query, memory)
        return self._output(features), [*after, features] if self._feeding else after, weights

    def _by_row(self, query: Var, memory: Memory) -> tuple[Var, list[Var]]:
        """Return features [R,A] of queries [R,H], and any weights [R,T]."""
        if not memory.seen:
            return self._shown(query), []
        beside = op.concat([size(memory.seen[0], 0), integers([-1, self._hidden])], axis=0)
        context, weights = self._look(op.reshape(query, beside), memory)
        flat = op.reshape(context, integers([-1, self._features]))
        by_row = op.reshape(weights, op.concat([size(query, 0), size(weights, 2)], axis=0))
        return self._shown(query, flat), [by_row]

    def _look(self, query: Var, memory: Memory) -> tuple[Var, Var]:
        """Return contexts [B,U,A], multiplied by W1, of queries [B,U,H], and the weights [B,U,T]."""
        real, keys, values = memory.seen
        weights = self._attention.weights(query, keys, real)  # type: ignore[union-attr]  # a memory with keys has it
        return product(weights, values, STEPS), weights

    def _shown(self, query: Var, context: Var = None) -> Var:
        """Return features [...,A] from queries [...,H] and contexts [...,A]."""
        if self._combine is None:
            return query
        mapped = self._combine(query)
        return op.tanh(mapped if context is None else op.add(context, mapped))

    def score(self, before: Var, target: Var, memory: Memory) -> Var:
        """Return log p [B,U] of the symbols target [B,U] after `before` [B,U]; U may be 0."""
        if self._whole is None:
            return self._score_by_steps(before, target, memory)
        stack = self._whole
        (likely,) = op.if_(
            op.equal(size(target, 1), integers([0])),
            then_branch=lambda: [op.cast(target, to=np.float32)],
            else_branch=lambda: [self._score_at_once(stack, before, target, memory)],
        )
        return op.reshape(likely, op.shape(target))

    def _score_at_once(self, stack: Stack, before: Var, target: Var, memory: Memory) -> Var:
        # a single step is computed as two, as a single row is
        x = self._embed(op.transpose(pad_single_row(before, axis=1), perm=[1, 0]))
        query = op.transpose(stack(x, memory.state)[0], perm=[1, 0, 2])
        features = self._shown(query, self._look(query, memory)[0]) if memory.seen else self._shown(query)
        likely = chosen(self._output(features), pad_single_row(target, axis=1))
        return op.slice(likely, integers([0]), size(target, 1), integers([1]))

    def _score_by_steps(self, before: Var, target: Var, memory: Memory) -> Var:
        # not in a branch: ONNX Runtime does not pack the matrices of a loop inside a branch
        def step(number: Var, state: Sequence[Var]) -> tuple[State, Var]:
            logits, after, _ = self.step(op.gather(before, number, axis=1), state, memory)
            return after, chosen(logits, op.gather(target, number, axis=1))

        likely = run(size(target, 1), memory.state, step)[1]
        return op.transpose(op.reshape(likely, op.concat([size(target, 1), size(target, 0)], axis=0)), perm=[1, 0])


def chosen(logits: Var, symbols: Var) -> Var:
    """Return log p [...] of symbols [...] from logits [...,V]."""
    last = integers([-1])
    return op.squeeze(op.gather_elements(op.log_softmax(logits, axis=-1), op.unsqueeze(symbols, last), axis=-1), last)


def layers(network: Translator, int8: bool) -> tuple[Encoder, Decoder]:
    """Make the two sides of a translator; tied weights are stored once."""
    table = numpy_of(network.target_embedding.weight)
    bias, tied = numpy_of(network.output.bias), network.config.tied != "none"
    if int8:
        # a scale for each row serves a token's vector and its column of a tied output
        rows = quantize.Rows(table)
        embed: Apply = rows
        output = rows.as_output(bias) if tied else quantize.affine(numpy_of(network.output.weight).T, bias)
    else:
        stored = weight(table)
        embed = partial(op.gather, stored)
        output = Linear(network.output, op.transpose(stored) if tied else None)
    shared = network.config.tied == "all"
    source = embed if shared else quantize.table(numpy_of(network.source_embedding.weight), int8)
    return Encoder(network, source), Decoder(network, int8, embed, output)
