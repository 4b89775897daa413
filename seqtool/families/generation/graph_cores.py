"""The layers of a language model as operators, in float or in int8, between symbols and the scores of the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import spox.opset.ai.onnx.v20 as op
from numpy.typing import NDArray

from seqtool.graph import quantize
from seqtool.graph.basic import Linear, Var, constant, integers, pad_single_row, size, weight
from seqtool.graph.cells import Cells
from seqtool.graph.loop import run
from seqtool.graph.recurrent import Recurrent
from seqtool.graph.scrn import Scrn

Array = NDArray[np.float32]

TABLE = 1024
"""Symbols up to which an int8 file looks up the product of a symbol's vector, not the vector."""


class Core(Protocol):
    """Reads symbols; its state inside is a list of tensors of its own layout."""

    def padded(self, x: Var, axis: int = 0) -> Var:
        """Return [B,...] as it has to be for rows whose answers do not depend on B."""

    def begin(self, state: Sequence[Var]) -> list[Var]:
        """Turn tensors [L,B,H] into the state inside."""

    def read(self, prompt: Var, known: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read prompt [B,T], of each row its `known` [B] first symbols; return logits [T-1,B,V] and the state."""

    def step(self, symbol: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read symbols [B]; return outputs [B,H] and the state."""

    def logits(self, outputs: Var) -> Var:
        """Map [...,H] to [...,V]."""

    def end(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Undo `begin`."""


class Float:
    """The operators LSTM, GRU and RNN, for the prompt and for each step after it: each weight is stored once."""

    def __init__(self, network: Any) -> None:
        self._vocabulary = network.vocabulary
        embedding, recurrent = network.config.embedding, network.recurrent
        self._vectors = weight(quantize.numpy_of(network.embedding.weight)) if embedding else None
        self._recurrent = Scrn(recurrent) if recurrent.cell == "scrn" else Recurrent.of(recurrent)
        self._projection = Linear(network.projection) if network.projection is not None else None
        self._output = Linear(network.output, op.transpose(self._vectors) if network.config.tied else None)

    def padded(self, x: Var, axis: int = 0) -> Var:
        """Repeat a single row: it would be multiplied with other last bits."""
        return pad_single_row(x, axis)

    def begin(self, state: Sequence[Var]) -> list[Var]:
        """Return the tensors as they are."""
        return list(state)

    def read(self, prompt: Var, known: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read a prompt in one call of an operator."""
        vectors = self._embed(op.transpose(prompt, perm=[1, 0]))
        outputs, after = self._recurrent(vectors, tuple(state), known)
        return self.logits(op.slice(outputs, integers([0]), integers([-1]), integers([0]))), list(after)

    def step(self, symbol: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read symbols [B]; return outputs [B,H] and the state."""
        outputs, after = self._recurrent(op.unsqueeze(self._embed(symbol), integers([0])), tuple(state))
        return op.squeeze(outputs, integers([0])), list(after)

    def logits(self, outputs: Var) -> Var:
        """Map [...,H] to [...,V]."""
        return self._output(outputs if self._projection is None else self._projection(outputs))

    def end(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Return the tensors as they are."""
        return tuple(state)

    def _embed(self, ids: Var) -> Var:
        """Map ids [...] to vectors [...,E]."""
        if self._vectors is None:
            return op.one_hot(ids, integers(self._vocabulary), constant([0.0, 1.0]))
        return op.gather(self._vectors, ids)


class Int8:
    """One step of a cell as int8 products; a prompt takes the same steps, so that each weight is stored once.

    Products of whole numbers are exact, so a row needs no neighbour.
    """

    def __init__(self, network: Any) -> None:
        vectors, tied = quantize.numpy_of(network.embedding.weight), network.config.tied
        looks_up = len(vectors) <= TABLE or not network.config.embedding
        rows = quantize.Rows(vectors) if tied or not looks_up else None
        self._embed: Callable[[Var], Var] = (lambda ids: ids) if looks_up or rows is None else rows
        self._cells = Cells.of(network.recurrent, quantize.affine, vectors if looks_up else None, quantize.Rows)
        self._width = network.recurrent.outputs
        self._projection = None if network.projection is None else _linear(network.projection)
        bias = quantize.numpy_of(network.output.bias)
        self._output = rows.as_output(bias) if tied and rows is not None else _linear(network.output)

    def padded(self, x: Var, axis: int = 0) -> Var:
        """Return x."""
        return x

    def begin(self, state: Sequence[Var]) -> list[Var]:
        """Return a tensor [B,H] a layer."""
        return self._cells.split(state)

    def read(self, prompt: Var, known: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read a prompt symbol by symbol."""
        rows = op.unsqueeze(op.cast(known, to=np.int64), integers([1]))

        def step(number: Var, before: Sequence[Var]) -> tuple[list[Var], Var]:
            outputs, after = self.step(op.gather(prompt, number, axis=1), before)
            live = op.less(number, rows)
            return [op.where(live, new, old) for new, old in zip(after, before, strict=True)], outputs

        steps = op.sub(size(prompt, 1), integers([1]))
        after, outputs = run(steps, state, step)
        # of no step ONNX Runtime does not know the shape, and finds no largest value: one more takes part
        shape = [size(prompt, 0), integers([self._width])]
        outputs = op.reshape(outputs, op.concat([steps, *shape], axis=0))
        more = op.constant_of_shape(op.concat([integers([1]), *shape], axis=0))
        logits = self.logits(op.concat([outputs, more], axis=0))
        return op.slice(logits, integers([0]), steps, integers([0])), after

    def step(self, symbol: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read symbols [B]; return outputs [B,H] and the state."""
        return self._cells.step(self._embed(symbol), state)

    def logits(self, outputs: Var) -> Var:
        """Map [...,H] to [...,V]."""
        return self._output(outputs if self._projection is None else self._projection(outputs))

    def end(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Undo `begin`."""
        return self._cells.join(state)


def _linear(module: Any) -> Callable[[Var], Var]:
    return quantize.affine(quantize.numpy_of(module.weight).T, quantize.numpy_of(module.bias))
