"""The ONNX twin of `nn.scrn`: two RNN operators a layer, the context's with the identity for its activation."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import NDArray

from seqtool.graph.basic import Var, integers, weight
from seqtool.graph.recurrent import State, join_layers, kept, split_layers

Array = NDArray[np.float32]


class Scrn:
    """Operators with the weights of an `nn.Recurrent` of SCRN cells; each weight is stored once."""

    def __init__(self, module: Any) -> None:
        self.layers, self.alpha, (self.hidden, self.context) = module.layers, module.rnn.alpha, module.widths
        self._layers = [self._pack(*arrays) for arrays in layer_weights(module.rnn)]

    def _pack(self, inputs: Array, w: Array, r: Array, bias: Array) -> tuple[Var, ...]:
        """Return W, R of the context's operator, and W, R, B of the other: [1,...] each."""
        stay = np.eye(self.context, dtype=np.float32) * self.alpha
        both = np.concatenate([bias, np.zeros_like(bias)])
        return tuple(weight(array[None]) for array in (inputs, stay, w, r, both))

    def __call__(self, x: Var, state: State, lengths: Var = None) -> tuple[Var, State]:
        """Run x [T,B,F] from h [L,B,H] and s [L,B,S]; return outputs [T,B,H+S] and the state.

        lengths [B], int32: the steps that are no padding; where there are none, a row keeps its state.
        """
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


def layer_weights(rnn: Any) -> list[tuple[Array, Array, Array, Array]]:
    """Return of each layer of an `nn.SCRN` (1 - alpha) B [S,F], [P A] [H,S+F], R [H,H] and b [H]."""
    made = []
    for context, fast in zip(rnn.contexts, rnn.rnns, strict=True):
        inputs, bias = (1 - rnn.alpha) * context.weight, fast.bias_ih_l0 + fast.bias_hh_l0
        made.append((_array(inputs), _array(fast.weight_ih_l0), _array(fast.weight_hh_l0), _array(bias)))
    return made


def _array(tensor: Any) -> Array:
    array: Array = tensor.detach().cpu().numpy()
    return array
