"""The ONNX twin of `nn.stack`: whole sequences by operators, single steps by operators or by int8 products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import spox.opset.ai.onnx.v20 as op

from seqtool.graph import quantize
from seqtool.graph.basic import Var, integers
from seqtool.graph.cells import Cells
from seqtool.graph.recurrent import Operators, operators, top

if TYPE_CHECKING:
    from seqtool.nn.stack import Stack as Module


class Stack:
    """Operators with the weights of an `nn.Stack`; each weight is stored once.

    Its state is a flat list: h of every layer, then c of every layer, each [B,D*H], the directions side by side.
    """

    def __init__(self, module: Module) -> None:
        self._layers = [operators(layer) for layer in module.recurrents()]
        self._residual = residuals(module)

    def __call__(self, x: Var, state: Sequence[Var] | None = None, lengths: Var = None) -> tuple[Var, list[Var]]:
        """Run x [T,B,F] of `lengths` [B], int32, in one direction from `state`; return [T,B,D*H] and the state."""
        count, finals = len(self._layers), []
        for number, layer in enumerate(self._layers):
            before = None if state is None else tuple(op.unsqueeze(t, integers([0])) for t in state[number::count])
            y, after = layer(x, before, lengths)
            finals.append([_beside(tensor, layer) for tensor in after])
            x = op.add(y, x) if self._residual[number] else y
        return x, [tensor for tensors in zip(*finals, strict=True) for tensor in tensors]

    def step(self, x: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read x [B,F]; return y [B,H] and the state after."""
        y, after = self(op.unsqueeze(x, integers([0])), state)
        return op.squeeze(y, integers([0])), after


def _beside(tensor: Var, layer: Operators) -> Var:
    """[D,B,H] -> [B,D*H]."""
    return op.squeeze(tensor, integers([0])) if layer.directions == 1 else top((tensor,), 2, layer.hidden)


class Int8Steps:
    """One step of an `nn.Stack` of one direction as int8 products: operators take no int8; state as in `Stack`."""

    def __init__(self, module: Module) -> None:
        self._layers = [Cells(layer, quantize.affine) for layer in module.recurrents()]
        self._residual = residuals(module)

    def step(self, x: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read x [B,F]; return y [B,H] and the state after."""
        count, finals = len(self._layers), []
        for number, layer in enumerate(self._layers):
            y, after = layer.step(x, state[number::count])
            finals.append(after)
            x = op.add(y, x) if self._residual[number] else y
        return x, [tensor for tensors in zip(*finals, strict=True) for tensor in tensors]


def residuals(module: Module) -> list[bool]:
    """Return for each layer of an `nn.Stack` whether its input is added to its output."""
    return [module.residual and layer.features == layer.outputs for layer in module.recurrents()]
