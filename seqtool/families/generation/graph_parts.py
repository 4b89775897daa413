"""The layers of a language model as operators, in float or in int8, between symbols and the scores of the next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.graph import quantize
from seqtool.graph.basic import Linear, Var, constant, integers, pad_single_row, size, weight
from seqtool.graph.cells import Cells
from seqtool.graph.loop import run
from seqtool.graph.recurrent import operators

if TYPE_CHECKING:
    from seqtool.families.generation.model import LanguageModel

TABLE = 1024  # symbols up to which an int8 file stores the products of the symbols' vectors, not the vectors


class Core(ABC):
    """Reads symbols; its inner state is a list of tensors in a layout of its own."""

    _output: Callable[[Var], Var]
    _projection: Callable[[Var], Var] | None

    def padded(self, x: Var, axis: int = 0) -> Var:
        """Repeat a single row of [B,...], so that an answer does not depend on B."""
        return pad_single_row(x, axis)

    def begin(self, state: Sequence[Var]) -> list[Var]:
        """Turn tensors [L,B,H] into the inner state."""
        return list(state)

    @abstractmethod
    def read(self, prompt: Var, lengths: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read the first `lengths` [B] symbols of prompt [B,T]; return logits [T-1,B,V] and the inner state."""

    @abstractmethod
    def step(self, symbol: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read symbols [B]; return outputs [B,H] and the inner state."""

    def logits(self, outputs: Var) -> Var:
        """Map [...,H] to [...,V]."""
        return self._output(outputs if self._projection is None else self._projection(outputs))

    def end(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Undo `begin`."""
        return tuple(state)


# Operators in the loop too: a step of one is as fast as its products node by node, and each weight is stored once.
class Float(Core):
    """The operators LSTM, GRU and RNN, for the prompt and for each step after it."""

    def __init__(self, network: LanguageModel) -> None:
        self._vocabulary = network.vocabulary
        embedding, recurrent = network.config.embedding, network.recurrent
        self._vectors = weight(quantize.numpy_of(network.embedding.weight)) if embedding else None
        self._recurrent = operators(recurrent)
        self._projection = Linear(network.projection) if network.projection is not None else None
        self._output = Linear(network.output, op.transpose(self._vectors) if network.config.tied else None)

    def read(self, prompt: Var, lengths: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read a prompt in one call of an operator."""
        vectors = self._embed(op.transpose(prompt, perm=[1, 0]))
        outputs, after = self._recurrent(vectors, tuple(state), lengths)
        return self.logits(op.slice(outputs, integers([0]), integers([-1]), integers([0]))), list(after)

    def step(self, symbol: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read symbols as a sequence of one step."""
        outputs, after = self._recurrent(op.unsqueeze(self._embed(symbol), integers([0])), tuple(state))
        return op.squeeze(outputs, integers([0])), list(after)

    def _embed(self, ids: Var) -> Var:
        if self._vectors is None:
            return op.one_hot(ids, integers(self._vocabulary), constant([0.0, 1.0]))
        return op.gather(self._vectors, ids)


class Int8(Core):
    """One step of a cell as int8 products; a prompt takes the same steps, so that each weight is stored once."""

    def __init__(self, network: LanguageModel) -> None:
        vectors, tied = quantize.numpy_of(network.embedding.weight), network.config.tied
        looks_up = len(vectors) <= TABLE or not network.config.embedding
        rows = quantize.Rows(vectors) if tied or not looks_up else None
        self._embed: Callable[[Var], Var] = (lambda ids: ids) if looks_up or rows is None else rows
        self._cells = Cells(network.recurrent, quantize.affine, vectors if looks_up else None, quantize.Rows)
        self._width = network.recurrent.outputs
        self._projection = None if network.projection is None else quantize.linear(network.projection, True)
        bias = quantize.numpy_of(network.output.bias)
        self._output = rows.as_output(bias) if tied and rows is not None else quantize.linear(network.output, True)

    def padded(self, x: Var, axis: int = 0) -> Var:
        """Return x: products of whole numbers are exact, whatever the number of rows."""
        return x

    def begin(self, state: Sequence[Var]) -> list[Var]:
        """Return a tensor [B,H] for each layer."""
        return self._cells.split(state)

    def read(self, prompt: Var, lengths: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read a prompt symbol by symbol."""
        ends = op.unsqueeze(op.cast(lengths, to=np.int64), integers([1]))

        def step(number: Var, before: Sequence[Var]) -> tuple[list[Var], Var]:
            outputs, after = self.step(op.gather(prompt, number, axis=1), before)
            live = op.less(number, ends)
            return [op.where(live, new, old) for new, old in zip(after, before, strict=True)], outputs

        steps = op.sub(size(prompt, 1), integers([1]))
        after, outputs = run(steps, state, step)
        # after no step ONNX Runtime does not know the shape of `outputs`, and quantizing finds no largest value in
        # them: one row of zeros takes part in the product, and is cut off again
        shape = [size(prompt, 0), integers([self._width])]
        outputs = op.reshape(outputs, op.concat([steps, *shape], axis=0))
        more = op.constant_of_shape(op.concat([integers([1]), *shape], axis=0))
        logits = self.logits(op.concat([outputs, more], axis=0))
        return op.slice(logits, integers([0]), steps, integers([0])), after

    def step(self, symbol: Var, state: Sequence[Var]) -> tuple[Var, list[Var]]:
        """Read symbols by the products of each layer."""
        return self._cells.step(self._embed(symbol), state)

    def end(self, state: Sequence[Var]) -> tuple[Var, ...]:
        """Join the layers' tensors."""
        return self._cells.join(state)
