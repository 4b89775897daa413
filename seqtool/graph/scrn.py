"""The ONNX twin of `nn.scrn`: two RNN operators a layer, the context's with the identity for its activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph.basic import Var, integers, weight
from seqtool.graph.quantize import numpy_of
from seqtool.graph.recurrent import State, join_layers, kept, split_layers
from seqtool.types import Singles as Array

if TYPE_CHECKING:
    from torch import nn

    from seqtool.nn.recurrent import Recurrent as Module
    from seqtool.nn.scrn import SCRN


class Scrn:
    """Operators with the weights of an `nn.Recurrent` of SCRN cells; each weight is stored once."""

    directions = 1

    def __init__(self, module: Module) -> None:
        rnn = cells_of(module)
        self.layers, self.alpha, (self.hidden, self.context) = module.layers, rnn.alpha, rnn.widths
        self._layers = [self._pack(*arrays) for arrays in layer_weights(rnn)]

    def _pack(self, inputs: Array, w: Array, r: Array, bias: Array) -> tuple[Var, ...]:
        """Return W, R of the context's operator, and W, R, B of the other: [1,...] each."""
        stay = np.eye(self.context, dtype=np.float32) * self.alpha
        biases = np.concatenate([bias, np.zeros_like(bias)])  # ONNX has one of the input and one of the recurrence
        return tuple(weight(array[None]) for array in (inputs, stay, w, r, biases))

    def __call__(self, x: Var, state: State | None = None, lengths: Var = None) -> tuple[Var, State]:
        """Run x [T,B,F] from h [L,B,H] and s [L,B,S]; return outputs [T,B,H+S] and the state.

        lengths [B], int32: the steps that are not padding; with 0 steps a row keeps its state.
        """
        assert state is not None, "a language model gives its state"
        firsts = [split_layers(tensor, self.layers) for tensor in state]
        finals = []
        for (b, stay, w, r, bias), h, s in zip(self._layers, *firsts, strict=True):
            slow, s = op.rnn(
                x, b, stay, sequence_lens=lengths, initial_h=s, hidden_size=self.context,
                activations=["Affine"], activation_alpha=[1.0], activation_beta=[0.0],
            )  # fmt: skip
            slow = op.squeeze(slow, integers([1]))
            fast, h = op.rnn(
                op.concat([slow, x], axis=2), w, r, bias, sequence_lens=lengths, initial_h=h,
                hidden_size=self.hidden, activations=["Tanh"],
            )  # fmt: skip
            x = op.concat([op.squeeze(fast, integers([1])), slow], axis=2)
            finals.append((h, s))
        after = tuple(join_layers(parts) for parts in zip(*finals, strict=True))
        return x, after if lengths is None else kept(after, state, lengths)

    def last(self, x: Var, state: State | None = None, lengths: Var = None) -> State:
        """Run x [T,B,F]; return the state alone."""
        return self(x, state, lengths)[1]


def cells_of(module: Module) -> SCRN:
    """Return the SCRN layers inside an `nn.Recurrent`."""
    return cast("SCRN", module.rnn)


def layer_weights(rnn: SCRN) -> list[tuple[Array, Array, Array, Array]]:
    """Return for each layer of an `nn.SCRN`: (1 - alpha) B [S,F], [P A] [H,S+F], R [H,H] and b [H]."""
    layers = []
    for slow, quick in zip(rnn.contexts, rnn.rnns, strict=True):
        weights = dict(quick.named_parameters())
        inputs = (1 - rnn.alpha) * cast("nn.Linear", slow).weight
        bias = weights["bias_ih_l0"] + weights["bias_hh_l0"]
        w, r = weights["weight_ih_l0"], weights["weight_hh_l0"]
        layers.append((numpy_of(inputs), numpy_of(w), numpy_of(r), numpy_of(bias)))
    return layers
